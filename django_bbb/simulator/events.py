"""What happens in meetings and to recordings, told to whoever listens: bbb-webhooks, analytics, tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .meetings import Meeting, Person
    from .recordings import Recording


class EventKind(StrEnum):
    """What can happen, in the words of bbb-webhooks (`src/process/event.js`)."""

    MEETING_CREATED = "meeting-created"
    MEETING_ENDED = "meeting-ended"
    RECORDING_STARTED = "meeting-recording-started"
    RECORDING_STOPPED = "meeting-recording-stopped"
    PRESENTATION_CHANGED = "meeting-presentation-changed"
    SCREENSHARE_STARTED = "meeting-screenshare-started"
    SCREENSHARE_STOPPED = "meeting-screenshare-stopped"
    USER_JOINED = "user-joined"
    USER_LEFT = "user-left"
    VOICE_ENABLED = "user-audio-voice-enabled"
    VOICE_DISABLED = "user-audio-voice-disabled"
    MUTED = "user-audio-muted"
    UNMUTED = "user-audio-unmuted"
    WEBCAM_STARTED = "user-cam-broadcast-start"
    WEBCAM_ENDED = "user-cam-broadcast-end"
    PRESENTER_ASSIGNED = "user-presenter-assigned"
    PRESENTER_UNASSIGNED = "user-presenter-unassigned"
    EMOJI_CHANGED = "user-emoji-changed"
    RAISE_HAND_CHANGED = "user-raise-hand-changed"
    CHAT_MESSAGE_SENT = "chat-group-message-sent"
    POLL_STARTED = "poll-started"
    POLL_RESPONDED = "poll-responded"
    ARCHIVE_STARTED = "rap-archive-started"
    ARCHIVE_ENDED = "rap-archive-ended"
    PROCESS_STARTED = "rap-process-started"
    PROCESS_ENDED = "rap-process-ended"
    PUBLISH_STARTED = "rap-publish-started"
    PUBLISH_ENDED = "rap-publish-ended"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened; ``facts`` are those beyond meeting, person and recording, by plain names."""

    kind: EventKind
    #: Milliseconds since 1970.
    at: int
    meeting: "Meeting | None" = None
    person: "Person | None" = None
    recording: "Recording | None" = None
    facts: Mapping[str, object] = field(default_factory=dict)


class Events:
    """Passes events on, in the order in which they happen, in the thread in which they do.

    Those of a meeting are kept in its ``history`` as long as it is remembered.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call this with every event from now on; it must be quick, since the simulator's lock may be held."""
        self._listeners.append(listener)

    def tell(
        self,
        kind: EventKind,
        *,
        meeting: "Meeting | None" = None,
        person: "Person | None" = None,
        recording: "Recording | None" = None,
        **facts: object,
    ) -> None:
        """Say that something has just happened."""
        event = Event(
            kind=kind,
            at=int(self._time() * 1000),
            meeting=meeting,
            person=person,
            recording=recording,
            facts=facts,
        )
        if meeting is not None:
            meeting.history.append(event)
        for listener in self._listeners:
            listener(event)
