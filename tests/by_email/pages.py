"""Every page of the admin where people have no user name; run by `tests/admin/test_other_users.py`."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import (
    Attendance,
    CallbackDelivery,
    Meeting,
    MeetingPreset,
    Membership,
    Recording,
    RecordingJob,
)
from django_bbb.services.meetings import create_meeting, start_meeting

MODELS = ("server", "meeting", "recording", "meetingsession", "attendance", "callbackdelivery", "meetingpreset")


def address(model, page="changelist", *keys):
    return reverse(f"admin:django_bbb_{model}_{page}", args=keys)


@pytest.fixture
def ada(db):
    return get_user_model().objects.create_user("ada@example.org", "secret", is_staff=True)


@pytest.fixture
def meeting(server, ada):
    meeting = create_meeting(name="Mathematics 7b", owner=ada)
    Membership.objects.create(meeting=meeting, user=ada, role="moderator")
    return meeting


@pytest.fixture
def session(meeting, ada):
    session = start_meeting(meeting=meeting)
    came = timezone.now() - timedelta(minutes=5)
    person = Attendance(session=session, external_id=str(ada.pk), name="Ada", user=ada)
    person.came("poll", came)
    person.save()
    return session


@pytest.fixture
def rows(session, server, ada):
    """One of each."""
    recording = Recording.objects.create(server=server, record_id="r", meeting=session.meeting, published=True)
    CallbackDelivery.objects.note(kind="recording-ready", server=server, subject="x")
    RecordingJob.objects.start(action="publish", arguments={}, user=ada, recordings=[recording.pk])
    return {
        "server": server,
        "meeting": session.meeting,
        "recording": recording,
        "meetingsession": session,
        "attendance": Attendance.objects.get(),
        "callbackdelivery": CallbackDelivery.objects.get(),
        "meetingpreset": MeetingPreset.objects.create(name="Exam"),
    }


def test_these_people_have_no_user_name(ada):
    assert not hasattr(ada, "username")


@pytest.mark.parametrize("model", MODELS)
def test_every_page_opens(admin_client, rows, model):
    key = rows[model].pk
    pages = [
        address(model),
        f"{address(model)}?q=ada",
        address(model, "change", key),
        address(model, "history", key),
    ]

    assert [admin_client.get(one).status_code for one in pages] == [200] * 4


def test_so_do_the_pages_beside_them(admin_client, rows):
    job = RecordingJob.objects.get()
    pages = [
        reverse("admin:index"),
        reverse("admin:django_bbb_recording_jobs"),
        reverse("admin:django_bbb_recording_job", args=[job.pk]),
        address("meeting", "invitation", rows["meeting"].pk),
        address("meeting", "add"),
        address("meeting", "delete", rows["meeting"].pk),
        reverse("admin:by_email_person_changelist") + "?_to_field=id&_popup=1&q=ada",  # the lookup of an owner
    ]

    answers = [admin_client.get(one) for one in pages]

    assert [one.status_code for one in answers] == [200] * len(pages)
    assert "ada@example.org" in answers[1].content.decode()


def test_meetings_are_found_by_their_owner(admin_client, admin_user, meeting):
    create_meeting(name="Music", owner=admin_user)
    create_meeting(name="Nobody's")

    def names(**query):
        return [one.name for one in admin_client.get(address("meeting"), query).context["cl"].result_list]

    assert names(q="ada@example") == ["Mathematics 7b"]
    assert names(owned="mine") == ["Music"]
    assert names(owned="nobody") == ["Nobody's"]


def test_a_meeting_is_made_and_changed_with_an_owner_and_members(admin_client, server, ada):
    tables = {f"{one}-{what}_FORMS": "0" for one in TABLES for what in ("TOTAL", "INITIAL")}
    member = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-user": str(ada.pk),
        "memberships-0-role": "viewer",
    }
    data = {"name": "Physics", "access": "members", "wait_for": "class", "owner": str(ada.pk), **tables, **member}

    made = admin_client.post(address("meeting", "add"), data)
    meeting = Meeting.objects.get(owner=ada)
    shown = admin_client.get(address("meeting", "change", meeting.pk)).content.decode()

    assert made.status_code == 302
    assert meeting.memberships.get().user == ada
    assert f'<a href="/admin/by_email/person/{ada.pk}/change/">ada@example.org</a>' in shown


TABLES = ("memberships", "invitations", "presentations", "sessions", "recordings")


@pytest.mark.parametrize(("model", "told"), [("attendance", "ada@example.org"), ("meetingsession", "Mathematics 7b")])
def test_tables_are_saved(admin_client, rows, model, told):
    data = {"action": "export_selected", "_selected_action": [str(rows[model].pk)]}

    answer = admin_client.post(address(model), data)

    assert told in answer.getvalue().decode()


@pytest.mark.parametrize("by", ["email", "pk"])
def test_it_is_told_why_somebody_may_join(admin_client, ada, meeting, by):
    answer = admin_client.get(address("meeting", "why", meeting.pk), {"who": str(getattr(ada, by))})

    assert "ada@example.org may join" in answer.content.decode()


def test_she_joins_her_class(client, ada, session, simulator):
    client.force_login(ada)

    answer = client.get(reverse("django_bbb:join", args=[session.meeting.meeting_id]))

    assert answer.status_code == 302
    assert answer["Location"].startswith(simulator.url)
