"""Brokers to test with: a Redis of our own, the machine's RabbitMQ, and a relay in front of them that can fail."""

import json
import os
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

from tests.lacking import skip

NAMES = ("redis", "rabbitmq")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Broker:
    """A broker that runs.  Subclasses say how it is reached."""

    port: int

    def address(self, port: int | None = None) -> str:
        """Return where it is, or where a relay to it is."""
        raise NotImplementedError

    def stop(self) -> None:
        """Leave nothing of ours behind."""

    # Subclasses leave this alone.

    def take(self, queue: str) -> list[str]:
        """Take all messages that wait in a queue, as text: what anybody reads who looks at the broker."""
        taken = []
        with (
            Connection(self.address()) as connection,
            connection.SimpleQueue(queue) as messages,
            suppress(Empty),
        ):
            while True:
                message = messages.get_nowait()
                message.ack()
                taken.append(json.dumps([message.headers, message.properties, _text(message.body)], default=str))
        return taken

    def forget(self, queue: str) -> None:
        """Delete a queue of ours, and the exchange Celery made with it."""
        with Connection(self.address()) as connection, connection.channel() as channel:
            channel.queue_delete(queue)
            if hasattr(channel, "exchange_delete"):
                channel.exchange_delete(queue)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else bytes(body).decode()


class Redis(Broker):
    """A server of our own, which keeps nothing."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None or find_spec("redis") is None:
            skip("There is no redis-server on this machine, or celery[redis] is not installed.")
        self.port = free_port()
        command = [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if not any("Ready to accept connections" in line for line in self._process.stdout):
            raise AssertionError("redis-server did not start.")

    def address(self, port: int | None = None) -> str:
        return f"redis://127.0.0.1:{port or self.port}/0"

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


class RabbitMQ(Broker):
    """The machine's own: queues have names of ours, and are deleted in the end."""

    def __init__(self, folder: Path) -> None:
        self.port = int(os.environ.get("RABBITMQ_PORT", "5672"))
        try:
            with Connection(self.address(), connect_timeout=5) as connection:
                connection.connect()
        except OSError as error:
            skip(f"There is no RabbitMQ to test with: {error}")

    def address(self, port: int | None = None) -> str:
        return f"amqp://guest:guest@127.0.0.1:{port or self.port}//"


def start(name: str, folder: Path) -> Broker:
    """Start a broker, or find it; skips the test where the machine has none."""
    return {"redis": Redis, "rabbitmq": RabbitMQ}[name](folder)


class Relay:
    """A port that leads to another one, until it is told to refuse, or to accept and say nothing."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._silent = False
        self._socket = _bound(0)
        self.port = int(self._socket.getsockname()[1])
        #: Whether it has been told to fail, ever or since somebody has set this to False.
        self.has_failed = False
        #: Connections that were accepted and never got a word.
        self.unanswered = 0
        self._listen()

    def open(self) -> None:
        """Be well."""
        self._change(silent=False)
        self._listen()

    def refuse(self) -> None:
        """Be a port where nothing listens."""
        self.has_failed = True
        self._change(silent=False)

    def say_nothing(self) -> None:
        """Accept connections, and that is all."""
        self.has_failed = True
        self._change(silent=True)
        self._listen()

    def close(self) -> None:
        self._change(silent=False)
        self._socket.close()

    def _change(self, *, silent: bool) -> None:
        """Cut all connections; the port stays ours, so that nobody else gets it in between."""
        with self._lock:
            self._silent, ends, self._ends = silent, self._ends, []
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes up whoever accepts
        self._socket.close()
        self._socket = _bound(self.port)
        for end in ends:
            _close(end)

    def _listen(self) -> None:
        self._socket.listen(64)
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                inside, _address = listener.accept()
            except OSError:  # it is over
                return
            with self._lock:
                self._ends.append(inside)
                if self._silent:
                    self.unanswered += 1
                    continue
                outside = socket.create_connection(self._target)
                self._ends.append(outside)
            for one, other in ((inside, outside), (outside, inside)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    _close(other)
    _close(one)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
