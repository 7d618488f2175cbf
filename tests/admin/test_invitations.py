"""Invitation links and access codes, on the page of a meeting; consents."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Consent, Invitation, Meeting, MeetingSession


@pytest.fixture
def room(db, teacher):
    return Meeting.objects.create(
        name="Algebra", owner=teacher, viewer_code="learn-now", moderator_code="teach-now", access="code"
    )


@pytest.fixture
def invitation(room):
    return Invitation.objects.create(meeting=room, label="Dr. Noether")


def page_of(meeting):
    return reverse("admin:django_bbb_meeting_change", args=[meeting.pk])


def staff(client, person, *permissions):
    account = person("staff", permissions=permissions)
    account.is_staff = True
    account.save()
    client.force_login(account)
    return client


def test_the_link_can_be_copied(admin_client, room, invitation):
    text = admin_client.get(page_of(room)).content.decode()

    assert f"http://testserver{invitation.get_absolute_url()}" in text


@pytest.mark.parametrize(
    "change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(minutes=1)}]
)
def test_one_that_lets_nobody_in_has_no_link(admin_client, room, invitation, change):
    Invitation.objects.update(**change)

    assert invitation.token not in admin_client.get(page_of(room)).content.decode()


def test_who_may_only_look_sees_neither_codes_nor_links(client, person, room, invitation):
    viewer = staff(client, person, "view_meeting", "view_invitation")

    text = viewer.get(page_of(room)).content.decode()

    assert "Dr. Noether" in text
    assert not any(secret in text for secret in ("learn-now", "teach-now", invitation.token))


def test_who_may_change_meetings_alone_sees_no_links(client, person, room, invitation):
    editor = staff(client, person, "view_meeting", "change_meeting", "view_invitation")

    text = editor.get(page_of(room)).content.decode()

    assert "learn-now" in text
    assert invitation.token not in text


def test_of_many_classes_the_newest_are_shown(admin_client, room, server):
    now = timezone.now()
    made = MeetingSession.objects.bulk_create(
        MeetingSession(meeting=room, server=server, claimed_until=now, is_open=None) for _ in range(60)
    )
    for number, one in enumerate(made):
        MeetingSession.objects.filter(pk=one.pk).update(claimed_at=now - timedelta(days=number))

    formset = next(
        one
        for one in admin_client.get(page_of(room)).context["inline_admin_formsets"]
        if one.opts.model is MeetingSession
    ).formset

    assert [one.instance.pk for one in formset.initial_forms] == [one.pk for one in made[:50]]


def test_a_page_with_many_classes_can_be_saved(admin_client, room, server):
    now = timezone.now()
    MeetingSession.objects.bulk_create(
        MeetingSession(meeting=room, server=server, claimed_until=now, is_open=None) for _ in range(60)
    )
    answer = admin_client.get(page_of(room))
    data = {"name": "Algebra II", "access": "members", "wait_for": "class"}
    for one in answer.context["inline_admin_formsets"]:
        form = one.formset.management_form
        data |= {f"{form.prefix}-{name}_FORMS": form.initial["INITIAL_FORMS"] for name in ("TOTAL", "INITIAL")}

    saved = admin_client.post(page_of(room), data)

    assert saved.status_code == 302, saved.context["errors"]
    assert Meeting.objects.get().name == "Algebra II"


def test_consents_are_looked_at_and_not_written(admin_client, room):
    consent = Consent.objects.create(meeting=room, person="u1", name="Ada", about="recording", text="I agree.")
    change = reverse("admin:django_bbb_consent_change", args=[consent.pk])

    assert "I agree." in admin_client.get(change).content.decode()
    assert admin_client.post(change, {"text": "other"}).status_code == 403
    assert admin_client.get(reverse("admin:django_bbb_consent_add")).status_code == 403
