"""Classes: started once, looked after, closed only when the server says so."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from django_bbb import signals
from django_bbb.api import ChecksumError, ServerUnreachable, Timeout, UnreadableResponse
from django_bbb.exceptions import MeetingIsRunning, NoServerAvailable, ServerNotConfigured
from django_bbb.models import Meeting, MeetingSession, Server
from django_bbb.services import meetings, servers
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.faults import CloseConnection, Hang, HtmlAnswer

Reason = MeetingSession.EndReason


@pytest.fixture
def running(meeting, simulator):
    """The session of a class with one person inside."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    return session


@pytest.fixture
def heard():
    """What the signals told: pairs of name and arguments."""
    told = []

    def receiver(name):
        def receive(sender, signal, **arguments):
            told.append((name, arguments))

        return receive

    kept = {name: receiver(name) for name in ("meeting_started", "meeting_ended")}
    for name, receive in kept.items():
        getattr(signals, name).connect(receive)
    yield told
    for name, receive in kept.items():
        getattr(signals, name).disconnect(receive)


class TestCreate:
    def test_a_meeting_has_an_id_that_is_not_the_beginning_of_a_sha1(self, meeting):
        assert meeting.meeting_id.startswith("m-")
        assert len(meeting.meeting_id) == 28
        assert set(meeting.meeting_id[2:]) <= set("abcdefghijklmnopqrstuvwxyz234567")

    def test_options_of_the_site_and_of_the_meeting_are_put_together(self, bbb, server):
        made = meetings.create_meeting(name="Physics", options={"mute_on_start": True})

        assert made.effective_options() == {"record": True, "mute_on_start": True}

    def test_defaults_of_one_meeting_do_not_leak_into_the_next(self, bbb, server):  # pitfalls.md 3
        meetings.create_meeting(name="Physics", options={"meta": {"course": "9c"}})

        assert meetings.create_meeting(name="Chemistry").effective_options() == {"record": True}

    @pytest.mark.parametrize(
        "options",
        [
            {"mute_on_strat": True},
            {"duration": -1},
            {"name": "other"},
            {"logoutURL": "javascript:1"},
            {"meta": {"endCallbackUrl": "https://elsewhere.example.org/"}},
            {"meta": {"bbb-recording-ready-url": "https://elsewhere.example.org/"}},
            {"meta": ["course"]},
        ],
    )
    def test_options_that_create_would_not_take_are_refused(self, server, options):
        with pytest.raises(ValidationError) as caught:
            meetings.create_meeting(name="Physics", options=options)

        assert list(caught.value.message_dict) == ["options"]

    def test_options_that_are_no_object_are_refused(self, server):
        with pytest.raises(ValidationError):
            Meeting(name="Physics", options=["record"]).clean()

    def test_a_name_of_one_character_is_refused(self, server):
        with pytest.raises(ValidationError):
            meetings.create_meeting(name="P")


