"""Attendance in the admin: read by those who may, and taken along as a table that no name turns into a formula."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Attendance, MeetingSession

LIST = "admin:django_bbb_attendance_changelist"
BEGAN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def session(meeting, server):
    return MeetingSession.objects.create(
        meeting=meeting, server=server, claimed_until=timezone.now(), is_open=None, ended_at=BEGAN + timedelta(hours=1)
    )


@pytest.fixture
def people(session):
    """Make people who were in the class for half an hour."""

    def make(*names):
        rows = []
        for number, name in enumerate(names):
            row = Attendance(session=session, external_id=f"u{number}", name=name, activity={"chats": 3})
            row.came("report", BEGAN)
            row.went("report", BEGAN + timedelta(minutes=30))
            rows.append(row)
        return Attendance.objects.bulk_create(rows)

    return make


def save(client, rows):
    answer = client.post(reverse(LIST), {"action": "export_selected", "_selected_action": [one.pk for one in rows]})
    return answer, list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_list_says_who_was_there_and_how_long(admin_client, people):
    people("Ada Weber")

    page = admin_client.get(reverse(LIST)).content.decode()

    for text in ("Ada Weber", "Mathematics 7b", '<td class="field-minutes">30</td>'):
        assert text in page


def test_nothing_can_be_added_changed_or_deleted(admin_client, people):
    (row,) = people("Ada Weber")
    address = reverse("admin:django_bbb_attendance_change", args=[row.pk])

    assert admin_client.get(reverse("admin:django_bbb_attendance_add")).status_code == 403
    assert admin_client.post(address, {"name": "Eve"}).status_code == 403
    assert admin_client.post(reverse("admin:django_bbb_attendance_delete", args=[row.pk])).status_code == 403
    assert "chat messages: 3" in admin_client.get(address).content.decode()


def test_whoever_may_not_look_sees_nothing_and_takes_nothing_along(client, person, people):
    rows = people("Ada Weber")
    client.force_login(person("staff", permissions=("view_meeting", "view_meetingsession"), is_staff=True))

    assert client.get(reverse(LIST)).status_code == 403
    answer = client.post(reverse(LIST), {"action": "export_selected", "_selected_action": [rows[0].pk]})
    assert answer.status_code == 403
    assert not LogEntry.objects.exists()


def test_a_table_is_saved_and_that_is_logged(client, person, people):
    staff = person("staff", permissions=("view_attendance",), is_staff=True)
    client.force_login(staff)
    rows = people("Ada Weber", "Ben Klein")

    answer, (head, *lines) = save(client, rows)

    assert answer["Content-Disposition"] == 'attachment; filename="attendance.csv"'
    assert "no-store" in answer["Cache-Control"]
    assert head[:4] == ["meeting", "class began", "name", "user ID"]
    assert sorted(line[2] for line in lines) == ["Ada Weber", "Ben Klein"]
    assert {tuple(map(datetime.fromisoformat, line[6:8])) for line in lines} == {
        (BEGAN, BEGAN + timedelta(minutes=30))
    }
    assert {tuple(line[8:10]) for line in lines} == {("30", "3")}
    assert LogEntry.objects.filter(user=staff).count() == 2


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_name_is_a_formula(admin_client, people, name):
    _answer, (_head, line) = save(admin_client, people(name))

    assert line[2] == f"'{name}"


def test_many_rows_cost_no_more_queries_than_one(admin_client, people):
    people("Ada Weber")
    with CaptureQueriesContext(connection) as one:
        admin_client.get(reverse(LIST))
    Attendance.objects.all().delete()
    people(*(f"Person {number}" for number in range(100)))

    with CaptureQueriesContext(connection) as many:
        admin_client.get(reverse(LIST))

    assert len(many) == len(one)


def test_people_who_are_inside_can_be_chosen(admin_client, people):
    rows = people("Ada Weber", "Ben Klein")
    Attendance.objects.filter(pk=rows[0].pk).update(is_inside=True)

    answer = admin_client.get(reverse(LIST), {"inside": "yes"})

    assert [one.name for one in answer.context["cl"].result_list] == ["Ada Weber"]
