"""What we remember: what servers said last, and when; and what people here decided."""

from .callbacks import CallbackDelivery
from .meetings import Meeting, MeetingSession
from .recordings import Playback, Recording
from .servers import Server

__all__ = ["CallbackDelivery", "Meeting", "MeetingSession", "Playback", "Recording", "Server"]
