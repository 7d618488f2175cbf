"""What can go wrong between server and site, on purpose: callbacks that are lost, doubled, late, out of order."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from .callback import CallbackKind

Mode = Literal["lose", "repeat", "delay", "hold"]


@dataclass(frozen=True, kw_only=True)
class DeliveryFault:
    """One thing that goes wrong."""

    mode: Mode
    #: None means every kind.
    kind: CallbackKind | None = None
    #: To how many callbacks it still happens; None means to all.
    times: int | None = None
    #: How often each is sent (repeat).
    copies: int = 1
    #: How late each is sent (delay), on the simulator's clock.
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What happens to one callback."""

    lost: bool = False
    held: bool = False
    copies: int = 1
    delay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Held:
    """A callback that waits to be released."""

    kind: CallbackKind
    meeting_id: str
    send: Callable[[], None] = field(repr=False)


class DeliveryFaults:
    """The faults that are planned, and the callbacks that are being held back."""

    def __init__(self, *, lose_all: bool = False) -> None:
        #: Nothing is sent, whatever else is planned.
        self.lose_all = self._loses_from_the_start = lose_all
        self._lock = threading.Lock()
        self._faults: list[DeliveryFault] = []
        self._held: list[Held] = []

    # Planning

    def lose(self, kind: CallbackKind | None = None, *, times: int | None = None) -> None:
        """Never send callbacks of this kind, or of any."""
        self.plan(DeliveryFault(mode="lose", kind=kind, times=times))

    def repeat(self, kind: CallbackKind | None = None, *, copies: int = 2, times: int | None = None) -> None:
        """Send each so many times."""
        self.plan(DeliveryFault(mode="repeat", kind=kind, copies=copies, times=times))

    def delay(self, kind: CallbackKind | None = None, *, seconds: float, times: int | None = None) -> None:
        """Send each so many seconds late."""
        self.plan(DeliveryFault(mode="delay", kind=kind, seconds=seconds, times=times))

    def hold(self, kind: CallbackKind | None = None, *, times: int | None = None) -> None:
        """Keep each back until `release`; `wait_for_callbacks` does not wait for them."""
        self.plan(DeliveryFault(mode="hold", kind=kind, times=times))

    def plan(self, fault: DeliveryFault) -> None:
        if fault.copies < 1 or fault.seconds < 0 or (fault.times is not None and fault.times < 1):
            raise ValueError("Copies and times are at least 1, and seconds at least 0.")
        with self._lock:
            self._faults.append(fault)

    def planned(self) -> list[DeliveryFault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Let callbacks go as they should; those held back are never sent."""
        with self._lock:
            self.lose_all = False
            self._faults.clear()
            self._held.clear()

    def reset(self) -> None:
        """Be as after the start."""
        self.clear()
        self.lose_all = self._loses_from_the_start

    # Holding

    @property
    def held(self) -> list[Held]:
        """The callbacks held back, oldest first."""
        with self._lock:
            return list(self._held)

    def release(self, order: Sequence[int] | None = None) -> None:
        """Send what is held back, oldest first, or in the order of these positions in `held`; others stay.

        `release([1, 0])` sends the second before the first.
        """
        with self._lock:
            chosen = range(len(self._held)) if order is None else order
            if len(set(chosen)) != len(chosen) or not all(0 <= one < len(self._held) for one in chosen):
                raise ValueError(f"Positions from 0 to {len(self._held) - 1} are needed, each once.")
            released = [self._held[one] for one in chosen]
            self._held = [one for one in self._held if one not in released]
        for one in released:
            one.send()

    def keep(self, held: Held) -> None:
        with self._lock:
            self._held.append(held)

    # Happening

    def treatment(self, kind: CallbackKind) -> Treatment:
        """Return what happens to the next callback of this kind; each fault that counts is used up once."""
        with self._lock:
            found = [fault for fault in self._faults if fault.kind in {None, kind}]
            self._faults = [_used(fault) if fault in found else fault for fault in self._faults]
            self._faults = [fault for fault in self._faults if fault.times != 0]
            lost = self.lose_all
        treatment = Treatment(lost=lost or any(fault.mode == "lose" for fault in found))
        for fault in found:
            treatment = replace(
                treatment,
                held=treatment.held or fault.mode == "hold",
                copies=treatment.copies * fault.copies,
                delay=treatment.delay + fault.seconds,
            )
        return treatment


def _used(fault: DeliveryFault) -> DeliveryFault:
    return fault if fault.times is None else replace(fault, times=fault.times - 1)
