"""What was asked of the simulator, without anything secret: no query strings, no checksums."""

import threading
from collections import deque
from dataclasses import dataclass

from .checksums import Verdict


@dataclass(frozen=True)
class JournalEntry:
    """One request to the API."""

    call: str
    method: str
    checksum: Verdict
    #: "SUCCESS", a messageKey such as "notFound", "not routed", "fault", or "error".
    outcome: str


class Journal:
    """The last requests, oldest first."""

    def __init__(self, *, keep: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=keep)

    def note(self, entry: JournalEntry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, call: str | None = None) -> list[JournalEntry]:
        """Return all requests, or those of one call."""
        with self._lock:
            return [entry for entry in self._entries if call is None or entry.call == call]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
