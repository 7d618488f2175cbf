"""Tickets: random text that opens one thing, a few times or for a while."""

import secrets
import threading
from collections.abc import Callable


class Tickets:
    """Tickets of one kind.  Every method may be called from any thread."""

    def __init__(self, *, seconds: float, time: Callable[[], float], single_use: bool) -> None:
        self._seconds = seconds
        self._time = time
        self._single_use = single_use
        self._lock = threading.Lock()
        #: What a ticket opens, and when it ends; the oldest come first.
        self._issued: dict[str, tuple[str, float]] = {}

    def issue(self, subject: str) -> str:
        """Return a new ticket for this."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            now = self._time()
            while self._issued and next(iter(self._issued.values()))[1] <= now:
                del self._issued[next(iter(self._issued))]
            self._issued[ticket] = (subject, now + self._seconds)
        return ticket

    def accept(self, ticket: str, subject: str) -> bool:
        """Return whether the ticket opens this now; one for single use is used up by that."""
        with self._lock:
            issued, end = self._issued.get(ticket, ("", 0.0))
            good = issued == subject and self._time() < end
            if good and self._single_use:
                del self._issued[ticket]
            return good

    def clear(self) -> None:
        with self._lock:
            self._issued.clear()
