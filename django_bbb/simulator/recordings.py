"""Recordings: listed, published, deleted.

Rules of who matches what: `RecordingServiceFileImpl.java` (bbb-common-web).
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .meetings import internal_prefix
from .metadata_filter import matches


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
    #: Watched with a personal link only; balancers know this.
    protected: bool = False
    #: The formats that break while they are processed.
    broken_formats: frozenset[str] = frozenset()

    @property
    def published(self) -> bool:
        return self.state is RecordingState.PUBLISHED

    @property
    def seconds(self) -> int:
        return max(0, self.end_time - self.start_time) // 1000

    @property
    def raw_size(self) -> int:
        return 900_000 + 30_000 * self.seconds


@dataclass(frozen=True)
class _Numbers:
    """What a format of a recording without length has, and what comes with each second."""

    size: int
    size_per_second: int
    processing_time: int
    processing_time_per_second: int
    images: int = 0


_NUMBERS = {
    "presentation": _Numbers(250_000, 4_000, 5_000, 100, images=3),
    "video": _Numbers(400_000, 9_000, 11_000, 100),
    "screenshare": _Numbers(300_000, 12_000, 8_000, 80),
    "podcast": _Numbers(20_000, 6_000, 2_000, 10),
    "notes": _Numbers(4_000, 2, 800, 0),
    "statistics": _Numbers(12_000, 1, 600, 0),
}


def make_format(recording: Recording, kind: str) -> PlaybackFormat:
    """Return a format with numbers that fit the length of the recording; an unknown kind is like a video."""
    numbers = _NUMBERS.get(kind, _NUMBERS["video"])
    return PlaybackFormat(
        type=kind,
        length=recording.seconds // 60,
        size=numbers.size + numbers.size_per_second * recording.seconds,
        processing_time=numbers.processing_time + numbers.processing_time_per_second * recording.seconds,
        images=numbers.images,
    )


class Recordings:
    """All recordings of one server.  Every method takes the lock that the meetings use as well."""

    def __init__(self, *, lock: threading.RLock) -> None:
        self._lock = lock
        self._recordings: dict[str, Recording] = {}
        #: Those that are not to be found for now.
        self._hidden: dict[str, Recording] = {}

    # Looking

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

    def hide(self, record_id: str) -> bool:
        """Let a recording vanish, as during a rebuild or a cleanup; False if there is none."""
        return self._move(record_id, self._recordings, self._hidden)

    def show(self, record_id: str) -> bool:
        """Let a hidden recording come back; False if there is none."""
        return self._move(record_id, self._hidden, self._recordings)

    def reset(self) -> None:
        """Forget all recordings."""
        with self._lock:
            self._recordings.clear()
            self._hidden.clear()

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
                and matches(recording.metadata, metadata or {})
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

    def knows(self, recording: Recording) -> bool:
        """Return whether it is still here, be it hidden."""
        with self._lock:
            found = self._recordings.get(recording.record_id) or self._hidden.get(recording.record_id)
            return found is recording

    def _move(self, record_id: str, source: dict[str, Recording], target: dict[str, Recording]) -> bool:
        with self._lock:
            recording = source.pop(record_id, None)
            if recording is not None:
                target[record_id] = recording
            return recording is not None

    def _change_state(self, record_ids: Iterable[str], state: RecordingState) -> bool:
        with self._lock:
            candidates = [self._recordings.get(record_id) for record_id in record_ids]
            found = [recording for recording in candidates if recording and recording.state in DEFAULT_STATES]
            for recording in found:
                recording.state = state
            return bool(found)


def recording_ready_url(metadata: Mapping[str, str]) -> str:
    """Return where to announce a recording; the first of three names wins, as in the server's script."""
    names = ("bbb-recording-ready-url", "bn-recording-ready-url", "canvas-recording-ready-url")
    return next((metadata[name] for name in names if name in metadata), "")
