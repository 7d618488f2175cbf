"""A BigBlueButton server to develop, demonstrate and test against.

From a shell, `python -m django_bbb.simulator`; in Python, `BigBlueButtonSimulator`.  It needs the extra
`simulator`.  It has no media: people are facts, recordings are pages, and its pages say what it is.
"""

from .activity import Activity, NotPossible
from .bots import Crowd, Timetable
from .callbacks import CallbackAttempt, DeliveryFault, DeliveryFaults, EndCallbacks, Forgery, RecordingReadyOptions
from .documents import Document
from .events import Event, EventKind
from .faults import (
    CloseConnection,
    ConnectionReset,
    CutConnection,
    Fault,
    Faults,
    Garbage,
    Hang,
    HtmlAnswer,
    IllFormedXml,
    Latency,
    ManyRecordings,
    Restart,
    Trickle,
    TruncatedXml,
    WrongSecret,
)
from .guests import GuestStatus
from .hooks import Hook, WebhookOptions
from .journal import JournalEntry
from .meetings import Meeting, MeetingSettings, Person, Role
from .polls import Poll
from .profiles import PROFILES, Profile
from .recordings import PlaybackFormat, Recording, RecordingState
from .simulator import BigBlueButtonSimulator
from .text_tracks import TextTrack

__all__ = [
    "PROFILES",
    "Activity",
    "BigBlueButtonSimulator",
    "CallbackAttempt",
    "CloseConnection",
    "ConnectionReset",
    "Crowd",
    "CutConnection",
    "DeliveryFault",
    "DeliveryFaults",
    "Document",
    "EndCallbacks",
    "Event",
    "EventKind",
    "Fault",
    "Faults",
    "Forgery",
    "Garbage",
    "GuestStatus",
    "Hang",
    "Hook",
    "HtmlAnswer",
    "IllFormedXml",
    "JournalEntry",
    "Latency",
    "ManyRecordings",
    "Meeting",
    "MeetingSettings",
    "NotPossible",
    "Person",
    "PlaybackFormat",
    "Poll",
    "Profile",
    "Recording",
    "RecordingReadyOptions",
    "RecordingState",
    "Restart",
    "Role",
    "TextTrack",
    "Timetable",
    "Trickle",
    "TruncatedXml",
    "WebhookOptions",
    "WrongSecret",
]
