"""The pages that say no: with which status, where they lead, and what they keep to themselves."""

import pytest
from django.urls import reverse

from django_bbb.models import Invitation, Meeting, MeetingSession, Server
from django_bbb.services import meetings


def page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


def fail(client, meeting, key):
    return client.get(page("join-failed", meeting), {"errors": f'[{{"key": "{key}"}}]'})


def templates(answer):
    return [one.name for one in answer.templates]


def test_a_full_class_is_a_no(as_student, meeting):
    assert fail(as_student, meeting, "maxParticipantsReached").status_code == 403


def test_a_class_that_is_over_says_when(as_student, meeting, simulator):
    meetings.start_meeting(meeting=meeting)
    simulator.end_meeting(meeting.meeting_id)

    answer = fail(as_student, meeting, "notFound")

    assert answer.status_code == 200
    assert "django_bbb/no/ended.html" in templates(answer)
    assert "Wait for class" in answer.content.decode()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ended", "was ended on"),
        ("gone", "did not have it any more"),
        ("not_created", "could not be opened"),
        ("refused", "refused to open"),
    ],
)
def test_whoever_comes_back_reads_why_the_class_is_over(as_student, meeting, reason, words):
    meetings.start_meeting(meeting=meeting)
    meetings.end_meeting(meeting=meeting)
    MeetingSession.objects.update(end_reason=reason)

    assert words in as_student.get(page("left", meeting)).content.decode()


def test_who_belongs_is_led_back_to_the_class(as_student, meeting):
    assert meeting.get_absolute_url() in fail(as_student, meeting, "maxParticipantsReached").content.decode()


def test_nobody_is_led_to_where_they_are_told_no_again(as_student, meeting):
    Meeting.objects.update(access=Meeting.Access.MEMBERS)

    answer = as_student.get(page("join", meeting))

    assert answer.status_code == 403
    assert f'href="{meeting.get_absolute_url()}"' not in answer.content.decode()


def test_who_has_an_account_finds_the_way_to_log_in_at_the_door(client, meeting):
    Meeting.objects.update(access=Meeting.Access.LINK)

    answer = client.get(page("join", meeting))

    assert reverse("login") + "?next=" + page("join", meeting) in answer.content.decode()


def test_a_site_without_any_server_says_so(client, teacher, meeting, bbb):
    bbb["SERVERS"] = {}
    Server.objects.all().delete()
    client.force_login(teacher)

    answer = client.post(page("start", meeting))

    assert answer.status_code == 503
    assert "django_bbb/no/not_configured.html" in templates(answer)


def test_the_form_of_an_invitation_says_where_it_comes_from_and_no_more(client, meeting):
    invitation = Invitation.objects.create(meeting=meeting)

    # "no-referrer" would make its Origin "null", which Django's protection of forms refuses.
    assert client.get(invitation.get_absolute_url())["Referrer-Policy"] == "strict-origin"


def test_a_name_of_spaces_is_asked_for_again(client, meeting):
    Meeting.objects.update(access=Meeting.Access.LINK)

    answer = client.post(page("door", meeting), {"name": "   "})

    assert 'aria-invalid="true"' in answer.content.decode()


def test_the_page_that_waits_is_told_numbers_in_every_language(as_student, meeting):
    answer = as_student.get(page("join", meeting), headers={"Accept-Language": "ar"})

    pause = answer.content.decode().partition('data-pause="')[2].partition('"')[0]
    assert float(pause) > 0
