"""Sessions in the admin: what was held when, read by those who may, and taken along as a table."""

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

LIST = "admin:django_bbb_meetingsession_changelist"
BEGAN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def held(meeting, server):
    """Make classes of three quarters of an hour, each with two people."""

    def make(count=1, **facts):
        rows = MeetingSession.objects.bulk_create(
            MeetingSession(
                meeting=meeting,
                server=server,
                claimed_until=timezone.now(),
                is_open=None,
                end_reason="ended",
                ended_at=BEGAN + timedelta(minutes=45),
                has_recording_marks=True,
                **facts,
            )
            for _number in range(count)
        )
        MeetingSession.objects.update(claimed_at=BEGAN)
        Attendance.objects.bulk_create(
            Attendance(session=row, external_id=external_id) for row in rows for external_id in ("u1", "u2")
        )
        return rows

    return make


def test_a_table_is_saved_and_that_is_logged(client, person, held, meeting):
    (row,) = held()
    staff = person("staff", permissions=("view_meetingsession",), is_staff=True)
    client.force_login(staff)

    answer = client.post(reverse(LIST), {"action": "export_selected", "_selected_action": [row.pk]})

    head, line = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert head[:3] == ["meeting", "meeting ID", "server"]
    assert [line[0], line[1], *line[5:]] == ["Mathematics 7b", meeting.meeting_id, "45", "ended", "Yes", "2"]
    assert [datetime.fromisoformat(one) for one in line[3:5]] == [BEGAN, BEGAN + timedelta(minutes=45)]
    assert LogEntry.objects.get(user=staff).object_id == str(row.pk)


def test_whoever_may_not_look_takes_nothing_along(client, person, held):
    (row,) = held()
    client.force_login(person("staff", permissions=("view_meeting", "view_attendance"), is_staff=True))

    assert client.get(reverse(LIST)).status_code == 403
    answer = client.post(reverse(LIST), {"action": "export_selected", "_selected_action": [row.pk]})
    assert answer.status_code == 403
    assert not LogEntry.objects.exists()


def test_those_that_run_can_be_chosen(admin_client, held, meeting, server):
    held(2)
    running = MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=timezone.now())

    answers = [admin_client.get(reverse(LIST), {"open": value}) for value in ("yes", "no")]

    assert [[one.pk for one in answer.context["cl"].result_list] == [running.pk] for answer in answers] == [
        True,
        False,
    ]
    assert len(answers[1].context["cl"].result_list) == 2


def test_the_page_of_one_has_no_token(admin_client, held):
    (row,) = held(parameters={"meta_end_callback_url": "https://lms.example.org/a-token-of-ours/"})

    page = admin_client.get(reverse("admin:django_bbb_meetingsession_change", args=[row.pk])).content.decode()

    assert "people who were there" in page.lower()
    assert "a-token-of-ours" not in page


def test_many_rows_cost_no_more_queries_than_one(admin_client, held):
    held()
    with CaptureQueriesContext(connection) as one:
        admin_client.get(reverse(LIST))
    held(99)

    with CaptureQueriesContext(connection) as many:
        admin_client.get(reverse(LIST))

    assert len(many) == len(one)
