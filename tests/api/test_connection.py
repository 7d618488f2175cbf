"""Sending: long calls, calls that are tried again, and answers that are walked through while they come."""

import itertools
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest

from django_bbb.api import (
    BigBlueButtonClient,
    ChecksumError,
    NoReply,
    Reply,
    ServerUnreachable,
    Timeout,
    UnreadableResponse,
)
from django_bbb.api.connection import NOT_TWICE, retry_after

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"
GOOD = Reply(200, b"<response><returncode>SUCCESS</returncode><running>true</running></response>")
RESTARTING = Reply(502, b"<html></html>")
DIED = NoReply("broke off the connection", sent=True, died=True)
SLOW = NoReply("did not answer in time", sent=True, timed_out=True)


class Sequence:
    """A transport that says one thing after the other."""

    def __init__(self, *answers: Reply | NoReply) -> None:
        self.answers, self.sent = list(answers), []

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        self.sent.append((method, url, body, content_type))
        answer = self.answers.pop(0)
        if isinstance(answer, NoReply):
            raise answer
        return answer


def client_of(transport: Any, **options: Any) -> BigBlueButtonClient:
    client = BigBlueButtonClient(URL, SECRET, transport=transport, name="bbb", **options)
    client._use(replace(client._connection, pause=0))  # nobody waits in a test
    return client


class TestTriedAgain:
    def test_a_connection_that_died_is_replaced_once(self):  # threats.md 66
        transport = Sequence(DIED, GOOD)

        assert client_of(transport).meetings.is_meeting_running(meeting_id="m-1") is True
        assert len(transport.sent) == 2

    def test_and_not_twice(self):
        transport = Sequence(DIED, DIED, GOOD)

        with pytest.raises(ServerUnreachable):
            client_of(transport).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 2

    @pytest.mark.parametrize("failure", [SLOW, NoReply("refused the connection", sent=False)])
    def test_without_being_asked_nothing_else_is_tried_again(self, failure):
        transport = Sequence(failure, GOOD)

        with pytest.raises(ServerUnreachable):
            client_of(transport).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 1

    def test_a_call_that_does_something_is_sent_once_whatever_happens(self):  # threats.md 56
        transport = Sequence(DIED, GOOD)

        with pytest.raises(ServerUnreachable):
            client_of(transport, retries=2).meetings.send_chat_message(meeting_id="m-1", message="Hello")

        assert len(transport.sent) == 1
        assert {"join", "insertDocument", "putRecordingTextTrack"} < NOT_TWICE

    @pytest.mark.parametrize("failure", [SLOW, RESTARTING, DIED])
    def test_asked_for_it_is_tried_so_often(self, failure):
        transport = Sequence(failure, failure, GOOD)

        assert client_of(transport, retries=2).meetings.is_meeting_running(meeting_id="m-1") is True
        assert len(transport.sent) == 3

    def test_then_it_is_over(self):
        transport = Sequence(SLOW, RESTARTING, SLOW, GOOD)

        with pytest.raises(Timeout, match="did not answer in time"):
            client_of(transport, retries=2).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 3

    def test_a_no_is_not_asked_again(self):  # threats.md 57
        no = b"<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey></response>"
        transport = Sequence(Reply(200, no), GOOD)

        with pytest.raises(ChecksumError):
            client_of(transport, retries=2).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 1

    def test_pauses_and_tries_have_one_deadline(self):  # threats.md 57
        transport = Sequence(Reply(503, b"", {"Retry-After": "9"}), GOOD)

        with pytest.raises(ServerUnreachable, match="HTTP 503"):
            client_of(transport, retries=2, deadline=8).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 1

    def test_the_last_try_has_what_is_left_of_it(self, serve):  # threats.md 57
        def talk(conversation):
            conversation.read()
            conversation.say_nothing()

        server = serve(talk)
        client = BigBlueButtonClient(server.url, SECRET, deadline=0.4, timeout=0.3, retries=5)
        client._use(replace(client._connection, pause=0))
        begin = time.monotonic()

        with pytest.raises(Timeout):
            client.meetings.is_meeting_running(meeting_id="m-1")

        assert 1 < server.accepted < 6
        assert time.monotonic() - begin < 10

    def test_a_further_try_has_no_more_than_what_is_left(self):  # threats.md 57
        connection = BigBlueButtonClient(URL, SECRET, deadline=8)._connection

        left = connection._until(time.monotonic() + 3).deadline

        assert 0 < left <= 3
        assert connection._until(time.monotonic() + 60).deadline == 8

    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
    def test_other_answers_are_not_asked_again(self, status):  # threats.md 57
        transport = Sequence(Reply(status, b"<html></html>"), GOOD)

        with pytest.raises(UnreadableResponse):
            client_of(transport, retries=2).meetings.is_meeting_running(meeting_id="m-1")

        assert len(transport.sent) == 1

    def test_a_server_that_says_when_is_not_asked_earlier(self):
        connection = client_of(Sequence(), retries=1)._connection

        assert connection._pause(1, Reply(503, b"", {"Retry-After": "7"})) == 7
        assert connection._pause(1, Reply(503, b"")) == 0
        assert 0 <= replace(connection, pause=2)._pause(9, SLOW) <= 5  # and nobody waits for ever

    @pytest.mark.parametrize(
        ("value", "least", "most"),
        [
            ("120", 120, 120),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
            ("Fri, 31 Dec 1999 23:59:59", 0, 0),
            ("Sat, 31 Dec 2298 23:59:59 GMT", 1e9, 1e11),
            ("9" * 400, 1e8, 1e9),
        ],
    )
    def test_when_may_be_seconds_or_a_moment(self, value, least, most):
        assert least <= retry_after({"Retry-After": value}) <= most

    @pytest.mark.parametrize("value", ["", "-1", "soon", "١٢", "Fri, 99 Foo 1999"])
    def test_when_may_be_nonsense(self, value):
        assert retry_after({"Retry-After": value}) is None

    def test_with_another_deadline_it_is_tried_as_often(self):
        transport = Sequence(SLOW, GOOD)

        assert client_of(transport, retries=1).with_deadline(60).meetings.is_meeting_running(meeting_id="m-1") is True


