"""What people do with recordings: publish, unpublish, delete, rename, describe, protect.

Servers are called in batches of ids, and are asked again afterwards: their yes may hold for some of a batch only, or
for none.  Each recording has an outcome of its own, and everything may be repeated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django_bbb.api import BBBError, RecordingNotFound, ServerError
from django_bbb.api.recordings import Recordings
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Recording, Server

from . import mirroring, servers
from .recordings import BATCH, ask_for, batches


class Result(Enum):
    """What became of one recording."""

    DONE = "done"
    #: The server said yes, and does not show it yet.
    REQUESTED = "requested"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one recording; ``error`` says why it failed."""

    recording: Recording
    result: Result
    error: Exception | None = None


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What a server is asked for, and how the row shows that it was done."""

    call: Callable[[Recordings, Sequence[str]], None]
    seen: Callable[[Recording], bool]
    at_once: int = BATCH
    deletes: bool = False


def publish_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Publish recordings on their servers."""
    return _change(recordings, _publishing(True))


def unpublish_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Unpublish recordings on their servers: their links die."""
    return _change(recordings, _publishing(False))


def _publishing(publish: bool) -> _Change:
    return _Change(
        call=lambda client, ids: client.publish_recordings(record_id=ids, publish=publish),
        seen=lambda one: one.published is publish,
    )


def delete_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Delete recordings on their servers and keep tombstones; what a server does not have is deleted as well.

    One that the server still lists keeps its row.
    """
    change = _Change(
        call=lambda client, ids: client.delete_recordings(record_id=ids),
        seen=lambda one: one.deleted_at is not None,
        deletes=True,
    )
    return _change(recordings, change)


def rename_recordings(*, recordings: Iterable[Recording], title: str) -> list[Outcome]:
    """Give recordings a title, here and as their metadata ``name``; the server's own name cannot be changed."""
    outcomes = set_metadata(recordings=recordings, metadata={"name": title})
    for outcome in outcomes:
        if outcome.result is not Result.FAILED:
            outcome.recording.title = title[:255]
            # One that turned out to be deleted keeps no texts.
            rows = Recording.objects.using(outcome.recording._state.db).existing()
            rows.filter(pk=outcome.recording.pk).update(title=outcome.recording.title)
    return outcomes


def set_metadata(*, recordings: Iterable[Recording], metadata: Mapping[str, str]) -> list[Outcome]:
    """Set facts of recordings on their servers; an empty text removes one."""
    wanted = {name.lower(): text for name, text in metadata.items()}
    change = _Change(
        call=lambda client, ids: client.update_recordings(record_id=ids, meta=wanted),
        seen=lambda one: all(one.metadata.get(name, "") == text for name, text in wanted.items()),
    )
    return _change(recordings, change)


def protect_recordings(*, recordings: Iterable[Recording], protect: bool = True) -> list[Outcome]:
    """Let recordings be watched with personal links only, or no more so; balancers know this, others say yes to it."""
    change = _Change(
        call=lambda client, ids: client.update_recordings(record_id=ids, protect=protect),
        seen=lambda one: bool(one.protected) is protect,
        at_once=1,  # of several a balancer changes the first alone
    )
    return _change(recordings, change)


def unprotect_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Let recordings be watched without personal links again."""
    return protect_recordings(recordings=recordings, protect=False)


def resync_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Ask the servers of recordings again, and mirror all that they say; one that is not told of fails."""
    return _batch_by_batch(recordings, BATCH, _resync_batch)


def _resync_batch(server: Server, batch: list[Recording]) -> list[Outcome]:
    try:
        remote = ask_for(server, [one.record_id for one in batch])
    except (BBBError, ServerNotConfigured) as error:
        return _failed(batch, error)
    mirroring.mirror(server=server, remote=remote, full=True)
    there = {one.record_id for one in remote}
    for one in batch:
        one.refresh_from_db()
    return [
        Outcome(one, Result.DONE) if one.record_id in there else Outcome(one, Result.FAILED, _not_told(server))
        for one in batch
    ]


def _not_told(server: Server) -> RecordingNotFound:
    return RecordingNotFound(f"{server} does not tell of it.", server=server.name, call="getRecordings")


# --- batches ------------------------------------------------------------------------------------------


def _change(recordings: Iterable[Recording], change: _Change) -> list[Outcome]:
    return _batch_by_batch(recordings, change.at_once, lambda server, batch: _change_batch(server, batch, change))


def _batch_by_batch(
    recordings: Iterable[Recording], size: int, work: Callable[[Server, list[Recording]], list[Outcome]]
) -> list[Outcome]:
    by_server: dict[int, list[Recording]] = {}
    for one in recordings:
        by_server.setdefault(one.server_id, []).append(one)
    return [outcome for mine in by_server.values() for outcome in _work_on(mine, size, work)]


def _work_on(
    recordings: list[Recording], size: int, work: Callable[[Server, list[Recording]], list[Outcome]]
) -> list[Outcome]:
    """Do something with recordings of one server."""
    outcomes: list[Outcome] = []
    down: Exception | None = None
    for batch in batches(recordings, size):
        # One that does not answer is not waited for with each batch again.
        done = _failed(batch, down) if down else work(recordings[0].server, batch)
        outcomes += done
        down = down or next((one.error for one in done if one.error and not isinstance(one.error, ServerError)), None)
    return outcomes


def _change_batch(server: Server, batch: list[Recording], change: _Change) -> list[Outcome]:
    try:
        change.call(servers.client_for(server).recordings, [one.record_id for one in batch])
    except (BBBError, ServerNotConfigured) as error:
        if isinstance(error, ServerError) and len(batch) > 1:
            return _one_by_one(server, batch, change)
        if not (change.deletes and isinstance(error, RecordingNotFound)):
            return _failed(batch, error)
    try:
        there = _read_again(server, batch, change)
    except (BBBError, ServerNotConfigured):
        # It said yes; what came of it shows the next comparison.
        return [Outcome(one, Result.REQUESTED) for one in batch]
    unknown = [one for one in batch if one.record_id not in there and not change.deletes]
    if unknown and len(batch) > 1:
        # Of several the server knew some, and said yes to all.
        known = [one for one in batch if one.record_id in there]
        return _outcomes(known, change) + _one_by_one(server, unknown, change)
    return _outcomes(batch, change)


def _one_by_one(server: Server, recordings: list[Recording], change: _Change) -> list[Outcome]:
    return [outcome for one in recordings for outcome in _change_batch(server, [one], change)]


def _read_again(server: Server, batch: list[Recording], change: _Change) -> set[str]:
    """Mirror what the server says now, and return the ids it knows."""
    ids = [one.record_id for one in batch]
    remote = ask_for(server, ids)
    mirroring.mirror(server=server, remote=remote)
    there = {one.record_id for one in remote}
    if change.deletes and not remote.skipped:  # what could not be read may be one of them
        mirroring.bury(server=server, keys=[one.pk for one in batch if one.record_id not in there])
    for one in batch:
        one.refresh_from_db()
    return there


def _outcomes(recordings: list[Recording], change: _Change) -> list[Outcome]:
    return [Outcome(one, Result.DONE if change.seen(one) else Result.REQUESTED) for one in recordings]


def _failed(recordings: list[Recording], error: Exception) -> list[Outcome]:
    return [Outcome(one, Result.FAILED, error) for one in recordings]
