"""What is done with many recordings: at once, or as a job that goes on in batches, whoever dies in between."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from django_bbb.models import Recording, RecordingJob, RecordingJobItem

from . import publishing, trash
from .publishing import Outcome
from .recordings import BATCH

logger = logging.getLogger(__name__)

Action = RecordingJob.Action
Result = RecordingJobItem.Result

#: How long a finished job is kept.
KEEP_JOBS = timedelta(days=30)

#: Which action does what.
SERVICES: dict[str, Callable[..., list[Outcome]]] = {
    Action.PUBLISH: publishing.publish_recordings,
    Action.UNPUBLISH: publishing.unpublish_recordings,
    Action.PROTECT: publishing.protect_recordings,
    Action.UNPROTECT: publishing.unprotect_recordings,
    Action.RENAME: publishing.rename_recordings,
    Action.RESYNC: publishing.resync_recordings,
    Action.TRASH: trash.trash_recordings,
    Action.RESTORE: trash.restore_recordings,
    Action.DELETE: publishing.delete_recordings,
}


def perform(*, action: str, recordings: Sequence[Recording], arguments: dict[str, Any]) -> list[Outcome]:
    """Do something with recordings now; return what became of each that there was something to do for."""
    return SERVICES[action](recordings=recordings, **arguments)


def run_job(*, job_id: int) -> bool:
    """Work off a job; whether it is finished.  Safe to run twice, also at the same time."""
    lease = RecordingJob.objects.take_lease(job_id)
    if lease is None:
        return False
    job = RecordingJob.objects.get(pk=job_id)
    while items := list(job.items.filter(result=Result.WAITING).select_related("recording__server")[:BATCH]):
        _run_batch(job, items)
        renewed = RecordingJob.objects.take_lease(job_id, held=lease)
        if renewed is None:  # so long a silence that another goes on
            return False
        lease = renewed
    return _finish(job, lease)


def _run_batch(job: RecordingJob, items: list[RecordingJobItem]) -> None:
    """Do what is asked with some recordings, and write down what became of them."""
    existing = [one.recording for one in items if one.recording.deleted_at is None]
    try:
        outcomes = perform(action=job.action, recordings=existing, arguments=job.arguments)
    except Exception as error:  # what nobody thought of stops no other batch
        logger.exception("%s failed.", job)
        outcomes = [Outcome(one, publishing.Result.FAILED, error) for one in existing]
    became = {one.recording.pk: one for one in outcomes}
    for item in items:
        outcome = became.get(item.recording_id)
        item.result = Result(outcome.result.value) if outcome else Result.DONE
        item.error = str(outcome.error or "") if outcome else ""
    RecordingJobItem.objects.bulk_update(items, ["result", "error"])


def _finish(job: RecordingJob, lease: datetime) -> bool:
    """Close a job, unless somebody has just asked for its failures to be tried again."""
    row = RecordingJob.objects.filter(pk=job.pk, lease_until=lease)
    waiting = RecordingJobItem.objects.filter(job=OuterRef("pk"), result=Result.WAITING)
    finished = row.filter(~Exists(waiting)).update(finished_at=timezone.now(), lease_until=None)
    row.update(lease_until=None)
    return bool(finished)


def sweep() -> int:
    """Go on with jobs whose task got lost; return how many were finished."""
    return sum(run_job(job_id=pk) for pk in list(RecordingJob.objects.due().values_list("pk", flat=True)))


def forget_old_jobs() -> int:
    """Delete jobs that were finished long ago; return how many."""
    old = RecordingJob.objects.finished_before(timezone.now() - KEEP_JOBS)
    count = old.count()
    old.delete()
    return count
