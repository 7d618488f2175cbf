"""A BigBlueButton server to develop, demonstrate and test against.

From a shell, `python -m django_bbb.simulator`; in Python, `BigBlueButtonSimulator`.  It needs the extra
`simulator`.  It has no media: people are facts, recordings are pages, and its pages say what it is.
"""

from .callbacks import CallbackAttempt
from .faults import CloseConnection, Fault, Faults, Hang, HtmlAnswer, IllFormedXml
from .journal import JournalEntry
from .meetings import Meeting, MeetingSettings, Person, Role
from .recordings import PlaybackFormat, Recording, RecordingState
from .simulator import BigBlueButtonSimulator

__all__ = [
    "BigBlueButtonSimulator",
    "CallbackAttempt",
    "CloseConnection",
    "Fault",
    "Faults",
    "Hang",
    "HtmlAnswer",
    "IllFormedXml",
    "JournalEntry",
    "Meeting",
    "MeetingSettings",
    "Person",
    "PlaybackFormat",
    "Recording",
    "RecordingState",
    "Role",
]
