"""A running simulator, a client of a few lines that shares nothing with ours, and a receiver of callbacks."""

import hashlib
import http.client
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from werkzeug.serving import WSGIRequestHandler, make_server

from django_bbb.simulator import BigBlueButtonSimulator


@dataclass(frozen=True)
class Answer:
    """What came back, with the XML at hand."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def xml(self) -> Any:
        return etree.fromstring(self.body)

    def get(self, path: str) -> str | None:
        """Return the text at a path; None if there is no such element."""
        return self.xml.findtext(path)

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def key(self) -> str | None:
        assert self.get("returncode") == "FAILED"
        return self.get("messageKey")


def fetch(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Make one request with the URL exactly as given; follows nothing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        target = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())
    finally:
        connection.close()


def sign(
    server: BigBlueButtonSimulator, call: str, query: str = "", *, algorithm: str = "sha256", secret: str = ""
) -> str:
    """Return the signed URL of a call."""
    digest = hashlib.new(algorithm, f"{call}{query}{secret or server.secret}".encode()).hexdigest()
    return f"{server.url}{call}?{query}{'&' if query else ''}checksum={digest}"


@dataclass
class Client:
    """Asks one simulator."""

    server: BigBlueButtonSimulator
    fetch: Callable[..., Answer] = field(default=fetch)

    def url(self, call: str, query: str = "", **options: str) -> str:
        return sign(self.server, call, query, **options)

    def ask(self, call: str, query: str = "", **options: Any) -> Answer:
        return fetch(self.url(call, query), **options)


@dataclass(frozen=True)
class Received:
    """A request that reached the receiver of callbacks."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        pass


class Receiver:
    """A site that is called back: keeps what came, answers with the statuses it is told, then with 200."""

    def __init__(self) -> None:
        self.arrived: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self.statuses: list[str] = []
        #: While this is not set, nobody gets an answer.
        self.answering = threading.Event()
        self.answering.set()
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def _answer(self, environ: Any, start_response: Any) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
        body = environ["wsgi.input"].read(length)
        self.arrived.put(Received(environ["REQUEST_METHOD"], environ["RAW_URI"], headers, body))
        self.answering.wait(timeout=30)
        status = self.statuses.pop(0) if self.statuses else "200 OK"
        start_response(status, [("Content-Length", "0"), ("Location", "/elsewhere")])
        return [b""]

    def all(self) -> list[Received]:
        found = []
        while not self.arrived.empty():
            found.append(self.arrived.get())
        return found

    def close(self) -> None:
        self.answering.set()
        self._server.shutdown()
        self._thread.join(timeout=5)


@pytest.fixture
def make_simulator() -> Iterator[Callable[..., BigBlueButtonSimulator]]:
    """Start simulators, and stop them afterwards."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(BigBlueButtonSimulator(**options))


@pytest.fixture
def simulator(make_simulator: Callable[..., BigBlueButtonSimulator]) -> BigBlueButtonSimulator:
    return make_simulator(callback_retries=(0, 0, 0))


@pytest.fixture
def make_client() -> type[Client]:
    return Client


@pytest.fixture
def client(simulator: BigBlueButtonSimulator) -> Client:
    return Client(simulator)


@pytest.fixture
def make_receiver() -> Iterator[Callable[[], Receiver]]:
    """Start receivers of callbacks, and stop them afterwards."""
    with ExitStack() as stack:

        def make() -> Receiver:
            receiver = Receiver()
            stack.callback(receiver.close)
            return receiver

        yield make


@pytest.fixture
def receiver(make_receiver: Callable[[], Receiver]) -> Receiver:
    return make_receiver()
