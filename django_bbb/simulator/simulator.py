"""A BigBlueButton server in this process: `BigBlueButtonSimulator`."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Self

from .application import API_PATH, Application
from .callbacks import RETRY_SCHEDULE, CallbackAttempt, CallbackSender
from .checksums import ALL_ALGORITHMS
from .faults import Faults
from .journal import Journal, JournalEntry
from .meetings import Meeting, MeetingSettings, Person, Role, internal_prefix
from .recordings import KIND as RECORDING_STEPS
from .recordings import Recording, Recordings, RecordingState, make_format, recording_ready_url
from .scheduler import Scheduler
from .server import HttpServer
from .world import Session, World


class BigBlueButtonSimulator:
    """A BigBlueButton server to develop, demonstrate and test against.

        with BigBlueButtonSimulator(secret="secret") as server:
            client = BigBlueButtonClient(server.url, "secret")

    Any number of them may run at once, each with a port, a secret and a memory of its own.
    An instance is started once and stopped once.
    """

    def __init__(
        self,
        *,
        secret: str = "secret",  # noqa: S107 - a secret that protects nothing
        host: str = "127.0.0.1",
        port: int = 0,
        public_address: str = "",
        recording_delay: float = 0.0,
        recording_formats: Collection[str] = ("presentation", "video"),
        lose_callbacks: bool = False,
        callback_retries: Sequence[float] = RETRY_SCHEDULE,
        callback_timeout: float = 10.0,
        checksum_algorithms: Collection[str] = ALL_ALGORITHMS,
        ended_meetings_stay: float = 0.0,
    ) -> None:
        """Prepare a server; nothing listens before `start`.

        secret: the shared secret; a blank one is refused, since a real server with one checks nothing.
        port: 0 picks a free one.
        public_address: scheme, host and port in the addresses it gives out, if others than those it binds to.
        recording_delay: seconds from the end of a meeting to the first format, and from each to the next.
        callback_retries: seconds to wait before each attempt of an end callback, counted from the one before.
        ended_meetings_stay: seconds for which ended meetings are still listed; a real server takes about one.
        """
        if not secret.strip():
            raise ValueError("The simulator needs a secret that is not blank.")
        if unknown := set(checksum_algorithms) - ALL_ALGORITHMS:
            raise ValueError(f"Unknown checksum algorithms: {', '.join(sorted(unknown))}.")
        self.secret = secret
        self.faults = Faults()
        self._journal = Journal()
        self._callback_timeout = callback_timeout
        self._public_address = public_address.rstrip("/")
        lock = threading.RLock()
        self._scheduler = Scheduler()
        self._callbacks = CallbackSender(
            secret=secret,
            scheduler=self._scheduler,
            retry_schedule=callback_retries,
            timeout=callback_timeout,
            lose=lose_callbacks,
        )
        self._recordings = Recordings(
            lock=lock,
            scheduler=self._scheduler,
            delay=recording_delay,
            formats=recording_formats,
            announce=self._callbacks.recording_ready,
        )
        self._world = World(
            lock=lock,
            scheduler=self._scheduler,
            callbacks=self._callbacks,
            recordings=self._recordings,
            ended_meetings_stay=ended_meetings_stay,
        )
        self.application = Application(
            secret=secret,
            algorithms=frozenset(checksum_algorithms),
            world=self._world,
            recordings=self._recordings,
            faults=self.faults,
            journal=self._journal,
            address=lambda: self.address,
        )
        self._http = HttpServer(self.application, host=host, port=port)

    def __repr__(self) -> str:
        return f"<BigBlueButtonSimulator at {self.address}>"

    # Running

    def start(self) -> Self:
        """Listen and serve, in threads of its own; raises `OSError` where the port is taken."""
        self._http.start()
        self._scheduler.start()
        self._callbacks.start()
        return self

    def stop(self) -> None:
        """Stop at once: hanging requests are cut, what was planned does not happen."""
        self.faults.clear()
        self._scheduler.stop()
        self._callbacks.stop()
        self._http.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._http.port

    @property
    def address(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        host = self._http.host
        return self._public_address or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def url(self) -> str:
        """The address of the API, with a slash at the end."""
        return f"{self.address}{API_PATH}/"

    # Looking

    @property
    def meetings(self) -> dict[str, Meeting]:
        """The meetings that have not been forgotten, by meeting id."""
        return {meeting.meeting_id: meeting for meeting in self._world.meetings()}

    @property
    def recordings(self) -> dict[str, Recording]:
        """All recordings by record id, also those being processed and deleted ones."""
        return self._recordings.all()

    @property
    def journal(self) -> list[JournalEntry]:
        """Every request to the API, oldest first."""
        return self._journal.entries()

    def calls(self, name: str) -> list[JournalEntry]:
        """Return the requests of one call, such as "create"; the index is called "index"."""
        return self._journal.entries(name)

    def clear_journal(self) -> None:
        self._journal.clear()

    @property
    def callbacks(self) -> list[CallbackAttempt]:
        """Every attempt to deliver a callback, oldest first, and those that were lost on purpose."""
        return self._callbacks.attempts()

    # Meetings and people

    def create_meeting(self, meeting_id: str, *, name: str = "", record: bool = False, **settings: object) -> Meeting:
        """Create a meeting as a create call would; further settings are those of `MeetingSettings`."""
        chosen = MeetingSettings(meeting_id=meeting_id, name=name or meeting_id, record=record, **settings)  # type: ignore[arg-type]
        return self._world.create(chosen)[0]

    def join(
        self,
        meeting_id: str,
        name: str,
        *,
        role: Role | str = Role.VIEWER,
        user_id: str = "",
        guest: bool = False,
        custom_data: Mapping[str, str] | None = None,
    ) -> Person:
        """Place a person inside a meeting, without a browser."""
        person = self._world.let_in(
            self._meeting(meeting_id),
            name=name,
            role=Role(role.upper()),
            user_id=user_id,
            guest=guest,
            custom_data=dict(custom_data or {}),
        )
        self._world.enter(self._session(person))
        return person

    def leave(self, person: Person) -> None:
        """Take a person out of the meeting."""
        self._world.leave(self._session(person))

    def set_recording(self, meeting_id: str, on: bool) -> None:
        """Press the record button of a meeting that was created with record=true."""
        self._world.set_recording(self._meeting(meeting_id), on)

    def end_meeting(self, meeting_id: str, *, forcibly: bool = True) -> None:
        """End a meeting, as a moderator or the end call would."""
        self._world.end(self._meeting(meeting_id), forcibly=forcibly)

    # Recordings

    def finish_recordings(self) -> None:
        """Publish every format that is still to come, now."""
        self._scheduler.run_pending(RECORDING_STEPS)

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
        )
        recording.formats.extend(make_format(recording, one) for one in formats)
        self._recordings.add(recording)
        return recording

    def announce(self, recording: Recording) -> None:
        """Send the recording-ready callback once more, as a rebuild on the server does."""
        self._callbacks.recording_ready(recording)

    # Time, callbacks, faults

    @property
    def lose_callbacks(self) -> bool:
        """Whether callbacks are dropped instead of sent; may be changed at any time."""
        return self._callbacks.lose

    @lose_callbacks.setter
    def lose_callbacks(self, lose: bool) -> None:
        self._callbacks.lose = lose

    def wait_for_callbacks(self, timeout: float = 10.0) -> bool:
        """Block until every callback is delivered, lost or given up, retries too; False if it took too long.

        Recording steps that are due now are waited for; those planned for later are not: `finish_recordings`.
        """
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            if not self._scheduler.wait(timeout=left) or not self._callbacks.wait(timeout=left):
                return False
            # The last callback may have been delivered while a recording step was announcing the next.
            if self._scheduler.is_idle() and self._callbacks.is_idle():
                return True
        return False

    def advance(self, seconds: float) -> None:
        """Put the simulator's clock forward; return when everything that became due has happened."""
        # What is on its way now belongs to the time before, and so does the planning of its next attempt.
        self._callbacks.wait_until_quiet(timeout=self._callback_timeout)
        self._scheduler.advance(seconds)
        self._callbacks.wait_until_quiet(timeout=self._callback_timeout)

    def restart(self) -> None:
        """Forget all meetings without telling anybody, as a server does that is killed; recordings stay."""
        self._world.restart()

    def _meeting(self, meeting_id: str) -> Meeting:
        meeting = self._world.find(meeting_id)
        if meeting is None:
            raise LookupError(f"The simulator has no meeting {meeting_id}.")
        return meeting

    def _session(self, person: Person) -> Session:
        session = self._world.session(person.session_token)
        if session is None:
            raise LookupError(f"The simulator does not know {person.name} any more.")
        return session
