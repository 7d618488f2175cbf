"""Faults on demand: what goes wrong between a client and a server, made to go wrong.

The application asks `Faults.take` in one place, before it answers a call; further kinds of fault belong here.
"""

import threading
from dataclasses import dataclass, field
from typing import Literal

#: Stands for every call.
ANY_CALL = "*"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong instead of an answer.

    `when="after"` lets the call have its effect first and then loses the answer, as a broken connection does.
    """

    when: Literal["before", "after"] = "before"


@dataclass(frozen=True, kw_only=True)
class HtmlAnswer(Fault):
    """A page instead of XML, as nginx gives while the server behind it restarts."""

    status: int = 502
    body: str = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, kw_only=True)
class IllFormedXml(Fault):
    """An answer that breaks off in the middle."""

    body: str = "<response><returncode>SUCCESS</returncode><meet"


@dataclass(frozen=True, kw_only=True)
class Hang(Fault):
    """No answer, until the fault is cleared or the simulator stops; then the connection closes."""


@dataclass(frozen=True, kw_only=True)
class CloseConnection(Fault):
    """The connection closes without an answer."""


@dataclass
class _Planned:
    fault: Fault
    left: int | None
    over: threading.Event = field(default_factory=threading.Event)


class Faults:
    """Which calls go wrong, and how.  Safe to change while requests come in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[str, _Planned] = {}
        self._hanging: list[threading.Event] = []

    def set(self, fault: Fault, *, call: str = ANY_CALL, times: int | None = None) -> None:
        """Let a call go wrong from now on, or so many times; a call named by itself wins over any call."""
        with self._lock:
            self._forget(call)
            self._planned[call] = _Planned(fault, times)

    def clear(self, *, call: str | None = None) -> None:
        """Let a call (or all of them) go right again; what hangs in it is released."""
        with self._lock:
            for name in [call] if call is not None else [*self._planned]:
                self._forget(name)
            if call is None:
                while self._hanging:
                    self._hanging.pop().set()

    def take(self, call: str) -> tuple[Fault, threading.Event] | None:
        """Return the fault this request meets, with the event that ends a hang; None if all is well."""
        with self._lock:
            for name in (call, ANY_CALL):
                planned = self._planned.get(name)
                if planned is None:
                    continue
                if planned.left is not None:
                    planned.left -= 1
                    if planned.left <= 0:
                        # Used up; but whoever hangs in it must stay reachable for `clear`.
                        del self._planned[name]
                        self._hanging.append(planned.over)
                return planned.fault, planned.over
        return None

    def _forget(self, call: str) -> None:
        planned = self._planned.pop(call, None)
        if planned is not None:
            planned.over.set()
