"""Celery's ways in, and the commands that do the same without Celery."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_bbb import tasks
from django_bbb.api import Timeout
from django_bbb.models import CallbackDelivery, MeetingSession, Recording, Server, ServerLoad
from django_bbb.services import addresses, callbacks, meetings, polling
from django_bbb.services.servers import remember_load
from django_bbb.simulator.faults import Hang, HtmlAnswer


@pytest.fixture
def running(meeting, simulator):
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    return session


@pytest.fixture
def ended(running, simulator, meeting):
    """A class that has ended on the server, with its recording there; nobody has told us."""
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    return running


def run(command, *arguments):
    out, errors = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=errors)
    return out.getvalue() + errors.getvalue()


def note(session):
    token = addresses.make_token(session, kind="meeting-ended")
    delivery = callbacks.note_meeting_ended(token=token, recording_marks="true")
    assert delivery is not None
    return delivery


class TestTasks:
    def test_a_callback_is_worked_off(self, ended):
        tasks.process_callback(note(ended).pk)

        ended.refresh_from_db()
        assert ended.is_open is None

    def test_one_that_is_gone_is_nothing_to_do(self, db):
        tasks.process_callback(99)

        assert not CallbackDelivery.objects.exists()

    def test_the_sweep_finds_what_a_lost_task_left(self, ended):
        note(ended)

        tasks.sweep_callbacks()

        assert CallbackDelivery.objects.undone().count() == 0

    def test_polls_and_looks_find_what_lost_callbacks_did_not_tell(self, ended):
        tasks.poll_servers()
        tasks.look_for_recordings()

        ended.refresh_from_db()
        assert ended.is_open is None
        assert Recording.objects.get().playbacks.count() == 2

    def test_the_sync_goes_on_after_a_server_that_does_not_answer(self, ended, bbb):
        bbb["SERVERS"]["broken"] = {"URL": "http://127.0.0.1:9/", "SECRET": "x" * 40}
        polling.poll_servers()
        MeetingSession.objects.create(
            meeting=ended.meeting,
            server=Server.objects.get(slug="broken"),
            is_open=None,
            claimed_until=ended.claimed_until,
        )

        tasks.sync_recordings()

        assert Recording.objects.count() == 1

    def test_a_slow_class_is_opened_with_patience(self, meeting, simulator, bbb):
        bbb["CREATE_DEADLINE"] = 0.3
        simulator.faults.set(Hang(), call="create")
        with pytest.raises(Timeout):
            meetings.start_meeting(meeting=meeting)
        simulator.faults.clear()

        tasks.open_session(meeting.current_session.pk)
        tasks.open_session(meeting.current_session.pk)

        assert meeting.current_session.is_joinable
        assert len([one for one in simulator.calls("create") if one.outcome != "fault"]) == 1

    def test_while_somebody_else_is_opening_it_nobody_else_does(self, meeting, server, simulator):
        until = timezone.now() + timedelta(seconds=30)
        claim = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=until)

        tasks.open_session(claim.pk)

        assert simulator.calls("create") == []

    def test_a_server_that_stays_silent_is_a_line_in_the_log(self, meeting, simulator, bbb, caplog):
        bbb |= {"CREATE_DEADLINE": 0.3, "PATIENT_CREATE_DEADLINE": 0.3}
        simulator.faults.set(Hang(), call="create")
        with pytest.raises(Timeout):
            meetings.start_meeting(meeting=meeting)
        caplog.clear()

        tasks.open_session(meeting.current_session.pk)

        assert "did not answer in time" in caplog.text


class TestCommands:
    def test_poll_does_what_beat_would(self, ended):
        note(ended)

        said = run("bbb_poll")

        ended.refresh_from_db()
        assert ended.is_open is None
        assert Recording.objects.get().playbacks.count() == 2
        assert "default: 0 running, 1 closed" in said
        assert "1 recordings found or renewed" in said

    def test_poll_says_what_is_wrong_and_goes_on(self, ended, simulator):
        simulator.faults.set(HtmlAnswer(status=502))

        said = run("bbb_poll")

        assert "HTTP 502" in said
        assert "0 callbacks worked off" in said

    def test_sync_finds_recordings(self, ended):
        assert "default: 1 recordings" in run("bbb_sync")

    def test_sync_of_one_server(self, ended):
        assert "default: 1 recordings" in run("bbb_sync", "--server", "default")

    def test_sync_of_an_unknown_server_is_an_error(self, ended):
        with pytest.raises(CommandError, match="no server 'other'"):
            run("bbb_sync", "--server", "other")

    def test_sync_fails_when_a_server_does_not_answer_and_changes_nothing(self, ended, simulator):
        run("bbb_sync")
        simulator.faults.set(HtmlAnswer(status=502))

        with pytest.raises(CommandError, match="Not every server answered"):
            run("bbb_sync")

        assert Recording.objects.existing().count() == 1


def test_old_minutes_of_servers_are_forgotten_by_the_task_and_by_cron(server, simulator):
    for forget in (tasks.forget_what_is_old, lambda: run("bbb_poll")):
        remember_load(server, timezone.now() - timedelta(days=8))

        forget()

        assert not ServerLoad.objects.filter(minute__lt=timezone.now() - timedelta(days=7)).exists()
