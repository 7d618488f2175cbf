"""The whole of a server's recordings, compared with ours.

What a server does not list any more is asked for by its id, and is gone only when two complete answers, some time
apart, say so.  An answer that breaks off, or leaves something out, proves nothing.
"""

import logging
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from time import monotonic

from django.utils import timezone

from django_bbb import api
from django_bbb.api import ServerError
from django_bbb.conf import conf
from django_bbb.models import Meeting, Recording, Server
from django_bbb.models.servers import SYNC_LEASE

from . import mirroring, servers
from .mirroring import Mirrored, database_of
from .recordings import ask_for, batches

logger = logging.getLogger(__name__)

#: Recordings in one transaction.
PAGE = 400

#: Rows read at once when looking for those that were not listed.
_ROWS = 2000

Progress = Callable[[int], object]


@dataclass(kw_only=True)
class SyncReport:
    """What a comparison found, and what it wrote."""

    #: Recordings the server listed, those of others among them.
    listed: int = 0
    ours: int = 0
    created: int = 0
    changed: int = 0
    missing: int = 0
    deleted: int = 0

    def add(self, mirrored: Mirrored) -> None:
        """Count what came of a batch."""
        self.ours += len(mirrored.rows)
        self.created += mirrored.created
        self.changed += mirrored.changed
        self.deleted += mirrored.deleted


def sync_recordings(*, server: Server, full: bool = False, progress: Progress | None = None) -> SyncReport | None:
    """Compare all recordings of a server with ours; None if somebody else is at it.

    ``full`` writes also what is as it was; ``progress`` is called with the number of recordings listed so far.
    Raises `django_bbb.api.BBBError`: what came before the error is stored, and nothing is taken for missing.
    """
    lease = _Lease.take(server)
    if lease is None:
        return None
    report = SyncReport()
    seen = array("q")
    try:
        for page in batches(_listed(server), PAGE):
            lease.renew()
            report.listed += len(page)
            mirrored = mirroring.mirror(server=server, remote=page, full=full)
            seen.extend(mirrored.rows)
            report.add(mirrored)
            if progress:
                progress(report.listed)
        _look_for_the_rest(server, seen, report, lease)
        lease.finish()
    finally:
        lease.release()
    return report


# --- what is listed -----------------------------------------------------------------------------------


def _listed(server: Server) -> Iterator[api.Recording]:
    """Walk through all recordings the server has; where it lists none without a filter, through those of our rooms."""
    remote = servers.client_for(server).recordings.iter_recordings(state="any")
    try:
        first = next(remote, None)
    except ServerError as error:
        logger.info("%s lists no recordings without a filter (%s); it is asked room by room.", server, error)
        first = None
    if first is not None:
        yield first
        yield from remote
        return
    yield from _listed_by_room(server)


def _listed_by_room(server: Server) -> Iterator[api.Recording]:
    client = servers.client_for(server)
    for ids in batches(_rooms(server)):
        remote = client.recordings.get_recordings(meeting_id=ids, state="any")
        yield from remote
        # The recordings of breakout rooms are not found by the room of their parent.
        inner = [room for one in remote for room in one.breakout_rooms]
        for some in batches(inner):
            yield from ask_for(server, some)


def _rooms(server: Server) -> Iterator[str]:
    """Yield the ids of the rooms that had a class on this server."""
    rooms = Meeting.objects.using(database_of(server)).filter(sessions__server=server).distinct().order_by("pk")
    last = 0
    while page := list(rooms.filter(pk__gt=last).values_list("pk", "meeting_id")[:_ROWS]):
        last = page[-1][0]
        yield from (meeting_id for _pk, meeting_id in page)


# --- what is not --------------------------------------------------------------------------------------


def _look_for_the_rest(server: Server, seen: "array[int]", report: SyncReport, lease: "_Lease") -> None:
    """Ask by id for those that were not listed, and mark or bury those that are not there either."""
    rest = _unlisted(server, seen)
    if not seen:
        # It may refuse to list: an empty list is no answer about anything.
        if next(rest, None) is not None:
            logger.warning("%s lists none of our recordings; their rows stay as they are.", server)
        return
    for ids in batches(rest):
        lease.renew()
        found = ask_for(server, ids)
        mirrored = mirroring.mirror(server=server, remote=found)
        report.add(mirrored)
        if found.skipped:  # what could not be read may be one of them
            continue
        told = {one.record_id for one in found}
        _note_missing(server, [record_id for record_id in ids if record_id not in told], report)


def _unlisted(server: Server, seen: "array[int]") -> Iterator[str]:
    """Walk through the ids of our rows that were not listed, in bounded memory."""
    rows = Recording.objects.using(database_of(server)).existing().filter(server=server).order_by("pk")
    listed = chain(sorted(seen), [0])
    at = next(listed)
    last = 0
    while page := list(rows.filter(pk__gt=last).values_list("pk", "record_id")[:_ROWS]):
        last = page[-1][0]
        for pk, record_id in page:
            while at and at < pk:
                at = next(listed)
            if at != pk:
                yield record_id


def _note_missing(server: Server, record_ids: list[str], report: SyncReport) -> None:
    now = timezone.now()
    rows = Recording.objects.using(database_of(server)).existing().filter(server=server, record_id__in=record_ids)
    gone = rows.filter(missing_since__lte=now - conf.MISSING_GRACE)
    report.deleted += mirroring.bury(server=server, keys=list(gone.values_list("pk", flat=True)))
    rows.filter(missing_since__isnull=True).update(missing_since=now)
    report.missing += rows.count()


# --- one at a time ------------------------------------------------------------------------------------


class _Lease:
    """The right to compare the recordings of a server, made longer while that goes on; a killed one runs out."""

    def __init__(self, server: Server, until: datetime) -> None:
        self._rows = Server.objects.using(database_of(server))
        self._server, self._until = server, until
        self._renew_at = self._next()

    @classmethod
    def take(cls, server: Server) -> "_Lease | None":
        until = Server.objects.using(database_of(server)).take_sync_lease(server.pk)
        return cls(server, until) if until else None

    def renew(self) -> None:
        if monotonic() < self._renew_at:
            return
        until = self._rows.take_sync_lease(self._server.pk, held=self._until)
        # Lost to another after a long silence: both write the same, and neither does harm.
        self._until, self._renew_at = until or self._until, self._next()

    def finish(self) -> None:
        self._rows.filter(pk=self._server.pk).update(recordings_synced_at=timezone.now())

    def release(self) -> None:
        self._rows.filter(pk=self._server.pk, sync_lease_until=self._until).update(sync_lease_until=None)

    def _next(self) -> float:
        return monotonic() + SYNC_LEASE.total_seconds() / 3