class TestStart:
    def test_the_server_is_told_everything_that_matters(self, meeting, simulator):  # pitfalls.md 15
        session = meetings.start_meeting(meeting=meeting)

        remote = simulator.meetings[meeting.meeting_id]
        assert remote.internal_id == session.internal_id
        assert remote.settings.name == "Mathematics 7b"
        assert remote.settings.record is True
        assert remote.settings.metadata["endcallbackurl"].startswith("http://testserver/bbb/callbacks/meeting-ended/")
        assert remote.settings.metadata["bbb-recording-ready-url"] == (
            "http://testserver/bbb/callbacks/recording-ready/default/"
        )
        assert remote.settings.logout_url == f"http://testserver/bbb/meetings/{meeting.meeting_id}/left/"

    @pytest.mark.parametrize(
        ("lobby", "policy"),
        [("", "ALWAYS_ACCEPT"), ("guests", "ALWAYS_ACCEPT_AUTH"), ("everybody", "ASK_MODERATOR")],
    )
    def test_the_lobby_is_that_of_the_meeting(self, meeting, simulator, lobby, policy):
        meeting.lobby = lobby
        meetings.start_meeting(meeting=meeting)

        assert simulator.meetings[meeting.meeting_id].settings.guest_policy == policy

    def test_started_again_it_is_the_same_class_and_no_second_call(self, meeting, simulator):
        first = meetings.start_meeting(meeting=meeting)

        second = meetings.start_meeting(meeting=meeting)

        assert second == first
        assert len(simulator.calls("create")) == 1

    def test_the_project_is_told_once_after_commit(
        self, meeting, simulator, heard, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            session = meetings.start_meeting(meeting=meeting)
            meetings.start_meeting(meeting=meeting)

        assert heard == [("meeting_started", {"session": session})]

    def test_whoever_finds_a_dead_claim_creates_the_class_with_its_parameters(self, meeting, simulator, server):
        # A worker that was killed between the claim and the call.
        dead = MeetingSession.objects.create(
            meeting=meeting,
            server=server,
            claimed_until=timezone.now() - timedelta(seconds=1),
            parameters={"name": "As it was claimed", "meeting_id": meeting.meeting_id},
        )

        session = meetings.start_meeting(meeting=meeting)

        assert session.pk == dead.pk
        assert simulator.meetings[meeting.meeting_id].name == "As it was claimed"

    def test_a_dead_claim_is_taken_over_by_one_alone(self, meeting, server):
        until = timezone.now() + timedelta(seconds=10)
        dead = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=timezone.now())
        found_by_another = MeetingSession.objects.get(pk=dead.pk)

        takes = [MeetingSession.objects.take_lease(one, until=until) for one in (dead, found_by_another)]

        assert takes == [True, False]

    def test_an_unreachable_server_leaves_nothing_behind(self, meeting, simulator):
        simulator.stop()

        with pytest.raises(ServerUnreachable) as caught:
            meetings.start_meeting(meeting=meeting)

        assert caught.value.sent is False
        assert meeting.current_session is None
        assert meeting.sessions.get().end_reason == Reason.NOT_CREATED

    def test_a_refused_call_closes_the_claim(self, meeting, bbb, server):
        bbb["SERVERS"]["default"]["SECRET"] = "another secret that is not the server's"

        with pytest.raises(ChecksumError, match="wrong secret or algorithm"):
            meetings.start_meeting(meeting=meeting)

        assert meeting.current_session is None
        assert meeting.sessions.get().end_reason == Reason.REFUSED

    def test_a_server_without_a_secret_closes_the_claim(self, meeting, bbb, server):
        bbb["SERVERS"]["default"]["SECRET"] = ""

        with pytest.raises(ServerNotConfigured):
            meetings.start_meeting(meeting=meeting)

        assert meeting.current_session is None

    def test_after_a_page_of_a_proxy_the_next_click_tries_again_at_once(self, meeting, simulator):
        simulator.faults.set(HtmlAnswer(status=200), call="create", times=1)
        with pytest.raises(UnreadableResponse):
            meetings.start_meeting(meeting=meeting)

        assert meetings.start_meeting(meeting=meeting).is_joinable

    def test_a_create_whose_answer_was_lost_is_found_by_the_next_click(self, meeting, simulator):  # threats.md 41
        simulator.faults.set(CloseConnection(when="after"), call="create")
        with pytest.raises(ServerUnreachable) as caught:
            meetings.start_meeting(meeting=meeting)
        simulator.faults.clear()

        session = meetings.start_meeting(meeting=meeting)

        assert caught.value.sent is True
        assert session.internal_id == simulator.meetings[meeting.meeting_id].internal_id
        assert meeting.sessions.count() == 1

    def test_a_server_that_says_nothing_is_a_timeout_and_the_claim_stays(self, meeting, simulator, bbb):
        bbb["CREATE_DEADLINE"] = 0.3
        simulator.faults.set(Hang(), call="create")

        with pytest.raises(Timeout):
            meetings.start_meeting(meeting=meeting)

        assert meeting.current_session is not None
        assert not meeting.current_session.is_joinable

    def test_a_patient_second_try_opens_what_was_too_slow(self, meeting, simulator, bbb):
        bbb["CREATE_DEADLINE"] = 0.3
        simulator.faults.set(Hang(), call="create")
        with pytest.raises(Timeout):
            meetings.start_meeting(meeting=meeting)
        simulator.faults.clear()

        session = meetings.open_session(session=meeting.current_session, deadline=5)

        assert session.is_joinable

    def test_before_a_byte_was_sent_another_server_takes_the_class(self, meeting, simulator, bbb, server):
        bbb["SERVERS"]["broken"] = {"URL": "http://127.0.0.1:9/bigbluebutton/api/", "SECRET": "x" * 40}
        servers.register_declared_servers()
        Server.objects.filter(slug="default").update(participant_count=50)  # so that the broken one is chosen

        session = meetings.start_meeting(meeting=meeting)

        assert session.server.slug == "default"
        assert "recording-ready/default/" in session.parameters["meta_bbb_recording_ready_url"]
        assert Server.objects.get(slug="broken").failures == 1

    def test_once_something_was_sent_the_class_stays_on_its_server(self, meeting, simulator, bbb):
        # threats.md 41: it may have been created there, and a second server would split the class.
        with BigBlueButtonSimulator(secret="y" * 40) as other:
            bbb["SERVERS"]["other"] = {"URL": other.url, "SECRET": "y" * 40}
            servers.register_declared_servers()
            Server.objects.filter(slug="other").update(participant_count=50)
            simulator.faults.set(HtmlAnswer(status=502), call="create")

            with pytest.raises(ServerUnreachable):
                meetings.start_meeting(meeting=meeting)

            assert meeting.current_session.server.slug == "default"
            assert other.calls("create") == []

    @pytest.mark.parametrize("state", [Server.State.DRAINING, Server.State.DISABLED])
    def test_a_server_that_takes_no_classes_gets_none(self, meeting, simulator, server, state):
        Server.objects.update(state=state)

        with pytest.raises(NoServerAvailable):
            meetings.start_meeting(meeting=meeting)

        assert simulator.calls("create") == []


