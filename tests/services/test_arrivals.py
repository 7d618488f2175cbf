"""Callbacks that do not arrive are noticed: what they should have told of, polls have found."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import CallbackDelivery, MeetingSession, Recording
from django_bbb.services import arrivals, callbacks, meetings, recordings
from django_bbb.services.addresses import make_token


@pytest.fixture
def held(meeting, simulator):
    """Hold classes that are recorded; nobody tells of them unless a test does."""

    def hold(count):
        simulator.lose_callbacks = True
        for number in range(count):
            session = meetings.start_meeting(meeting=meeting)
            simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
            simulator.set_recording(meeting.meeting_id, True)
            simulator.end_meeting(meeting.meeting_id)
            meetings.close_session(session=session, reason="gone", has_recording_marks=True)
            simulator.finish_recordings()
            recordings.refresh_recordings(server=session.server, record_ids=[session.internal_id])
            ended_at = timezone.now() - timedelta(minutes=60 - number)
            MeetingSession.objects.filter(pk=session.pk).update(ended_at=ended_at)

    return hold


def tell(session):
    callbacks.note_meeting_ended(token=make_token(session, kind="meeting-ended"), recording_marks="true")


def look(server):
    (found,) = arrivals.arrivals([server])
    return found


def test_three_ends_in_a_row_without_a_callback_are_no_accident(held, server):
    held(2)
    assert not look(server).are_missing

    held(1)

    assert look(server).are_missing
    assert (look(server).ends, look(server).recordings) == ([False] * 3, [False] * 3)


def test_one_that_arrives_says_that_they_do(held, server):
    held(3)
    Recording.objects.all().delete()
    tell(MeetingSession.objects.order_by("ended_at").last())

    assert look(server).ends == [True, False, False]
    assert look(server).advice == ""


def test_recordings_are_looked_at_by_themselves(held, server):
    held(3)
    for session in MeetingSession.objects.all():
        tell(session)
    assert look(server).are_missing

    CallbackDelivery.objects.note(
        kind="recording-ready", server=server, subject=MeetingSession.objects.latest("ended_at").internal_id
    )

    assert not look(server).are_missing


def test_what_may_still_come_is_not_missed(held, server):
    held(3)
    MeetingSession.objects.update(ended_at=timezone.now() - timedelta(minutes=9))

    assert look(server).ends == []


def test_nor_what_was_asked_for_under_another_address(held, server, bbb):
    held(3)
    bbb["CALLBACK_BASE_URL"] = "https://new.example.org"
    assert look(server).ends == []
    bbb["CALLBACK_BASE_URL"] = ""

    assert look(server).ends == []


def test_what_to_look_at_depends_on_the_address(held, server, bbb):
    held(3)
    assert "http" in look(server).advice
    assert "no private address" in look(server).advice
    bbb["CALLBACK_BASE_URL"] = "https://lms.example.org"
    for session in MeetingSession.objects.all():
        session.parameters["meta_end_callback_url"] = "https://lms.example.org/bbb/callbacks/meeting-ended/x/"
        session.save()

    assert "certificate" in look(server).advice


def test_the_command_says_so_and_ends_with_a_status_of_its_own(held, server):
    held(3)
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("bbb_check", stdout=out)

    assert ended.value.code == 9
    assert "Callbacks of default do not arrive" in out.getvalue()


@pytest.mark.parametrize("model", ["server", "callbackdelivery"])
def test_the_admin_says_so_to_those_who_may_look(held, server, admin_client, client, student, model):
    held(3)
    address = reverse(f"admin:django_bbb_{model}_changelist")

    assert "do not arrive" in admin_client.get(address).content.decode()
    student.is_staff = True
    student.save()
    client.force_login(student)
    answer = client.get(address)
    assert answer.status_code == 403
    assert "do not arrive" not in answer.content.decode()


def test_many_classes_cost_no_more_queries_than_one(held, server, django_assert_num_queries):
    held(1)
    with django_assert_num_queries(3):
        look(server)
    held(4)

    with django_assert_num_queries(3):
        look(server)
