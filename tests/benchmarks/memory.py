"""How far a walk through recordings raises the peak of a process that has just been started."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from .parsing import pieces

WALK = """
import sys
from pathlib import Path
from django_bbb.api import BigBlueButtonClient

def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)

client = BigBlueButtonClient(sys.argv[1], "secret", deadline=60)
before = peak()
found = sum(1 for recording in client.recordings.iter_recordings())
print(found, peak() - before)
"""


class _Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:  # type: ignore[override]
        pass


@contextmanager
def server(count: int) -> Iterator[str]:
    """Serve an answer of so many recordings, made while it is sent; yield the address of the API."""
    answer = Request.application(lambda request: Response(pieces(count)))
    listening = make_server("127.0.0.1", 0, answer, request_handler=_Quiet)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.port}/bigbluebutton/api/"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def growth(count: int) -> int:
    """Return the kB by which a fresh process grows while it walks through so many recordings."""
    with server(count) as url:
        done = subprocess.run([sys.executable, "-c", WALK, url], stdout=subprocess.PIPE, text=True, check=True)
    found, grown = map(int, done.stdout.split())
    if found != count:
        raise AssertionError(f"{found} of {count} recordings came")
    return grown


@dataclass(frozen=True)
class Growth:
    """A walk through so many recordings, and how many kB it may take above what the process took before."""

    name: str
    count: int
    kilobytes: int
    limit: float = 1.0

    def ratio(self) -> float:
        return growth(self.count) / self.kilobytes


BENCHMARKS = [
    Growth("peak memory of 1 000 recordings, to 3 MB", 1_000, 3 * 1024),
    Growth("peak memory of 100 000 (410 MB), to 3 MB", 100_000, 3 * 1024),
]
