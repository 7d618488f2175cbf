"""How a recording comes to be after its meeting: archived, then processed and published format by format.

Steps and their names: `record-and-playback/core/lib/recordandplayback/workers`.
"""

import threading
from collections.abc import Callable, Collection
from typing import Any

from .events import EventKind, Events
from .meetings import Meeting
from .recordings import Recording, Recordings, RecordingState, make_format, recording_ready_url
from .scheduler import Scheduler

KIND = "recording"

#: How much of the time for a format goes by before it is processed; the rest is for publishing it.
_PROCESSING_PART = 0.8
#: Milliseconds that the steps beside processing take.
_ARCHIVE_TIME = 2_000
_PUBLISH_TIME = 1_500


class RecordingSteps:
    """Makes the recordings of one server, with the lock that meetings and recordings use as well."""

    def __init__(
        self,
        *,
        lock: threading.RLock,
        scheduler: Scheduler,
        events: Events,
        recordings: Recordings,
        delay: float,
        formats: Collection[str],
        announce: Callable[[Recording], None],
    ) -> None:
        self._lock = lock
        self._scheduler = scheduler
        self._events = events
        self._recordings = recordings
        self._delay = delay
        self._format_types = tuple(formats)
        self._announce = announce
        #: The formats that will break, by meeting id.
        self._planned_failures: dict[str, frozenset[str]] = {}

    def process(self, meeting: Meeting) -> Recording:
        """Begin to make the recording of a meeting that has just ended."""
        settings = meeting.settings
        recording = Recording(
            record_id=meeting.internal_id,
            meeting_id=meeting.meeting_id,
            name=meeting.name,
            is_breakout=settings.is_breakout,
            parent_internal_id=settings.parent_internal_id,
            sequence=settings.sequence,
            free_join=settings.free_join,
            start_time=meeting.create_time,
            end_time=meeting.end_time,
            participants=len(meeting.participants),
            metadata=dict(settings.metadata),
            ready_url=recording_ready_url(settings.metadata),
        )
        with self._lock:
            recording.broken_formats = self._planned_failures.pop(meeting.meeting_id, frozenset())
            self._recordings.add(recording)
            self._events.tell(EventKind.ARCHIVE_STARTED, recording=recording)
            self._end_step(
                EventKind.ARCHIVE_ENDED, recording, _ARCHIVE_TIME, recorded=True, duration=1000 * recording.seconds
            )
            self._plan(recording, self._format_types)
        return recording

    def fail(self, meeting_id: str, formats: Collection[str] = ()) -> None:
        """Let formats of a meeting's recording break in processing, all of them if none is named.

        That is the recording being made now, or else the next one.
        """
        broken = frozenset(formats or self._format_types)
        with self._lock:
            unfinished = [
                one
                for one in self._recordings.all().values()
                if one.meeting_id == meeting_id and one.state in {RecordingState.PROCESSING, RecordingState.PROCESSED}
            ]
            for recording in unfinished:
                recording.broken_formats = broken
            if not unfinished:
                self._planned_failures[meeting_id] = broken

    def reset(self) -> None:
        """Forget which recordings are to break."""
        with self._lock:
            self._planned_failures.clear()

    def _plan(self, recording: Recording, format_types: tuple[str, ...]) -> None:
        """Make the formats one after another, each in steps of its own, each announced."""
        if not format_types:
            return
        self._events.tell(EventKind.PROCESS_STARTED, recording=recording, workflow=format_types[0])
        self._later(_PROCESSING_PART, lambda: self._processed(recording, format_types))

    def _processed(self, recording: Recording, format_types: tuple[str, ...]) -> None:
        format_type = format_types[0]
        with self._lock:
            if not self._goes_on(recording):
                return
            success = format_type not in recording.broken_formats
            step_time = make_format(recording, format_type).processing_time
            self._end_step(EventKind.PROCESS_ENDED, recording, step_time, success=success, workflow=format_type)
            if not success:
                self._plan(recording, format_types[1:])
                return
            if recording.state is RecordingState.PROCESSING:
                recording.state = RecordingState.PROCESSED
            self._events.tell(EventKind.PUBLISH_STARTED, recording=recording, workflow=format_type)
            self._later(1 - _PROCESSING_PART, lambda: self._published(recording, format_types))

    def _published(self, recording: Recording, format_types: tuple[str, ...]) -> None:
        with self._lock:
            if not self._goes_on(recording):
                return
            recording.formats.append(make_format(recording, format_types[0]))
            if recording.state in {RecordingState.PROCESSING, RecordingState.PROCESSED}:
                recording.state = RecordingState.PUBLISHED
            self._end_step(EventKind.PUBLISH_ENDED, recording, _PUBLISH_TIME, workflow=format_types[0])
        self._announce(recording)
        with self._lock:
            self._plan(recording, format_types[1:])

    def _goes_on(self, recording: Recording) -> bool:
        return self._recordings.knows(recording) and recording.state is not RecordingState.DELETED

    def _later(self, part: float, action: Callable[[], None]) -> None:
        self._scheduler.schedule(self._delay * part, action, kind=KIND)

    def _end_step(
        self, kind: EventKind, recording: Recording, step_time: int, *, success: bool = True, **facts: Any
    ) -> None:
        self._events.tell(kind, recording=recording, success=success, step_time=step_time, **facts)
