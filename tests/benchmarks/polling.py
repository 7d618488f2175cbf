"""A poll of a server with 2 000 classes of 30 people, and a round of 20 servers of which one says nothing."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from time import perf_counter
from typing import Any

from django_bbb.api import BigBlueButtonClient, Reply

from .database import prepare

CLASSES, PEOPLE = 2_000, 30
SERVERS, CLASSES_OF_EACH = 20, 20
ROUNDS = 5
MOST_QUERIES = 12
SECRET = "secret-of-the-benchmark"

MEETING = """<meeting><meetingName><![CDATA[Mathematics 7b]]></meetingName><meetingID>{room}</meetingID>
<internalMeetingID>{run}</internalMeetingID><createTime>1795253400000</createTime>
<createDate>Sat Nov 21 09:30:00 UTC 2026</createDate><voiceBridge>71234</voiceBridge><dialNumber></dialNumber>
<attendeePW>abcdefgh</attendeePW><moderatorPW>ijklmnop</moderatorPW><running>true</running><duration>0</duration>
<hasUserJoined>true</hasUserJoined><recording>true</recording><hasBeenForciblyEnded>false</hasBeenForciblyEnded>
<startTime>1795253400001</startTime><endTime>0</endTime><participantCount>30</participantCount>
<listenerCount>28</listenerCount><voiceParticipantCount>2</voiceParticipantCount><videoCount>1</videoCount>
<maxUsers>0</maxUsers><moderatorCount>1</moderatorCount><attendees>{people}</attendees>
<metadata><bbb-origin>{origin}</bbb-origin></metadata><isBreakout>false</isBreakout></meeting>"""
PERSON = """<attendee><userID>u{number}</userID><fullName>Ada Weber {number}</fullName><role>VIEWER</role>
<isPresenter>false</isPresenter><isListeningOnly>true</isListeningOnly><hasJoinedVoice>false</hasJoinedVoice>
<hasVideo>false</hasVideo><clientType>HTML5</clientType></attendee>"""


def room(number: int) -> tuple[str, str]:
    """Return the ids of a room and of its run."""
    return f"m-{number:026d}", f"{number:040x}-1795253400000"


def answer(numbers: range, *, people: int) -> bytes:
    """Return what getMeetings tells of these rooms."""
    crowd = "".join(PERSON.format(number=one) for one in range(people))
    meetings = (MEETING.format(room=room(one)[0], run=room(one)[1], people=crowd, origin="bench") for one in numbers)
    return f"<response><returncode>SUCCESS</returncode><meetings>{''.join(meetings)}</meetings></response>".encode()


class Canned:
    """A transport that knows one answer."""

    def __init__(self, body: bytes) -> None:
        self.reply = Reply(200, body)

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        return self.reply


def open_classes(server: Any, numbers: range) -> None:
    """Write the rows of so many classes that run."""
    from django_bbb.models import Meeting, MeetingSession

    now = datetime.now(UTC)
    rooms = [Meeting(meeting_id=room(one)[0], name="Mathematics 7b") for one in numbers]
    Meeting.objects.bulk_create(rooms, batch_size=500)
    runs = [
        MeetingSession(
            meeting=meeting, server=server, claimed_until=now, create_time=now, internal_id=room(number)[1],
            parameters={"name": "Mathematics 7b", "meeting_id": meeting.meeting_id, "record": True},
        )
        for number, meeting in zip(numbers, rooms, strict=True)
    ]  # fmt: skip
    MeetingSession.objects.bulk_create(runs, batch_size=500)


def clear() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_bbb_server, django_bbb_meeting CASCADE")


# --- one server ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Poll:
    """A poll beside reading the same answer and one UPDATE by hand."""

    name: str
    limit: float

    def ratio(self) -> float:
        if lacking:
            print(f"Not run, {lacking}")
            return 0.0
        from django.conf import settings
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from django_bbb.models import MeetingSession
        from django_bbb.services import polling, servers

        clear()
        settings.DJANGO_BBB = {"SERVERS": {"bench": {"URL": "http://127.0.0.1:9/", "SECRET": SECRET}}}
        (server,) = servers.register_declared_servers()
        open_classes(server, range(CLASSES))
        client = BigBlueButtonClient(server.url, SECRET, transport=Canned(answer(range(CLASSES), people=PEOPLE)))
        polling.servers.client_for = lambda server: client  # type: ignore[attr-defined]
        try:
            ratios = []
            # A round is half a second: many of them, since a slow one more or less moves the median of five.
            for _round in range(3 * ROUNDS):
                floor = seconds(lambda: by_hand(client))
                ratios.append(seconds(lambda: polling.poll_server(server=server)) / floor)
            with CaptureQueriesContext(connection) as queries:
                polling.poll_server(server=server)
        finally:
            polling.servers.client_for = _client_for  # type: ignore[attr-defined]
        if len(queries) > MOST_QUERIES:
            raise AssertionError(f"A poll takes {len(queries)} queries")
        if MeetingSession.objects.filter(participant_count=PEOPLE, is_open=True).count() != CLASSES:
            raise AssertionError("Not all classes were mirrored")
        return median(ratios)


def by_hand(client: BigBlueButtonClient) -> None:
    from django.db import connection

    remote = client.meetings.get_meetings()
    now = datetime.now(UTC)
    columns = [
        [one.internal_meeting_id for one in remote],
        [one.running for one in remote],
        [one.participant_count for one in remote],
        [one.moderator_count for one in remote],
        [one.voice_participant_count for one in remote],
        [one.video_count for one in remote],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_bbb_meetingsession SET running = heard.running, participant_count = heard.people,"
            " moderator_count = heard.moderators, voice_count = heard.voices, video_count = heard.cameras,"
            " synced_at = %s FROM unnest(%s::text[], %s::boolean[], %s::int[], %s::int[], %s::int[], %s::int[])"
            " AS heard(run, running, people, moderators, voices, cameras) WHERE internal_id = heard.run AND is_open",
            [now, *columns],
        )


def seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


# --- many servers -------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    answers: dict[str, bytes] = {}

    def do_GET(self) -> None:
        body = self.answers[self.path.split("/")[1]]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@dataclass(frozen=True)
class Round:
    """A round with a server that accepts and says nothing, beside the same round without it.

    Measured until the last of the others is mirrored; ``left_out``: until all of it is over, once the silent one has
    failed and is left out until its next try.
    """

    name: str
    limit: float
    left_out: bool

    def ratio(self) -> float:
        if lacking:
            print(f"Not run, {lacking}")
            return 0.0
        from django.conf import settings

        from django_bbb.services import servers

        web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        web.daemon_threads = True
        threading.Thread(target=web.serve_forever, daemon=True).start()
        declared = {}
        for number in range(SERVERS - 1):
            numbers = range(number * CLASSES_OF_EACH, (number + 1) * CLASSES_OF_EACH)
            Handler.answers[f"s{number}"] = answer(numbers, people=PEOPLE)
            declared[f"s{number}"] = {"URL": f"http://127.0.0.1:{web.server_port}/s{number}/", "SECRET": SECRET}
        hole = socket.create_server(("127.0.0.1", 0))
        silent = {"URL": f"http://127.0.0.1:{hole.getsockname()[1]}/", "SECRET": SECRET, "TIMEOUT": 2, "DEADLINE": 2}
        clear()
        settings.DJANGO_BBB = {"SERVERS": declared}
        for number, server in enumerate(servers.register_declared_servers()):
            open_classes(server, range(number * CLASSES_OF_EACH, (number + 1) * CLASSES_OF_EACH))
        try:
            self.took({"SERVERS": declared})  # connections are made
            ratios = []
            # A round without the black hole is a few hundredths of a second long, and as uneven.
            for _round in range(5 * ROUNDS if self.left_out else ROUNDS):
                without = self.took({"SERVERS": declared})
                ratios.append(self.took({"SERVERS": {"silent": silent, **declared}}) / without)
        finally:
            hole.close()
            web.shutdown()
            web.server_close()
        return median(ratios)

    def took(self, site: dict[str, Any]) -> float:
        from django.conf import settings

        from django_bbb.models import Server
        from django_bbb.services import polling, servers

        settings.DJANGO_BBB = site
        servers.register_declared_servers()
        Server.objects.filter(slug="silent").update(
            state=Server.State.ENABLED if "silent" in site["SERVERS"] else Server.State.DISABLED
        )
        if not self.left_out:
            Server.objects.update(next_try_at=None, failures=0)
        elif "silent" in site["SERVERS"]:
            while Server.objects.get(slug="silent").next_try_at is None:
                polling.poll_servers()
        begin, clock = datetime.now(UTC), perf_counter()
        polling.poll_servers()
        took = perf_counter() - clock
        others = Server.objects.exclude(slug="silent")
        if others.filter(polled_at__gte=begin).count() != SERVERS - 1:
            raise AssertionError("Not all servers were mirrored")
        last = max(others.values_list("polled_at", flat=True))
        return took if self.left_out else (last - begin).total_seconds()


lacking = prepare()
if not lacking:
    from django_bbb.services.servers import client_for as _client_for

BENCHMARKS = [
    Poll("poll of 2 000 classes, to parsing and one UPDATE by hand", 1.5),
    Round("the others in a round with a black hole, to one without", 1.2, left_out=False),
    Round("a round that leaves the black hole out, to one without", 1.2, left_out=True),
]
