"""One thread that does things later, and the simulator's clock."""

import heapq
import itertools
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


@dataclass(order=True)
class _Entry:
    due: float
    number: int
    kind: str = field(compare=False)
    action: Callable[[], None] = field(compare=False)


class Scheduler:
    """Runs actions when they are due, in order.

    Its clock can run faster than others, and can be put forward, so that tests need not sleep.
    """

    def __init__(self, *, scale: float = 1.0) -> None:
        """Prepare a clock on which so many seconds pass in one."""
        self._entries: list[_Entry] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._running = 0
        self._first_scale = self._scale = _checked(scale)
        #: How far the clock was ahead of others when its scale was set.
        self._ahead = 0.0
        self._scaled_since = time.monotonic()
        #: While somebody puts the clock forward, the thread leaves everything to them.
        self._advancing = 0
        #: When the action that this thread is running was due.
        self._current = threading.local()
        self._stopped = False
        self._thread: threading.Thread | None = None

    # The clock

    def time(self) -> float:
        """Return the simulator's idea of the time, in seconds since 1970."""
        return time.time() + self._total_ahead()

    @property
    def scale(self) -> float:
        """How many seconds pass here in one."""
        return self._scale

    @scale.setter
    def scale(self, scale: float) -> None:
        _checked(scale)
        with self._changed:
            self._ahead, self._scaled_since, self._scale = self._total_ahead(), time.monotonic(), scale
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Put the clock forward; what becomes due on the way happens at its time, and before this returns."""
        with self._changed:
            self._advancing += 1
            target = self._now() + seconds
        try:
            while (entry := self._take_next(target)) is not None:
                self._do(entry)
        finally:
            with self._changed:
                self._advancing -= 1
                self._put_forward(target)
                self._changed.notify_all()
        self.wait(timeout=5)

    def _now(self) -> float:
        return time.monotonic() + self._total_ahead()

    def _total_ahead(self) -> float:
        return self._ahead + (time.monotonic() - self._scaled_since) * (self._scale - 1)

    def _put_forward(self, target: float) -> None:
        self._ahead += max(0.0, target - self._now())

    # Running

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="bbb-simulator-scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was still planned never happens."""
        with self._changed:
            self._stopped = True
            self._entries.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def reset(self) -> None:
        """Forget what was planned, and set the clock right."""
        with self._changed:
            self._entries.clear()
            self._ahead, self._scaled_since, self._scale = 0.0, time.monotonic(), self._first_scale
            self._changed.notify_all()

    # Planning

    def schedule(self, delay: float, action: Callable[[], None], *, kind: str) -> None:
        """Run the action once, after so many seconds; `kind` lets `run_pending` find it.

        What an action plans counts from when it was due, however late the thread came to it.
        """
        with self._changed:
            if not self._stopped:
                start = min(self._now(), getattr(self._current, "due", math.inf))
                heapq.heappush(self._entries, _Entry(start + delay, next(self._numbers), kind, action))
                self._changed.notify_all()

    def run_pending(self, kind: str) -> None:
        """Run everything of this kind now, however late it was planned, and what follows from it."""
        while True:
            while (entry := self._take(lambda entry: entry.kind == kind)) is not None:
                self._do(entry)
            # The thread may be in the middle of one that plans another.
            with self._changed:
                self._changed.wait_for(lambda: self._running == 0, timeout=5)
                if not any(entry.kind == kind for entry in self._entries):
                    return

    def wait(self, *, timeout: float) -> bool:
        """Block until nothing is due and nothing is running; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout=timeout)

    def is_idle(self) -> bool:
        with self._changed:
            return self._is_idle()

    def _is_idle(self) -> bool:
        return self._running == 0 and (not self._entries or self._entries[0].due > self._now())

    def _take_next(self, target: float) -> _Entry | None:
        """Remove and return what is due first until then, with the clock put to its time."""
        with self._changed:
            # Not before the one before it is done: it may plan something for the time between.
            self._changed.wait_for(lambda: self._running == 0, timeout=5)
            if not self._entries or self._entries[0].due > target:
                return None
            entry = heapq.heappop(self._entries)
            self._put_forward(entry.due)
            self._running += 1
            return entry

    def _take(self, wanted: Callable[[_Entry], bool]) -> _Entry | None:
        """Remove and return the earliest wanted entry; it counts as running from here on."""
        with self._changed:
            entry = min((entry for entry in self._entries if wanted(entry)), default=None)
            if entry is not None:
                self._entries.remove(entry)
                heapq.heapify(self._entries)
                self._running += 1
            return entry

    def _do(self, entry: _Entry) -> None:
        before, self._current.due = getattr(self._current, "due", math.inf), entry.due
        try:
            entry.action()
        except Exception:  # one broken action must not end the thread that all others need
            logger.exception("The simulator could not do what it had planned (%s).", entry.kind)
        finally:
            self._current.due = before
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and (self._advancing or not self._is_due()):
                    self._changed.wait(self._seconds_to_wait())
                if self._stopped:
                    return
                entry = heapq.heappop(self._entries)
                self._running += 1
            self._do(entry)

    def _is_due(self) -> bool:
        return bool(self._entries) and self._entries[0].due <= self._now()

    def _seconds_to_wait(self) -> float | None:
        """Return the real seconds until something is due; None if somebody will tell."""
        if self._advancing or not self._entries:
            return None
        return (self._entries[0].due - self._now()) / self._scale


def _checked(scale: float) -> float:
    if not 0 < scale <= 1_000_000:
        raise ValueError("The time scale is a number above 0, and at most 1000000.")
    return scale