class TestLong:
    def test_what_does_not_fit_into_the_query_goes_into_a_form(self):  # threats.md 63
        transport = Sequence(GOOD)

        with pytest.raises(UnreadableResponse):  # the answer is that of another call
            client_of(transport).meetings.create_meeting(name="7b", meeting_id="m-1", welcome="x" * 3000)

        ((method, url, body, content_type),) = transport.sent
        assert method == "POST"
        assert "name=7b&meetingID=m-1&checksum=" in url
        assert (body, content_type) == (b"welcome=" + b"x" * 3000, "application/x-www-form-urlencoded")

    def test_servers_may_want_it_otherwise(self):
        transport = Sequence(GOOD)

        with pytest.raises(UnreadableResponse):
            client_of(transport, long_requests="form", most_in_query=10).meetings.create_meeting(
                name="Mathematics", meeting_id="m-1"
            )

        assert transport.sent[0][1] == f"{URL}create"

    def test_a_word_that_is_none_is_an_error_at_once(self):
        with pytest.raises(ValueError, match="LongRequests"):
            client_of(Sequence(), long_requests="letter")

    def test_the_simulator_takes_it(self):
        from django_bbb.simulator import BigBlueButtonSimulator

        with BigBlueButtonSimulator(secret=SECRET) as simulator:
            client = BigBlueButtonClient(simulator.url, SECRET)
            client.meetings.create_meeting(name="7b", meeting_id="m-1", welcome="Größe &" * 1000, record=True)

            settings = simulator.meetings["m-1"].settings

        assert (settings.welcome, settings.record) == ("Größe &" * 1000, True)


def recording(number, *formats):
    shown = "".join(f"<format><type>{one}</type></format>" for one in formats)
    return f"<recording><recordID>{number}</recordID><playback>{shown}</playback></recording>"


def answer(*recordings, key=""):
    inside = f"<returncode>SUCCESS</returncode><recordings>{''.join(recordings)}</recordings>"
    return Reply(200, f"<response>{inside}<messageKey>{key}</messageKey></response>".encode())


