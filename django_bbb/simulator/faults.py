"""Faults on demand: what goes wrong between a client and a server, made to go wrong.

The application asks `Faults.take` in one place, before it answers a call; `faulty_answers` does the rest.
"""

import threading
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

#: Stands for every call.
ANY_CALL = "*"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong instead of an answer.

    `when="after"` lets the call have its effect first and then loses the answer, as a broken connection does.
    """

    when: Literal["before", "after"] = "before"


# --- instead of an answer -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class HtmlAnswer(Fault):
    """A page instead of XML, as nginx gives while the server behind it restarts."""

    status: int = 502
    #: Made up from the status when empty.
    body: str = ""

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError("A status is a number from 200 to 599.")


@dataclass(frozen=True, kw_only=True)
class Restart(HtmlAnswer):
    """The server restarts: all meetings are forgotten, nobody is told, and this call meets nginx alone."""


@dataclass(frozen=True, kw_only=True)
class WrongSecret(Fault):
    """The server's secret was changed: every checksum is wrong."""


@dataclass(frozen=True, kw_only=True)
class IllFormedXml(Fault):
    """An answer that breaks off in the middle."""

    body: str = "<response><returncode>SUCCESS</returncode><meet"


@dataclass(frozen=True, kw_only=True)
class Garbage(Fault):
    """Bytes that mean nothing, the same each time, under the name of XML."""

    size: int = 1000

    def __post_init__(self) -> None:
        _check_number(self.size, "A size", 0, 1_000_000_000)


@dataclass(frozen=True, kw_only=True)
class ManyRecordings(Fault):
    """A list of recordings of any length, made while it is sent."""

    count: int = 10_000

    def __post_init__(self) -> None:
        _check_number(self.count, "A count", 0, 10_000_000)


@dataclass(frozen=True, kw_only=True)
class Hang(Fault):
    """No answer, until the fault is cleared or the simulator stops; then the connection closes."""


@dataclass(frozen=True, kw_only=True)
class CloseConnection(Fault):
    """The connection closes without an answer."""


@dataclass(frozen=True, kw_only=True)
class ConnectionReset(Fault):
    """The connection is reset (RST) without an answer."""


# --- done to the answer -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SpoiltAnswer(Fault):
    """Something that is done to the real answer; the call has had its effect."""

    when: Literal["before", "after"] = "after"

    def __post_init__(self) -> None:
        if self.when != "after":
            raise ValueError(f"{type(self).__name__} is done to the answer, and so comes after the call.")


@dataclass(frozen=True, kw_only=True)
class Latency(SpoiltAnswer):
    """The answer comes late."""

    seconds: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self.seconds, "Seconds", 0, 86_400)


@dataclass(frozen=True, kw_only=True)
class Trickle(SpoiltAnswer):
    """The answer comes a few bytes at a time."""

    seconds: float = 1.0
    size: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self.seconds, "Seconds", 0, 86_400)
        _check_number(self.size, "A size", 1, 1_000_000)


@dataclass(frozen=True, kw_only=True)
class TruncatedXml(SpoiltAnswer):
    """The answer is cut, and HTTP does not show it."""

    #: How much of it is left, from 0 to 1.
    part: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self.part, "A part", 0, 1)


@dataclass(frozen=True, kw_only=True)
class CutConnection(TruncatedXml):
    """The connection closes in the middle of the answer, of which the whole length was promised."""


def _check_number(value: float, name: str, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is a number from {least} to {most}.")


class PlannedFault(NamedTuple):
    """A fault, which call it is for, and how often; None is always."""

    fault: Fault
    call: str = ANY_CALL
    times: int | None = None


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

    def planned(self) -> list[PlannedFault]:
        """Return which calls go wrong, how, and how many times more."""
        with self._lock:
            return [PlannedFault(one.fault, call, one.left) for call, one in self._planned.items()]

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
