"""What goes on now, above the models of the app: to each as much as they may look at."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import CallbackDelivery, MeetingSession, Playback, Recording, Server
from django_bbb.services import now

PAGE = "admin:app_list"


@pytest.fixture
def busy(meeting, server, bbb):
    """A class that runs, a server in trouble, a recording that is late, a callback that was given up."""
    bbb["CALLBACK_TRIES"] = 1
    moment = timezone.now()
    MeetingSession.objects.create(
        meeting=meeting, server=server, claimed_until=moment, create_time=moment, participant_count=3
    )
    MeetingSession.objects.create(
        meeting=meeting,
        server=server,
        claimed_until=moment,
        is_open=None,
        ended_at=moment - timedelta(hours=13),
        has_recording_marks=True,
        internal_id="late",
    )
    Server.objects.update(reachable=False, failures=2, failure=Server.Failure.TLS)
    CallbackDelivery.objects.create(kind="recording-ready", server=server, subject="x", tries=1)


LINES = {
    "view_meetingsession": "1 class is running, with 3 people inside.",
    "view_server": "Server “default” is in trouble: its certificate is not trusted, or TLS fails.",
    "view_recording": "1 recording has been in processing for more than 12 hours.",
    "view_callbackdelivery": "1 callback was given up.",
}


def told(client):
    page = client.get(reverse(PAGE, args=["django_bbb"])).content.decode()
    return {permission for permission, line in LINES.items() if line in page}


def test_whoever_may_see_all_is_told_all(busy, admin_client):
    assert told(admin_client) == set(LINES)


@pytest.mark.parametrize("permission", LINES)
def test_staff_is_told_what_it_may_look_at(busy, client, person, permission):
    client.force_login(person("staff", permissions=(permission,), is_staff=True))

    assert told(client) == {permission}


def test_staff_that_may_look_at_none_of_it_sees_no_block(busy, client, person):
    client.force_login(person("staff", permissions=("view_attendance",), is_staff=True))

    assert "bbb-now" not in client.get(reverse(PAGE, args=["django_bbb"])).content.decode()


def test_on_a_quiet_day_it_says_so(server, admin_client):
    page = admin_client.get(reverse(PAGE, args=["django_bbb"])).content.decode()

    assert "No class is running." in page
    assert "bbb-trouble" not in page


def test_a_site_may_have_it_on_its_start_page(busy, admin_client, monkeypatch):
    monkeypatch.setattr(admin.site, "index_template", "admin/django_bbb/index.html")

    page = admin_client.get(reverse("admin:index")).content.decode()

    assert all(line in page for line in LINES.values())


def test_no_server_is_asked(busy, admin_client, simulator):
    simulator.clear_journal()

    told(admin_client)

    assert simulator.journal == []


def test_a_recording_that_can_be_watched_or_was_deleted_is_not_late(busy, server):
    recording = Recording.objects.create(server=server, record_id="late", state="processing")
    assert now.count_late_recordings() == 1
    Playback.objects.create(recording=recording, type="presentation")
    assert now.count_late_recordings() == 0

    recording.bury()

    assert now.count_late_recordings() == 0


def test_many_classes_cost_no_more_queries_than_one(busy, admin_client, meeting, server):
    with CaptureQueriesContext(connection) as one:
        told(admin_client)
    MeetingSession.objects.bulk_create(
        MeetingSession(meeting=meeting, server=server, claimed_until=timezone.now(), is_open=None)
        for _number in range(99)
    )

    with CaptureQueriesContext(connection) as many:
        told(admin_client)

    assert len(many) == len(one)
