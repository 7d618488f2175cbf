"""What was asked of the simulator, without anything secret: no checksums, passwords, tokens or names of people."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote_plus

from .checksums import Verdict

#: Parameters whose values can be shown to anybody; of others the name is.
_SHOWN = frozenset(
    ["createTime", "hookID", "limit", "meetingID", "offset", "publish", "record", "recordID", "role", "state"]
)
_HIDDEN = "***"
#: How many parameters are shown.
_MOST = 50


@dataclass(frozen=True)
class JournalEntry:
    """One request to the API."""

    call: str
    method: str
    checksum: Verdict
    #: "SUCCESS", a messageKey such as "notFound", "not routed", "fault", or "error".
    outcome: str
    #: The path and query, with `***` in place of what is nobody's business.
    url: str = ""


def shown_url(call: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return the address of a call as the journal shows it."""
    shown = [f"{name}={quote_plus(value) if name in _SHOWN else _HIDDEN}" for name, value in islice(pairs, _MOST)]
    query = "&".join(shown)
    return f"/bigbluebutton/api/{call}{'?' if query else ''}{query}"


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
