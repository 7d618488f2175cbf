"""What the server tells other sites, with the very requests that the real senders make."""

from .callback import Callback, CallbackAttempt, CallbackKind
from .delivery import DeliveryFault, DeliveryFaults, Held
from .forgery import Forgery
from .meeting_ended import RETRY_SCHEDULE, EndCallbacks
from .recording_ready import RecordingReadyOptions
from .sender import CallbackSender, SenderOptions

__all__ = [
    "RETRY_SCHEDULE",
    "Callback",
    "CallbackAttempt",
    "CallbackKind",
    "CallbackSender",
    "DeliveryFault",
    "DeliveryFaults",
    "EndCallbacks",
    "Forgery",
    "Held",
    "RecordingReadyOptions",
    "SenderOptions",
]
