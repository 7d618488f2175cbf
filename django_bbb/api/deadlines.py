"""Connections on which a call ends at its deadline, also while a server trickles: requests' read timeout never fires
on one that sends a byte now and then.
"""

import http.client
import io
import os
import socket
import time
from contextvars import ContextVar
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

#: Connections a pool keeps: as many threads may call one server at a time without making new ones.
_KEPT = 20


class Deadline:
    """The end of the call under way, on the monotonic clock; a walk through a stream moves it on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.renew()

    def renew(self) -> None:
        self.until = time.monotonic() + self.seconds

    def left(self) -> float:
        return self.until - time.monotonic()


#: What a response that is being made takes its deadline from.
current: ContextVar[Deadline] = ContextVar("deadline")


class TooLate(Exception):
    """The deadline passed while bytes were still coming."""


class DeadlineReader(io.RawIOBase):
    """Reads from a socket, and allows each read only what is left of the deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self._deadline = current.get()
        self._usual = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise TooLate
        self._sock.settimeout(left if self._usual is None else min(left, self._usual))
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(DeadlineReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """requests' adapter on connections that keep the deadline; it repeats nothing by itself."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=_KEPT)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._process = os.getpid()
        _keep_deadlines(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        _keep_deadlines(manager)
        return manager

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        if self._process != os.getpid():
            # After a fork.  On a connection of the parent's, each would read the other's answers.
            self.proxy_manager.clear()
            self.init_poolmanager(_KEPT, _KEPT)
        return super().send(*args, **kwargs)


def _keep_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
