"""A queue in memory and one thread for it: one slow receiver delays all others in the same queue."""

import http.client
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..scheduler import Scheduler
from .callback import Callback, CallbackAttempt
from .exchange import Exchange, UnusableAddress
from .ledger import Ledger

#: Makes a callback when its turn has come: bbb-webhooks dates them then.
Letter = Callable[[], Callback]


def letter(callback: Callback) -> Letter:
    """Return a letter that is written already."""
    return lambda: callback


@dataclass(frozen=True)
class _Try:
    callback: Callback
    number: int


class Outbox:
    """Makes attempts until each callback is delivered or given up.

    In order, nothing is begun before what came earlier is over; otherwise a callback that waits for its next
    attempt lets the others pass.
    """

    def __init__(self, *, ledger: Ledger, scheduler: Scheduler, timeout: float, in_order: bool = False) -> None:
        self._ledger = ledger
        self._scheduler = scheduler
        self._in_order = in_order
        self._exchange = Exchange(timeout=timeout)
        self._queue: queue.SimpleQueue[_Try | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        #: In order: what is being delivered, and what waits for that.
        self._waiting: deque[Letter] = deque()
        self._finishing = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def send(self, new: Letter) -> None:
        with self._lock:
            if self._stopped or self._finishing:
                return
            self._ledger.opened()
            if self._in_order:
                self._waiting.append(new)
                if len(self._waiting) > 1:
                    return
        self._plan(_Try(new(), 1))

    def finish(self) -> None:
        """Take no more, and end the thread when what is waiting is over."""
        with self._lock:
            self._finishing = True
            is_over = not self._waiting
        if is_over:
            self._queue.put(None)

    def drop(self) -> None:
        """Take no more, and leave undone what is waiting."""
        with self._lock:
            self._stopped = True
            left = max(0, len(self._waiting) - 1)
            self._waiting.clear()
        self._ledger.closed(left)
        self._queue.put(None)

    def stop(self) -> None:
        """End the thread at once; a receiver that is slow to answer is left alone."""
        with self._lock:
            self._stopped = True
        self._exchange.cut()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout=5)

    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _plan(self, attempt: _Try) -> None:
        delay = attempt.callback.delay(attempt.number) or 0.0
        if delay <= 0:
            self._enqueue(attempt)
        else:
            self._scheduler.schedule(delay, lambda: self._enqueue(attempt), kind="callback")

    def _enqueue(self, attempt: _Try) -> None:
        self._ledger.attempt_begins()
        self._queue.put(attempt)

    def _run(self) -> None:
        while (attempt := self._queue.get()) is not None:
            if (another := None if self._stopped else self._attempt(attempt)) is not None:
                self._plan(another)
            else:
                self._over()
            self._ledger.attempt_ends()

    def _over(self) -> None:
        """One is delivered or given up: begin with the next, if they go in order."""
        following = None
        with self._lock:
            if self._waiting:
                self._waiting.popleft()
                following = self._waiting[0] if self._waiting else None
            is_last = self._finishing and not self._waiting
        if following is not None:
            self._plan(_Try(following(), 1))
        self._ledger.closed()
        if is_last:
            self._queue.put(None)

    def _attempt(self, attempt: _Try) -> _Try | None:
        """Try once; return what to try next."""
        callback, number = attempt.callback, attempt.number
        if not callback.is_wanted():
            self._ledger.note(CallbackAttempt.of(callback, attempt=number, lost=True, given_up=True))
            return None
        status, error, following = None, "", _following(attempt)
        try:
            status = self._exchange.perform(callback)
        except UnusableAddress:
            # One that cannot be understood is dropped for good.
            error, following = "unusable address", None
        except (OSError, http.client.HTTPException) as failure:
            error = type(failure).__name__
        accepted = status is not None and status in callback.accepts
        if accepted or status in callback.final:
            following = None
        given_up = not accepted and following is None
        note = CallbackAttempt.of(callback, attempt=number, status=status, error=error, given_up=given_up)
        self._ledger.note(note)
        if given_up:
            callback.on_failure()
        return following


def _following(attempt: _Try) -> _Try | None:
    """Return what comes after an attempt that fails."""
    callback, number = attempt.callback, attempt.number + 1
    if callback.delay(number) is not None:
        return _Try(callback, number)
    return _Try(callback.fallback, 1) if callback.fallback is not None else None
