"""All lists of the admin at size: how many queries, how far they count, and whether an index serves them."""

import html
import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_bbb.admin import long_lists
from django_bbb.models import (
    Attendance,
    CallbackDelivery,
    Meeting,
    MeetingPreset,
    MeetingSession,
    Membership,
    Playback,
    Recording,
    RecordingJob,
    Server,
    ServerLoad,
)
from tests.many_rows import fill

#: What the documentation offers for the search.
SEARCH_INDEXES = Path(__file__).parents[2] / "docs" / "snippets" / "search_indexes.sql"

LONG = {"meeting": Meeting, "recording": Recording}
MEETINGS, RECORDINGS = 40_000, 60_000

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="Plans are those of PostgreSQL.")


def changelist(model):
    return reverse(f"admin:django_bbb_{model}_changelist")


def links(answer):
    """Return where a list leads to by its filters, columns, periods and pages."""
    found = dict.fromkeys(re.findall(r'href="(\?[^"]*)"', answer.content.decode()))
    return [link for link in map(html.unescape, found) if "_facets" not in link]


def reads(sql, table):
    """Yield how each step of a query's plan reads a table, how many rows, and whether it stops after some."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (answer,) = cursor.fetchone()
    waiting = [((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"], False)]
    while waiting:
        step, stops = waiting.pop()
        stops = (stops or step["Node Type"] == "Limit") and step["Node Type"] != "Sort"
        waiting += [(one, stops) for one in step.get("Plans", [])]
        if step.get("Relation Name") == table:
            rows = step["Actual Rows"] + step.get("Rows Removed by Filter", 0)
            yield step["Node Type"], rows * step["Actual Loops"], stops


def complaints(admin_client, model, link, *, most):
    """Return what is wrong with the queries of a page: what counts all, and what reads a table from end to end."""
    with CaptureQueriesContext(connection) as queries:
        answer = admin_client.get(f"{changelist(model)}{link}")
    assert answer.status_code == 200, link
    table = LONG[model]._meta.db_table
    for sql in (one["sql"] for one in queries.captured_queries if table in one["sql"]):
        if "COUNT(*)" in sql and "LIMIT" not in sql:
            yield f"{link} counts all: {sql}"
        for way, rows, stops in reads(sql, table):
            if rows > most or (way == "Seq Scan" and not stops):
                yield f"{link} reads {rows} rows by {way}: {sql}"


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_every_page_of_the_long_lists_is_served_by_an_index(admin_client, monkeypatch):
    monkeypatch.setattr(long_lists, "COUNTED", 500)
    monkeypatch.setattr(long_lists.LongList, "list_per_page", 20)
    fill(meetings=MEETINGS, recordings=RECORDINGS)

    wrong = []
    for model, some in (("meeting", MEETINGS), ("recording", RECORDINGS)):
        first = links(admin_client.get(changelist(model)))
        for link in ["", *first]:
            wrong += complaints(admin_client, model, link, most=some / 4)

    assert "\n".join(wrong) == ""


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_with_the_documented_indexes_the_search_is_served_by_one_as_well(admin_client):
    fill(meetings=MEETINGS, recordings=RECORDINGS)
    with connection.cursor() as cursor:
        cursor.execute(SEARCH_INDEXES.read_text())

    wrong = [
        *complaints(admin_client, "meeting", "?q=%22Latin+4714%22", most=MEETINGS / 4),
        *complaints(admin_client, "recording", "?q=%22Latin+4714%22", most=RECORDINGS / 4),
    ]

    assert "\n".join(wrong) == ""


class TestCounting:
    @pytest.fixture(autouse=True)
    def five(self, db, monkeypatch):
        monkeypatch.setattr(long_lists, "COUNTED", 3)
        monkeypatch.setattr(long_lists.LongList, "list_per_page", 2)
        Meeting.objects.bulk_create(Meeting(name=f"Room {n}", meeting_id=f"m-{n}") for n in range(5))

    def test_of_very_many_rows_it_is_said_that_there_are_more(self, admin_client):
        answer = admin_client.get(changelist("meeting"))

        assert (answer.context["cl"].result_count, len(answer.context["cl"].result_list)) == (3, 2)
        assert ">3 meetings" in html.unescape(answer.content.decode())

    def test_with_separators_too(self, admin_client, settings, monkeypatch):
        settings.USE_THOUSAND_SEPARATOR = True
        monkeypatch.setattr(long_lists.ShortCount, "count", long_lists.MoreThan(3000))

        text = html.unescape(admin_client.get(changelist("meeting")).content.decode())

        assert ">3,000 meetings" in text

    def test_what_can_be_counted_is(self, admin_client):
        Meeting.objects.filter(name__gt="Room 2").delete()

        assert "\n3 meetings" in admin_client.get(changelist("meeting")).content.decode()

    def test_one_leafs_no_further_than_was_counted(self, admin_client):
        last, after = (admin_client.get(changelist("meeting"), {"p": page}) for page in (2, 3))

        assert [one.name for one in last.context["cl"].result_list] == ["Room 2"]
        assert after.status_code == 302

    def test_all_means_all(self, admin_client):
        data = {
            "action": "clone_selected",
            "select_across": "1",
            "_selected_action": [str(Meeting.objects.first().pk)],
        }

        admin_client.post(changelist("meeting"), data)

        assert Meeting.objects.count() == 10


class TestSearch:
    @pytest.fixture(autouse=True)
    def some(self, db):
        for n, name in enumerate(("Latin 7b", "Latin 8a", "Music 7b", "Sports of Latin people")):
            Meeting.objects.create(name=name, meeting_id=f"m-{n}")

    @pytest.mark.parametrize("counted", [100, 2, 0])
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("latin", ["Latin 7b", "Latin 8a", "Sports of Latin people"]),
            ("7b", ["Latin 7b", "Music 7b"]),
            ("7b latin", ["Latin 7b"]),
            ('"latin people"', ["Sports of Latin people"]),
            ("latin greek", []),
            ('"', ["Latin 7b", "Latin 8a", "Music 7b", "Sports of Latin people"]),
        ],
    )
    def test_all_words_are_found_however_common(self, admin_client, monkeypatch, counted, query, expected):
        monkeypatch.setattr(long_lists, "COUNTED", counted)

        found = admin_client.get(changelist("meeting"), {"q": query}).context["cl"].queryset

        assert [one.name for one in found] == expected


class TestPeriods:
    @pytest.fixture(autouse=True)
    def rows(self, server):
        for number, moment in enumerate(("2024-11-30T12:00Z", "2025-02-10T12:00Z", "2026-01-05T12:00Z")):
            Recording.objects.create(server=server, record_id=str(number), started_at=moment)
        Recording.objects.create(server=server, record_id="unknown")

    def choices(self, client, **chosen):
        answer = client.get(changelist("recording"), {f"started_at__{unit}": part for unit, part in chosen.items()})
        # From Django 6.1 on it has a label.
        parts = r'<nav class="toplinks"[^>]*>(?:\s*<span id="date-hierarchy-label">[^<]*</span>)?(.*?)</nav>'
        (told,) = re.findall(parts, answer.content.decode(), re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", told)).split()), answer.context["cl"].queryset.count()

    def test_years_months_and_days_lead_to_one_another(self, admin_client):
        assert self.choices(admin_client) == ("2024 2025 2026", 4)
        assert self.choices(admin_client, year=2024) == ("‹ All dates November 2024 December 2024", 1)
        assert self.choices(admin_client, year=2026, month=1) == (
            "‹ 2026 January 1 January 2 January 3 January 4 January 5",
            1,
        )
        assert self.choices(admin_client, year=2025, month=2, day=10) == ("‹ February 2025 February 10", 1)

    def test_each_link_leads_to_a_page(self, admin_client):
        for link in links(admin_client.get(changelist("recording"))):
            assert admin_client.get(f"{changelist('recording')}{link}").status_code == 200, link

    def test_without_rows_there_is_nothing_to_choose(self, admin_client):
        Recording.objects.all().delete()

        assert "toplinks" not in admin_client.get(changelist("recording")).content.decode()


# --- as many queries for many rows ----------------------------------------------------------------------


def grow(some):
    """Make rows of every kind, each with what its list and its page show."""
    now = timezone.now()
    room, teacher = Meeting.objects.get(name="Mathematics 7b"), User.objects.get(username="teacher")
    for n in some:
        pupil = User.objects.create(username=f"pupil {n}")
        server = Server.objects.create(slug=f"s{n}", name=f"Server {n}", url="http://127.0.0.1:9/")
        ServerLoad.objects.create(server=server, minute=now, participant_count=n)
        preset = MeetingPreset.objects.create(name=f"Preset {n}", options={"max_participants": 5})
        meeting = Meeting.objects.create(name=f"Room {n}", owner=pupil, preset=preset, server=server)
        Membership.objects.create(meeting=room, user=pupil)
        Membership.objects.create(meeting=room, group=Group.objects.create(name=f"Group {n}"))
        MeetingSession.objects.create(meeting=room, server=server, claimed_until=now, is_open=None)
        session = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=now, create_time=now)
        Attendance.objects.create(session=session, external_id=f"u{n}", name=f"Pupil {n}", user=pupil)
        for where in (room, meeting):
            recording = Recording.objects.create(
                server=server, record_id=f"{where}{n}", meeting=where, state="published", published=True
            )
            Playback.objects.create(recording=recording, type="video", url="http://127.0.0.1:9/", thumbnails=PICTURES)
        CallbackDelivery.objects.note(kind="recording-ready", server=server, subject=str(n))
        RecordingJob.objects.start(action="publish", arguments={}, user=teacher, recordings=[recording.pk])


PICTURES = [{"url": "http://127.0.0.1:9/1.png", "alt": "Slide", "width": 176, "height": 136}] * 3

#: Lists, and pages of one with tables of others.
PAGES = {
    **{
        model: f"admin:django_bbb_{model}_changelist"
        for model in (
            "server",
            "meeting",
            "recording",
            "meetingsession",
            "attendance",
            "callbackdelivery",
            "meetingpreset",
        )
    },
    "jobs": "admin:django_bbb_recording_jobs",
    "load": "admin:django_bbb_server_loads",
    "one meeting": "admin:django_bbb_meeting_change",
}


@pytest.mark.parametrize("page", PAGES)
def test_thirty_rows_cost_no_more_queries_than_one(admin_client, meeting, page):
    address = reverse(PAGES[page], args=[meeting.pk] if page.startswith("one") else [])

    def count():
        with CaptureQueriesContext(connection) as queries:
            answer = admin_client.get(address)
        assert answer.status_code == 200
        return len(queries)

    grow(range(1))
    count()  # the first may fill caches, as of content types
    with_one = count()
    grow(range(1, 30))

    assert count() == with_one


def test_members_are_named_beside_their_keys(admin_client, meeting, student, teacher):
    mine = Membership.objects.create(meeting=meeting, user=student)
    page = reverse("admin:django_bbb_meeting_change", args=[meeting.pk])
    shown = admin_client.get(page)
    data = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(mine.pk),
        "memberships-0-meeting": str(meeting.pk),
        "memberships-0-user": str(teacher.pk),
        "memberships-0-role": "",
    }
    again = admin_client.post(page, data)  # refused, and shown with what was typed

    assert f'<a href="/admin/auth/user/{student.pk}/change/">student</a>' in shown.content.decode()
    assert f'<a href="/admin/auth/user/{teacher.pk}/change/">teacher</a>' in again.content.decode()
