"""The only socket: how a signed URL gets to the server and its answer back.

`Transport` is the seam: tests and sites with wishes of their own put something else there.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol, cast, runtime_checkable

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util.response import is_fp_closed

from .redaction import hide_signed_urls_in_logs

_CHUNK = 64 * 1024


class _Deadline:
    """The end of the call under way, on the monotonic clock; a walk through a stream moves it on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.renew()

    def renew(self) -> None:
        self.until = time.monotonic() + self.seconds

    def left(self) -> float:
        return self.until - time.monotonic()


#: What a response that is being made takes its deadline from.
_deadline: ContextVar[_Deadline] = ContextVar("deadline")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, decoded body, and headers (names in any case)."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class NoReply(Exception):
    """Nothing usable came back.

    ``reason`` is a few words for people, ``sent`` whether the server may have seen the call, ``timed_out``
    whether it was only too slow, ``died`` whether the connection ended without a word, as a kept one does when
    the server has restarted.
    """

    def __init__(self, reason: str, *, sent: bool, timed_out: bool = False, died: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.timed_out = timed_out
        self.died = died


class Transport(Protocol):
    """Sends one request as it is given, follows no redirect, and returns the reply or raises `NoReply`."""

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply: ...


@runtime_checkable
class StreamingTransport(Transport, Protocol):
    """A transport that can also hand over an answer piece by piece, for those that do not fit into memory."""

    def stream(self, method: str, url: str) -> AbstractContextManager["Stream"]: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is still coming: its status, and its decoded body in pieces of at most 64 KiB."""

    status: int
    chunks: Iterator[bytes] = field(repr=False)


class RequestsTransport:
    """The transport on requests.

    It keeps connections alive and may be shared by threads.  Nothing is taken from the environment (proxies,
    .netrc, certificate bundles): an environment variable would silently win over ``ca_bundle``.

    ``connect`` and ``read`` are seconds for one step, ``deadline`` for the whole call: a server that sends a
    byte now and then never runs into a read timeout.  ``most_bytes`` counts the decoded body.
    """

    def __init__(
        self,
        *,
        connect: float = 3.0,
        read: float = 10.0,
        deadline: float = 15.0,
        most_bytes: int = 64 * 1024 * 1024,
        ca_bundle: str | None = None,
        user_agent: str = "django-bbb",
    ) -> None:
        hide_signed_urls_in_logs()
        self.connect, self.read, self.deadline, self.most_bytes = connect, read, deadline, most_bytes
        self._verify: bool | str = ca_bundle or True
        self._headers = CaseInsensitiveDict({"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"})
        self._adapter = _Adapter(pool_maxsize=20)

    def with_deadline(self, seconds: float) -> "RequestsTransport":
        """Return a transport on the same connections that gives each call this many seconds."""
        other = RequestsTransport.__new__(RequestsTransport)
        other.__dict__.update(self.__dict__, deadline=seconds, read=seconds)
        return other

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        response = self._request(self._prepare(method, url, body, content_type))
        chunks, size = [], 0
        try:
            for chunk in self._pieces(response):
                size += len(chunk)
                if size > self.most_bytes:
                    raise NoReply(f"answered with more than {self.most_bytes} bytes", sent=True)
                chunks.append(chunk)
        finally:
            _hand_back(response)
        return Reply(response.status_code, b"".join(chunks), response.headers)

    @contextmanager
    def stream(self, method: str, url: str) -> Iterator[Stream]:
        """Hand over the answer while it comes, without a cap on its whole.

        Each piece has the deadline of a call; whoever reads takes their time in between.
        """
        response = self._request(self._prepare(method, url, b"", ""))
        try:
            yield Stream(response.status_code, self._pieces(response, renew=True))
        finally:
            _hand_back(response)

    def _prepare(self, method: str, url: str, body: bytes, content_type: str) -> requests.PreparedRequest:
        # Filled in by hand: requests' own preparation would re-quote the URL, and the checksum with it.
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = method, str(url), body or None
        prepared.headers = self._headers.copy()
        if content_type:
            prepared.headers["Content-Type"] = content_type
        if body or method == "POST":
            prepared.headers["Content-Length"] = str(len(body))
        return prepared

    def _request(self, prepared: requests.PreparedRequest) -> requests.Response:
        _deadline.set(_Deadline(self.deadline))
        try:
            response = self._adapter.send(
                prepared,
                stream=True,
                timeout=(min(self.connect, self.deadline), min(self.read, self.deadline)),
                verify=self._verify,
                proxies={},
            )
        except _FOREIGN as error:
            failure = _why(error)
        else:
            if response.headers.get("Content-Encoding", "identity").lower() in ("identity", "gzip", ""):
                return response
            response.raw.close()
            failure = NoReply("answered in a compression nobody asked for", sent=True)
        # Outside of the except block, so that it carries no context: requests and urllib3 put the whole signed
        # URL into their messages.
        raise failure

    def _pieces(self, response: requests.Response, *, renew: bool = False) -> Iterator[bytes]:
        deadline = _deadline.get()
        try:
            for chunk in response.iter_content(_CHUNK):
                yield chunk
                if renew:
                    deadline.renew()
        except _FOREIGN as error:
            failure = _why(error)
        else:
            return
        raise failure


def _hand_back(response: requests.Response) -> None:
    """Give the connection back to the pool, or close it where half an answer is still in it."""
    if response.raw.closed or is_fp_closed(response.raw):
        response.raw.release_conn()
    else:
        response.raw.close()


def _why(error: Exception) -> NoReply:
    """Translate foreign errors; told apart by what they wrap, since their texts hold the URL."""
    causes = _causes(error)
    if isinstance(error, requests.ConnectTimeout):
        return NoReply("could not be connected to in time", sent=False, timed_out=True)
    if any(isinstance(cause, requests.exceptions.InvalidURL | LocationValueError) for cause in causes):
        return NoReply("has an address that cannot be used", sent=False)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return NoReply("has a name that does not resolve", sent=False)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return NoReply("refused the connection", sent=False)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return NoReply("has a certificate that is not trusted", sent=False)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return NoReply("does not speak TLS as it should", sent=False)
    if isinstance(error, requests.Timeout) or any(isinstance(cause, TimeoutError | _TooLate) for cause in causes):
        return NoReply("did not answer in time", sent=True, timed_out=True)
    if not isinstance(error, requests.RequestException | HTTPError | TimeoutError):
        # requests looks for the file before it connects.
        return NoReply("cannot be verified: its CA bundle is not there", sent=False)
    died = any(isinstance(cause, ConnectionError) for cause in causes)
    return NoReply("broke off the connection", sent=True, died=died)


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error with all it was made from: urllib3 keeps causes in ``args`` and ``reason`` as well."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found


# --- a deadline that also holds while a server trickles -----------------------------------------------


class _TooLate(Exception):
    """The deadline passed while bytes were still coming."""


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket, and allows each read only what is left of the deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self._deadline = _deadline.get()
        self._usual = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise _TooLate
        self._sock.settimeout(left if self._usual is None else min(left, self._usual))
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


#: What comes out of requests, of urllib3 (requests lets some through, such as that of a host name with an empty
#: label), of the socket and of the deadline.
_FOREIGN = (requests.RequestException, HTTPError, OSError, _TooLate)


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """requests' adapter on connections that keep the deadline; it repeats nothing by itself."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
