"""What `callbacks` measures, in a process of the site: ``python -m tests.benchmarks.callback_rounds NAME ...``.

Prints what was counted, and on the last line the ratio.
"""

import gc
import http.client
import random
import sys
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from statistics import median, quantiles
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import django
import jwt
from django.core.wsgi import get_wsgi_application

from .callback_site import SECRET

OURS, BY_HAND = "/bbb/callbacks/recording-ready/bench/", "/by-hand/bench/"
FORM = "application/x-www-form-urlencoded"

ROUNDS, CALLBACKS_A_ROUND = 21, 30

#: What comes in a second, for how many seconds, and how much of it is not counted yet.
LOAD, SECONDS_OF_LOAD, WARMING = 200, 6, 200
#: What is tried in turn: a machine with other work may be free later, or free for half of it.
LOADS = (LOAD, LOAD, LOAD // 2)
SENDERS = 64
#: Seconds that half of them may take: where they pile up, all are as slow as each other.
PATIENCE = 0.1

LEAST_A_SECOND = 50

#: How a round sends its callbacks; not measured is the making of them.
Round = Callable[[], float]


# --- callbacks ----------------------------------------------------------------------------------------


def body(number: int, *, secret: str = SECRET) -> bytes:
    """Return what a server sends for a recording."""
    claims = {"meeting_id": "m-abcdefghijklmnopqrstuvwxyz", "record_id": f"{number:040x}-1795253400000"}
    return urlencode({"signed_parameters": jwt.encode(claims, secret, "HS256")}).encode()


def fresh() -> Iterator[bytes]:
    """Yield callbacks of recordings that nobody has told of yet."""
    while True:
        yield body(random.getrandbits(160))


def over_and_over() -> Iterator[bytes]:
    same = body(random.getrandbits(160))
    while True:
        yield same


def forged() -> Iterator[bytes]:
    while True:
        yield body(random.getrandbits(160), secret="x" * len(SECRET))


# --- requests in this process -------------------------------------------------------------------------


class Site:
    """The site with all its middleware, and no server in front of it that both sides would pay for."""

    def __init__(self) -> None:
        self._application = get_wsgi_application()

    def sending(self, path: str, bodies: Iterator[bytes], *, status: int = 200) -> Round:
        """Return what sends so many and says how many seconds each took."""

        def send() -> float:
            some = list(islice(bodies, CALLBACKS_A_ROUND))
            begin = perf_counter()
            for one in some:
                if self.post(path, one) != status:
                    raise AssertionError(f"{path} does not answer with {status}.")
            return (perf_counter() - begin) / len(some)

        return send

    def post(self, path: str, sent: bytes) -> int:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "CONTENT_TYPE": FORM,
            "CONTENT_LENGTH": str(len(sent)),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(sent),
        }
        setup_testing_defaults(environ)
        statuses: list[str] = []
        answer: Any = self._application(environ, lambda status, headers, error=None: statuses.append(status))
        b"".join(answer)
        answer.close()
        return int(statuses[0].partition(" ")[0])


def compare(ours: Round, floor: Round) -> float:
    """Return how many times as long ours takes: both in turn, and the median of the pairs."""
    ours(), floor()
    gc.collect()
    gc.disable()
    pairs = [(ours(), floor()) for _round in range(ROUNDS)]
    mine, other = (median(side) for side in zip(*pairs, strict=True))
    print(f"{1 / mine:.0f} a second, beside {1 / other:.0f}")
    return median(one / another for one, another in pairs)


def accepted() -> float:
    site = Site()
    return compare(site.sending(OURS, fresh()), site.sending(BY_HAND, fresh()))


def accepted_again() -> float:
    site = Site()
    return compare(site.sending(OURS, over_and_over()), site.sending(BY_HAND, over_and_over()))


def refused() -> float:
    site = Site()
    return compare(site.sending(OURS, forged(), status=401), site.sending(OURS, fresh()))


def refused_beside_again() -> float:
    site = Site()
    return compare(site.sending(OURS, forged(), status=401), site.sending(OURS, over_and_over()))


# --- requests to a server -----------------------------------------------------------------------------


class Load:
    """Callbacks that come when they come: nobody waits for the answer to the one before.

    Each counts from when it was due, so that those that wait behind a slow one count as slow.
    """

    def __init__(self, port: int, rate: int) -> None:
        self._port = port
        self._count = rate * SECONDS_OF_LOAD
        self._bodies = list(islice(fresh(), self._count))
        pauses = random.Random(1)
        self._due, at = [], 0.0
        for _one in range(self._count):
            at += pauses.expovariate(rate)
            self._due.append(at)
        self._numbers = iter(range(self._count))
        self._lock = threading.Lock()
        self.took: list[float] = []
        self.statuses: list[int] = []

    def run(self) -> None:
        self._begin = monotonic()
        senders = [threading.Thread(target=self._send) for _sender in range(SENDERS)]
        for one in senders:
            one.start()
        for one in senders:
            one.join()

    def _send(self) -> None:
        while (number := self._next()) is not None:
            due = self._begin + self._due[number]
            sleep(max(due - monotonic(), 0))
            status = post(self._port, self._bodies[number])
            with self._lock:
                self.statuses.append(status)
                if number >= WARMING:
                    self.took.append(monotonic() - due)

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)


def post(port: int, sent: bytes) -> int:
    """Send a callback over a connection of its own, as servers do."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", OURS, body=sent, headers={"Content-Type": FORM})
        return connection.getresponse().status
    finally:
        connection.close()


def under_load(port: str) -> float:
    """Return the ratio of the first of a few loads that the machine is free enough for."""
    for rate in LOADS:
        load = Load(int(port), rate)
        load.run()
        if set(load.statuses) != {200}:
            raise AssertionError(f"The site answered with {set(load.statuses)}.")
        usual, slow = median(load.took), quantiles(load.took, n=20)[-1]
        print(f"{rate} a second: median {usual * 1000:.1f} ms, 95th percentile {slow * 1000:.1f} ms")
        if usual < PATIENCE:
            return slow / usual
    raise AssertionError(f"{LOADS[-1]} callbacks a second are too much for this site: they pile up.")


# --- work ---------------------------------------------------------------------------------------------


def worked_off(room: str, *record_ids: str) -> float:
    """Work off what is new on a server, one after the other as a worker's process does."""
    from django_bbb.models import CallbackDelivery, Meeting, Recording, Server
    from django_bbb.services import callbacks

    server = Server.objects.get(slug="bench")
    Meeting.objects.get_or_create(meeting_id=room, defaults={"name": "Room"})
    kind = CallbackDelivery.Kind.RECORDING_READY
    noted = [CallbackDelivery.objects.note(kind=kind, server=server, subject=one).pk for one in record_ids]
    begin = perf_counter()
    done = [callbacks.process(delivery_id=pk) for pk in noted]
    took = (perf_counter() - begin) / len(noted)
    if not all(done) or Recording.objects.filter(record_id__in=record_ids).count() != len(record_ids):
        raise AssertionError("Not all of it was done.")
    print(f"{1 / took:.0f} a second")
    return took * LEAST_A_SECOND


def main(name: str, *arguments: str) -> None:
    django.setup()
    from django_bbb.services import servers

    servers.register_declared_servers()
    print(globals()[name](*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
