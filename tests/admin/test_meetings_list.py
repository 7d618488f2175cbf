"""The list of meetings: columns, filters, badges, and what each of them costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Meeting, MeetingPreset, MeetingSession, Recording, Server
from django_bbb.services import meetings

LIST = "admin:django_bbb_meeting_changelist"
BADGES = "admin:django_bbb_meeting_badges"


@pytest.fixture
def running(meeting):
    session = meetings.start_meeting(meeting=meeting)
    MeetingSession.objects.update(participant_count=3, being_recorded=True)
    return session


def names_in(answer):
    return sorted(one.name for one in answer.context["cl"].result_list)


class TestColumns:
    def test_a_running_class_says_how_long_how_many_and_where(self, admin_client, meeting, running):
        Meeting.objects.update(options={"max_participants": 25})

        text = admin_client.get(reverse(LIST)).content.decode()

        assert "being recorded" in text
        assert "3 / 25" in text
        assert f'data-bbb-server="{meeting.pk}">default<' in text

    def test_the_next_opening_is_told_and_a_past_one_not(self, admin_client, meeting):
        Meeting.objects.update(opens_at="2099-05-04T10:00Z")
        coming = admin_client.get(reverse(LIST)).content.decode()
        Meeting.objects.update(opens_at="2020-05-04T10:00Z")
        past = admin_client.get(reverse(LIST)).content.decode()

        assert "May 4, 2099" in coming
        assert "May 4, 2020" not in past

    def test_recordings_are_counted_and_deleted_ones_not(self, admin_client, meeting, server):
        for number in range(3):
            Recording.objects.create(server=server, record_id=str(number), meeting=meeting)
        Recording.objects.get(record_id="0").bury()

        answer = admin_client.get(reverse(LIST))

        assert answer.context["cl"].result_list[0].recordings_there == 2

    def test_a_hundred_running_ones_cost_no_more_queries_than_one(self, admin_client, meeting, running, server):
        def count(address):
            with CaptureQueriesContext(connection) as queries:
                assert admin_client.get(address).status_code == 200
            return len(queries)

        preset = MeetingPreset.objects.create(name="Exam", options={"max_participants": 5})
        Meeting.objects.update(preset=preset)
        addresses = [reverse(LIST), f"{reverse(BADGES)}?ids={','.join(map(str, range(1, 150)))}"]
        with_one = [count(one) for one in addresses]
        many = Meeting.objects.bulk_create(
            Meeting(name=f"Class {n}", meeting_id=f"m-{n}", owner=meeting.owner, preset=preset) for n in range(99)
        )
        later = timezone.now()
        MeetingSession.objects.bulk_create(
            MeetingSession(meeting=one, server=server, claimed_until=later, create_time=later) for one in many
        )

        assert [count(one) for one in addresses] == with_one


class TestPageOfOne:
    def test_a_hundred_classes_and_recordings_cost_no_more_queries_than_one(self, admin_client, meeting, server):
        address = reverse("admin:django_bbb_meeting_change", args=[meeting.pk])
        now = timezone.now()

        def add(numbers):
            MeetingSession.objects.bulk_create(
                MeetingSession(meeting=meeting, server=server, claimed_until=now, is_open=None) for _number in numbers
            )
            Recording.objects.bulk_create(
                Recording(server=server, record_id=str(number), meeting=meeting) for number in numbers
            )

        def count():
            with CaptureQueriesContext(connection) as queries:
                assert admin_client.get(address).status_code == 200
            return len(queries)

        add(range(1))
        with_one = count()
        add(range(1, 100))

        assert count() == with_one


class TestFilters:
    @pytest.fixture(autouse=True)
    def some(self, meeting, running, person):
        elsewhere = Server.objects.create(slug="other", name="Other", url="http://127.0.0.1:9/")
        Meeting.objects.create(name="Pinned", server=elsewhere, owner=person("boss", is_staff=True, is_superuser=True))
        Meeting.objects.create(name="Nobody's", access="members")

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"running": "yes"}, ["Mathematics 7b"]),
            ({"running": "no"}, ["Nobody's", "Pinned"]),
            ({"on": "default"}, ["Mathematics 7b"]),
            ({"on": "other"}, ["Pinned"]),
            ({"access__exact": "signed_in"}, ["Mathematics 7b"]),
            ({"owned": "mine"}, ["Pinned"]),
            ({"owned": "nobody"}, ["Nobody's"]),
            ({"q": "teacher"}, ["Mathematics 7b"]),
            ({"q": "pinn"}, ["Pinned"]),
        ],
    )
    def test_each_finds_its_own(self, client, query, expected):
        client.login(username="boss", password="boss")

        assert names_in(client.get(reverse(LIST), query)) == expected


class TestBadges:
    def test_they_are_told_as_the_list_shows_them(self, admin_client, meeting, running, simulator):
        idle = Meeting.objects.create(name="Idle")
        simulator.clear_journal()

        told = admin_client.get(reverse(BADGES), {"ids": f"{meeting.pk},{idle.pk},x,999999"}).json()

        assert told[str(meeting.pk)]["state"] == "recorded"
        assert (told[str(meeting.pk)]["people"], told[str(meeting.pk)]["server"]) == ("3", "default")
        assert told[str(idle.pk)] == {"state": "idle", "status": "not running", "people": "–", "server": "–"}
        assert len(told) == 2
        assert simulator.journal == []

    def test_a_class_that_is_being_opened_is_not_live_yet(self, admin_client, meeting, server):
        MeetingSession.objects.create(meeting=meeting, server=server, claimed_until="2099-01-01T00:00Z")

        told = admin_client.get(reverse(BADGES), {"ids": meeting.pk}).json()

        assert told[str(meeting.pk)]["status"] == "being opened"

    def test_they_are_kept_in_no_cache(self, admin_client, meeting):
        assert "no-store" in admin_client.get(reverse(BADGES))["Cache-Control"]

    def test_they_are_for_those_who_may_see_meetings(self, client, person, meeting):
        client.force_login(person("clerk", is_staff=True))
        refused = client.get(reverse(BADGES), {"ids": meeting.pk})
        client.force_login(person("viewer", is_staff=True, permissions=("view_meeting",)))
        allowed = client.get(reverse(BADGES), {"ids": meeting.pk})

        assert (refused.status_code, allowed.status_code) == (403, 200)

    def test_strangers_are_sent_to_the_login(self, client, meeting):
        assert client.get(reverse(BADGES)).status_code == 302

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_other_methods_do_nothing(self, admin_client, meeting, method):
        assert getattr(admin_client, method)(reverse(BADGES)).status_code == 405
