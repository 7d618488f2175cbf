"""Two seams and no patches: a transport that knows one answer, and raw servers that behave badly on purpose."""

import contextlib
import os
import pickle
import select
import shutil
import socket
import ssl
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from django_bbb.api import BigBlueButtonClient, NoReply, Reply
from tests import lacking

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"

# How long random input is searched: ``quick`` in `make test`, ``fuzz`` in CI, ``nightly``.  The first two try the same
# inputs for the same code, so that what passed once passes again; ``nightly`` looks for new ones.  Here, since a test
# takes its profile when its module is read.
for name, examples in (("quick", 50), ("fuzz", 16_000), ("nightly", 40_000)):
    settings.register_profile(
        name,
        max_examples=examples,
        derandomize=name != "nightly",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


class Canned:
    """A transport that knows one answer, or one error."""

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        error: NoReply | None = None,
    ) -> None:
        self.reply, self.error = Reply(status, body, headers or {}), error
        self.methods: list[str] = []
        self.urls: list[str] = []
        self.bodies: list[bytes] = []
        self.content_types: list[str] = []

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        self.methods.append(method)
        self.urls.append(url)
        self.bodies.append(body)
        self.content_types.append(content_type)
        if self.error:
            raise self.error
        return self.reply


@pytest.fixture
def canned() -> type[Canned]:
    return Canned


@pytest.fixture
def client_hearing() -> Callable[..., BigBlueButtonClient]:
    """Make a client whose server always says the same."""

    def make(body: bytes = b"", *, status: int = 200, name: str = "") -> BigBlueButtonClient:
        return BigBlueButtonClient(URL, SECRET, transport=Canned(body, status=status), name=name)

    return make


@pytest.fixture
def success() -> Callable[[str], bytes]:
    """Wrap the inside of a good answer."""
    return lambda inside: f"<response><returncode>SUCCESS</returncode>{inside}</response>".encode()


@pytest.fixture
def everything_said_by() -> Callable[[BaseException], str]:
    """Return all an error can put before people or into files, with the errors it came from."""

    def say(error: BaseException) -> str:
        said: list[str] = []
        waiting: list[BaseException | None] = [error]
        while waiting:
            one = waiting.pop()
            if one is not None:
                said += [str(one), repr(one), repr(vars(one)), pickle.dumps(one).decode("latin-1")]
                said += traceback.format_exception(one)
                waiting += [one.__cause__, one.__context__]
        return "\n".join(said)

    return say


@pytest.fixture
def going_away(tmp_path: Path) -> os.PathLike[str]:
    """The path of a file that is there when it is looked at, and gone when it is read."""
    file = tmp_path / "file"
    file.write_bytes(b"content")
    paths = iter([str(file)])

    class GoingAway(os.PathLike[str]):
        def __fspath__(self) -> str:
            return next(paths, str(tmp_path / "gone"))

    return GoingAway()


# --- raw servers --------------------------------------------------------------------------------------


class Conversation:
    """One accepted connection, as the function that plays the server sees it."""

    def __init__(self, server: "RawServer", connection: socket.socket) -> None:
        self._server, self._connection = server, connection

    def read(self) -> bytes:
        """Return the head of the next request; nothing when the client has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = self._connection.recv(1)
            if not more:
                return b""
            head += more
        self._server.requests.append(head)
        return head

    def say(self, data: bytes) -> None:
        self._connection.sendall(data)

    def answer(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        self.say(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)

    def trickle(self, data: bytes) -> None:
        """Send a byte now and then, for ever, or until the test is over."""
        while not self._server.over.wait(0.02):
            self.say(data[:1])
            data = data[1:] + data[:1]

    def flood(self, data: bytes) -> None:
        """Send the same for ever, as fast as it is read."""
        while not self._server.over.is_set():
            self.say(data)

    def pass_on(self, host: str) -> None:
        """Carry bytes to and from another server until either side has gone."""
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port))) as other:
            sides = {self._connection: other, other: self._connection}
            while True:
                for side in select.select(list(sides), [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    sides[side].sendall(data)

    def say_nothing(self) -> None:
        self._server.over.wait()

    def reset(self) -> None:
        """Close with a RST in place of a FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._connection.close()


class RawServer:
    """A server on a port of its own that lets a function talk to each connection."""

    def __init__(self, talk: Callable[[Conversation], None], context: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.accepted = 0
        self.over = threading.Event()
        self._talk, self._context = talk, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{'https' if context else 'http'}://{self.host}/bigbluebutton/api/"
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener is shut down
            while True:
                connection = self._listener.accept()[0]
                self.accepted += 1
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client has had enough
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._connections.append(connection)
            with connection:
                self._talk(Conversation(self, connection))

    def stop(self) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(10)
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        for connection in self._connections:
            connection.close()
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """Start raw servers; all of them are gone when the test is over."""
    servers: list[RawServer] = []

    def start(talk: Callable[[Conversation], None], *, context: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(talk, context))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Make certificates nobody has signed: for an address, the files of the certificate and its key."""
    folder = tmp_path_factory.mktemp("certificates")

    def make(address: str) -> tuple[Path, Path]:
        certificate, key = folder / f"{address}.pem", folder / f"{address}.key"
        if not certificate.exists():
            if shutil.which("openssl") is None:
                lacking.skip("There is no openssl on this machine to make certificates with.")
            command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"]
            command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=test"]
            command += ["-addext", f"subjectAltName=IP:{address}", "-keyout", str(key), "-out", str(certificate)]
            subprocess.run(command, check=True, capture_output=True)
        return certificate, key

    return make


@pytest.fixture
def expired(self_signed: Callable[[str], tuple[Path, Path]], tmp_path: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that was good in January 2020: its file and that of its key."""
    key = self_signed("127.0.0.1")[1]
    certificate, request, settings = (tmp_path / name for name in ("expired.pem", "request.csr", "ca.cnf"))
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("01\n")
    settings.write_text(
        "[ca]\ndefault_ca=own\n[own]\npolicy=any\ndefault_md=sha256\nx509_extensions=names\n"
        f"database={tmp_path}/index\nserial={tmp_path}/serial\nnew_certs_dir={tmp_path}\n"
        "[any]\ncommonName=supplied\n[names]\nsubjectAltName=IP:127.0.0.1\n"
    )
    ask = ["openssl", "req", "-new", "-key", str(key), "-subj", "/CN=test", "-out", str(request)]
    sign = ["openssl", "ca", "-batch", "-selfsign", "-notext", "-config", str(settings)]
    sign += ["-keyfile", str(key), "-in", str(request), "-out", str(certificate)]
    sign += ["-startdate", "20200101000000Z", "-enddate", "20200131000000Z"]
    for command in (ask, sign):
        subprocess.run(command, check=True, capture_output=True)
    return certificate, key
