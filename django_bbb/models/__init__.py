"""What we remember: what servers said last, and when; and what people here decided."""

from .announcements import Announcement
from .attendance import Attendance
from .callbacks import CallbackDelivery
from .consents import Consent
from .heartbeats import Heartbeat
from .invitations import Invitation
from .jobs import RecordingJob, RecordingJobItem
from .loads import ServerLoad
from .meetings import Meeting
from .memberships import Membership
from .origins import ORIGIN_FACT, Origin
from .presentations import Presentation
from .presets import MeetingPreset
from .recordings import Playback, Recording
from .servers import Server
from .sessions import MeetingSession
from .text_tracks import TextTrack
from .tries import WrongTry

__all__ = [
    "ORIGIN_FACT",
    "Announcement",
    "Attendance",
    "CallbackDelivery",
    "Consent",
    "Heartbeat",
    "Invitation",
    "Meeting",
    "MeetingPreset",
    "MeetingSession",
    "Membership",
    "Origin",
    "Playback",
    "Presentation",
    "Recording",
    "RecordingJob",
    "RecordingJobItem",
    "Server",
    "ServerLoad",
    "TextTrack",
    "WrongTry",
]
