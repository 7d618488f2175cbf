"""What Python does to the callbacks and the clock of a simulator; a part of `BigBlueButtonSimulator`."""

import time

from .callbacks import Callback, CallbackAttempt, CallbackKind, CallbackSender, DeliveryFaults, Forgery
from .hooks import Hook
from .meetings import Meeting
from .recordings import Recording, Recordings
from .scheduler import Scheduler
from .world import World


class CallbackControl:
    """The methods about callbacks and time."""

    #: What goes wrong between server and site: `simulator.delivery.repeat("recording-ready", copies=3)`.
    delivery: DeliveryFaults
    _scheduler: Scheduler
    _callbacks: CallbackSender
    _callback_timeout: float
    _recordings: Recordings
    _world: World

    # Looking

    @property
    def callbacks(self) -> list[CallbackAttempt]:
        """Every attempt to deliver a callback, oldest first, and those that were lost on purpose."""
        return self._callbacks.attempts()

    @property
    def hooks(self) -> list[Hook]:
        """Whom bbb-webhooks tells, oldest first."""
        return self._callbacks.hooks.all()

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

    # Sending

    @property
    def lose_callbacks(self) -> bool:
        """Whether callbacks are dropped instead of sent; may be changed at any time."""
        return self.delivery.lose_all

    @lose_callbacks.setter
    def lose_callbacks(self, lose: bool) -> None:
        self.delivery.lose_all = lose

    def send_again(self, attempt: CallbackAttempt) -> None:
        """Send a callback once more, with the same bytes."""
        self._callbacks.send_again(attempt)

    def forge(self, kind: CallbackKind, about: Meeting | Recording | str, *, how: Forgery | str) -> int:
        """Send a callback as somebody would who is not the server; return how many addresses got one.

        about: a meeting or a recording, or the id of one that is still there.
        """
        found = self._found(kind, about) if isinstance(about, str) else about
        return self._callbacks.forge(kind, found, Forgery(how))

    def callbacks_about(self, kind: CallbackKind, about: Meeting | Recording | str) -> list[Callback]:
        """Return what the server would send about a meeting or a recording, without sending it."""
        found = self._found(kind, about) if isinstance(about, str) else about
        return self._callbacks.genuine(kind, found)

    def _found(self, kind: CallbackKind, identifier: str) -> Meeting | Recording:
        if kind != "recording-ready":
            meeting = self._world.find(identifier)
            if meeting is None:
                raise LookupError(f"The simulator has no meeting {identifier}.")
            return meeting
        found = [one for one in self._recordings.all().values() if identifier in {one.record_id, one.meeting_id}]
        if not found:
            raise LookupError(f"The simulator has no recording {identifier}.")
        return found[-1]

    # The clock

    @property
    def now(self) -> float:
        """The simulator's idea of the time, in seconds since 1970."""
        return self._scheduler.time()

    @property
    def time_scale(self) -> float:
        """How many seconds pass here in a real one; may be changed at any time."""
        return self._scheduler.scale

    @time_scale.setter
    def time_scale(self, scale: float) -> None:
        self._scheduler.scale = scale

    def advance(self, seconds: float) -> None:
        """Put the simulator's clock forward; return when everything that became due has happened."""
        # What is on its way now belongs to the time before, and so does the planning of its next attempt.
        self._callbacks.wait_until_quiet(timeout=self._callback_timeout)
        self._scheduler.advance(seconds)
        self._callbacks.wait_until_quiet(timeout=self._callback_timeout)
