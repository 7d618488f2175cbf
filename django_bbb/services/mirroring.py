"""What servers tell of recordings, compared with what is stored and written where it differs.

A batch is a transaction of its own: an error in the middle leaves all rows as they were, and the next time makes
up for it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from django_bbb import api
from django_bbb.api import RecordingState
from django_bbb.models import Meeting, MeetingSession, Playback, Recording, Server
from django_bbb.models.origins import ORIGIN_FACT, Origin
from django_bbb.models.recordings import fingerprint, format_facts, recording_facts

from .announcing import announce, has_listeners

logger = logging.getLogger(__name__)

_TRIES = 3
_LONGEST_ID = 100

Result = TypeVar("Result")


@dataclass(kw_only=True)
class Mirrored:
    """What came of a batch: the rows it told of by primary key, and how many were written."""

    rows: list[int] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    fingerprint: str
    meeting_id: int | None
    is_deleted: bool
    is_missing: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A recording to be written."""

    remote: api.Recording
    fingerprint: str
    meeting_id: int | None
    known: _Known | None


def mirror(*, server: Server, remote: Iterable[api.Recording], full: bool = False) -> Mirrored:
    """Store what a server tells of recordings that are ours; those of others are left alone.

    What is as it was costs no write, unless ``full``.  What was deleted here stays so.
    """
    # In one order everywhere: two of these at once must not wait for each other's rows.
    batch = {one.record_id: one for one in sorted(remote, key=lambda one: one.record_id)}
    too_long = [record_id for record_id in batch if len(record_id) > _LONGEST_ID]
    for record_id in too_long:
        logger.warning("%s has a recording whose id is too long; it is left out: %.120s…", server, record_id)
        del batch[record_id]
    return trying_again(lambda: _mirror(server, batch, full), using=database_of(server)) if batch else Mirrored()


def _mirror(server: Server, batch: Mapping[str, api.Recording], full: bool) -> Mirrored:
    known = _known(server, batch)
    done = Mirrored(rows=[row.pk for row in known.values()])
    fresh: list[api.Recording] = []
    told: list[_Told] = []
    gone: list[int] = []
    for record_id, one in batch.items():
        row = known.get(record_id)
        if row is None:
            if one.state != RecordingState.DELETED:
                fresh.append(one)
        elif row.is_deleted:
            continue
        elif one.state == RecordingState.DELETED:
            gone.append(row.pk)
        elif (now := fingerprint(one)) != row.fingerprint or row.is_missing or full:
            told.append(_Told(one, now, row.meeting_id, row))
    meetings = _meetings(server, fresh)
    told += [_Told(one, fingerprint(one), meetings[one.record_id], None) for one in fresh if one.record_id in meetings]
    if told:
        _write(server, told, done)
    done.deleted = bury(server=server, keys=gone)
    return done


def _known(server: Server, record_ids: Collection[str]) -> dict[str, _Known]:
    rows = Recording.objects.using(database_of(server)).filter(server=server, record_id__in=list(record_ids))
    columns = rows.values_list("record_id", "pk", "fingerprint", "meeting_id", "deleted_at", "missing_since")
    return {
        record_id: _Known(pk, print_, meeting_id, deleted_at is not None, missing_since is not None)
        for record_id, pk, print_, meeting_id, deleted_at, missing_since in columns
    }


# --- whose it is --------------------------------------------------------------------------------------


def _meetings(server: Server, remote: Collection[api.Recording]) -> dict[str, int | None]:
    """Return the meetings (by primary key) of those recordings that are ours, by record id.

    A breakout room's recording belongs to the meeting whose class the room was part of.  One that carries our
    mark is ours also when its meeting is not here any more.
    """
    if not remote:
        return {}
    using = database_of(server)
    rooms = Meeting.objects.using(using).filter(meeting_id__in={one.meeting_id for one in remote})
    by_room = dict(rooms.values_list("meeting_id", "pk"))
    by_run = _meetings_of_runs(server, {one.parent_id for one in remote if one.parent_id})
    # A parent that comes on a later page, of a class we do not know, is known the next time.
    by_run |= {one.record_id: by_room[one.meeting_id] for one in remote if one.meeting_id in by_room}
    found: dict[str, int | None] = {}
    mark = ""
    for one in remote:
        meeting = by_run.get(one.parent_id) if one.parent_id else by_room.get(one.meeting_id)
        if meeting is not None or (mark := mark or _our_mark(using)) == one.metadata.get(ORIGIN_FACT):
            found[one.record_id] = meeting
    return found


def _our_mark(using: str) -> str:
    return Origin.objects.db_manager(using).of_this_site()


