"""Recordings: made when a meeting ends, published format by format, listed, published, deleted.

Rules of who matches what: `RecordingServiceFileImpl.java` (bbb-common-web).
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .meetings import Meeting, internal_prefix
from .scheduler import Scheduler

KIND = "recording"


class RecordingState(StrEnum):
    """A state by its name on the wire."""

    PROCESSING = "processing"
    PROCESSED = "processed"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    DELETED = "deleted"


#: What getRecordings lists when no state is asked for.
DEFAULT_STATES = frozenset({RecordingState.PUBLISHED, RecordingState.UNPUBLISHED})


@dataclass(frozen=True)
class PlaybackFormat:
    """One way to watch a recording."""

    type: str
    #: Minutes, cut off.
    length: int
    #: Bytes.
    size: int
    #: Milliseconds.
    processing_time: int
    #: How many thumbnails it has.
    images: int = 0


@dataclass(kw_only=True, eq=False)
class Recording:
    """What is left of one run of a meeting."""

    record_id: str
    meeting_id: str
    name: str
    is_breakout: bool = False
    parent_internal_id: str = ""
    sequence: int = 0
    free_join: bool = False
    state: RecordingState = RecordingState.PROCESSING
    #: Milliseconds since 1970.
    start_time: int = 0
    end_time: int = 0
    participants: int = 0
    #: Custom metadata only; the server adds meetingName, meetingId and isBreakout when it lists.
    metadata: dict[str, str] = field(default_factory=dict, repr=False)
    formats: list[PlaybackFormat] = field(default_factory=list)
    #: Where to announce it, as create said; later changes of the metadata do not matter.
    ready_url: str = field(default="", repr=False)

    @property
    def published(self) -> bool:
        return self.state is RecordingState.PUBLISHED

    @property
    def seconds(self) -> int:
        return max(0, self.end_time - self.start_time) // 1000

    @property
    def raw_size(self) -> int:
        return 900_000 + 30_000 * self.seconds


def make_format(recording: Recording, kind: str) -> PlaybackFormat:
    """Return a playback format with numbers that fit the length of the recording."""
    is_presentation = kind == "presentation"
    return PlaybackFormat(
        type=kind,
        length=recording.seconds // 60,
        size=(250_000 if is_presentation else 400_000) + (4_000 if is_presentation else 9_000) * recording.seconds,
        processing_time=(5_000 if is_presentation else 11_000) + 100 * recording.seconds,
        images=3 if is_presentation else 0,
    )


class Recordings:
    """All recordings of one server.  Every method takes the lock that the meetings use as well."""

    def __init__(
        self,
        *,
        lock: threading.RLock,
        scheduler: Scheduler,
        delay: float,
        formats: Collection[str],
        announce: Callable[[Recording], None],
    ) -> None:
        self._lock = lock
        self._scheduler = scheduler
        self._delay = delay
        self._format_types = tuple(formats)
        self._announce = announce
        self._recordings: dict[str, Recording] = {}

    def all(self) -> dict[str, Recording]:
        """Return all recordings by their id, those being processed and deleted ones included."""
        with self._lock:
            return dict(self._recordings)

    def get(self, record_id: str) -> Recording | None:
        with self._lock:
            return self._recordings.get(record_id)

    def add(self, recording: Recording) -> None:
        with self._lock:
            self._recordings[recording.record_id] = recording

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
        self.add(recording)
        self._plan(recording, self._format_types)
        return recording

    def find(
        self,
        *,
        meeting_ids: Collection[str] = (),
        record_ids: Collection[str] = (),
        states: Collection[str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> list[Recording]:
        """Return the recordings that match everything asked for, oldest first.

        Record ids match by their beginnings; meeting ids through the SHA-1 that record ids begin with, and
        not at all when a record id is given.  States: None means published and unpublished, "any" means all.
        """
        prefixes = tuple(record_ids) or tuple(internal_prefix(meeting_id) for meeting_id in meeting_ids)
        wanted = DEFAULT_STATES if states is None else states
        with self._lock:
            return [
                recording
                for recording in self._recordings.values()
                if (not prefixes or recording.record_id.startswith(prefixes))
                and ("any" in wanted or recording.state in wanted)
                and _matches(recording.metadata, metadata or {})
            ]

    def publish(self, record_ids: Iterable[str], *, published: bool) -> bool:
        """Publish or unpublish those that exist; False if none does."""
        state = RecordingState.PUBLISHED if published else RecordingState.UNPUBLISHED
        return self._change_state(record_ids, state)

    def delete(self, record_ids: Iterable[str]) -> bool:
        """Delete those that exist; False if none does."""
        return self._change_state(record_ids, RecordingState.DELETED)

    def update(self, record_ids: Collection[str], metadata: Mapping[str, str]) -> bool:
        """Set metadata of all whose id begins so, deleted ones too; False if none does.

        An empty value removes the key.
        """
        with self._lock:
            found = self.find(record_ids=record_ids, states=["any"])
            for recording in found:
                changed = {**recording.metadata, **metadata}
                recording.metadata = {key: value for key, value in changed.items() if value or key not in metadata}
            return bool(found)

    def _change_state(self, record_ids: Iterable[str], state: RecordingState) -> bool:
        with self._lock:
            candidates = [self._recordings.get(record_id) for record_id in record_ids]
            found = [recording for recording in candidates if recording and recording.state in DEFAULT_STATES]
            for recording in found:
                recording.state = state
            return bool(found)

    def _plan(self, recording: Recording, format_types: tuple[str, ...]) -> None:
        """Publish the formats one after another, each in a step of its own, each announced."""
        if format_types:
            self._scheduler.schedule(self._delay, lambda: self._publish_next(recording, format_types), kind=KIND)

    def _publish_next(self, recording: Recording, format_types: tuple[str, ...]) -> None:
        with self._lock:
            if recording.state is RecordingState.DELETED:
                return
            recording.formats.append(make_format(recording, format_types[0]))
            if recording.state is RecordingState.PROCESSING:
                recording.state = RecordingState.PUBLISHED
        self._announce(recording)
        self._plan(recording, format_types[1:])


def recording_ready_url(metadata: Mapping[str, str]) -> str:
    """Return where to announce a recording; the first of three names wins, as in the server's script."""
    names = ("bbb-recording-ready-url", "bn-recording-ready-url", "canvas-recording-ready-url")
    return next((metadata[name] for name in names if name in metadata), "")


def _matches(metadata: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(key in metadata and _matches_text(metadata[key], pattern) for key, pattern in wanted.items())


def _matches_text(value: str, pattern: str) -> bool:
    """Compare with the wildcard % at either end of the pattern."""
    text = pattern.removeprefix("%").removesuffix("%")
    match pattern.startswith("%"), pattern.endswith("%"):
        case True, True:
            return text in value
        case True, False:
            return value.endswith(text)
        case False, True:
            return value.startswith(text)
        case _:
            return value == text
