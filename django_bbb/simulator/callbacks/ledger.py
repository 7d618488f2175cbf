"""Counts what is on its way, and remembers every attempt."""

import threading

from .callback import CallbackAttempt


class Ledger:
    """What all senders of one server have in hand."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        #: Callbacks that are neither delivered nor given up, those waiting for another attempt included.
        self._pending = 0
        #: Attempts in a queue or being made.
        self._busy = 0
        self._log: list[CallbackAttempt] = []

    def opened(self, count: int = 1) -> None:
        with self._changed:
            self._pending += count

    def closed(self, count: int = 1) -> None:
        with self._changed:
            self._pending -= count
            self._changed.notify_all()

    def attempt_begins(self) -> None:
        with self._changed:
            self._busy += 1

    def attempt_ends(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def note(self, attempt: CallbackAttempt) -> None:
        with self._changed:
            self._log.append(attempt)

    def attempts(self) -> list[CallbackAttempt]:
        with self._changed:
            return list(self._log)

    def is_idle(self) -> bool:
        with self._changed:
            return self._pending == 0

    def wait(self, *, timeout: float) -> bool:
        """Block until every callback is delivered or given up; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0, timeout=timeout)

    def wait_until_quiet(self, *, timeout: float) -> bool:
        """Block until no attempt is being made or due; later attempts may still be planned."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout=timeout)
