"""Faults between a client and the server, as they look on the wire; those in words."""

import http.client
import socket

import pytest

from django_bbb.simulator import (
    ConnectionReset,
    CutConnection,
    Garbage,
    HtmlAnswer,
    Latency,
    ManyRecordings,
    Restart,
    Trickle,
    TruncatedXml,
    WrongSecret,
)
from django_bbb.simulator.fault_words import KINDS, describe_fault, plan_fault, read_fault


def raw(simulator, client, call="getMeetings", *, version="1.1"):
    """Ask on a socket of our own; return it with the request sent."""
    target = client.url(call).removeprefix(simulator.address)
    connection = socket.create_connection(("127.0.0.1", simulator.port), timeout=10)
    connection.sendall(f"GET {target} HTTP/{version}\r\nHost: x\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize(
    ("status", "title"),
    [(500, "Internal Server Error"), (502, "Bad Gateway"), (503, "Service Temporarily Unavailable")],
)
def test_page_of_a_status_says_what_nginx_says(simulator, client, status, title):
    simulator.faults.set(HtmlAnswer(status=status))

    answer = client.ask("getMeetings")

    assert answer.status == status
    assert f"<h1>{status} {title}</h1>" in answer.text


def test_latency_keeps_the_answer_back_until_it_is_cleared(simulator, client):
    simulator.faults.set(Latency(seconds=3600), call="create")
    target = client.url("create", "meetingID=m-1&name=Algebra").removeprefix(simulator.address)
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    connection.request("GET", target)
    connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.sock.settimeout(10)
    happened = list(simulator.meetings)

    simulator.faults.clear()

    assert happened == ["m-1"]
    assert b"<returncode>SUCCESS</returncode>" in connection.getresponse().read()
    connection.close()


def test_latency_of_nothing_changes_nothing(simulator, client):
    simulator.faults.set(Latency(seconds=0))

    assert client.ask("getMeetings").get("messageKey") == "noMeetings"


def test_trickle_sends_the_real_answer_piece_by_piece(simulator, client):
    simulator.faults.set(Trickle(seconds=0, size=7))

    answer = client.ask("getMeetings")

    assert answer.get("messageKey") == "noMeetings"
    assert answer.headers["content-length"] == str(len(answer.body))


def test_trickle_waits_before_each_piece(simulator, client):
    simulator.faults.set(Trickle(seconds=3600, size=7))
    with raw(simulator, client) as connection:
        head = connection.recv(65536)
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)

        simulator.faults.clear()

        assert head.endswith(b"\r\n\r\n")
        assert connection.recv(7, socket.MSG_WAITALL) == b"<respon"


