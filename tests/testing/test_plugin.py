"""The fixtures for the tests of a site, inside this project; `test_other_project` tries them in another."""

import threading

import pytest
from django.core.signals import request_finished

from django_bbb.models import CallbackDelivery, MeetingSession
from django_bbb.services.hooks import register_hooks
from django_bbb.services.meetings import start_meeting
from django_bbb.testing.callbacks import NothingToDeliver

pytest_plugins = ["django_bbb.testing.plugin"]


@pytest.fixture
def session(bbb_meeting):
    return start_meeting(meeting=bbb_meeting)


def test_a_class_starts_on_the_simulator(bbb_simulator, bbb_meeting, session):
    assert session.is_joinable
    assert list(bbb_simulator.meetings) == [bbb_meeting.meeting_id]
    assert {entry.checksum for entry in bbb_simulator.journal} == {"good"}


def test_other_settings_of_the_site_stay(settings, request):
    settings.DJANGO_BBB = {**settings.DJANGO_BBB, "WAITING_REFRESH": 77}

    server = request.getfixturevalue("bbb_server")

    assert settings.DJANGO_BBB["WAITING_REFRESH"] == 77
    assert list(settings.DJANGO_BBB["SERVERS"]) == [server.slug]


def test_recording_is_on_both_sides(bbb_simulator, bbb_meeting, bbb_recording):
    assert bbb_recording.meeting == bbb_meeting
    assert list(bbb_simulator.recordings) == [bbb_recording.record_id]
    assert [one.type for one in bbb_recording.playbacks.all()] == ["presentation", "video"]


def test_site_closes_the_class_when_it_is_told(bbb_simulator, bbb_meeting, bbb_callbacks, session):
    statuses = bbb_callbacks.meeting_ended(bbb_meeting)
    done = bbb_callbacks.work_off()

    session.refresh_from_db()
    assert (statuses, done) == ([200], 1)
    assert session.end_reason == MeetingSession.EndReason.ENDED
    assert bbb_simulator.meetings == {}


def test_end_may_be_told_later_than_it_happens(bbb_simulator, bbb_meeting, bbb_callbacks, session):
    bbb_simulator.end_meeting(bbb_meeting.meeting_id)

    assert bbb_callbacks.meeting_ended(bbb_meeting) == [200]


def test_callback_delivered_twice_is_one_thing_to_do(bbb_meeting, bbb_callbacks, session):
    assert bbb_callbacks.meeting_ended(bbb_meeting, times=2) == [200, 200]
    assert [delivery.asked for delivery in CallbackDelivery.objects.all()] == [2]


@pytest.mark.parametrize("forged", ["wrong-secret", "missing"])
def test_forged_end_is_refused_while_the_class_goes_on(bbb_simulator, bbb_meeting, bbb_callbacks, session, forged):
    (status,) = bbb_callbacks.meeting_ended(bbb_meeting, forged=forged)

    assert status in {403, 404}
    assert list(bbb_simulator.meetings) == [bbb_meeting.meeting_id]
    assert not CallbackDelivery.objects.exists()


def test_recording_is_announced(bbb_recording, bbb_callbacks):
    assert bbb_callbacks.recording_ready(bbb_recording) == [200]
    assert bbb_callbacks.work_off() == 1


@pytest.mark.parametrize("forged", ["wrong-secret", "tampered", "missing", "alg-none", "wrong-algorithm"])
def test_forged_announcement_is_refused(bbb_recording, bbb_callbacks, forged):
    (status,) = bbb_callbacks.recording_ready(bbb_recording, forged=forged)

    assert status in {400, 401}
    assert not CallbackDelivery.objects.exists()


def test_unknown_forgery_is_an_error(bbb_recording, bbb_callbacks):
    with pytest.raises(ValueError, match="magic"):
        bbb_callbacks.recording_ready(bbb_recording, forged="magic")


def test_what_nobody_asked_for_is_an_error(bbb_simulator, bbb_meeting, bbb_callbacks):
    with pytest.raises(NothingToDeliver, match="Start the class with start_meeting"):
        bbb_callbacks.meeting_ended(bbb_meeting)


def test_a_report_on_a_class_is_delivered(bbb_meeting, bbb_callbacks, session):
    assert bbb_callbacks.analytics(bbb_meeting) == [200]
    assert bbb_callbacks.analytics(bbb_meeting, forged="expired") == [401]

    bbb_callbacks.work_off()
    session.refresh_from_db()
    assert session.reported_at is not None


def test_what_happened_last_is_told_to_the_hooks(bbb_simulator, bbb_meeting, bbb_callbacks, session, settings):
    with pytest.raises(NothingToDeliver, match="register_hooks"):
        bbb_callbacks.webhook(bbb_meeting)
    settings.DJANGO_BBB = {**settings.DJANGO_BBB, "EVENTS": "server"}
    register_hooks()
    bbb_simulator.join(bbb_meeting.meeting_id, "Ada Weber", user_id="u7")

    assert bbb_callbacks.webhook(bbb_meeting) == [200]
    assert bbb_callbacks.webhook(bbb_meeting, forged="wrong-secret") == [401]


def test_recording_that_is_gone_is_an_error(bbb_simulator, bbb_recording, bbb_callbacks):
    bbb_simulator.hide_recording(bbb_recording.record_id)

    with pytest.raises(NothingToDeliver, match="has no recording"):
        bbb_callbacks.recording_ready(bbb_recording)


def test_simulator_tells_nobody_by_itself(bbb_simulator, bbb_meeting, session):
    bbb_simulator.end_meeting(bbb_meeting.meeting_id)
    bbb_simulator.wait_for_callbacks()

    assert [(one.kind, one.lost) for one in bbb_simulator.callbacks] == [("meeting-ended", True), ("analytics", True)]


@pytest.fixture
def answered():
    """Counts the requests the site is done with: its thread has closed its connection to the database as well."""
    done = threading.Semaphore(0)

    def note(**kwargs):
        done.release()

    request_finished.connect(note)  # the last of its receivers, after the one that closes connections
    yield done
    request_finished.disconnect(note)


def test_simulator_tells_a_site_that_listens(live_server, answered, bbb_simulator, bbb_meeting, session):
    bbb_simulator.end_meeting(bbb_meeting.meeting_id)
    bbb_simulator.wait_for_callbacks()

    told = bbb_simulator.callbacks
    assert all(answered.acquire(timeout=30) for _one in told)
    assert [(one.kind, one.status) for one in told] == [("meeting-ended", 200), ("analytics", 200)]
    assert CallbackDelivery.objects.count() == 2


def test_callbacks_reach_a_site_that_listens_once(
    live_server, answered, bbb_simulator, bbb_meeting, bbb_callbacks, session
):
    statuses = bbb_callbacks.meeting_ended(bbb_meeting)
    bbb_simulator.wait_for_callbacks()

    assert all(answered.acquire(timeout=30) for _kind in ("meeting-ended", "analytics"))
    assert statuses == [200]
    assert [delivery.asked for delivery in CallbackDelivery.objects.filter(kind="meeting-ended")] == [1]
