"""One thread that does things later: recording steps, callback retries, meetings that expire."""

import heapq
import itertools
import logging
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
    """Runs actions when they are due, in order; its clock can be put forward so that tests need not sleep."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._running = 0
        self._ahead = 0.0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def time(self) -> float:
        """Return the simulator's idea of the time, in seconds since 1970."""
        return time.time() + self._ahead

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

    def schedule(self, delay: float, action: Callable[[], None], *, kind: str) -> None:
        """Run the action once, after so many seconds; `kind` lets `run_pending` find it."""
        with self._changed:
            if not self._stopped:
                heapq.heappush(self._entries, _Entry(self._now() + delay, next(self._numbers), kind, action))
                self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Put the clock forward and run what has become due before returning."""
        with self._changed:
            self._ahead += seconds
        while (entry := self._take(lambda entry: entry.due <= self._now())) is not None:
            self._do(entry)
        self.wait(timeout=5)

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

    def _now(self) -> float:
        return time.monotonic() + self._ahead

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
        try:
            entry.action()
        except Exception:  # one broken action must not end the thread that all others need
            logger.exception("The simulator could not do what it had planned (%s).", entry.kind)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and (not self._entries or self._entries[0].due > self._now()):
                    self._changed.wait(self._entries[0].due - self._now() if self._entries else None)
                if self._stopped:
                    return
                entry = heapq.heappop(self._entries)
                self._running += 1
            self._do(entry)
