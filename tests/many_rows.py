"""A site with very many rooms and recordings, made by PostgreSQL itself: a hundred thousand rows a second or two."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from django_bbb.models import Attendance, Meeting, MeetingSession, Membership, Playback, Recording, Server

#: Servers have unlike shares of all, as they were bought one after the other; the last is a new one.
_SERVERS = 5
_TABLES = (Meeting, MeetingSession, Membership, Attendance, Recording, Playback)

#: What they are made with, of the number of a row.
_SUBJECTS = "ARRAY['Mathematics', 'Physics', 'Latin', 'History', 'Chemistry', 'Music', 'Biology', 'Sports']"
_NAME = f"({_SUBJECTS})[1 + n % 8] || ' ' || n % 100003"
_LONG_AGO = "now() - n % 1400 * interval '1 day' - n % 601 * interval '1 minute'"


def fill(*, meetings: int, recordings: int) -> None:
    """Make so many rows, with owners, classes, people and formats, and let the database look at them."""
    now = timezone.now()
    servers = [
        Server.objects.create(slug=f"many-{n}", name=f"Server {n}", url="http://127.0.0.1:9/") for n in range(_SERVERS)
    ]
    owner = User.objects.create(username="many")
    meeting = Meeting.objects.create(name="Many", owner=owner)
    session = MeetingSession.objects.create(meeting=meeting, server=servers[0], claimed_until=now, create_time=now)
    person = Membership.objects.create(meeting=meeting, user=owner)
    recording = Recording.objects.create(server=servers[0], record_id="many", meeting=meeting, state="published")
    playback = Playback.objects.create(recording=recording, type="presentation", length=timedelta(minutes=45))
    with _later_indexes():
        _copy(owner, 2000, id="1000000 + n", username="'teacher ' || n")
        of_meeting = {"meeting_id": f"1000000 + n % {meetings} + 1"}
        _copy(
            meeting,
            meetings,
            id="1000000 + n",
            meeting_id="'m-' || lpad(n::text, 26, 'x')",
            name=_NAME,
            owner_id="CASE WHEN n % 100 > 0 THEN 1000001 + n % 2000 END",
            access="CASE WHEN n % 500 = 0 THEN 'signed_in' ELSE 'members' END",
            server_id=f"CASE WHEN n % 400 = 0 THEN {servers[1].pk} END",
            opens_at="CASE WHEN n % 10 = 0 THEN now() + n % 999 * interval '1 hour' END",
            created_at=_LONG_AGO,
            archived_at="CASE WHEN n % 20 = 7 THEN now() END",
        )
        _copy(
            session,
            meetings,
            **of_meeting,
            uuid="gen_random_uuid()",
            is_open="CASE WHEN n <= 50 THEN TRUE END",
            server_id=f"{servers[0].pk} + n % {_SERVERS}",
            claimed_at=_LONG_AGO,
            internal_id="md5(n::text)",
        )
        _copy(person, meetings, **of_meeting, user_id="1000001 + n % 2000")
        _copy(
            recording,
            recordings,
            **of_meeting,
            id="1000000 + n",
            record_id="md5(n::text) || '-' || n",
            server_id=f"{servers[0].pk} + CASE WHEN n % 1000 = 0 THEN 4 ELSE (n % 100 / 60) + (n % 100 / 85) END",
            name=_NAME,
            state="CASE WHEN n % 900 = 0 THEN 'processing' WHEN n % 300 = 1 THEN 'unpublished' ELSE 'published' END",
            published="n % 900 > 0 AND n % 300 <> 1",
            audience="CASE WHEN n % 400 = 3 THEN 'anyone' ELSE 'members' END",
            keep="n % 500 = 5",
            started_at=_LONG_AGO,
            size="n::bigint * 1000",
            participants="n % 40",
            expires_at="CASE WHEN n % 10 = 0 THEN now() + n % 999 * interval '1 day' END",
            trashed_at="CASE WHEN n % 700 = 9 THEN now() END",
            deleted_at="CASE WHEN n % 50 = 11 THEN now() END",
        )
        _copy(playback, recordings, recording_id="1000000 + n")
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(one._meta.db_table for one in _TABLES)}, auth_user")


def _copy(row: Any, count: int, **changes: str) -> None:
    """Insert a row so many times, with other values in some columns; in them ``n`` is the number of the copy."""
    table = row._meta.db_table
    columns = [one.column for one in row._meta.concrete_fields if not one.primary_key or one.column in changes]
    values = ", ".join(changes.get(column, f"{table}.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
            f"FROM {table}, generate_series(1, {int(count)}) AS n WHERE {table}.id = {int(row.pk)}"
        )


@contextmanager
def _later_indexes() -> Iterator[None]:
    """Leave indexes and foreign keys alone while rows come in, and make the indexes at the end: ten times as quick."""
    tables = [one._meta.db_table for one in _TABLES]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes LEFT JOIN pg_constraint ON conname = indexname "
            "WHERE tablename = ANY(%s) AND conname IS NULL",
            [tables],
        )
        indexes = cursor.fetchall()
        cursor.execute(f"DROP INDEX {', '.join(name for name, _made in indexes)}")
        cursor.execute("SET session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        for _name, made in indexes:
            cursor.execute(made)
