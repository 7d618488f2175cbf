"""The only socket: how a signed URL gets to the server and its answer back.

`Transport` is the seam: tests and sites with wishes of their own put something else there.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import requests
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict
from requests.utils import get_netrc_auth
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util.response import is_fp_closed

from . import deadlines
from .redaction import hide_signed_urls_in_logs

_CHUNK = 64 * 1024

#: Seconds for a whole call, and for one read, unless a client says otherwise.
DEADLINE, TIMEOUT = 15.0, 10.0


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

    It keeps connections alive and may be shared by threads.  ``proxies`` says where calls go through, by scheme:
    ``{"https": "http://proxy.example.org:3128"}``.  Nothing is taken from the environment (proxies, .netrc,
    certificate bundles) unless ``trust_env`` says so; what is given here wins over it in any case.

    ``connect`` and ``read`` are seconds for one step, ``deadline`` for the whole call: a server that sends a
    byte now and then never runs into a read timeout.  ``most_bytes`` counts the decoded body.
    """

    def __init__(
        self,
        *,
        connect: float = 3.0,
        read: float = TIMEOUT,
        deadline: float = DEADLINE,
        most_bytes: int = 64 * 1024 * 1024,
        ca_bundle: str | None = None,
        proxies: Mapping[str, str] | None = None,
        trust_env: bool = False,
        user_agent: str = "django-bbb",
    ) -> None:
        hide_signed_urls_in_logs()
        self.connect, self.read, self.deadline, self.most_bytes = connect, read, deadline, most_bytes
        self._ca_bundle, self._proxies, self._trust_env = ca_bundle, dict(proxies or {}), trust_env
        self._headers = CaseInsensitiveDict({"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"})
        self._adapter = deadlines.Adapter()

    def with_deadline(self, seconds: float) -> "RequestsTransport":
        """Return a transport on the same connections that gives each call this many seconds."""
        other = copy(self)
        other.deadline = other.read = seconds
        return other

    def within(self, seconds: float) -> "RequestsTransport":
        """Return a transport on the same connections that takes no longer than this, and no longer than before."""
        other = copy(self)
        other.deadline = min(self.deadline, seconds)
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
        deadlines.current.set(deadlines.Deadline(self.deadline))
        try:
            response = self._adapter.send(
                prepared,
                timeout=(min(self.connect, self.deadline), min(self.read, self.deadline)),
                **self._surroundings(prepared),
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

    def _surroundings(self, prepared: requests.PreparedRequest) -> dict[str, Any]:
        """Return proxies and authorities for a request, those of the environment too where it is trusted."""
        if not self._trust_env:
            return {"stream": True, "proxies": self._proxies, "verify": self._ca_bundle or True, "cert": None}
        url = str(prepared.url)
        if found := get_netrc_auth(url):
            HTTPBasicAuth(*found)(prepared)
        # As arguments and not as the session's own, ours win over the environment.
        with requests.Session() as session:
            return dict(session.merge_environment_settings(url, dict(self._proxies), True, self._ca_bundle, None))

    def _pieces(self, response: requests.Response, *, renew: bool = False) -> Iterator[bytes]:
        deadline = deadlines.current.get()
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


#: What comes out of requests, of urllib3 (requests lets some through, such as that of a host name with an empty
#: label), of the socket and of the deadline.
_FOREIGN = (requests.RequestException, HTTPError, OSError, deadlines.TooLate)


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
    if isinstance(error, requests.exceptions.ProxyError):
        return NoReply("cannot be reached through the proxy", sent=False)
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
    if isinstance(error, requests.Timeout) or any(
        isinstance(cause, TimeoutError | deadlines.TooLate) for cause in causes
    ):
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
