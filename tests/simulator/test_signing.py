"""Literal requests, signed with the secret `secret` by sha256sum and its sisters, over a bare socket.

They stand in `signed-requests.txt`: the kind of server and what it thinks of the request, then the request itself.
Ends of lines and the length of the body are put in here.
"""

import http.client
import re
import socket
from pathlib import Path

import pytest

BLOCKS = Path(__file__).with_name("signed-requests.txt").read_text().rstrip("\n").split("\n====\n")
TITLE = re.compile(r"(\S+) (accepted|refused): (.*)")
EXPECTED = {
    "accepted": b"<returncode>SUCCESS</returncode>",
    "refused": b"<messageKey>checksumError</messageKey>",
}


def say(port, request):
    """Send a request, and return all that comes back."""
    head, _, body = request.replace("\n", "\r\n").partition("\r\n\r\n")
    if head.startswith("POST"):
        head += f"\r\nContent-Length: {len(body)}"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: TITLE.match(block)[3])
def test_request(make_simulator, block):
    title, _, request = block.partition("\n")
    profile, verdict, _ = TITLE.match(title).groups()

    answer = say(make_simulator(profile=profile).port, request)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert EXPECTED[verdict] in answer


def test_head_has_the_length_but_not_the_body(simulator, client):
    target = client.url("getMeetings").removeprefix(simulator.address)
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)

    answers = []
    for method in ("HEAD", "GET"):
        connection.request(method, target)
        response = connection.getresponse()
        answers.append((response.status, response.headers["Content-Length"], response.read()))
    connection.close()

    head, get = answers
    assert head == (200, str(len(get[2])), b"")
    assert get[:2] == head[:2]


def test_first_value_counts_and_the_query_comes_before_the_form(simulator, client):
    client.ask(
        "create",
        "meetingID=m-1&name=Algebra&name=Geometry",
        method="POST",
        body=b"name=Topology&welcome=Hello",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    settings = simulator.meetings["m-1"].settings
    assert (settings.name, settings.welcome) == ("Algebra", "Hello")


@pytest.mark.parametrize(
    ("options", "algorithm", "accepted"),
    [
        ({}, "sha1", True),
        ({"checksum_algorithms": {"sha256"}}, "sha1", True),
        ({"hook_checksum_algorithms": {"sha1"}}, "sha1", True),
        ({"hook_checksum_algorithms": {"sha1"}}, "sha256", False),
        ({"profile": "2.7"}, "sha256", False),
        ({"profile": "2.7"}, "sha1", True),
    ],
)
def test_hooks_have_algorithms_of_their_own(make_simulator, make_client, options, algorithm, accepted):
    client = make_client(make_simulator(**options))

    hooks = client.fetch(client.url("hooks/list", algorithm=algorithm))
    meetings = client.fetch(client.url("getMeetings", algorithm="sha256"))

    assert (hooks.get("returncode") == "SUCCESS") is accepted
    assert meetings.get("returncode") == "SUCCESS"


@pytest.mark.parametrize("option", ["checksum_algorithms", "hook_checksum_algorithms"])
def test_unknown_algorithms_are_refused(make_simulator, option):
    with pytest.raises(ValueError, match="md5"):
        make_simulator(**{option: {"sha256", "md5"}})


def test_hooks_want_small_digits_and_fall_over_a_strange_length(client):
    url = client.url("hooks/list")
    base, _, checksum = url.partition("checksum=")

    upper = client.fetch(f"{base}checksum={checksum.upper()}")
    short = client.fetch(f"{base}checksum=abc")
    none = client.fetch(base.rstrip("?"))

    assert upper.key == none.key == "checksumError"
    assert (short.status, short.headers["content-type"]) == (500, "text/html;charset=utf-8")


def test_hooks_can_be_pinged_by_anybody(simulator, client):
    answer = client.fetch(f"{simulator.url}hooks/ping")

    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain;charset=utf-8")


@pytest.mark.parametrize("call", ["end", "getMeetingInfo"])
def test_meeting_is_known_by_its_internal_id(simulator, client, call):
    meeting = simulator.create_meeting("m-1", name="Algebra")

    answer = client.ask(call, f"meetingID={meeting.internal_id}")

    assert answer.get("returncode") == "SUCCESS"
    assert meeting.ended is (call == "end")