@pytest.mark.django_db(transaction=True)
def test_two_who_press_start_at_once_end_up_in_one_class(simulator, bbb, transactional_db):  # pitfalls.md 29
    servers.register_declared_servers()
    meeting = meetings.create_meeting(name="Mathematics 7b")
    together, found = threading.Barrier(6), []

    def press_start():
        together.wait()
        try:
            found.append(meetings.start_meeting(meeting=meeting).internal_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=press_start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(found) == 6
    assert len(set(found)) == 1
    assert len(simulator.calls("create")) == 1


class TestEnd:
    def test_it_ends_on_the_server_and_is_closed_here(self, running, simulator, meeting):
        assert meetings.end_meeting(meeting=meeting) is True

        running.refresh_from_db()
        assert meeting.meeting_id not in simulator.meetings
        assert running.end_reason == Reason.ENDED

    def test_one_that_is_already_gone_over_there_is_closed(self, running, simulator, meeting):  # quirks.md 46
        simulator.restart()

        assert meetings.end_meeting(meeting=meeting) is True

        running.refresh_from_db()
        assert running.is_open is None

    def test_without_a_class_nobody_is_asked(self, meeting, simulator):
        assert meetings.end_meeting(meeting=meeting) is False
        assert simulator.journal == []

    def test_the_project_is_told_once(self, running, meeting, heard, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            meetings.end_meeting(meeting=meeting)
            meetings.close_session(session=running, reason=Reason.GONE)

        assert [name for name, _arguments in heard] == ["meeting_ended"]

    def test_a_receiver_that_raises_stops_nothing(
        self, running, meeting, caplog, django_capture_on_commit_callbacks
    ):  # threats.md 29
        def broken(sender, signal, **arguments):
            raise RuntimeError("the site's own mistake")

        signals.meeting_ended.connect(broken)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                meetings.end_meeting(meeting=meeting)
        finally:
            signals.meeting_ended.disconnect(broken)

        assert meeting.current_session is None
        assert "broken" in caplog.text

    def test_started_anew_it_is_another_run(self, running, meeting, simulator):  # quirks.md 17
        meetings.end_meeting(meeting=meeting)

        again = meetings.start_meeting(meeting=meeting)

        assert again.pk != running.pk
        assert again.internal_id != running.internal_id


class TestDelete:
    def test_it_archives_and_keeps_the_sessions(self, running, meeting):
        meetings.end_meeting(meeting=meeting)

        meeting.delete()

        assert meeting.archived_at is not None
        assert list(Meeting.objects.active()) == []
        assert MeetingSession.objects.filter(pk=running.pk).exists()

    def test_it_is_refused_while_a_class_runs(self, running, meeting):
        with pytest.raises(MeetingIsRunning):
            meeting.delete()

        meeting.refresh_from_db()
        assert meeting.archived_at is None
