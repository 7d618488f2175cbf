"""Polls: what servers tell about all their classes at once, and what is made of it."""

import logging
import socket
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_bbb import signals
from django_bbb.api import RequestsTransport, ServerUnreachable
from django_bbb.models import Meeting, MeetingSession, Origin, Server
from django_bbb.services import adopting, meetings, polling, servers
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.faults import (
    CloseConnection,
    ConnectionReset,
    Garbage,
    Hang,
    HtmlAnswer,
    IllFormedXml,
    Restart,
    Trickle,
    TruncatedXml,
    WrongSecret,
)

Reason = MeetingSession.EndReason


@pytest.fixture
def running(meeting, simulator):
    """The session of a class with one person inside."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    return session


@pytest.fixture
def started():
    """The sessions that the project was told to have begun."""
    told = []

    def receive(sender, signal, session, **arguments):
        told.append(session)

    signals.meeting_started.connect(receive)
    yield told
    signals.meeting_started.disconnect(receive)


def later(**how):
    """Let so much time pass for leases, pauses and questions that rest."""
    ago = timezone.now() - timedelta(**how)
    Server.objects.update(poll_lease_until=None, asked_at=ago, next_try_at=None)
    MeetingSession.objects.update(checked_at=None, claimed_at=ago)


class TestPoll:
    def test_it_mirrors_what_the_server_tells(self, running, simulator, meeting):
        simulator.join(meeting.meeting_id, "Ben Klein", user_id="u2")

        outcome = polling.poll_servers()

        running.refresh_from_db()
        assert (running.running, running.participant_count, running.moderator_count) == (True, 2, 1)
        assert running.server.reachable is True
        assert outcome == {"default": "1 running, 0 closed"}

    def test_one_call_whatever_the_number_of_classes(self, server, simulator):  # pitfalls.md 28
        for number in range(5):
            meetings.start_meeting(meeting=meetings.create_meeting(name=f"Class {number}"))
        simulator.clear_journal()

        polling.poll_servers()

        assert [entry.call for entry in simulator.journal] == ["getMeetings"]

    def test_a_class_that_has_ended_is_closed_after_a_second_look(self, running, simulator, meeting):
        simulator.end_meeting(meeting.meeting_id)
        simulator.clear_journal()

        polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is None
        assert running.end_reason == Reason.GONE
        assert [entry.call for entry in simulator.journal] == ["getMeetings", "getMeetingInfo"]

    @pytest.mark.parametrize("fault", [HtmlAnswer(status=502), HtmlAnswer(status=200), CloseConnection()])
    def test_a_server_that_does_not_answer_keeps_its_classes(self, running, simulator, fault):  # pitfalls.md 24, 25
        simulator.faults.set(fault)

        polling.poll_servers()
        polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is True

    def test_a_balancer_that_hides_its_list_closes_nothing(self, running, simulator):  # quirks.md 73
        simulator.faults.set(HtmlAnswer(status=200, body=_NO_MEETINGS), call="getMeetings")

        polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is True

    def test_a_wrong_secret_closes_nothing_and_is_told(self, running, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = "another secret that is not the server's"

        outcome = polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is True
        assert "wrong secret or algorithm" in outcome["default"]
        assert "wrong secret or algorithm" in Server.objects.get().last_error

    def test_a_claim_is_left_alone_until_its_lease_has_ended(self, meeting, server, simulator):
        claim = MeetingSession.objects.create(
            meeting=meeting, server=server, claimed_until=timezone.now() + timedelta(seconds=30)
        )

        polling.poll_servers()

        claim.refresh_from_db()
        assert claim.is_open is True

    def test_a_claim_that_nobody_created_is_closed(self, meeting, server, simulator):
        claim = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=timezone.now())

        polling.poll_servers()

        claim.refresh_from_db()
        assert (claim.is_open, claim.end_reason) == (None, Reason.NOT_CREATED)

    def test_a_create_whose_answer_was_lost_is_adopted(self, meeting, simulator):
        simulator.faults.set(CloseConnection(when="after"), call="create")
        with pytest.raises(ServerUnreachable):
            meetings.start_meeting(meeting=meeting)

        polling.poll_servers()

        assert meeting.current_session.internal_id == simulator.meetings[meeting.meeting_id].internal_id

    def test_a_server_is_polled_by_one_at_a_time(self, server, simulator):  # threats.md 38
        assert Server.objects.take_poll_lease(server)

        outcome = polling.poll_servers()

        assert outcome == {"default": "is being polled"}
        assert simulator.journal == []

    def test_a_disabled_server_is_not_asked(self, server, simulator):
        Server.objects.update(state=Server.State.DISABLED)

        assert polling.poll_servers() == {}
        assert simulator.journal == []


class TestNumbers:
    def poll_many(self, count, simulator):
        for number in range(count):
            room = meetings.create_meeting(name=f"Class {number}")
            meetings.start_meeting(meeting=room)
            simulator.join(room.meeting_id, "Ada Weber")
        with CaptureQueriesContext(connection) as queries:
            polling.poll_servers()
        return len(queries)

    def test_as_many_queries_for_many_classes_as_for_one(self, server, simulator):
        first = self.poll_many(1, simulator)

        assert self.poll_many(30, simulator) <= first
        with CaptureQueriesContext(connection) as queries:  # nobody has come or gone
            polling.poll_servers()
        assert len(queries) <= 12
        assert MeetingSession.objects.filter(participant_count=1, running=True).count() == 31

    def test_load_is_remembered(self, running, simulator):
        polling.poll_servers()

        load = running.server.loads.get()
        assert (load.meeting_count, load.participant_count) == (1, 1)


class TestMissing:
    def test_a_server_that_has_forgotten_everything_closes_with_the_reason_and_start_makes_it_anew(
        self, running, simulator, meeting
    ):
        simulator.restart()

        polling.poll_servers()

        running.refresh_from_db()
        assert (running.is_open, running.end_reason) == (None, Reason.GONE)
        again = meetings.start_meeting(meeting=meeting)
        assert again.internal_id == simulator.meetings[meeting.meeting_id].internal_id
        assert again.pk != running.pk

    def test_a_list_with_something_unreadable_concludes_nothing_about_what_is_missing(self, running, simulator):
        other = meetings.start_meeting(meeting=meetings.create_meeting(name="Physics"))
        simulator.end_meeting(running.meeting.meeting_id)
        listed = _LISTED.format(room=other.meeting.meeting_id, run=other.internal_id)
        simulator.faults.set(HtmlAnswer(status=200, body=listed), call="getMeetings")

        polling.poll_servers()

        running.refresh_from_db()
        other.refresh_from_db()
        assert running.is_open is True
        assert other.participant_count == 7
        assert simulator.calls("getMeetingInfo") == []

    def test_somebody_elses_answer_to_both_questions_closes_nothing(self, running, simulator):
        simulator.faults.set(HtmlAnswer(status=200, body=_NO_MEETINGS), call="getMeetings")
        simulator.faults.set(HtmlAnswer(status=200, body=_ANOTHER), call="getMeetingInfo")

        assert polling.poll_servers() == {"default": "1 running, 0 closed"}

        running.refresh_from_db()
        assert running.is_open is True

    def test_where_the_second_question_is_not_answered_no_third_is_asked(self, running, simulator):
        meetings.start_meeting(meeting=meetings.create_meeting(name="Physics"))
        simulator.restart()
        simulator.faults.set(HtmlAnswer(status=502), call="getMeetingInfo")

        polling.poll_servers()

        assert MeetingSession.objects.open().count() == 2
        assert len(simulator.calls("getMeetingInfo")) == 1

    def test_a_balancer_that_hides_its_list_tells_of_each_class_by_itself(self, running, simulator):
        simulator.faults.set(HtmlAnswer(status=200, body=_NO_MEETINGS), call="getMeetings")

        polling.poll_servers()

        running.refresh_from_db()
        assert running.participant_count == 1

    def test_the_next_run_of_the_same_room_is_found_when_the_old_one_is_closed(self, running, simulator, meeting):
        simulator.restart()
        simulator.create_meeting(meeting.meeting_id, metadata={"bbb-origin": Origin.objects.of_this_site()})

        polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is None
        assert meeting.current_session.internal_id == simulator.meetings[meeting.meeting_id].internal_id

    def test_one_that_is_over_and_still_listed_is_closed(self, bbb, db):
        with BigBlueButtonSimulator(secret="y" * 40, ended_meetings_stay=60, lose_callbacks=True) as slow:
            bbb["SERVERS"] = {"slow": {"URL": slow.url, "SECRET": "y" * 40}}
            servers.register_declared_servers()
            session = meetings.start_meeting(meeting=meetings.create_meeting(name="Physics"))
            slow.end_meeting(session.meeting.meeting_id)
            assert [one.has_been_forcibly_ended for one in servers.client_for(session.server).meetings.get_meetings()]

            polling.poll_servers()
            MeetingSession.objects.update(ended_at=timezone.now() - timedelta(seconds=20))
            polling.poll_servers()

        session.refresh_from_db()
        assert session.is_open is None

    def test_a_class_claimed_after_the_question_is_not_missing(self, meeting, server, simulator):
        assert Server.objects.take_poll_lease(server)
        poll = polling._poll(server)
        answer = next(poll)()
        session = meetings.start_meeting(meeting=meeting)
        simulator.clear_journal()

        with pytest.raises(StopIteration, match="0 running, 0 closed"):
            poll.send(answer)

        session.refresh_from_db()
        assert session.is_open is True
        assert simulator.journal == []


class TestAdoption:
    def test_a_class_of_ours_that_nobody_knew_of_is_adopted(
        self, running, simulator, meeting, started, django_capture_on_commit_callbacks
    ):
        MeetingSession.objects.all().delete()  # as after a restored backup

        with django_capture_on_commit_callbacks(execute=True):
            polling.poll_servers()

        session = meeting.current_session
        assert (session.internal_id, session.participant_count) == (running.internal_id, 1)
        assert session.create_time == running.create_time
        assert session.parameters["record"] is True
        assert started == [session]

    def test_a_class_that_a_server_denied_twice_by_mistake_is_opened_again(self, running, simulator, meeting):
        simulator.faults.set(HtmlAnswer(status=200, body=_NO_MEETINGS), call="getMeetings", times=1)
        simulator.faults.set(HtmlAnswer(status=200, body=_NOT_FOUND), call="getMeetingInfo", times=1)
        polling.poll_servers()
        assert meeting.current_session is None
        MeetingSession.objects.update(ended_at=timezone.now() - timedelta(seconds=20))

        polling.poll_servers()

        assert meeting.current_session == running
        assert meeting.sessions.count() == 1

    def test_one_that_has_just_ended_stays_ended_though_an_older_answer_lists_it(self, running, server, meeting):
        assert Server.objects.take_poll_lease(server)
        poll = polling._poll(server)
        answer = next(poll)()
        meetings.end_meeting(meeting=meeting)

        with pytest.raises(StopIteration):
            poll.send(answer)

        assert meeting.current_session is None

    def test_a_class_of_another_site_is_left_alone(self, server, simulator, meeting):  # threats.md 120
        simulator.create_meeting(meeting.meeting_id, metadata={"bbb-origin": "another-site"})
        simulator.create_meeting("theirs", metadata={"bbb-origin": "Moodle"})
        simulator.create_meeting("bare")
        simulator.clear_journal()

        polling.poll_servers()

        assert not MeetingSession.objects.exists()
        assert [entry.call for entry in simulator.journal] == ["getMeetings"]

    def test_our_mark_on_a_meeting_that_is_not_ours_is_not_enough(self, server, simulator):
        simulator.create_meeting("m-unknown", metadata={"bbb-origin": Origin.objects.of_this_site()})

        polling.poll_servers()

        assert not MeetingSession.objects.exists()

    def test_a_second_run_elsewhere_does_not_take_the_place_of_the_first(self, running, simulator, meeting, bbb):
        with BigBlueButtonSimulator(secret="y" * 40) as other:
            bbb["SERVERS"]["other"] = {"URL": other.url, "SECRET": "y" * 40}
            other.create_meeting(meeting.meeting_id, metadata={"bbb-origin": Origin.objects.of_this_site()})

            polling.poll_servers()

        assert meeting.current_session == running
        assert meeting.sessions.count() == 1


class TestOrigin:
    def test_it_is_made_up_once_and_kept(self, db):
        mark = Origin.objects.of_this_site()

        assert mark.startswith("django-bbb-")
        assert Origin.objects.of_this_site() == mark

    def test_the_setting_wins(self, bbb, db):
        bbb["ORIGIN"] = "lms.example.org"

        assert Origin.objects.of_this_site() == "lms.example.org"

    def test_every_class_carries_it_whatever_the_options_say(self, server, simulator, bbb):
        bbb["ORIGIN"] = "lms.example.org"
        room = meetings.create_meeting(name="Physics", options={"meta": {"bbb-origin": "other", "course": "9c"}})

        meetings.start_meeting(meeting=room)

        facts = simulator.meetings[room.meeting_id].settings.metadata
        assert (facts["bbb-origin"], facts["course"]) == ("lms.example.org", "9c")


class TestOrder:
    def test_an_older_answer_that_comes_later_is_dropped(self, running, simulator, meeting, server):
        assert Server.objects.take_poll_lease(server)
        older = polling._poll(server)
        answer = next(older)()
        simulator.join(meeting.meeting_id, "Ben Klein")
        later(minutes=1)
        polling.poll_servers()

        with pytest.raises(StopIteration, match="too late"):
            older.send(answer)

        running.refresh_from_db()
        assert running.participant_count == 2
        assert Server.objects.get().participant_count == 2

    def test_nor_does_it_overwrite_a_class_that_was_heard_of_since(self, running, server):
        now = timezone.now()
        (remote,) = servers.client_for(server).meetings.get_meetings()
        MeetingSession.objects.update(synced_at=now, participant_count=5)

        MeetingSession.objects.mirror([(running.pk, remote)], asked_at=now - timedelta(seconds=1))

        running.refresh_from_db()
        assert (running.participant_count, running.synced_at) == (5, now)

    def test_a_poll_that_took_too_long_does_not_end_the_lease_of_the_next(self, server):
        assert Server.objects.take_poll_lease(server)
        next_one = Server.objects.get()
        later(minutes=1)
        assert Server.objects.take_poll_lease(next_one)

        Server.objects.end_poll_lease(server)

        assert not Server.objects.take_poll_lease(server)


class TestClock:
    def test_a_server_whose_clock_is_hours_off_changes_none_of_our_times(self, meeting, simulator, server):
        before = timezone.now()
        simulator.advance(5 * 3600)

        session = meetings.start_meeting(meeting=meeting)
        simulator.join(meeting.meeting_id, "Ada Weber")
        polling.poll_servers()
        session.refresh_from_db()
        simulator.restart()
        polling.poll_servers()
        ended = meeting.sessions.get()

        assert session.create_time > before + timedelta(hours=4)  # the server's, and told to it again
        assert session.participant_count == 1
        assert before <= session.claimed_at <= session.synced_at <= ended.ended_at <= timezone.now()


@pytest.fixture
def pool(db, bbb, simulator):
    """Three servers with a class on each."""
    with BigBlueButtonSimulator(secret="y" * 40) as second, BigBlueButtonSimulator(secret="z" * 40) as third:
        for slug, one in (("second", second), ("third", third)):
            bbb["SERVERS"][slug] = {"URL": one.url, "SECRET": one.secret}
        servers.register_declared_servers()
        for server in Server.objects.all():
            meetings.start_meeting(meeting=meetings.create_meeting(name=f"On {server}", server=server))
        yield {"default": simulator, "second": second, "third": third}


FAULTS = [
    Hang(),
    Trickle(seconds=0.2),
    CloseConnection(),
    ConnectionReset(),
    HtmlAnswer(status=502),
    HtmlAnswer(status=200),
    IllFormedXml(),
    Garbage(),
    TruncatedXml(part=0.9),
    WrongSecret(),
    Restart(),
]


class TestFaults:
    @pytest.fixture(autouse=True)
    def hasty(self, bbb):
        bbb |= {"TIMEOUT": 0.5, "DEADLINE": 0.5}

    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
    def test_it_keeps_everything_and_the_next_answer_makes_all_right(self, running, simulator, meeting, fault):
        simulator.faults.set(fault, call="getMeetings")

        polling.poll_servers()
        running.refresh_from_db()
        assert running.is_open is True

        simulator.faults.clear()
        later(minutes=1)
        polling.poll_servers()
        session = meeting.sessions.get()
        assert session.is_open is (None if isinstance(fault, Restart) else True)
        assert Server.objects.get().failures == 0

    def test_one_of_three_that_is_down_disturbs_neither_the_others_nor_its_own_classes(self, pool):  # pitfalls.md 26
        pool["second"].faults.set(Hang())
        pool["default"].restart()

        outcomes = polling.poll_servers()

        assert outcomes["default"] == "0 running, 1 closed"
        assert "did not answer in time" in outcomes["second"]
        assert outcomes["third"] == "1 running, 0 closed"
        still = MeetingSession.objects.open().values_list("server__slug", flat=True)
        assert sorted(still) == ["second", "third"]

    def test_servers_are_asked_at_the_same_time(self, pool, monkeypatch):
        all_three, send = threading.Barrier(3), RequestsTransport.send

        def sent_together(self, *arguments, **options):
            all_three.wait(20)  # broken where one waits for another's answer
            return send(self, *arguments, **options)

        monkeypatch.setattr(RequestsTransport, "send", sent_together)

        assert set(polling.poll_servers().values()) == {"1 running, 0 closed"}

    def test_one_that_keeps_failing_is_not_asked_before_its_time(self, running, simulator):
        simulator.faults.set(HtmlAnswer(status=502))
        polling.poll_servers()
        polling.poll_servers()
        simulator.clear_journal()

        outcome = polling.poll_servers()

        assert "is left out until" in outcome["default"]
        assert simulator.journal == []
        later(minutes=1)
        polling.poll_servers()
        assert len(simulator.calls("getMeetings")) == 1

    def test_one_that_answers_every_other_time_closes_nothing_and_stays_in_use(self, running, simulator):
        for _round in range(4):
            simulator.faults.set(HtmlAnswer(status=502), times=1)
            polling.poll_servers()
            polling.poll_servers()

        running.refresh_from_db()
        assert running.is_open is True
        assert list(Server.objects.open_for_classes()) == [running.server]

    def test_what_nobody_foresaw_is_a_failure_of_one_server_and_a_traceback_in_the_log(
        self, pool, monkeypatch, caplog
    ):
        def broken(*, server, **arguments):
            if server.slug == "second":
                raise ZeroDivisionError("nobody foresaw this")
            return real(server=server, **arguments)

        real = adopting.adopt
        monkeypatch.setattr(adopting, "adopt", broken)

        outcomes = polling.poll_servers()

        assert outcomes["second"] == "nobody foresaw this"
        assert outcomes["third"] == "1 running, 0 closed"
        assert any(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)
        assert not Server.objects.filter(poll_lease_until__isnull=False).exists()

    def test_a_black_hole_gets_its_class_back_when_it_answers(self, running, simulator, bbb):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
            right = bbb["SERVERS"]["default"]["URL"]
            bbb["SERVERS"]["default"]["URL"] = f"http://127.0.0.1:{hole.getsockname()[1]}/bigbluebutton/api/"
            assert "did not answer in time" in polling.poll_servers()["default"]
            bbb["SERVERS"]["default"]["URL"] = right

        assert polling.poll_servers() == {"default": "1 running, 0 closed"}


class TestStale:
    """A page asks a server that nobody polls."""

    def test_it_is_asked_once_for_everybody(self, running, simulator):
        later(minutes=1)
        seen_by_many = [MeetingSession.objects.select_related("server").get() for _person in range(5)]
        simulator.clear_journal()

        refreshed = [polling.refresh_if_stale(session=session) for session in seen_by_many]

        assert refreshed == [True, False, False, False, False]
        assert [entry.call for entry in simulator.journal] == ["getMeetings"]

    def test_while_somebody_polls_nobody_else_does(self, running, simulator):
        assert Server.objects.take_poll_lease(running.server)
        Server.objects.update(asked_at=None)
        MeetingSession.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
        simulator.clear_journal()

        assert polling.refresh_if_stale(session=MeetingSession.objects.select_related("server").get()) is False
        assert simulator.journal == []

    def test_what_has_just_begun_is_not_asked_for(self, running, simulator):
        simulator.clear_journal()

        assert polling.refresh_if_stale(session=running) is False
        assert simulator.journal == []

    def test_a_server_that_does_not_answer_is_not_asked_by_the_next_visitor(self, running, simulator):
        simulator.faults.set(HtmlAnswer(status=502))
        later(minutes=1)
        sessions = [MeetingSession.objects.select_related("server").get() for _person in range(3)]
        simulator.clear_journal()

        for session in sessions:
            polling.refresh_if_stale(session=session)

        assert len(simulator.journal) == 1

    def test_nobody_waits_longer_than_a_moment(self, running, simulator, monkeypatch):
        monkeypatch.setattr(polling, "_PATIENCE_OF_A_PAGE", 0.2)
        simulator.faults.set(Hang())
        later(minutes=1)
        session = MeetingSession.objects.select_related("server").get()
        deadlines, send = [], RequestsTransport.send

        def timed(self, *arguments, **options):
            deadlines.append(self.deadline)
            return send(self, *arguments, **options)

        monkeypatch.setattr(RequestsTransport, "send", timed)

        assert polling.refresh_if_stale(session=session) is True

        assert deadlines == [0.2]
        session.server.refresh_from_db()
        assert "did not answer in time" in session.server.last_error
        assert session.server.poll_lease_until is None


def test_a_claim_whose_create_failed_before_it_was_sent_is_no_business_of_the_poll(meeting, simulator):
    simulator.stop()
    with pytest.raises(ServerUnreachable):
        meetings.start_meeting(meeting=meeting)

    polling.poll_servers()

    assert meeting.sessions.get().end_reason == Reason.NOT_CREATED
    assert Meeting.objects.running().count() == 0


_LISTED = """<response><returncode>SUCCESS</returncode><meetings>
<meeting><meetingID>{room}</meetingID><internalMeetingID>{run}</internalMeetingID><running>true</running>
<participantCount>7</participantCount></meeting><meeting><meetingName>no id</meetingName></meeting>
</meetings></response>"""
_ANOTHER = """<response><returncode>SUCCESS</returncode><meetingID>somebody-elses</meetingID>
<internalMeetingID>abc-1</internalMeetingID></response>"""
_NOT_FOUND = """<response><returncode>FAILED</returncode><messageKey>notFound</messageKey>
<message>none</message></response>"""
_NO_MEETINGS = (
    "<response><returncode>SUCCESS</returncode><meetings/><messageKey>noMeetings</messageKey>"
    "<message>none</message></response>"
)
