"""The only socket, against real servers that trickle, hang, reset and lie.

Times are only bounded from above, with ten times slack and more.
"""

import gzip
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from django_bbb.api import (
    BBBError,
    BigBlueButtonClient,
    NoReply,
    RequestsTransport,
    ServerUnreachable,
    Timeout,
    UnreadableResponse,
    deadlines,
)
from django_bbb.api.parameters import CreateParameters

SECRET = "SENTINEL-secret-that-must-never-be-seen"
PASSWORD = "SENTINEL-password"
OK = b"<response><returncode>SUCCESS</returncode><running>true</running></response>"
CREATE = ("create", {"name": "AB", "meeting_id": "m-1", "moderator_pw": PASSWORD}, CreateParameters)
PATIENCE = 10.0  # seconds; the deadlines here are parts of one


def answer_all(conversation) -> None:
    while conversation.read():
        conversation.answer(OK)


def saying(data: bytes):
    """Play a server that answers each connection with these bytes, and closes it."""

    def talk(conversation) -> None:
        conversation.read()
        conversation.say(data)

    return talk


def answering(body: bytes, **options):
    def talk(conversation) -> None:
        while conversation.read():
            conversation.answer(body, **options)

    return talk


def hanging(before: bytes = b""):
    def talk(conversation) -> None:
        conversation.read()
        conversation.say(before)
        conversation.say_nothing()

    return talk


def trickling(before: bytes, drops: bytes):
    def talk(conversation) -> None:
        conversation.read()
        conversation.say(before)
        conversation.trickle(drops)

    return talk


def flooding(before: bytes, drops: bytes):
    def talk(conversation) -> None:
        conversation.read()
        conversation.say(before)
        conversation.flood(drops)

    return talk


def resetting(before: bytes = b""):
    def talk(conversation) -> None:
        conversation.read()
        conversation.say(before)
        conversation.reset()

    return talk


def tunnel_to(host: str):
    """Play a proxy that lets one connection through to this host, whatever it was asked for."""

    def talk(conversation) -> None:
        conversation.read()
        conversation.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        conversation.pass_on(host)

    return talk


def no_reply(transport: RequestsTransport, url: str) -> NoReply:
    with pytest.raises(NoReply) as caught:
        transport.send("GET", url)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # requests and urllib3 put the signed URL into theirs
    return caught.value


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


# --- what is sent -------------------------------------------------------------------------------------


def test_reply_has_status_body_and_headers_in_any_case(serve):
    server = serve(answering(b"<html>", status="404 Not Found", headers="X-Some: thing\r\n"))

    reply = RequestsTransport().send("GET", server.url)

    assert (reply.status, reply.body, reply.headers["x-some"]) == (404, b"<html>", "thing")


def test_reply_does_not_show_its_body(serve):
    reply = RequestsTransport().send("GET", serve(answering(b"SENTINEL", headers="X-Some: SENTINEL\r\n")).url)

    assert repr(reply) == "Reply(status=200)"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a~b",
        "a*b",
        "it's",
        "(a)",
        "a!b",
        "a+b",
        "a b",
        "Größe",
        "a/b?c=d&e#f",
        "[a]{b}|c",
        "%41%",
        "🎓",
        "a;b",
    ],
)
def test_request_line_is_the_signed_url_byte_for_byte(serve, text):  # threats.md 62, pitfalls.md 4
    server = serve(answer_all)
    client = BigBlueButtonClient(server.url, SECRET)
    arguments = {"name": f"{text} and more", "meeting_id": f"m-{text.replace(',', '')}", "meta": {"own": text}}
    url = client._connection.sign("create", arguments, CreateParameters)

    client._connection.transport.send("GET", url)

    path = str(url).removeprefix(f"http://{server.host}")
    assert server.requests[0].split(b"\r\n")[0] == f"GET {path} HTTP/1.1".encode("ascii")


def test_query_is_not_quoted_again(serve):  # threats.md 62
    server = serve(answer_all)

    RequestsTransport().send("GET", f"{server.url}call?a=%41%7E~*'()!+&b=&checksum=1")

    assert server.requests[0].startswith(b"GET /bigbluebutton/api/call?a=%41%7E~*'()!+&b=&checksum=1 HTTP/1.1\r\n")


