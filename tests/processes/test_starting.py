"""Classes that several processes of a site start at once, and processes that are killed in the middle of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from django_bbb.simulator import BigBlueButtonSimulator
from tests.lacking import skip

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
SECRET = "SENTINEL-secret-that-must-never-be-seen"

#: Where each database is looked for, and how many rounds it gets: 200 in all.
DATABASES = {
    "sqlite": ("", 80),
    "postgres": (os.environ.get("POSTGRES_URL", "postgres://root@127.0.0.1/test"), 60),
    "mysql": (os.environ.get("MYSQL_URL", "mysql://root@127.0.0.1/test"), 60),
}


class Worker:
    """A process of the site; see `tests.processes.worker`."""

    def __init__(self, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.worker"],
            cwd=ROOT,
            env={
                **os.environ,
                **environment,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'example_project'}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def order(self, *what: Any) -> None:
        """Say what to do, and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Return the next thing it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(self._process.communicate()[1])
        said = json.loads(line)
        if isinstance(said, dict) and "error" in said:
            raise AssertionError(said["error"])
        return said

    def do(self, *what: Any) -> Any:
        self.order(*what)
        return self.answer()

    def kill(self) -> None:
        """End it by SIGKILL, as a machine does that has no memory left."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def site(simulator: BigBlueButtonSimulator) -> dict[str, Any]:
    return {
        "SERVERS": {"default": {"URL": simulator.url, "SECRET": SECRET}},
        "CALLBACK_BASE_URL": "http://127.0.0.1:9",
        "CREATE_DEFAULTS": {"record": True},
        "CLAIM_LEASE": 0.5,
    }


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database, which is SQLite unless a test asks for others."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def worker(site: dict[str, Any], database: str, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Start processes that share a new database."""
    started: list[Worker] = []
    name = f"test_processes_{os.getpid()}" if database != "sqlite" else str(tmp_path / "site.sqlite3")

    def start(**environment: str) -> Worker:
        shared = {"DATABASE_URL": DATABASES[database][0], "WORKER_DATABASE": name, "WORKER_SETTINGS": json.dumps(site)}
        started.append(Worker(**shared, **environment))
        return started[-1]

    first = start(WORKER_PREPARES="1")
    try:
        first.do("prepare")
    except AssertionError as error:
        for one in started:
            one.kill()
        if database == "sqlite":
            raise
        skip(f"There is no {database} to test with: {str(error).strip().splitlines()[-1]}")
    try:
        yield start
    finally:
        for one in started[1:]:
            one.kill()
        first.do("destroy")
        first.kill()


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_whoever_presses_start_at_the_same_moment_gets_into_the_same_class(worker, simulator, database):
    people = [worker() for _person in range(3)]
    rounds = DATABASES[database][1]
    rooms = people[0].do("rooms", rounds)

    found = []
    for room in rooms:
        for person in people:
            person.order("start", room)
        found.append({person.answer() for person in people})

    assert [len(runs) for runs in found] == [1] * rounds
    assert len(simulator.calls("create")) == rounds
    assert [fact[:2] for fact in people[0].do("facts")] == [[room, True] for room in rooms]


def test_a_process_killed_between_claim_and_create_leaves_nothing_stuck(worker, simulator):
    killed, other = worker(), worker()
    (room,) = killed.do("rooms", 1)
    killed.do("stop_at", "create")
    assert killed.do("start", room) == "create"
    killed.kill()
    assert [fact[:2] for fact in other.do("facts")] == [[room, True]]

    run = other.do("start", room)  # waits until the lease of the dead one is over

    assert other.do("facts") == [[room, True, "", run]]
    assert len(simulator.calls("create")) == 1


@pytest.mark.parametrize("call", ["getMeetings", "getMeetingInfo"])
def test_after_a_process_killed_in_the_middle_of_a_poll_the_next_one_makes_all_right(worker, simulator, call):
    killed, other = worker(), worker()
    rooms = killed.do("rooms", 2)
    runs = [killed.do("start", room) for room in rooms]
    simulator.end_meeting(next(iter(simulator.meetings)))
    killed.do("stop_at", call)
    assert killed.do("poll") == call
    killed.kill()
    assert other.do("poll") == {"default": "is being polled"}
    assert [fact[1] for fact in other.do("facts")] == [True, True]
    other.do("leases_end")

    assert other.do("poll") == {"default": "1 running, 1 closed"}
    assert other.do("facts") == [[rooms[0], None, "gone", runs[0]], [rooms[1], True, "", runs[1]]]


def test_after_a_process_killed_in_the_middle_of_a_callback_the_sweep_makes_all_right(worker, simulator):
    killed, other = worker(), worker()
    (room,) = killed.do("rooms", 1)
    run = killed.do("start", room)
    simulator.lose_callbacks = True
    simulator.end_meeting(next(iter(simulator.meetings)))
    delivery = killed.do("note_ended", room)
    killed.do("stop_at", "getMeetingInfo")
    assert killed.do("process", delivery) == "getMeetingInfo"
    killed.kill()
    assert other.do("process", delivery) is False
    other.do("leases_end")

    assert other.do("sweep") == 1
    assert other.do("facts") == [[room, None, "ended", run]]
