"""One HTTP request of a callback, byte for byte as given; it can be cut while it waits for an answer."""

import http.client
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urljoin, urlsplit, urlunsplit

from .callback import Callback

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class UnusableAddress(Exception):
    """Nothing can be sent to this address, now or later."""


class TooManyRedirects(http.client.HTTPException):
    """The receiver sends us from one address to the next."""


class Exchange:
    """Makes one request at a time."""

    def __init__(self, *, timeout: float) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._cut = False

    def perform(self, callback: Callback) -> int:
        """Make the request and return the status of the last answer.

        Raises `UnusableAddress`, `OSError` or `http.client.HTTPException`.
        """
        followed = 0
        while True:
            try:
                status, location = self._ask(callback)
            except (http.client.InvalidURL, UnicodeError, ValueError) as error:
                raise UnusableAddress from error
            if not callback.redirects or status not in _REDIRECTS or not location:
                return status
            followed += 1
            if followed > callback.redirects:
                raise TooManyRedirects
            callback = _redirected(callback, status, location)

    def cut(self) -> None:
        """End the request that is being made, and all that are still to come."""
        with self._lock:
            self._cut = True
            connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _ask(self, callback: Callback) -> tuple[int, str]:
        parts = urlsplit(callback.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not an http(s) address")
        secure = parts.scheme == "https"
        connection_class = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        timeout = self._timeout if callback.timeout is None else callback.timeout
        connection = connection_class(parts.hostname, parts.port, timeout=timeout)
        with self._lock:
            if self._cut:
                raise ConnectionAbortedError
            self._connection = connection
        try:
            self._write(connection, callback)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", "")
        finally:
            with self._lock:
                self._connection = None
            connection.close()

    def _write(self, connection: http.client.HTTPConnection, callback: Callback) -> None:
        parts = urlsplit(callback.url)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.putrequest(callback.method, target, skip_host=True, skip_accept_encoding=True)
        known = {"host": parts.netloc.rpartition("@")[2], "content-length": str(len(callback.body))}
        for name, value in callback.headers.items():
            connection.putheader(name, known[name.lower()] if value is None else value)
        connection.endheaders(callback.body or None)


def _redirected(callback: Callback, status: int, location: str) -> Callback:
    """Return what node-fetch asks next: a POST becomes a GET without its body, but for 307 and 308."""
    url = urljoin(callback.url, location)
    headers = dict(callback.headers)
    if urlsplit(url).netloc != urlsplit(callback.url).netloc:
        headers.pop("authorization", None)
    if status in {307, 308} or callback.method == "GET":
        return replace(callback, url=url, headers=headers)
    headers.pop("content-length", None)
    return replace(callback, url=url, headers=headers, method="GET", body=b"")
