"""How a ratio is measured: both sides in turn, many short rounds, and the median of the pairs.

A machine that slows down for a while slows both sides of a pair; the median forgets the pairs it hit in between.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

ROUNDS = 41
SECONDS_A_ROUND = 0.02


@dataclass(frozen=True)
class Benchmark:
    """Our way and the floor under it; ``limit`` is the ratio that may not be passed."""

    name: str
    ours: Callable[[], object]
    floor: Callable[[], object]
    limit: float

    def ratio(self) -> float:
        """Return how many times as long ours takes."""
        calls = max(1, int(SECONDS_A_ROUND / max(_seconds(self.floor, 20) / 20, 1e-9)))
        ratios = []
        gc.collect()
        gc.disable()
        try:
            for _round in range(ROUNDS):
                floor = _seconds(self.floor, calls)
                ratios.append(_seconds(self.ours, calls) / floor)
        finally:
            gc.enable()
        return median(ratios)


def _seconds(work: Callable[[], object], times: int) -> float:
    begin = perf_counter()
    for _time in range(times):
        work()
    return perf_counter() - begin
