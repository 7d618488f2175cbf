"""Callbacks: accepting them beside a view written by hand, refusing them, many at once, and working them off.

The site is a process of its own, on the PostgreSQL of the other benchmarks and a Redis that is started here.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from .database import ADDRESS, prepare

ROOT = Path(__file__).parents[2]
SECRET = "secret-of-the-benchmark-of-callbacks-0123"

#: The processes that take callbacks: one for each core.
WORKERS = 2
#: Seconds until something that was started has to answer.
PATIENCE = 20

ROOM, RECORDINGS = "m-abcdefghijklmnopqrstuvwxyz", 400
SIMULATOR = """
import sys
from django_bbb.simulator import BigBlueButtonSimulator
secret, room, count = sys.argv[1:]
with BigBlueButtonSimulator(secret=secret) as simulator:
    for number in range(int(count)):
        simulator.add_recording(room, name=f"Class {number}", formats=["presentation", "video"])
    print(simulator.url, *simulator.recordings, flush=True)
    sys.stdin.read()
"""

Place = dict[str, str]


# --- what runs beside the site ------------------------------------------------------------------------


@contextmanager
def running(
    *command: str, place: Place | None = None, sockets: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run a program for as long as it is needed."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | (place or {}), pass_fds=sockets,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis that keeps nothing; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with TemporaryDirectory() as folder:
        command = ("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder)
        with running(*command) as process:
            wait_until_listening(port, process)
            yield f"redis://127.0.0.1:{port}/0"


def wait_until_listening(port: int, process: subprocess.Popen[str]) -> None:
    until = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if process.poll() is not None or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


@contextmanager
def web_server(place: Place) -> Iterator[list[str]]:
    """Run the site behind gunicorn; yield its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        number = listening.fileno()
        command = (
            sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--log-level", "error",
            "--bind", f"fd://{number}", "django.core.wsgi:get_wsgi_application()",
        )  # fmt: skip
        # Who comes before the workers are there waits for them in the queue of the socket.
        with running(*command, place=place, sockets=(number,)):
            yield [str(listening.getsockname()[1])]


@contextmanager
def server(place: Place) -> Iterator[list[str]]:
    """Run a simulator with recordings of a room; yield the room and their ids."""
    with running(sys.executable, "-c", SIMULATOR, SECRET, ROOM, str(RECORDINGS)) as process:
        assert process.stdout is not None
        place["SIMULATOR_URL"], *record_ids = process.stdout.readline().split()
        yield [ROOM, *record_ids]


# --- the site -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Callbacks:
    """What a process of the site measures; ``beside`` runs what it needs, and yields what it has to know."""

    name: str
    limit: float
    measured: str
    beside: Callable[[Place], AbstractContextManager[list[str]]] = lambda place: nullcontext([])

    def ratio(self) -> float:
        if lacking := prepare() or missing():
            print(f"Not run, {lacking}")
            return 0.0
        with redis() as broker:
            place = place_of_site(broker)
            with self.beside(place) as arguments:
                command = [sys.executable, "-m", "tests.benchmarks.callback_rounds", self.measured, *arguments]
                done = subprocess.run(
                    command, cwd=ROOT, env=os.environ | place, stdout=subprocess.PIPE, text=True, check=True
                )
        *counted, ratio = done.stdout.splitlines()
        print(f"  {'; '.join(counted)}:")
        return float(ratio)


def place_of_site(broker: str) -> Place:
    """Return the environment of the site's processes."""
    from django.db import connection

    return {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.callback_site",
        "DATABASE_URL": f"{ADDRESS.rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "BROKER_URL": broker,
        "CALLBACK_SECRET": SECRET,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'example_project'}",
    }


def missing() -> str:
    """Return what the machine lacks, or nothing."""
    reason = ""
    if shutil.which("redis-server") is None:
        reason = "redis-server is not installed"
    elif not find_spec("redis") or not find_spec("gunicorn"):
        reason = "redis or gunicorn is not installed: pip install --group brokers"
    if reason and os.environ.get("REQUIRE_ALL") == "1":
        raise SystemExit(reason)
    return reason


BENCHMARKS = [
    # At least three quarters of its requests a second.
    Callbacks("a callback is accepted, to a view by hand", 1.33, "accepted"),
    Callbacks("the same recording again and again, to the same view", 1.33, "accepted_again"),
    # At least one and a half times the requests a second.
    Callbacks("a forged callback is refused, to one that is accepted", 0.67, "refused"),
    Callbacks("the same, to one of the same recording again and again", 0.67, "refused_beside_again"),
    Callbacks("200 callbacks a second: 95th percentile, to the median", 10, "under_load", web_server),
    # At least fifty a second.
    Callbacks("a recording is fetched and stored, to 20 ms", 1, "worked_off", server),
]