def test_reset_is_a_reset_and_not_a_goodbye(simulator, client):
    simulator.faults.set(ConnectionReset())

    with raw(simulator, client) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_truncated_answer_is_cut_and_looks_whole(simulator, client):
    whole = client.ask("getMeetings").body
    simulator.faults.set(TruncatedXml(part=0.25))

    answer = client.ask("getMeetings")

    assert answer.status == 200
    assert answer.body == whole[: len(whole) // 4]


def test_connection_may_be_cut_in_the_middle_of_the_answer(simulator, client):
    whole = client.ask("getMeetings").body
    simulator.faults.set(CutConnection(part=0.5))

    with pytest.raises(http.client.IncompleteRead) as cut:
        client.ask("getMeetings")

    assert cut.value.partial == whole[: len(whole) // 2]
    assert cut.value.expected == len(whole) - len(whole) // 2


def test_changed_secret_refuses_what_was_right(simulator, client):
    simulator.faults.set(WrongSecret(), times=1)

    refused, accepted = client.ask("getMeetings"), client.ask("getMeetings")

    assert refused.key == "checksumError"
    assert accepted.get("messageKey") == "noMeetings"
    assert [entry.checksum for entry in simulator.journal] == ["wrong", "good"]


def test_changed_secret_leaves_the_index_alone(simulator, client):
    simulator.faults.set(WrongSecret())

    assert client.fetch(simulator.url).get("returncode") == "SUCCESS"


def test_call_with_a_changed_secret_has_no_effect(simulator, client):
    simulator.faults.set(WrongSecret())

    client.ask("create", "meetingID=m-1&name=Algebra")

    assert simulator.meetings == {}


@pytest.mark.parametrize("size", [0, 1000, 200_000])
def test_garbage_is_the_same_each_time(simulator, client, size):
    simulator.faults.set(Garbage(size=size))

    first, second = client.ask("getMeetings").body, client.ask("getMeetings").body

    assert len(first) == size
    assert first == second


def test_restart_forgets_every_meeting(simulator, client):
    simulator.create_meeting("m-1")
    simulator.faults.set(Restart(), times=1)

    during, after = client.ask("getMeetings"), client.ask("getMeetings")

    assert during.status == 502
    assert after.get("messageKey") == "noMeetings"


def test_any_number_of_recordings_is_listed(simulator, client):
    simulator.faults.set(ManyRecordings(count=300), call="getRecordings")

    answer = client.ask("getRecordings")

    ids = [one.text for one in answer.xml.iterfind("recordings/recording/recordID")]
    assert len(set(ids)) == 300
    assert answer.headers["transfer-encoding"] == "chunked"


def test_connection_goes_on_after_a_list_in_chunks(simulator, client):
    simulator.faults.set(ManyRecordings(count=2), call="getRecordings")
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)

    sockets = []
    for call in ("getRecordings", "getMeetings"):
        connection.request("GET", client.url(call).removeprefix(simulator.address))
        connection.getresponse().read()
        sockets.append(connection.sock)
    connection.close()

    assert sockets[0] is not None
    assert sockets[0] is sockets[1]


def test_old_client_gets_a_long_list_without_chunks(simulator, client):
    simulator.faults.set(ManyRecordings(count=2), call="getRecordings")

    with raw(simulator, client, "getRecordings", version="1.0") as connection:
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body.endswith(b"</recordings></response>")


def test_client_that_goes_away_in_a_long_list_leaves_the_server_well(simulator, client):
    simulator.faults.set(ManyRecordings(count=100_000), call="getRecordings", times=1)

    with raw(simulator, client, "getRecordings") as connection:
        connection.recv(100)

    assert client.ask("getMeetings").get("messageKey") == "noMeetings"


def test_head_of_a_long_list_has_no_body(simulator, client):
    simulator.faults.set(ManyRecordings(count=2), call="getRecordings")

    answer = client.ask("getRecordings", method="HEAD")

    assert (answer.status, answer.body) == (200, b"")


# --- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault", "call", "times"),
    [
        ("html", HtmlAnswer(), "*", None),
        ("html,status=503,call=create,times=2", HtmlAnswer(status=503), "create", 2),
        ("html,when=after", HtmlAnswer(when="after"), "*", None),
        ("latency,seconds=0.5", Latency(seconds=0.5), "*", None),
        ("latency,seconds=2", Latency(seconds=2), "*", None),
        ("many-recordings,count=5", ManyRecordings(count=5), "*", None),
    ],
)
def test_text_plans_a_fault(text, fault, call, times):
    assert read_fault(text) == (fault, call, times)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_described_by_what_plans_it(kind):
    planned = read_fault(f"{kind},call=create,times=3")

    assert plan_fault(describe_fault(planned)) == planned


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has a kind: html, restart"),
        ("fire", "has a kind: html, restart"),
        ("html,503", "503 is not of the form name=value"),
        ("html,colour=red", "has no colour; it has body, status, when"),
        ("html,status=many", "status is a number"),
        ("html,status=99", "A status is a number from 200 to 599"),
        ("html,when=never", "before or after"),
        ("html,times=0", "from 1 on"),
        ("html,call=", "A call is named"),
        ("latency,seconds=-1", "from 0 to 86400"),
        ("latency,seconds=nan", "from 0 to 86400"),
        ("latency,when=before", "comes after the call"),
        ("trickle,size=0", "from 1 to"),
        ("truncated-xml,part=2", "from 0 to 1"),
        ("garbage,size=-1", "from 0 to"),
    ],
)
def test_senseless_words_are_refused_with_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_fault(text)
