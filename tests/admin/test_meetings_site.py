"""Meetings in an admin of the site's own, and in another language and direction."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import include, path, reverse

from django_bbb.admin.meetings import MeetingAdmin
from django_bbb.models import Meeting, MeetingPreset


class OwnSite(admin.AdminSite):
    """An admin under another name."""


class Discreet(MeetingAdmin):
    """An admin that shows one meeting to nobody."""

    def has_view_permission(self, request, obj=None):
        return obj is None or obj.name != "Secret"


own_site = OwnSite(name="school")
own_site.register(Meeting, Discreet)

urlpatterns = [path("school/", own_site.urls), path("bbb/", include("django_bbb.urls"))]


@pytest.fixture
def in_own_site():
    with override_settings(ROOT_URLCONF=__name__):
        yield


class TestOwnSite:
    @pytest.mark.parametrize("page", ["change", "why", "invitation"])
    def test_its_pages_lead_to_its_pages(self, admin_client, meeting, in_own_site, page):
        answer = admin_client.get(f"/school/django_bbb/meeting/{meeting.pk}/{page}/")

        assert answer.status_code == 200
        assert "/school/django_bbb/meeting/" in answer.content.decode()

    @pytest.mark.parametrize("action", ["message_selected", "move_selected", "end_selected", "clone_selected"])
    def test_its_actions_come_back_to_it(self, admin_client, meeting, in_own_site, action):
        data = {"action": action, "_selected_action": meeting.pk}

        answer = admin_client.post("/school/django_bbb/meeting/", data, follow=True)

        assert answer.status_code == 200
        assert "/school/django_bbb/meeting/" in answer.content.decode()

    @pytest.mark.parametrize("action", ["message_selected", "sync_selected", "end_selected", "clone_selected"])
    def test_where_one_of_those_chosen_is_not_permitted_nothing_is_done(
        self, admin_client, meeting, in_own_site, simulator, action
    ):
        secret = Meeting.objects.create(name="Secret")
        data = {"action": action, "_selected_action": [meeting.pk, secret.pk], "confirmed": "yes", "text": "Hello"}

        answer = admin_client.post("/school/django_bbb/meeting/", data)

        assert answer.status_code == 403
        assert Meeting.objects.count() == 2
        assert simulator.journal == []

    @pytest.mark.parametrize("page", ["why", "invitation"])
    def test_pages_of_one_that_is_not_permitted_are_closed(self, admin_client, meeting, in_own_site, page):
        secret = Meeting.objects.create(name="Secret")

        assert admin_client.get(f"/school/django_bbb/meeting/{secret.pk}/{page}/").status_code == 403

    def test_its_badges_are_its_own(self, admin_client, meeting, in_own_site):
        answer = admin_client.get("/school/django_bbb/meeting/badges/", {"ids": meeting.pk})

        assert answer.json()[str(meeting.pk)]["state"] == "idle"


@pytest.mark.parametrize("page", ["changelist", "add", "change", "why", "invitation"])
def test_every_page_opens_from_right_to_left(admin_client, meeting, page):
    MeetingPreset.objects.create(name="Exam")
    address = reverse(f"admin:django_bbb_meeting_{page}", args=[] if page in ("changelist", "add") else [meeting.pk])

    answer = admin_client.get(address, headers={"accept-language": "ar"})

    assert answer.status_code == 200
    assert 'dir="rtl"' in answer.content.decode()


def test_people_are_found_by_what_they_log_in_with(admin_client, meeting, student):
    # A site's own users need not have a `username`: the field is asked for its name.
    assert User.USERNAME_FIELD == "username"

    found = admin_client.get(reverse("admin:django_bbb_meeting_changelist"), {"q": "teacher"})

    assert [one.pk for one in found.context["cl"].result_list] == [meeting.pk]
