"""A BigBlueButton server in this process: `BigBlueButtonSimulator`."""

import threading
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

from .activity import Activity
from .api import Api
from .application import API_PATH, Application
from .bots import Bots
from .callback_control import CallbackControl
from .callbacks import (
    RETRY_SCHEDULE,
    CallbackSender,
    DeliveryFaults,
    EndCallbacks,
    RecordingReadyOptions,
    SenderOptions,
)
from .control import Control
from .events import Events
from .faults import Faults
from .guest_control import GuestControl
from .hooks import WebhookOptions
from .journal import Journal, JournalEntry
from .meeting_control import MeetingControl
from .profiles import DEFAULT_PROFILE, Profile, find_profile
from .protection import PlaybackPasses
from .recording_control import RecordingControl
from .recording_steps import RecordingSteps
from .recordings import Recordings
from .scheduler import Scheduler
from .server import HttpServer
from .text_tracks import TextTracks
from .world import World


class BigBlueButtonSimulator(MeetingControl, RecordingControl, CallbackControl, GuestControl):
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
        end_callbacks: EndCallbacks | str = EndCallbacks.STRICT,
        recording_ready: RecordingReadyOptions | None = None,
        webhooks: WebhookOptions | None = None,
        time_scale: float = 1.0,
        profile: str | Profile = DEFAULT_PROFILE,
        checksum_algorithms: Collection[str] | None = None,
        hook_checksum_algorithms: Collection[str] | None = None,
        ended_meetings_stay: float = 0.0,
        left_people_stay: float = 0.0,
        control: bool = False,
    ) -> None:
        """Prepare a server; nothing listens before `start`.

        secret: the shared secret; a blank one is refused, since a real server with one checks nothing.
        port: 0 picks a free one.
        public_address: scheme, host and port in the addresses it gives out, if others than those it binds to.
        recording_delay: seconds from the end of a meeting to the first format, and from each to the next.
        callback_retries: seconds to wait before each attempt of an end callback, counted from the one before.
        end_callbacks: which version's manner of calling to have: "2.2", "3.0", or the newest.
        recording_ready: how recordings are announced, if not as BigBlueButton does.
        webhooks: how bbb-webhooks is configured, if not as it comes.
        time_scale: how many seconds pass here in a real one; everything planned comes sooner by as much.
        profile: which kind of server to be: "2.7", "3.0", "4.0", "scalelite", or a `Profile`.
        checksum_algorithms: those it accepts, if not those of its profile; those of bbb-webhooks are apart.
        ended_meetings_stay: seconds for which ended meetings are still listed; a real server takes about one.
        left_people_stay: seconds for which people who left keep a meeting running; a real server takes 60.
        control: whether `/simulator/` takes orders by HTTP.
        """
        if not secret.strip():
            raise ValueError("The simulator needs a secret that is not blank.")
        self.profile = find_profile(profile).accepting(checksum_algorithms, hook_checksum_algorithms)
        self.secret = secret
        self.faults = Faults()
        self._journal = Journal()
        self._callback_timeout = callback_timeout
        self._public_address = public_address.rstrip("/")
        lock = threading.RLock()
        self._scheduler = Scheduler(scale=time_scale)
        self._events = Events(self._scheduler.time)
        self.delivery = DeliveryFaults(lose_all=lose_callbacks)
        self._callbacks = CallbackSender(
            secret=secret,
            scheduler=self._scheduler,
            address=lambda: self.address,
            delivery=self.delivery,
            options=SenderOptions(
                retry_schedule=callback_retries,
                timeout=callback_timeout,
                end_callbacks=EndCallbacks(end_callbacks),
                recording_ready=recording_ready or RecordingReadyOptions(),
                webhooks=webhooks or WebhookOptions(),
                analytics_delay=recording_delay,
            ),
        )
        self._events.listen(self._callbacks.hear)
        self._recordings = Recordings(lock=lock)
        self._recording_steps = RecordingSteps(
            lock=lock,
            scheduler=self._scheduler,
            events=self._events,
            recordings=self._recordings,
            delay=recording_delay,
            formats=recording_formats,
            announce=self._callbacks.recording_ready,
        )
        self._world = World(
            lock=lock,
            scheduler=self._scheduler,
            events=self._events,
            callbacks=self._callbacks,
            recordings=self._recording_steps,
            ended_meetings_stay=ended_meetings_stay,
            left_people_stay=left_people_stay,
        )
        self._text_tracks = TextTracks(self._scheduler.time)
        self._passes = PlaybackPasses(self._scheduler.time)
        self.activity = Activity(lock=lock, world=self._world, events=self._events)
        self._bots = Bots(
            lock=lock, scheduler=self._scheduler, world=self._world, activity=self.activity, events=self._events
        )
        api = Api(
            secret=secret,
            profile=self.profile,
            world=self._world,
            recordings=self._recordings,
            text_tracks=self._text_tracks,
            passes=self._passes,
            hooks=self._callbacks.hooks,
            faults=self.faults,
            journal=self._journal,
            address=lambda: self.address,
        )
        self.application = Application(
            api=api,
            world=self._world,
            activity=self.activity,
            recordings=self._recordings,
            address=lambda: self.address,
            control=Control(self, host=host, public_address=public_address) if control else None,
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
    def journal(self) -> list[JournalEntry]:
        """Every request to the API, oldest first."""
        return self._journal.entries()

    def calls(self, name: str) -> list[JournalEntry]:
        """Return the requests of one call, such as "create"; the index is called "index"."""
        return self._journal.entries(name)

    def clear_journal(self) -> None:
        self._journal.clear()

    # Starting anew

    def restart(self) -> None:
        """Forget all meetings without telling anybody, as a server does that is killed; recordings stay."""
        self._bots.forget()
        self._world.restart()

    def reset(self) -> None:
        """Be as after the start: no meetings, recordings, hooks, faults, no journal, nothing planned, clock right."""
        self._scheduler.reset()
        self.restart()
        self._world.reset()
        self._recordings.reset()
        self._recording_steps.reset()
        self._text_tracks.clear()
        self._passes.clear()
        self.delivery.reset()
        self._callbacks.reset()
        self.faults.clear()
        self._journal.clear()
        self._scheduler.reset()
