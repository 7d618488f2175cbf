"""HTTP, checksums on the wire, the journal and faults."""

import http.client
import json
import socket

import pytest

from django_bbb.simulator import CloseConnection, Hang, HtmlAnswer, IllFormedXml


@pytest.mark.parametrize("slash", ["", "/"])
def test_index_needs_no_checksum(simulator, client, slash):
    answer = client.fetch(simulator.url.rstrip("/") + slash)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/xml;charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.get("returncode") == "SUCCESS"
    assert answer.get("version") == answer.get("apiVersion") == "2.0"


def test_index_is_json_for_a_json_request(simulator, client):
    answer = client.fetch(simulator.url, headers={"Content-Type": "application/json"})

    assert json.loads(answer.body)["response"]["returncode"] == "SUCCESS"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_right_secret_is_accepted_in_every_algorithm(client, algorithm):
    answer = client.fetch(client.url("getMeetings", algorithm=algorithm))

    assert answer.get("messageKey") == "noMeetings"


def test_wrong_secret_is_refused(simulator, client):
    answer = client.fetch(client.url("getMeetings", secret="other"))

    assert answer.status == 200
    assert answer.key == "checksumError"
    assert [entry.checksum for entry in simulator.journal] == ["wrong"]


def test_missing_checksum_is_refused(simulator, client):
    answer = client.fetch(f"{simulator.url}getMeetings")

    assert answer.key == "checksumError"


def test_algorithm_that_is_switched_off_is_refused(make_simulator, make_client):
    client = make_client(make_simulator(checksum_algorithms={"sha256"}))

    refused = client.fetch(client.url("getMeetings", algorithm="sha1"))
    accepted = client.fetch(client.url("getMeetings", algorithm="sha256"))

    assert refused.key == "checksumError"
    assert accepted.get("returncode") == "SUCCESS"


def test_parameters_after_the_checksum_are_part_of_the_check(client):
    url = client.url("isMeetingRunning", "meetingID=m-1")

    answer = client.fetch(f"{url}&meetingID=m-2")

    assert answer.key == "checksumError"


def test_checksum_may_come_first(client):
    base, _, checksum = client.url("isMeetingRunning", "meetingID=m-1").partition("?meetingID=m-1&")

    answer = client.fetch(f"{base}?{checksum}&meetingID=m-1")

    assert answer.get("running") == "false"


@pytest.mark.parametrize("separator", ["?", "?&"])
def test_checksum_may_stand_alone(client, separator):
    url = client.url("getMeetings").replace("?", separator)

    answer = client.fetch(url)

    assert answer.get("returncode") == "SUCCESS"


@pytest.mark.parametrize("name", ["a+b", "a%20b", "a/*~'b", "a%2fb", "a%2Fb", "%C3%A9t%C3%A9", "()!b"])
def test_query_is_checked_as_received_however_it_is_encoded(client, name):
    answer = client.ask("create", f"meetingID=m-1&name={name}")

    assert answer.get("returncode") == "SUCCESS"