def test_only_necessary_headers_are_sent(serve):
    server = serve(answer_all)

    RequestsTransport(user_agent="lms/1.0").send("GET", server.url)

    lines = server.requests[0].decode().strip().split("\r\n")[1:]
    assert {line.split(":")[0].lower() for line in lines} == {"host", "user-agent", "accept", "accept-encoding"}
    assert "User-Agent: lms/1.0" in lines
    assert "Accept: */*" in lines  # application/json would make errors come as JSON
    assert "Accept-Encoding: gzip" in lines


@pytest.mark.parametrize("body", [b"", b"<modules/>"])
def test_post_says_how_long_its_body_is_and_what(serve, body):
    received = []

    def talk(conversation) -> None:
        conversation.read()
        received.append(conversation._connection.recv(100) if body else b"")
        conversation.answer(OK)

    server = serve(talk)

    RequestsTransport().send("POST", server.url, body=body, content_type="text/xml")

    assert received == [body]
    assert f"Content-Length: {len(body)}\r\n".encode() in server.requests[0]
    assert b"Content-Type: text/xml\r\n" in server.requests[0]


def test_cookies_are_not_sent_back(serve):
    server = serve(answering(OK, headers="Set-Cookie: JSESSIONID=SENTINEL; Path=/\r\n"))
    transport = RequestsTransport()

    transport.send("GET", server.url)
    transport.send("GET", server.url)

    assert b"SENTINEL" not in server.requests[1]


# --- connections --------------------------------------------------------------------------------------


def test_two_calls_share_a_connection(serve):
    server = serve(answer_all)
    client = BigBlueButtonClient(server.url, SECRET)

    client.meetings.is_meeting_running(meeting_id="m-1")
    client.with_deadline(5).meetings.is_meeting_running(meeting_id="m-2")

    assert (server.accepted, len(server.requests)) == (1, 2)


@pytest.mark.parametrize("headers", ["", "Content-Encoding: gzip\r\n"])
def test_connection_is_kept_after_a_long_answer(serve, headers):
    body = os.urandom(300_000)
    server = serve(answering(gzip.compress(body) if headers else body, headers=headers))
    transport = RequestsTransport()

    assert transport.send("GET", server.url).body == transport.send("GET", server.url).body == body
    assert server.accepted == 1


def test_connection_is_kept_after_an_answer_in_chunks(serve):
    def talk(conversation) -> None:
        while conversation.read():
            conversation.say(head("Transfer-Encoding: chunked") + b"4\r\nab&c\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n")

    server = serve(talk)
    transport = RequestsTransport()

    assert transport.send("GET", server.url).body == transport.send("GET", server.url).body == b"ab&cde"
    assert server.accepted == 1


def test_connection_the_server_has_closed_meanwhile_is_replaced(serve):  # threats.md 66
    closed = threading.Event()

    def talk(conversation) -> None:
        conversation.read()
        conversation.answer(OK)
        conversation._connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    server = serve(talk)
    transport = RequestsTransport()
    transport.send("GET", server.url)
    assert closed.wait(PATIENCE)

    assert transport.send("GET", server.url).body == OK
    assert server.accepted == 2


def test_rest_of_a_longer_answer_does_not_become_the_next_one(serve):  # threats.md 49
    late = threading.Event()

    def talk(conversation) -> None:
        while conversation.read():
            conversation.say(head(f"Content-Length: {len(OK)}") + OK + head("Content-Length: 4") + b"evil")
            late.set()

    server = serve(talk)
    transport = RequestsTransport()

    first = transport.send("GET", server.url).body
    assert late.wait(PATIENCE)

    assert first == transport.send("GET", server.url).body == OK


def test_threads_share_a_transport(serve):
    server = serve(answer_all)
    client = BigBlueButtonClient(server.url, SECRET)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: client.meetings.is_meeting_running(meeting_id=f"m-{n}"), range(64)))

    assert answers == [True] * 64
    assert server.accepted <= 8


def test_nothing_is_sent_twice_by_itself(serve):  # threats.md 56
    server = serve(resetting())

    no_reply(RequestsTransport(), server.url)

    assert (server.accepted, len(server.requests)) == (1, 1)


# --- time ---------------------------------------------------------------------------------------------

