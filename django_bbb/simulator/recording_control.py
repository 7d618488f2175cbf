"""What Python does to the recordings of a simulator; a part of `BigBlueButtonSimulator`."""

from collections.abc import Collection, Mapping

from .callbacks import CallbackSender
from .meetings import internal_prefix
from .recording_steps import KIND, RecordingSteps
from .recordings import Recording, Recordings, RecordingState, make_format, recording_ready_url
from .scheduler import Scheduler


class RecordingControl:
    """The methods about recordings."""

    _scheduler: Scheduler
    _callbacks: CallbackSender
    _recordings: Recordings
    _recording_steps: RecordingSteps

    @property
    def recordings(self) -> dict[str, Recording]:
        """All recordings by record id, also those being processed and deleted ones, but no hidden ones."""
        return self._recordings.all()

    def finish_recordings(self) -> None:
        """Publish every format that is still to come, now."""
        self._scheduler.run_pending(KIND)

    def fail_recording(self, meeting_id: str, formats: Collection[str] = ()) -> None:
        """Let formats of a meeting's recording break in processing, all of them if none is named.

        That is the recording being made now, or else the next one.
        """
        self._recording_steps.fail(meeting_id, formats)

    def add_recording(
        self,
        meeting_id: str,
        *,
        name: str = "",
        state: RecordingState | str = RecordingState.PUBLISHED,
        formats: Collection[str] = ("presentation",),
        minutes: int = 45,
        participants: int = 2,
        metadata: Mapping[str, str] | None = None,
        protected: bool = False,
    ) -> Recording:
        """Make a recording of a meeting that never took place; nobody is told."""
        settings = {key.lower(): value for key, value in (metadata or {}).items()}
        end = int(self._scheduler.time() * 1000)
        start = end - minutes * 60_000
        while (record_id := f"{internal_prefix(meeting_id)}-{start}") in self.recordings:
            start -= 1
        recording = Recording(
            record_id=record_id,
            meeting_id=meeting_id,
            name=name or meeting_id,
            state=RecordingState(state),
            start_time=start,
            end_time=end,
            participants=participants,
            metadata=settings,
            ready_url=recording_ready_url(settings),
            protected=protected,
        )
        recording.formats.extend(make_format(recording, one) for one in formats)
        self._recordings.add(recording)
        return recording

    def announce(self, recording: Recording) -> None:
        """Send the recording-ready callback once more, as a rebuild on the server does for each format."""
        self._callbacks.recording_ready(recording)

    def hide_recording(self, record_id: str) -> None:
        """Let a recording vanish, as during a rebuild or after a cleanup."""
        if not self._recordings.hide(record_id):
            raise LookupError(f"The simulator has no recording {record_id}.")

    def show_recording(self, record_id: str) -> None:
        """Let a hidden recording come back."""
        if not self._recordings.show(record_id):
            raise LookupError(f"The simulator has not hidden a recording {record_id}.")