def _meetings_of_runs(server: Server, internal_ids: Collection[str]) -> dict[str, int | None]:
    if not internal_ids:
        return {}
    using = database_of(server)
    recorded = Recording.objects.using(using).filter(server=server, record_id__in=internal_ids)
    runs = MeetingSession.objects.using(using).filter(server=server, internal_id__in=internal_ids)
    found: dict[str, int | None] = dict(recorded.values_list("record_id", "meeting_id"))
    found.update(runs.values_list("internal_id", "meeting_id"))
    return found


# --- write --------------------------------------------------------------------------------------------


def _write(server: Server, told: list[_Told], done: Mirrored) -> None:
    using, now = database_of(server), timezone.now()
    with transaction.atomic(using=using):
        if any(one.known for one in told):
            # A row deleted since it was read must not get its texts back.
            alive = Recording.objects.using(using).lock(one.known.pk for one in told if one.known)
            told = [one for one in told if one.known is None or one.known.pk in alive]
        rows = [
            Recording(
                server_id=server.pk,
                record_id=one.remote.record_id,
                meeting_id=one.meeting_id,
                fingerprint=one.fingerprint,
                synced_at=now,
                **recording_facts(one.remote),
            )
            for one in told
        ]
        Recording.objects.using(using).store(rows)
        buried = _bury_again(using, [row.pk for row, one in zip(rows, told, strict=True) if one.known is None])
        written = {row.pk: one for row, one in zip(rows, told, strict=True) if row.pk not in buried}
        _tell(using, _write_formats(using, written))
    fresh = [pk for pk, one in written.items() if one.known is None]
    done.rows += fresh
    done.created += len(fresh)
    done.changed += len(written) - len(fresh)


def _bury_again(using: str, keys: Collection[int]) -> set[int]:
    """Bury what was new a moment ago, and has been stored and deleted by somebody else since; return which."""
    if not keys:
        return set()
    dead = list(Recording.objects.using(using).filter(pk__in=keys, deleted_at__isnull=False))
    for recording in dead:
        recording.bury()
    return {recording.pk for recording in dead}


def _write_formats(using: str, told: Mapping[int, _Told]) -> dict[int, tuple[list[str], bool]]:
    """Store the formats that are new or differ; return the types of the new ones and whether they are the first.

    Formats are only added and changed: a server that is rebuilding a recording tells fewer for a while.
    """
    before = _stored_formats(using, [pk for pk, one in told.items() if one.known])
    rows: list[Playback] = []
    new: dict[int, tuple[list[str], bool]] = {}
    for pk, one in told.items():
        stored = before.get(pk, {})
        types = []
        for kind, facts in format_facts(one.remote).items():
            if kind not in stored:
                types.append(kind)
            if stored.get(kind) != facts:
                rows.append(Playback(recording_id=pk, type=kind, **facts))
        if types:
            new[pk] = (types, not stored)
    if rows:
        Playback.objects.using(using).store(rows)
    return new


def _stored_formats(using: str, keys: Collection[int]) -> dict[int, dict[str, dict[str, Any]]]:
    found: dict[int, dict[str, dict[str, Any]]] = {}
    if keys:
        rows = Playback.objects.using(using).filter(recording__in=keys)
        for facts in rows.values("recording_id", "type", *Playback.MIRRORED):
            found.setdefault(facts.pop("recording_id"), {})[facts.pop("type")] = facts
    return found


def _tell(using: str, new: Mapping[int, tuple[list[str], bool]]) -> None:
    """Tell the project of new formats; where nobody listens the rows are not read again."""
    if not new or not has_listeners("recording_ready"):
        return
    for recording in Recording.objects.using(using).filter(pk__in=new).order_by("pk"):
        formats, first_time = new[recording.pk]
        announce("recording_ready", recording, formats=formats, first_time=first_time)


def bury(*, server: Server, keys: Iterable[int]) -> int:
    """Note that recordings are deleted on their server, keep tombstones, tell the project; return how many."""
    done = 0
    for recording in Recording.objects.using(database_of(server)).existing().filter(pk__in=list(keys)):
        with transaction.atomic(using=recording._state.db):
            recording.bury()
            announce("recording_deleted", recording)
        done += 1
    return done


# --- the database -------------------------------------------------------------------------------------


def database_of(server: Server) -> str:
    """Return the alias of the database the server's row is in: its recordings are there as well."""
    return server._state.db or DEFAULT_DB_ALIAS


def trying_again(work: Callable[[], Result], *, using: str) -> Result:
    """Do something that may be done twice; after a deadlock or with a new connection up to three times.

    Inside a transaction of the caller's it is done once: what came before in it would be lost.
    """
    connection = connections[using]
    for _try in range(_TRIES - 1):
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            logger.warning("The database said: %s. It is asked again.", str(error).strip())
            connection.close_if_unusable_or_obsolete()
    return work()