class TestWalkedThrough:
    def ids(self, transport, **options):
        return [one.record_id for one in client_of(transport).recordings.iter_recordings(**options)]

    def test_one_answer_of_any_size(self, serve):
        body = answer(*(recording(number) for number in range(3000))).body
        server = serve(_answering(body))
        client = BigBlueButtonClient(server.url, SECRET)

        found = [one.record_id for one in client.recordings.iter_recordings()]

        assert found == [str(number) for number in range(3000)]

    def test_a_transport_without_pieces_will_do(self):
        assert self.ids(Sequence(answer(recording(1), recording(2)))) == ["1", "2"]

    def test_it_may_be_left_before_its_end(self, serve):
        server = serve(_answering(answer(*(recording(number) for number in range(3000))).body))
        client = BigBlueButtonClient(server.url, SECRET)

        first = list(itertools.islice(client.recordings.iter_recordings(), 2))

        assert [one.record_id for one in first] == ["0", "1"]
        assert client.recordings.get_recordings()[0].record_id == "0"

    def test_what_cannot_be_read_is_left_out_and_counted(self, caplog):  # threats.md 73
        broken = "<recording><name>no id</name></recording>"

        assert self.ids(Sequence(answer(recording(1), broken, recording(2)))) == ["1", "2"]
        assert "1 of 3 that cannot be read" in caplog.text

    def test_pages_are_asked_for_until_one_brings_nothing_new(self):  # quirks.md 61
        transport = Sequence(answer(recording(1), recording(2)), answer(recording(3)), answer(key="noRecordings"))

        assert self.ids(transport, page_size=2) == ["1", "2", "3"]
        assert [f"limit=2&offset={offset}" in sent[1] for offset, sent in zip((0, 2, 4), transport.sent, strict=True)]

    def test_pages_of_nothing_are_nothing(self):
        assert self.ids(Sequence(answer(key="noRecordings")), page_size=2) == []

    def test_a_recording_cut_in_two_by_a_page_is_put_together(self):
        transport = Sequence(
            answer(recording(1), recording(2, "presentation")),
            answer(recording(2, "video"), recording(3)),
            answer(),
        )

        found = list(client_of(transport).recordings.iter_recordings(page_size=2))

        assert [one.record_id for one in found] == ["1", "2", "3"]
        assert [one.type for one in found[1].formats] == ["presentation", "video"]

    def test_a_server_that_sends_the_same_page_for_ever_is_left(self):
        page = answer(recording(1), recording(2))

        assert self.ids(Sequence(page, page), page_size=2) == ["1", "2"]

    def test_a_balancer_without_pages_is_asked_once(self):  # quirks.md 76
        everything = answer(*(recording(number) for number in range(5)))

        assert self.ids(Sequence(everything), page_size=2) == ["0", "1", "2", "3", "4"]

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", ServerUnreachable),
            (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", UnreadableResponse),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", UnreadableResponse),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<response>", ServerUnreachable),
            (b"", ServerUnreachable),
        ],
    )
    def test_what_goes_wrong_is_an_error_of_ours(self, serve, said, error, everything_said_by):
        server = serve(_saying(said))

        with pytest.raises(error) as caught:
            list(BigBlueButtonClient(server.url, SECRET).recordings.iter_recordings())

        assert "checksum=" not in everything_said_by(caught.value)

    def test_a_no_in_the_answer_is_typed(self, serve):
        no = b"<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey></response>"
        server = serve(_answering(no))

        with pytest.raises(ChecksumError):
            list(BigBlueButtonClient(server.url, SECRET).recordings.iter_recordings())


def _answering(body):
    def talk(conversation):
        while conversation.read():
            conversation.answer(body)

    return talk


def _saying(data):
    def talk(conversation):
        conversation.read()
        conversation.say(data)

    return talk


def test_memory_does_not_grow_with_the_answer():  # threats.md 74
    """A fresh process walks through 1 000 recordings and through 20 000; its peak is the same but for a trifle."""
    code = (
        "import resource, sys\n"
        "from django_bbb.api import xml\n"
        "from django_bbb.api.responses import Recording\n"
        "one = '<recording><recordID>%d</recordID><name>' + 'x' * 2000 + '</name></recording>'\n"
        "def pieces(count):\n"
        "    yield b'<response><returncode>SUCCESS</returncode><recordings>'\n"
        "    for number in range(count):\n"
        "        yield (one % number).encode()\n"
        "    yield b'</recordings></response>'\n"
        "def walk(count):\n"
        "    walked = xml.walk(pieces(count), path=('recordings', 'recording'))\n"
        "    found = sum(1 for e in walked if e.tag == 'recording' and Recording.from_xml(e))\n"
        "    assert found == count\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(walk(1000), walk(20_000))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    few, many = map(int, done.stdout.split())
    assert many - few < 3 * 1024  # kB; the answer itself is 40 MB