SLOW = {
    "silence": hanging(),
    "silence in the status line": hanging(b"HTTP/1.1 2"),
    "silence in the headers": hanging(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"),
    "silence in the body": hanging(head("Content-Length: 500") + b"<response>"),
    "trickling status line": trickling(b"HTTP/1.1 200 ", b"O"),
    "trickling headers": trickling(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n"),
    "trickling body": trickling(head("Content-Length: 100000"), b"<a/>"),
    "trickling body until closed": trickling(head("Connection: close"), b"<a/>"),
    "trickling chunks": trickling(head("Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "trickling gzip": trickling(head("Content-Length: 100000", "Content-Encoding: gzip"), gzip.compress(b"")[:10]),
    "trickling preliminary answers": trickling(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "flood of preliminary answers": flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "flood of gzip with nothing in it": flooding(head("Content-Encoding: gzip"), gzip.compress(b"") * 1000),
}


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_slow_server_is_given_up_at_the_deadline(serve, talk):  # pitfalls.md 6, threats.md 48
    server = serve(talk)
    client = BigBlueButtonClient(server.url, SECRET, transport=RequestsTransport(read=60, deadline=0.2))
    start = time.monotonic()

    with pytest.raises(Timeout) as caught:
        client.meetings.get_meetings()

    assert time.monotonic() - start < PATIENCE
    assert caught.value.sent is True
    assert "did not answer in time" in str(caught.value)


def test_silent_server_is_given_up_at_the_read_timeout(serve):  # pitfalls.md 6, threats.md 48
    server = serve(hanging())
    client = BigBlueButtonClient(server.url, SECRET, timeout=0.2, deadline=600)
    start = time.monotonic()

    with pytest.raises(Timeout):
        client.meetings.get_meetings()

    assert time.monotonic() - start < PATIENCE


def test_trickling_server_is_given_up_over_tls_as_well(serve, self_signed):  # threats.md 48
    server = serve(trickling(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n"), context=tls(*self_signed("127.0.0.1")))
    transport = RequestsTransport(read=60, deadline=0.2, ca_bundle=str(self_signed("127.0.0.1")[0]))
    start = time.monotonic()

    failure = no_reply(transport, server.url)

    assert time.monotonic() - start < PATIENCE
    assert (failure.timed_out, failure.sent) == (True, True)


def test_server_that_never_finishes_tls_is_given_up(serve):  # threats.md 48
    server = serve(hanging())
    start = time.monotonic()

    failure = no_reply(RequestsTransport(connect=0.2, read=60, deadline=60), server.url.replace("http:", "https:"))

    assert time.monotonic() - start < PATIENCE
    assert failure.timed_out


def test_address_that_accepts_no_connection_is_given_up():  # threats.md 48
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        for _ in range(3):  # fill the queue of a listener that accepts nobody
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        start = time.monotonic()

        failure = no_reply(RequestsTransport(connect=0.2), f"http://127.0.0.1:{listener.getsockname()[1]}/")

        assert time.monotonic() - start < PATIENCE
    assert (failure.reason, failure.sent, failure.timed_out) == ("could not be connected to in time", False, True)


def test_other_deadline_leaves_the_first_transport_as_it_was(serve):
    server = serve(trickling(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n"))
    patient = BigBlueButtonClient(server.url, SECRET, timeout=600, deadline=600)

    with pytest.raises(Timeout):
        patient.with_deadline(0.2).meetings.get_meetings()

    assert patient._connection.transport.deadline == patient._connection.transport.read == 600


def test_each_read_may_take_only_what_is_left():  # threats.md 48
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(600)
        theirs.sendall(b"x")
        deadlines.current.set(deadlines.Deadline(PATIENCE))

        deadlines.DeadlineReader(socket.SocketIO(ours, "rb"), ours).readinto(bytearray(1))

        assert ours.gettimeout() <= PATIENCE


def test_connection_that_was_given_up_is_not_used_again(serve):  # threats.md 66
    def talk(conversation) -> None:
        if b"slow" in conversation.read():
            conversation.say(head("Content-Length: 500") + b"half")
            conversation.say_nothing()
        conversation.answer(OK)

    server = serve(talk)
    transport = RequestsTransport()

    no_reply(transport.with_deadline(0.2), f"{server.url}slow")

    assert transport.send("GET", server.url).body == OK
    assert server.accepted == 2


def test_each_call_on_a_connection_has_its_own_deadline(serve):  # threats.md 48
    def talk(conversation) -> None:
        conversation.read()
        conversation.answer(OK)
        conversation.read()
        conversation.trickle(b"HTTP/1.1 200 OK\r\n")

    server = serve(talk)
    transport = RequestsTransport(read=600, deadline=600)
    transport.send("GET", server.url)
    start = time.monotonic()

    failure = no_reply(transport.with_deadline(0.2), server.url)

    assert time.monotonic() - start < PATIENCE
    assert failure.timed_out
    assert server.accepted == 1


# --- broken answers -----------------------------------------------------------------------------------

BROKEN = {
    "nothing": saying(b""),
    "no HTTP": saying(b"SSH-2.0-OpenSSH\r\n"),
    "half a status line": saying(b"HTTP/1.1 2"),
    "status that is none": saying(b"HTTP/1.1 abc OK\r\n\r\n"),
    "line too long": saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
    "too many headers": saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "body shorter than said": saying(head("Content-Length: 500") + b"short"),
    "two lengths": saying(head("Content-Length: 5, 6") + b"12345"),
    "chunk shorter than said": saying(head("Transfer-Encoding: chunked") + b"ff\r\nshort"),
    "chunk of no length": saying(head("Transfer-Encoding: chunked") + b"xyz\r\nshort"),
    "chunks without an end": saying(head("Transfer-Encoding: chunked") + b"5\r\nshort\r\n"),
    "gzip that is none": saying(head("Content-Length: 5", "Content-Encoding: gzip") + b"12345"),
    "reset at once": resetting(),
    "reset in the headers": resetting(b"HTTP/1.1 200 OK\r\n"),
    "reset in the body": resetting(head("Content-Length: 500") + b"<response>"),
}


@pytest.mark.parametrize("talk", BROKEN.values(), ids=BROKEN)
def test_broken_answer_is_no_reply(serve, talk):  # threats.md 49, 71
    failure = no_reply(RequestsTransport(), serve(talk).url)

    assert (failure.reason, failure.sent, failure.timed_out) == ("broke off the connection", True, False)


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_length_that_is_none_is_not_believed(serve, length):
    server = serve(saying(head(f"Content-Length: {length}") + OK))

    assert RequestsTransport().send("GET", server.url).body == OK


def test_gzip_cut_short_does_not_pass_for_an_answer(serve):  # threats.md 71
    cut = gzip.compress(b"<response>" + os.urandom(1000).hex().encode() + b"</response>")[:-300]
    client = BigBlueButtonClient(serve(answering(cut, headers="Content-Encoding: gzip\r\n")).url, SECRET)

    with pytest.raises((UnreadableResponse, ServerUnreachable)):
        client.meetings.get_meetings()


# --- large answers ------------------------------------------------------------------------------------


def test_answer_of_the_largest_size_is_read_and_a_larger_one_is_not(serve):  # threats.md 49
    server = serve(answering(b"x" * 100_000))

    assert len(RequestsTransport(most_bytes=100_000).send("GET", server.url).body) == 100_000
    failure = no_reply(RequestsTransport(most_bytes=99_999), server.url)
    assert (failure.reason, failure.sent) == ("answered with more than 99999 bytes", True)


def test_endless_answer_is_read_no_further_than_the_cap(serve):  # threats.md 49
    said = []

    def talk(conversation) -> None:
        conversation.read()
        conversation.say(head())
        while True:
            conversation.say(b"x" * 65_536)
            said.append(65_536)

    failure = no_reply(RequestsTransport(most_bytes=1_000_000), serve(talk).url)

    assert "more than 1000000 bytes" in failure.reason
    assert sum(said) < 100_000_000


def bomb() -> bytes:
    """Return 200 KB of gzip that become 200 MB."""
    return gzip.compress(bytes(1_000_000)) * 200


@pytest.mark.parametrize("chunked", [False, True])
def test_gzip_bomb_is_stopped_at_the_cap(serve, chunked):  # threats.md 50
    data = bomb()
    whole = head(f"Content-Length: {len(data)}", "Content-Encoding: gzip") + data
    chunks = head("Transfer-Encoding: chunked", "Content-Encoding: gzip") + f"{len(data):x}\r\n".encode() + data
    server = serve(saying(chunks + b"\r\n0\r\n\r\n" if chunked else whole))
    tracemalloc.start()

    failure = no_reply(RequestsTransport(most_bytes=2_000_000), server.url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "more than 2000000 bytes" in failure.reason
    assert peak < 40_000_000


def test_well_compressed_honest_answer_is_read(serve):  # threats.md 50
    body = b"<response>" + b"<recording/>" * 1_000_000 + b"</response>"
    server = serve(answering(gzip.compress(body), headers="Content-Encoding: gzip\r\n"))

    assert RequestsTransport().send("GET", server.url).body == body


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "deflate", "br", "zstd", "compress", "gzip, deflate", "identity, gzip"]
)
def test_compression_nobody_asked_for_is_refused(serve, encoding):  # threats.md 50
    body = gzip.compress(gzip.compress(OK)) if "gzip" in encoding else zlib.compress(OK)
    server = serve(answering(body, headers=f"Content-Encoding: {encoding}\r\n"))

    failure = no_reply(RequestsTransport(), server.url)

    assert (failure.reason, failure.sent) == ("answered in a compression nobody asked for", True)


@pytest.mark.parametrize("encoding", ["identity", "Identity", "", "GZIP"])
def test_compression_may_be_written_in_capitals_or_be_none(serve, encoding):
    body = gzip.compress(OK) if encoding == "GZIP" else OK
    server = serve(answering(body, headers=f"Content-Encoding: {encoding}\r\n"))

    assert RequestsTransport().send("GET", server.url).body == OK


# --- redirects and pages ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirect_is_not_followed(serve, status):  # threats.md 51
    other = serve(answer_all)
    server = serve(answering(b"", status=status, headers=f"Location: {other.url}\r\n"))
    client = BigBlueButtonClient(server.url, SECRET)

    with pytest.raises(UnreadableResponse, match=f"HTTP {status[:3]}"):
        client.meetings.get_meetings()

    assert (other.accepted, server.accepted, len(server.requests)) == (0, 1, 1)


@pytest.mark.parametrize("location", ["http://[", "\xff", ""])
def test_redirect_to_nonsense_does_no_harm(serve, location):
    server = serve(saying(b"HTTP/1.1 302 Found\r\nLocation: " + location.encode("latin-1") + b"\r\n\r\n"))

    assert RequestsTransport().send("GET", server.url).status == 302


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("502 Bad Gateway", ServerUnreachable),
        ("503 Service Unavailable", ServerUnreachable),
        ("500 Internal Server Error", UnreadableResponse),
        ("404 Not Found", UnreadableResponse),
        ("200 OK", UnreadableResponse),
    ],
)
def test_page_of_a_proxy_is_an_error_that_says_so(serve, status, kind):  # pitfalls.md 8, threats.md 64
    page = f"<html><head><title>{status}</title></head><body><hr><center>nginx</center></body></html>".encode()
    client = BigBlueButtonClient(
        serve(answering(page, status=status, headers="Content-Type: text/html\r\n")).url, SECRET
    )

    with pytest.raises(kind) as caught:
        client.meetings.get_meetings()

    assert type(caught.value) is kind
    assert client.name in str(caught.value)
    assert "nginx" not in str(caught.value)


# --- nobody there -------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_refused_connection_was_not_sent():
    failure = no_reply(RequestsTransport(), f"http://127.0.0.1:{free_port()}/")

    assert (failure.reason, failure.sent, failure.timed_out) == ("refused the connection", False, False)


def test_name_that_does_not_resolve_was_not_sent():
    failure = no_reply(RequestsTransport(), "http://bbb.invalid/")

    assert (failure.reason, failure.sent, failure.timed_out) == ("has a name that does not resolve", False, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://bbb..example.org/",
        f"http://{'a' * 64}.example.org/",
        f"http://{'ü' * 64}.example.org/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:port/",
        "ftp://127.0.0.1/",
    ],
)
def test_address_that_is_none_was_not_sent(url):
    failure = no_reply(RequestsTransport(), f"{url}?checksum=1")

    assert (failure.reason, failure.sent, failure.timed_out) == ("has an address that cannot be used", False, False)


# --- TLS ----------------------------------------------------------------------------------------------


def tls(certificate, key) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_self_signed_certificate_is_refused_and_nothing_sent(serve, self_signed):  # threats.md 55
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))

    with pytest.raises(ServerUnreachable) as caught:
        BigBlueButtonClient(server.url, SECRET).meetings.get_meetings()

    assert caught.value.sent is False
    assert not isinstance(caught.value, Timeout)
    assert "has a certificate that is not trusted" in str(caught.value)
    assert server.requests == []


def test_certificate_for_another_address_is_refused(serve, self_signed):  # threats.md 55
    server = serve(answer_all, context=tls(*self_signed("192.0.2.1")))

    failure = no_reply(RequestsTransport(ca_bundle=str(self_signed("192.0.2.1")[0])), server.url)

    assert (failure.reason, failure.sent) == ("has a certificate that is not trusted", False)
    assert server.requests == []


def test_expired_certificate_is_refused(serve, expired):  # threats.md 55
    server = serve(answer_all, context=tls(*expired))

    failure = no_reply(RequestsTransport(ca_bundle=str(expired[0])), server.url)

    assert (failure.reason, failure.sent) == ("has a certificate that is not trusted", False)
    assert server.requests == []


def test_private_authority_is_trusted_when_given(serve, self_signed):  # threats.md 55
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))
    client = BigBlueButtonClient(server.url, SECRET, ca_bundle=str(self_signed("127.0.0.1")[0]))

    assert client.meetings.is_meeting_running(meeting_id="m-1") is True
    assert client.meetings.is_meeting_running(meeting_id="m-1") is True
    assert server.accepted == 1


def test_server_without_tls_is_told(serve):
    server = serve(lambda conversation: conversation.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    failure = no_reply(RequestsTransport(), server.url.replace("http:", "https:"))

    assert (failure.reason, failure.sent) == ("does not speak TLS as it should", False)


def test_missing_authority_is_told_before_anything_is_sent(serve, self_signed, tmp_path):  # threats.md 55
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))

    failure = no_reply(RequestsTransport(ca_bundle=str(tmp_path / "missing.pem")), server.url)

    assert (failure.reason, failure.sent) == ("cannot be verified: its CA bundle is not there", False)
    assert server.accepted == 0


