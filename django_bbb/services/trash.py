"""The trash: recordings nobody sees any more, which can still be restored as they were.

The row goes into the trash first and is unpublished on its server then: whoever dies in between leaves something
that nobody sees here, and that the next tidying unpublishes.
"""

from collections.abc import Callable, Iterable

from django.db.models import F, QuerySet
from django.utils import timezone

from django_bbb.api import RecordingNotFound
from django_bbb.conf import conf
from django_bbb.models import Recording, Server
from django_bbb.models.recordings import RecordingQuerySet

from .publishing import Outcome, Result, delete_recordings, publish_recordings, unpublish_recordings
from .recordings import batches


def trash_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Move recordings to the trash, and unpublish them on their servers; one that fails stays where it was."""
    recordings = list(recordings)
    fresh = _rows(recordings).filter(trashed_at__isnull=True)
    fresh_keys = set(fresh.values_list("pk", flat=True))
    fresh.filter(pk__in=fresh_keys).update(was_published=F("published"), trashed_at=timezone.now())
    quiet = [one for one in recordings if not one.published]
    outcomes = unpublish_recordings(recordings=[one for one in recordings if one.published])
    # What is not on its server cannot be published there.
    outcomes = [Outcome(one.recording, Result.DONE) if _is_gone(one) else one for one in outcomes]
    failed = {one.recording.pk for one in outcomes if one.result is Result.FAILED}
    _rows(recordings).filter(pk__in=fresh_keys & failed).update(trashed_at=None, was_published=False)
    return outcomes + [Outcome(one, Result.DONE) for one in quiet]


def restore_recordings(*, recordings: Iterable[Recording]) -> list[Outcome]:
    """Take recordings out of the trash, and publish those again that were; one that fails stays in there."""
    trashed = [one for one in recordings if one.trashed_at is not None]
    outcomes = publish_recordings(recordings=[one for one in trashed if one.was_published])
    outcomes += [Outcome(one, Result.DONE) for one in trashed if not one.was_published]
    restored = [one.recording.pk for one in outcomes if one.result is not Result.FAILED]
    rows = _rows(trashed).filter(pk__in=restored)
    # Else the next tidying would move it back.
    rows.expired().update(expires_at=None)
    rows.update(trashed_at=None, was_published=False)
    return outcomes


def tidy_recordings() -> dict[str, int]:
    """Move what has expired to the trash, and delete what was in there for ``KEEP_TRASH``; return how many.

    What is kept for ever stays where it is.  Nothing happens where ``READ_ONLY`` is set.
    """
    if conf.READ_ONLY:
        return {"trashed": 0, "deleted": 0}
    existing = Recording.objects.existing().exclude(server__state=Server.State.DISABLED)
    forgotten = existing.trashed().filter(published=True)  # its unpublishing was cut off, or somebody published it
    overdue = existing.trashed().filter(keep=False, trashed_at__lte=timezone.now() - conf.KEEP_TRASH)
    trashed = _do(trash_recordings, existing.expired().filter(trashed_at__isnull=True))
    _do(unpublish_recordings, forgotten)
    return {"trashed": trashed, "deleted": _do(delete_recordings, overdue)}


def _do(service: Callable[..., list[Outcome]], rows: "QuerySet[Recording]") -> int:
    """Call a service for the rows, server by server; return how many are done."""
    done = 0
    for server in Server.objects.filter(recordings__in=rows).distinct():
        for keys in batches(list(rows.filter(server=server).values_list("pk", flat=True))):
            # Read again for each batch: somebody may have restored some of them meanwhile.
            outcomes = service(recordings=list(rows.filter(pk__in=keys).select_related("server")))
            done += sum(one.result is not Result.FAILED for one in outcomes)
            if outcomes and all(one.result is Result.FAILED for one in outcomes):
                break  # the next tidying makes up for it
    return done


def _rows(recordings: list[Recording]) -> RecordingQuerySet:
    using = recordings[0]._state.db if recordings else None
    return Recording.objects.using(using).existing().filter(pk__in=[one.pk for one in recordings])


def _is_gone(outcome: Outcome) -> bool:
    return isinstance(outcome.error, RecordingNotFound)
