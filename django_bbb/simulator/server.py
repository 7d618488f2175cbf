"""HTTP for the simulator: Werkzeug's threaded server, connections kept alive, nothing on the terminal.

Werkzeug's own handler closes the connection after each answer; clients of a real server keep it open.
"""

import io
import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: Where the application finds the query string exactly as received, one character per byte.
RAW_QUERY = "django_bbb.simulator.raw_query"
#: The largest request body that is read: three documents of 30 MB in base64.
MAX_BODY = 128 * 1024 * 1024
#: Seconds between two looks at whether to stop.
_POLL = 0.02


class ConnectionLost(Exception):
    """Raised by the application to close the connection without an answer, or in the middle of one."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__(reset)
        #: With a RST instead of a FIN, as when a machine loses its power and comes back.
        self.reset = reset


class RequestRefused(Exception):
    """A request whose body cannot be read."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Handler(WSGIRequestHandler):
    """Answers the requests of one connection, in order."""

    server: "_Server"
    protocol_version = "HTTP/1.1"
    #: Seconds a connection may be silent.
    timeout = 75
    # An answer is one write; waiting for more to send with it would only cost time.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        try:
            body = self._read_body()
        except RequestRefused as refused:
            self.close_connection = True
            self.send_error(refused.status)
            return
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ[RAW_QUERY] = self.path.partition("?")[2].partition("#")[0]
        status, headers = "", list[tuple[str, str]]()

        def start_response(new_status: str, new_headers: list[tuple[str, str]], *_: object) -> Any:
            nonlocal status, headers
            status, headers = new_status, new_headers

        try:
            content = self.server.app(environ, start_response)
            if isinstance(content, list):
                self._write(status, headers, b"".join(content))
            else:
                self._stream(status, headers, content)
        except ConnectionLost as lost:
            self.close_connection = True
            if lost.reset:
                self._reset()

    def _read_body(self) -> bytes:
        """Read the body, so that the next request begins where this one ends."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            stream = self.make_environ()["wsgi.input"]
            chunks, size = [], 0
            try:
                while chunk := stream.read(65536):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > MAX_BODY:
                        raise RequestRefused(413)
            except OSError as error:
                raise RequestRefused(400) from error
            return b"".join(chunks)
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise RequestRefused(400)
        if int(length) > MAX_BODY:
            raise RequestRefused(413)
        return self.rfile.read(int(length))

    def _write(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        sized = [pair for pair in headers if pair[0].lower() != "content-length"]
        head = self._head(status, [*sized, ("Content-Length", str(len(content)))])
        self.wfile.write(head if self.command == "HEAD" else head + content)

    def _stream(self, status: str, headers: list[tuple[str, str]], pieces: Iterable[bytes]) -> None:
        """Send each piece when it is made; in chunks where nobody knows how many bytes there will be."""
        chunked = not any(name.lower() == "content-length" for name, _ in headers)
        if chunked and self.request_version == "HTTP/1.0":
            self.close_connection, chunked = True, False
        self.wfile.write(self._head(status, [*headers, *([("Transfer-Encoding", "chunked")] if chunked else [])]))
        if self.command == "HEAD":
            return
        for piece in pieces:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: str, headers: Iterable[tuple[str, str]]) -> bytes:
        lines = [f"{self.protocol_version} {status}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def _reset(self) -> None:
        """Close so that the other side is told of an error: without lingering, and before anybody says goodbye."""
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.server.closed(self.connection)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        """Say nothing: a request line holds a checksum, and a join a person's name."""


class _Server(ThreadedWSGIServer):
    """Knows its open connections, so that stopping ends them."""

    def __init__(self, host: str, port: int, app: "WSGIApplication", listener: socket.socket) -> None:
        super().__init__(host, port, app, handler=_Handler, fd=listener.fileno())
        self._changed = threading.Condition()
        self._connections: set[socket.socket] = set()

    def opened(self, connection: socket.socket) -> None:
        with self._changed:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()

    def close_connections(self) -> None:
        """Shut all connections and wait until their threads have noticed."""
        with self._changed:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, timeout=5)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        pass

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about a client that went away."""


class HttpServer:
    """Serves an application in threads of its own, from `start` to `stop`."""

    def __init__(self, app: "WSGIApplication", *, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._app = app
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Bind and serve; raises `OSError` where the port is taken.  From then on `port` is the real one."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Bound here, since Werkzeug ends the process when a port is taken.
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            listener.listen(128)
            self.port = listener.getsockname()[1]
            self._server = _Server(self.host, self.port, self._app, listener)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="bbb-simulator-http", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; whoever waits for an answer sees the connection close."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.close_connections()
        self._server = self._thread = None