# --- the environment ----------------------------------------------------------------------------------


@pytest.fixture
def poisoned(monkeypatch, serve, tmp_path):
    """Set all that requests and urllib3 might take from the environment; return the proxy it names."""
    proxy = serve(answer_all)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login SENTINEL password SENTINEL\ndefault login SENTINEL password SENTINEL\n")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{proxy.host}")
        monkeypatch.setenv(name.lower(), f"http://{proxy.host}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(netrc.read_text())
    return proxy


def test_proxy_and_passwords_of_the_environment_are_not_used(serve, poisoned):  # threats.md 54
    server = serve(answer_all)

    reply = RequestsTransport().send("GET", server.url)

    assert reply.body == OK
    assert poisoned.accepted == 0
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authority_of_the_environment_is_not_trusted(  # threats.md 54
    serve, self_signed, monkeypatch, poisoned, variable
):
    certificate, key = self_signed("127.0.0.1")
    server = serve(answer_all, context=tls(certificate, key))
    monkeypatch.setenv(variable, str(certificate))

    failure = no_reply(RequestsTransport(), server.url)

    assert failure.reason == "has a certificate that is not trusted"
    assert poisoned.accepted == 0


def test_authority_of_the_environment_does_not_win_over_ours(  # threats.md 54
    serve, self_signed, monkeypatch, poisoned
):
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(self_signed("192.0.2.1")[0]))

    reply = RequestsTransport(ca_bundle=str(self_signed("127.0.0.1")[0])).send("GET", server.url)

    assert reply.body == OK
    assert poisoned.accepted == 0


