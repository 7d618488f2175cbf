"""The bytes of callbacks on the wire: request line, headers in their order, body."""

import socket
import threading

import pytest

from django_bbb.simulator import WebhookOptions
from django_bbb.simulator.callbacks import Callback
from django_bbb.simulator.callbacks.exchange import Exchange


class Wire:
    """Takes one connection, keeps the bytes that come, and says 200."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self.received = b""
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while b"\r\n\r\n" not in self.received or len(self._body) < self._length:
                self.received += connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    @property
    def _body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def _length(self) -> int:
        for line in self.received.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                return int(line.partition(b":")[2])
        return 0

    @property
    def head(self) -> list[str]:
        return self.received.partition(b"\r\n\r\n")[0].decode().split("\r\n")

    def close(self) -> None:
        self._thread.join(timeout=10)
        self._listener.close()


@pytest.fixture
def wire():
    wire = Wire()
    yield wire
    wire.close()


def test_end_of_a_meeting(simulator, wire):
    simulator.create_meeting("m-1", name="Algebra", metadata={"endcallbackurl": f"{wire.url}/end?t=x"})
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    assert wire.received.decode() == (
        "GET /end?t=x&recordingmarks=false&meetingID=m-1 HTTP/1.1\r\n"
        f"Host: {wire.host}\r\n"
        "User-Agent: Mozilla\r\n"
        "Accept-Language: en-US,en;q=0.8\r\n"
        "\r\n"
    )


def test_recording(simulator, wire):
    simulator.announce(simulator.add_recording("m-1", metadata={"bbb-recording-ready-url": f"{wire.url}/ready"}))

    assert simulator.wait_for_callbacks()

    assert wire.head == [
        "POST /ready HTTP/1.1",
        "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "Accept: */*",
        "User-Agent: Ruby",
        "Content-Type: application/x-www-form-urlencoded",
        "Connection: close",
        f"Host: {wire.host}",
        f"Content-Length: {len(simulator.callbacks[0].body())}",
    ]


def test_report(simulator, wire):
    metadata = {"analytics-callback-url": f"{wire.url}/report"}
    simulator.create_meeting("m-1", name="Algebra", meeting_keep_events=True, metadata=metadata)
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    attempt = simulator.callbacks[0]
    assert wire.head == [
        "POST /report HTTP/1.1",
        "Content-Type: application/json",
        f"Authorization: {attempt.headers()['Authorization']}",
        "User-Agent: BigBlueButton Analytics Callback",
        "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "Accept: */*",
        "Connection: close",
        f"Host: {wire.host}",
        f"Content-Length: {len(attempt.body())}",
    ]


@pytest.mark.parametrize(
    ("generation", "head"),
    [
        (
            "3.4",
            [
                "accept: */*",
                "content-length: {length}",
                "content-type: application/x-www-form-urlencoded;charset=UTF-8",
                "user-agent: node-fetch",
                "Host: {host}",
                "Connection: close",
            ],
        ),
        (
            "2",
            [
                "host: {host}",
                "content-type: application/x-www-form-urlencoded",
                "content-length: {length}",
                "Connection: close",
            ],
        ),
    ],
)
def test_webhook(make_simulator, wire, generation, head):
    simulator = make_simulator(
        webhooks=WebhookOptions(generation=generation, permanent_urls=[f"{wire.url}/hook"], domain="bbb.example.org")
    )
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    body = simulator.callbacks[0].body()
    checksum = simulator.callbacks[0].raw_url().rpartition("=")[2]
    assert wire.head == [
        f"POST /hook?checksum={checksum} HTTP/1.1",
        *[line.format(host=wire.host, length=len(body)) for line in head],
    ]
    assert wire.received.endswith(b"\r\n\r\n" + body)
    assert b"domain=bbb.example.org" in body


def test_nothing_is_begun_after_the_end():
    exchange = Exchange(timeout=10)
    exchange.cut()

    with pytest.raises(ConnectionAbortedError):
        exchange.perform(
            Callback(kind="webhook", meeting_id="m-1", method="GET", url="http://127.0.0.1:9/", headers={"Host": None})
        )
