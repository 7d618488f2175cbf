"""2 000 people who wait for one class and are let in, by a web server."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from django_bbb.simulator import BigBlueButtonSimulator

from .callbacks import web_server
from .database import prepare
from .joining import SECRET, missing, place_of_site, run


@dataclass(frozen=True)
class Crowd:
    """One of the figures of the same crowd."""

    name: str
    limit: float
    measured: str

    def ratio(self) -> float:
        if lacking := prepare() or missing():
            print(f"Not run, {lacking}")
            return 0.0
        return _crowd()[self.measured]


@cache
def _crowd() -> dict[str, float]:
    """Let a crowd wait and go in; once more where something took too long, which may have been another's work."""
    figures = _go_in()
    for _again in range(MOST_CROWDS - 1):
        if all(figures[one.measured] <= one.limit for one in BENCHMARKS):
            break
        figures = _go_in()
    return figures


def _go_in() -> dict[str, float]:
    """Let a crowd wait and go in, by the web server; count what came to the classroom server meanwhile."""
    with BigBlueButtonSimulator(secret=SECRET) as simulator:
        place = place_of_site() | {"SIMULATOR_URL": simulator.url}
        with web_server(place) as (port,):
            *counted, told = run("joining_load", port, place=place)
        # Whoever is let in joins by themselves.
        calls = Counter(entry.call for entry in simulator.journal if entry.call != "join")
    print(f"  {'; '.join(counted)}; {', '.join(f'{count} {call}' for call, count in calls.items())}:")
    polls, late, slowest = (float(figure) for figure in told.split())
    if calls["create"] != 1:
        raise AssertionError(f"The class was created {calls['create']} times")
    return {"calls": calls.total() / (1 + polls), "late": late, "slowest": slowest}


#: A crowd takes a minute.
MOST_CROWDS = 3

BENCHMARKS = [
    # One create, and the polls.
    Crowd("2 000 people wait and go in: calls, to those for nobody", 1, "calls"),
    Crowd("until the last is in, to what the pages were told", 1, "late"),
    Crowd("the slowest of their requests, to the median", 20, "slowest"),
]