def test_environment_is_used_when_it_is_trusted(serve, poisoned):
    reply = RequestsTransport(trust_env=True).send("GET", "http://bbb.example.org/bigbluebutton/api/?checksum=ab")

    assert reply.body == OK
    head = poisoned.requests[0]
    assert head.startswith(b"GET http://bbb.example.org/bigbluebutton/api/?checksum=ab HTTP/1.1\r\n")
    assert b"Authorization: Basic " in head  # .netrc has a line for any host


def test_authority_of_a_trusted_environment_is_used(serve, self_signed, monkeypatch):
    certificate, key = self_signed("127.0.0.1")
    server = serve(answer_all, context=tls(certificate, key))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    assert RequestsTransport(trust_env=True).send("GET", server.url).body == OK


def test_what_is_given_wins_over_a_trusted_environment(serve, self_signed, monkeypatch, poisoned):
    proxy = serve(answer_all)
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self_signed("192.0.2.1")[0]))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    ours = {"ca_bundle": str(self_signed("127.0.0.1")[0]), "proxies": {"http": f"http://{proxy.host}"}}

    transport = RequestsTransport(trust_env=True, **ours)

    assert transport.send("GET", server.url).body == OK
    assert transport.send("GET", "http://bbb.example.org/").body == OK
    assert (proxy.accepted, poisoned.accepted) == (1, 0)


