"""A sync of 10 000 recordings into PostgreSQL, beside the same rows written by hand in 25 statements.

Both begin with parsed recordings of two formats and three thumbnails.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from django_bbb.api import Recording as Remote
from django_bbb.api.responses import Image, PlaybackFormat

from .database import prepare

COUNT = 10_000
ROUNDS = 3
#: 10 statements of recordings and 15 of formats.
RECORDINGS_A_STATEMENT = COUNT // 10
FORMATS_A_STATEMENT = -(-2 * COUNT // 15)

BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)


def recording(number: int) -> Remote:
    record_id = f"{number:040x}-{1_788_000_000_000 + number}"
    address = f"https://bbb.example.org/playback/presentation/2.3/{record_id}"
    images = tuple(Image(url=f"{address}/thumb-{n}.png", alt=f"Slide {n}", width=176, height=136) for n in range(3))
    formats = tuple(
        PlaybackFormat(
            type=kind,
            url=f"{address}/{kind}",
            processing_time=timedelta(milliseconds=123_456),
            length=timedelta(minutes=45),
            size=61_728_394,
            images=shown,
        )
        for kind, shown in (("presentation", images), ("video", ()))
    )
    begin = BEGIN + timedelta(hours=number)
    return Remote(
        record_id=record_id, meeting_id="m-room", internal_meeting_id=record_id, name=f"Class {number}",
        is_breakout=False, published=True, protected=None, state="published", start_time=begin,
        end_time=begin + timedelta(minutes=45), participants=27, raw_size=912_345_678, size=123_456_789,
        metadata={"bbb-origin": "django-bbb", "meetingName": f"Class {number}", "meetingId": "m-room"},
        formats=formats, data=(), parent_id="", breakout_rooms=(),
    )  # fmt: skip


def prepared() -> tuple[Any, Any]:
    """Return the server and the meeting all recordings are of."""
    from django_bbb.models import Meeting, Server

    server, _made = Server.objects.get_or_create(
        slug="bench", defaults={"name": "bench", "url": "http://127.0.0.1:9/"}
    )
    meeting, _made = Meeting.objects.get_or_create(meeting_id="m-room", defaults={"name": "Room"})
    return server, meeting


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_bbb_playback, django_bbb_recording CASCADE")


def by_hand(remote: list[Remote]) -> None:
    """Write the rows as one would for just this table."""
    from django.db import connection

    server, meeting = prepared()
    now = datetime.now(UTC)
    keys: list[int] = []
    with connection.cursor() as cursor:
        for some in cut(remote, RECORDINGS_A_STATEMENT):
            rows = [
                (
                    server.pk, one.record_id, meeting.pk, one.name, one.state, one.published, one.protected,
                    one.is_breakout, one.parent_id, one.start_time, one.end_time, one.participants, one.raw_size,
                    one.size, json.dumps(dict(one.metadata)), "0" * 32, None, now, "", False, None,
                    "members", None, False, None, False,
                )
                for one in some
            ]  # fmt: skip
            upsert(cursor, "django_bbb_recording", RECORDING, "server_id, record_id", rows)
            keys += [key for (key,) in cursor.fetchall()]
        formats = ((key, part) for key, one in zip(keys, remote, strict=True) for part in one.formats)
        for some_formats in cut(formats, FORMATS_A_STATEMENT):
            rows = [
                (
                    key, one.type, one.url, one.length, one.processing_time, one.size,
                    json.dumps([asdict(image) for image in one.images]),
                )
                for key, one in some_formats
            ]  # fmt: skip
            upsert(cursor, "django_bbb_playback", FORMAT, "recording_id, type", rows)


RECORDING = {
    "server_id": "bigint", "record_id": "text", "meeting_id": "bigint", "name": "text", "state": "text",
    "published": "boolean", "protected": "boolean", "is_breakout": "boolean", "parent_id": "text",
    "started_at": "timestamptz", "ended_at": "timestamptz", "participants": "integer", "raw_size": "bigint",
    "size": "bigint", "metadata": "jsonb", "fingerprint": "text", "missing_since": "timestamptz",
    "synced_at": "timestamptz", "title": "text", "hidden": "boolean", "deleted_at": "timestamptz",
    "audience": "text", "expires_at": "timestamptz", "keep": "boolean", "trashed_at": "timestamptz",
    "was_published": "boolean",
}  # fmt: skip
FORMAT = {
    "recording_id": "bigint", "type": "text", "url": "text", "length": "interval", "processing_time": "interval",
    "size": "bigint", "thumbnails": "jsonb",
}  # fmt: skip


def upsert(cursor: Any, table: str, columns: dict[str, str], key: str, rows: list[tuple[Any, ...]]) -> None:
    """Write rows with an array for each column: for psycopg the quickest way there is that may meet a conflict."""
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} RETURNING id",
        [list(column) for column in zip(*rows, strict=True)],
    )


def cut(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    from django_bbb.services.recordings import batches

    return batches(items, size)


def ours(remote: list[Remote]) -> Any:
    """Sync, with what a server listed in place of the call; return the report."""
    from django_bbb.services import syncing

    server, _meeting = prepared()
    syncing._listed = lambda server: iter(remote)
    return syncing.sync_recordings(server=server)


@dataclass(frozen=True)
class Sync:
    """A sync beside the rows written by hand into empty tables, in turn; ``before`` is not measured."""

    name: str
    limit: float
    remote: Callable[[int], list[Remote]]
    written: int
    again: bool = True

    def ratio(self) -> float:
        if lacking:
            print(f"Not run, {lacking}")
            return 0.0
        ratios = []
        for number in range(ROUNDS):
            empty()
            floor = seconds(by_hand, RECORDINGS)
            empty()
            if self.again:
                ours(RECORDINGS)
            told = self.remote(number)
            begin = perf_counter()
            report = ours(told)
            ratios.append((perf_counter() - begin) / floor)
            if report.created + report.changed != self.written or report.ours != COUNT:
                raise AssertionError(f"{self.name}: {report}")
        return median(ratios)


def seconds(work: Callable[[list[Remote]], object], remote: list[Remote]) -> float:
    begin = perf_counter()
    work(remote)
    return perf_counter() - begin


def one_changed(number: int) -> list[Remote]:
    return [replace(RECORDINGS[0], name=f"Renamed {number}"), *RECORDINGS[1:]]


lacking = prepare()
RECORDINGS = [recording(number) for number in range(COUNT)]

BENCHMARKS = [
    Sync("first sync of 10 000 recordings, to SQL by hand", 3.2, lambda _n: RECORDINGS, COUNT, again=False),
    Sync("the same again, nothing changed", 0.5, lambda _n: RECORDINGS, 0),
    Sync("one changed of 10 000", 0.5, one_changed, 1),
]
