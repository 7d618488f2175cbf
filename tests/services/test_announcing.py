"""Signals are sent after commit, and at least once: what a process that died left untold is told by the sweep."""

import pytest
from django.db import transaction
from django.utils import timezone

from django_bbb import signals
from django_bbb.models import Announcement, MeetingSession, Recording
from django_bbb.services import announcing, callbacks, meetings, recordings


@pytest.fixture
def heard():
    found = []

    def hear(sender, signal, **arguments):
        found.append({name: value for name, value in arguments.items() if name != "signal"})

    for one in (signals.meeting_started, signals.meeting_ended, signals.recording_ready):
        one.connect(hear, weak=False)
    yield found
    for one in (signals.meeting_started, signals.meeting_ended, signals.recording_ready):
        one.disconnect(hear)


@pytest.fixture
def dying(monkeypatch):
    """Processes die between a commit and what was to be done after it."""
    monkeypatch.setattr(announcing, "_tell", lambda *args: None)
    yield
    monkeypatch.undo()


@pytest.fixture
def session(transactional_db, meeting):
    return meetings.start_meeting(meeting=meeting)


def sweep():
    Announcement.objects.update(due_at=timezone.now())
    return announcing.sweep()


def test_nothing_is_written_where_nobody_listens(transactional_db, meeting):
    meetings.start_meeting(meeting=meeting)

    assert not Announcement.objects.exists()


def test_a_signal_is_sent_and_struck_out(transactional_db, heard, session):
    assert heard == [{"session": session}]
    assert not Announcement.objects.exists()


def test_nothing_is_sent_for_a_change_that_is_taken_back(transactional_db, meeting, server, heard):
    session = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=timezone.now())

    with transaction.atomic():
        announcing.announce("meeting_started", session)
        transaction.set_rollback(True)

    assert heard == []
    assert sweep() == 0


def test_what_a_dead_process_left_is_told_by_the_sweep(
    transactional_db, heard, dying, meeting, simulator, monkeypatch
):  # threats.md 34, 35
    session = meetings.start_meeting(meeting=meeting)
    simulator.lose_callbacks = True
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    meetings.end_meeting(meeting=meeting)
    meetings.close_session(session=session, reason="ended")
    simulator.finish_recordings()
    recordings.refresh_recordings(server=session.server, record_ids=[session.internal_id])
    assert heard == []
    monkeypatch.undo()

    assert announcing.sweep() == 0  # whoever wrote it may still be alive
    assert sweep() == 3

    recording = Recording.objects.get()
    assert heard == [
        {"session": session},
        {"session": session},
        {"recording": recording, "formats": ["presentation", "video"], "first_time": True},
    ]
    assert sweep() == 0


def test_the_sweep_of_callbacks_tells_as_well(transactional_db, heard, dying, meeting, monkeypatch):
    meetings.start_meeting(meeting=meeting)
    monkeypatch.undo()
    Announcement.objects.update(due_at=timezone.now())

    callbacks.sweep()

    assert len(heard) == 1


def test_what_a_receiver_raises_is_logged_and_the_others_are_told(transactional_db, heard, meeting, caplog):
    def broken(sender, **arguments):
        raise RuntimeError("not my day")

    signals.meeting_started.connect(broken)
    try:
        meetings.start_meeting(meeting=meeting)
    finally:
        signals.meeting_started.disconnect(broken)

    assert len(heard) == 1
    assert "broken" in caplog.text
    assert not Announcement.objects.exists()


def test_one_about_something_that_is_gone_is_dropped(transactional_db, heard, dying, meeting, monkeypatch):
    session = meetings.start_meeting(meeting=meeting)
    monkeypatch.undo()
    session.delete()

    assert sweep() == 0
    assert not Announcement.objects.exists()


def test_two_sweeps_at_once_tell_once(transactional_db, heard, dying, meeting, monkeypatch):
    meetings.start_meeting(meeting=meeting)
    monkeypatch.undo()
    Announcement.objects.update(due_at=timezone.now())
    (row,) = Announcement.objects.due()

    assert [Announcement.objects.take_lease(row) for _sweep in range(2)] == [True, False]
