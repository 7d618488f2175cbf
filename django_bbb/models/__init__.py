"""What we remember: what servers said last, and when; and what people here decided."""

from .callbacks import CallbackDelivery
from .loads import ServerLoad
from .meetings import Meeting
from .origins import ORIGIN_FACT, Origin
from .recordings import Playback, Recording
from .servers import Server
from .sessions import MeetingSession

__all__ = [
    "ORIGIN_FACT",
    "CallbackDelivery",
    "Meeting",
    "MeetingSession",
    "Origin",
    "Playback",
    "Recording",
    "Server",
    "ServerLoad",
]