# --- proxies ------------------------------------------------------------------------------------------


def test_calls_go_through_a_proxy_that_is_given(serve):
    proxy = serve(answer_all)
    url = "http://bbb.example.org/bigbluebutton/api/create?name=7b+%C3%A4&checksum=ab"

    reply = RequestsTransport(proxies={"http": f"http://anna:SENTINEL@{proxy.host}"}).send("GET", url)

    assert reply.body == OK
    assert proxy.requests[0].startswith(f"GET {url} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic " in proxy.requests[0]


def test_tls_goes_through_a_tunnel(serve, self_signed):
    server = serve(answer_all, context=tls(*self_signed("127.0.0.1")))
    proxy = serve(tunnel_to(server.host))
    transport = RequestsTransport(
        ca_bundle=str(self_signed("127.0.0.1")[0]), proxies={"https": f"http://{proxy.host}"}
    )

    assert [transport.send("GET", server.url).body for _ in range(2)] == [OK, OK]
    assert proxy.requests[0].startswith(f"CONNECT {server.host} HTTP/1.".encode())
    assert (proxy.accepted, len(server.requests)) == (1, 2)


def test_deadline_holds_through_a_proxy(serve):
    proxy = serve(trickling(head("Content-Length: 100000"), b"<response>"))
    transport = RequestsTransport(proxies={"http": f"http://{proxy.host}"}, deadline=0.3)

    begin = time.monotonic()
    failure = no_reply(transport, "http://bbb.example.org/")

    assert failure.timed_out
    assert time.monotonic() - begin < PATIENCE


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_is_not_there_is_told(scheme):
    transport = RequestsTransport(proxies={scheme: "http://anna:SENTINEL@127.0.0.1:1"})

    failure = no_reply(transport, f"{scheme}://bbb.example.org/?checksum=SENTINEL")

    assert (failure.reason, failure.sent) == ("cannot be reached through the proxy", False)


# --- processes ----------------------------------------------------------------------------------------


def test_a_fork_has_connections_of_its_own(serve):  # threats.md 66
    """Parent and child of a prefork worker: on one connection, each would read answers to the other."""
    server = serve(answer_all)
    code = (
        "import os, sys\n"
        "from django_bbb.api import RequestsTransport\n"
        "transport = RequestsTransport()\n"
        "ask = lambda: transport.send('GET', sys.argv[1]).body\n"
        "before = ask()\n"
        "child = os.fork()\n"
        "same = all(ask() == before for _ in range(3))\n"
        "if child == 0:\n"
        "    os._exit(0 if same else 1)\n"
        "print(same, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )

    done = subprocess.run([sys.executable, "-c", code, server.url], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "0"]
    assert (server.accepted, len(server.requests)) == (2, 7)


def test_what_a_fork_sees_is_what_counts(serve):
    """The same in one process, as if it were the child."""
    server = serve(answer_all)
    transport = RequestsTransport()
    transport.send("GET", server.url)
    transport._adapter._process -= 1

    assert [transport.send("GET", server.url).body for _ in range(2)] == [OK, OK]
    assert server.accepted == 2


# --- what is said about it ----------------------------------------------------------------------------

FAULTS = {
    **{f"slow: {name}": SLOW[name] for name in ("silence", "trickling headers", "trickling body")},
    **{f"broken: {name}": talk for name, talk in BROKEN.items()},
    "bomb": saying(head("Content-Encoding: gzip") + gzip.compress(bytes(1_000_000))),
    "double": answering(OK, headers="Content-Encoding: gzip, gzip\r\n"),
    "redirect": answering(b"", status="302 Found", headers="Location: https://other.example/\r\n"),
    "gateway": answering(b"<html>", status="502 Bad Gateway"),
    "html": answering(b"<!DOCTYPE html><p>"),
    "defective headers": saying(b"HTTP/1.1 404 Not Found\r\nno colon here\r\nX: y\r\n\r\n"),
    "refused": None,
    "unresolved": "http://bbb.invalid/",
    "empty label": "http://bbb..example.org/",
    "no port": "http://127.0.0.1:1/",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_nothing_secret_is_logged_or_raised(  # pitfalls.md 9, threats.md 75, 76
    serve, self_signed, everything_said_by, caplog, fault, secure
):
    caplog.set_level(logging.DEBUG)
    certificate, key = self_signed("127.0.0.1")
    context = tls(certificate, key) if secure else None
    url = serve(fault, context=context).url if callable(fault) else fault or f"http://127.0.0.1:{free_port()}"
    url = url.replace("http:", "https:") if secure else url
    transport = RequestsTransport(deadline=0.2, most_bytes=10_000, ca_bundle=str(certificate))
    client = BigBlueButtonClient(url, SECRET, transport=transport)
    digest = client._connection.sign(*CREATE).rpartition("=")[2]

    with pytest.raises(BBBError) as caught:
        client._connection.call(*CREATE)

    said = [everything_said_by(caught.value), caplog.text]
    said += [f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records]
    for hidden in ("SENTINEL", digest, "checksum=", "moderatorPW"):
        assert hidden not in "\n".join(said)


def test_log_tells_of_the_call_without_its_query(serve, caplog):  # threats.md 75
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").filters.clear()  # the transport brings them back
    client = BigBlueButtonClient(serve(answer_all).url, SECRET)

    client.meetings.is_meeting_running(meeting_id="SENTINEL-meeting")

    assert "/bigbluebutton/api/isMeetingRunning?***" in caplog.text
    assert "SENTINEL" not in caplog.text


class TestStream:
    def test_the_answer_comes_in_pieces_and_the_connection_is_kept(self, serve):
        server = serve(answering(b"x" * 200_000))
        transport = RequestsTransport()

        with transport.stream("GET", server.url) as stream:
            pieces = list(stream.chunks)
        with transport.stream("GET", server.url) as again:
            list(again.chunks)

        assert stream.status == 200
        assert b"".join(pieces) == b"x" * 200_000
        assert max(map(len, pieces)) <= 64 * 1024
        assert server.accepted == 1

    def test_its_whole_may_be_larger_than_one_answer_may(self, serve):
        server = serve(answering(b"x" * 200_000))

        with RequestsTransport(most_bytes=1000).stream("GET", server.url) as stream:
            assert sum(map(len, stream.chunks)) == 200_000

    def test_half_read_it_is_not_used_again(self, serve):
        server = serve(answering(b"x" * 200_000))
        transport = RequestsTransport()

        with transport.stream("GET", server.url) as stream:
            next(stream.chunks)
        reply = transport.send("GET", server.url)

        assert reply.body == b"x" * 200_000
        assert server.accepted == 2

    def test_what_a_reader_raises_is_the_readers(self, serve):
        server = serve(answering(OK))

        with pytest.raises(LookupError), RequestsTransport().stream("GET", server.url):
            raise LookupError

    def test_a_server_that_stops_in_the_middle_is_no_reply(self, serve, everything_said_by):
        server = serve(hanging(head("Content-Length: 300000") + b"x" * 100_000))
        transport = RequestsTransport(deadline=0.2)

        with pytest.raises(NoReply) as caught, transport.stream("GET", f"{server.url}?checksum=ab") as stream:
            list(stream.chunks)

        assert caught.value.timed_out
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)

    def test_one_that_takes_longer_than_a_call_is_read_to_its_end(self, serve):
        gates = [threading.Event() for _piece in range(4)]

        def talk(conversation) -> None:
            conversation.read()
            conversation.say(head(f"Content-Length: {len(gates) * 65536}"))
            for gate in gates:
                gate.wait(PATIENCE)
                conversation.say(b"x" * 65536)

        server = serve(talk)
        transport = RequestsTransport(deadline=PATIENCE)

        with transport.stream("GET", server.url) as stream:
            left = []
            for gate in gates:
                gate.set()
                next(stream.chunks)
                left.append(deadlines.current.get().until)

        # The end moves on with each piece; of a call it would stay where it was.
        assert left == sorted(left)
        assert left[-1] > left[0]

    def test_a_compression_nobody_asked_for_is_refused(self, serve):
        server = serve(answering(OK, headers="Content-Encoding: br\r\n"))

        with pytest.raises(NoReply, match="compression"), RequestsTransport().stream("GET", server.url):
            pass