def test_unsigned_form_goes_with_a_signed_query(client):
    answer = client.ask(
        "create",
        "meetingID=m-1",
        method="POST",
        body=b"name=From+the+form&meetingID=other",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.get("meetingID") == "m-1"


def test_checksum_in_a_form_without_query_covers_the_call_only(simulator, client):
    checksum = client.url("create").partition("checksum=")[2]

    answer = client.fetch(
        f"{simulator.url}create",
        method="POST",
        body=f"name=Algebra&meetingID=m-1&checksum={checksum}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.get("returncode") == "SUCCESS"


def test_body_of_another_type_is_refused(client):
    answer = client.ask("getMeetings", method="POST", body=b"{}", headers={"Content-Type": "application/json"})

    assert answer.key == "unsupportedContentType"


def test_content_type_without_a_body_does_not_matter(client):
    answer = client.ask("getMeetings", headers={"Content-Type": "application/xml"})

    assert answer.get("returncode") == "SUCCESS"


def test_errors_are_json_where_it_is_asked_for(client):
    answer = client.ask("end", "meetingID=m-1", headers={"Accept": "application/json"})

    assert json.loads(answer.body)["response"]["messageKey"] == "notFound"


@pytest.mark.parametrize("path", ["bigbluebutton/api/noSuchCall", "bigbluebutton/apiary", "bigbluebutton", "x"])
def test_unknown_address_is_a_page_and_not_xml(simulator, client, path):
    answer = client.fetch(f"{simulator.address}/{path}")

    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_join_cannot_be_posted(client):
    answer = client.ask("join", "meetingID=m-1", method="POST")

    assert answer.status == 404


def test_connection_is_kept_alive_over_bodies_that_nobody_reads(simulator, client):
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    target = client.url("getMeetings").removeprefix(simulator.address)

    statuses, sockets = [], []
    for body in (b"", b"x" * 100_000, b""):
        connection.request("POST", target, body=body)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
        sockets.append(connection.sock)
    connection.close()

    assert statuses == [200, 200, 200]
    assert sockets[0] is not None
    assert sockets[0] is sockets[1] is sockets[2]


def test_chunked_body_is_read(simulator, client):
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    target = client.url("create", "meetingID=m-1").removeprefix(simulator.address)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    connection.request("POST", target, body=iter([b"name=", b"Algebra"]), headers=form, encode_chunked=True)
    body = connection.getresponse().read()
    connection.close()

    assert b"<returncode>SUCCESS</returncode>" in body
    assert simulator.meetings["m-1"].name == "Algebra"


def test_client_may_ask_before_it_sends_a_body(simulator, client):
    target = client.url("create", "meetingID=m-1&name=Algebra").removeprefix(simulator.address)
    head = f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"

    with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
        connection.sendall(head.encode())
        go_on = connection.recv(100)
        connection.sendall(b"ab")
        answer = connection.recv(100)

    assert go_on == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_too_many_parameters_are_a_bad_request(simulator, client):
    answer = client.ask("getMeetings", "a&" * 10_001)

    assert answer.status == 400
    assert simulator.journal[0].outcome == "error"


def test_it_listens_on_ipv6_as_well(make_simulator, make_client):
    simulator = make_simulator(host="::1")

    answer = make_client(simulator).ask("getMeetings")

    assert simulator.url.startswith("http://[::1]:")
    assert answer.get("returncode") == "SUCCESS"


@pytest.mark.parametrize(
    ("header", "status"),
    [("Content-Length: -5", 400), ("Content-Length: 999999999999", 413), ("Transfer-Encoding: chunked", 400)],
)
def test_body_that_cannot_be_read_is_refused(simulator, header, status):
    head = f"POST /bigbluebutton/api HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nnonsense\r\n"

    with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(100)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_nothing_secret_is_printed_or_kept_in_the_journal(simulator, client, capfd):
    callback = "https%3A%2F%2Flms.example.org%2F%3Ftoken%3Dprivate"
    query = f"meetingID=m-1&name=Algebra&attendeePW=hushhush&meta_endCallbackUrl={callback}&meetingEndedURL={callback}"
    url = client.url("create", query + "&moderatorPW=hushhush")
    checksum = url.partition("checksum=")[2]

    client.fetch(url)
    client.fetch(f"{url}0")

    seen = "".join(capfd.readouterr()) + repr(simulator.journal) + repr(simulator) + repr(simulator.meetings)
    assert checksum not in seen
    assert "hushhush" not in seen
    assert "private" not in seen


def test_journal_tells_calls_and_outcomes_in_order(simulator, client):
    client.ask("create", "meetingID=m-1&name=Algebra")
    client.ask("end", "meetingID=m-2")
    client.fetch(f"{simulator.url}nothing")

    assert [(entry.call, entry.method, entry.checksum, entry.outcome) for entry in simulator.journal] == [
        ("create", "GET", "good", "SUCCESS"),
        ("end", "GET", "good", "notFound"),
        ("nothing", "GET", "not checked", "not routed"),
    ]
    assert len(simulator.calls("create")) == 1
    simulator.clear_journal()
    assert simulator.journal == []


def test_several_servers_run_side_by_side(make_simulator, make_client):
    first, second = make_simulator(secret="one"), make_simulator(secret="two")

    make_client(first).ask("create", "meetingID=m-1&name=Algebra")
    refused = make_client(second).fetch(make_client(second).url("getMeetings", secret="one"))

    assert list(first.meetings) == ["m-1"]
    assert second.meetings == {}
    assert refused.key == "checksumError"


def test_blank_secret_is_refused(make_simulator):
    with pytest.raises(ValueError, match="secret"):
        make_simulator(secret=" ")


def test_unknown_algorithm_is_refused(make_simulator):
    with pytest.raises(ValueError, match="md5"):
        make_simulator(checksum_algorithms={"md5"})


def test_addresses_given_out_may_be_others_than_the_one_it_binds_to(make_simulator):
    simulator = make_simulator(public_address="https://bbb.example.org/")

    assert simulator.url == "https://bbb.example.org/bigbluebutton/api/"


def test_fault_answers_with_a_page(simulator, client):
    simulator.faults.set(HtmlAnswer(status=503, body="<html>Busy"), call="getMeetings")

    broken, other = client.ask("getMeetings"), client.ask("getSessions")

    assert (broken.status, broken.text) == (503, "<html>Busy")
    assert other.get("returncode") == "SUCCESS"
    assert simulator.calls("getMeetings")[0].outcome == "fault"


def test_fault_hits_every_call_so_often_as_told(simulator, client):
    simulator.faults.set(HtmlAnswer(), times=2)

    statuses = [client.ask(call).status for call in ("getMeetings", "getSessions", "getMeetings")]

    assert statuses == [502, 502, 200]


def test_fault_is_over_once_cleared(simulator, client):
    simulator.faults.set(HtmlAnswer(), call="getMeetings")
    simulator.faults.set(HtmlAnswer(), call="getSessions")

    simulator.faults.clear(call="getMeetings")
    meetings, sessions = client.ask("getMeetings"), client.ask("getSessions")
    simulator.faults.clear()
    healed = client.ask("getSessions")

    assert (meetings.status, sessions.status, healed.status) == (200, 502, 200)


def test_fault_answers_with_xml_that_breaks_off(simulator, client):
    simulator.faults.set(IllFormedXml(), call="getMeetings")

    answer = client.ask("getMeetings")

    assert answer.status == 200
    assert answer.body.endswith(b"<meet")


def test_fault_closes_the_connection_without_an_answer(simulator, client):
    simulator.faults.set(CloseConnection(), call="getMeetings")

    with pytest.raises(http.client.RemoteDisconnected):
        client.ask("getMeetings")


def test_fault_may_lose_the_answer_after_the_call_had_its_effect(simulator, client):
    simulator.faults.set(CloseConnection(when="after"), call="create")

    with pytest.raises(http.client.RemoteDisconnected):
        client.ask("create", "meetingID=m-1&name=Algebra")

    assert list(simulator.meetings) == ["m-1"]
    assert [entry.outcome for entry in simulator.journal] == ["SUCCESS"]


@pytest.mark.parametrize("release", ["clear", "stop"])
@pytest.mark.parametrize("times", [None, 1])
def test_fault_hangs_until_it_is_cleared_or_the_server_stops(simulator, client, release, times):
    simulator.faults.set(Hang(), call="getMeetings", times=times)
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    connection.request("GET", client.url("getMeetings").removeprefix(simulator.address))
    connection.sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.sock.settimeout(10)

    simulator.faults.clear() if release == "clear" else simulator.stop()

    assert connection.sock.recv(1) == b""
    connection.close()
