"""What people asked to be done with many recordings, and how far it is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .recordings import Recording

#: How long a worker may say nothing before another goes on; servers may need a call for each recording of a batch.
LEASE = timedelta(minutes=10)

_ROWS = 500


class RecordingJobQuerySet(models.QuerySet["RecordingJob"]):
    """Jobs, by what is to be done about them."""

    def start(self, *, action: str, arguments: dict[str, Any], user: Any, recordings: Iterable[int]) -> "RecordingJob":
        """Write down that something is to be done with each of these recordings, given by primary key."""
        with transaction.atomic(using=self.db):
            job = self.create(action=action, arguments=arguments, user=user)
            items = (RecordingJobItem(job=job, recording_id=pk) for pk in recordings)
            RecordingJobItem.objects.using(self.db).bulk_create(items, batch_size=_ROWS)
        return job

    def unfinished(self) -> "RecordingJobQuerySet":
        """Jobs with something left to do."""
        return self.filter(finished_at__isnull=True)

    def due(self) -> "RecordingJobQuerySet":
        """Unfinished jobs that nobody is working on, oldest first."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=timezone.now())
        return self.unfinished().filter(free).order_by("pk")

    def take_lease(self, pk: int, *, held: datetime | None = None) -> datetime | None:
        """Return until when the job is the caller's alone; None if it is another's or done.

        ``held`` is the lease the caller has, to make it longer.
        """
        mine = self.unfinished().filter(lease_until=held) if held else self.due()
        until = timezone.now() + LEASE
        return until if mine.filter(pk=pk).update(lease_until=until) else None

    def finished_before(self, moment: datetime) -> "RecordingJobQuerySet":
        """Jobs nobody needs to know of any more."""
        return self.filter(finished_at__lt=moment)


class RecordingJob(models.Model):
    """Something that is done with many recordings, one batch after the other."""

    class Action(models.TextChoices):
        PUBLISH = "publish", _("Publish")
        UNPUBLISH = "unpublish", _("Unpublish")
        PROTECT = "protect", _("Protect with personal links")
        UNPROTECT = "unprotect", _("End the protection")
        RENAME = "rename", _("Rename")
        RESYNC = "resync", _("Ask the server again")
        TRASH = "trash", _("Move to the trash")
        RESTORE = "restore", _("Restore from the trash")
        DELETE = "delete", _("Delete for good")

    action = models.CharField(_("action"), max_length=20, choices=Action)
    arguments = models.JSONField(_("arguments"), default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, db_index=True)
    lease_until = models.DateTimeField(_("being worked on until"), null=True)

    objects = RecordingJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job on recordings")
        verbose_name_plural = _("jobs on recordings")
        default_permissions = ()  # who may do what is asked by its action
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"

    def count_results(self) -> dict[str, int]:
        """Return how many recordings there are of each result."""
        counted = self.items.order_by().values_list("result").annotate(Count("pk"))
        return dict.fromkeys(RecordingJobItem.Result.values, 0) | dict(counted)

    def retry_failures(self) -> int:
        """Make the job try again what has failed; return how many recordings that is."""
        with transaction.atomic(using=self._state.db):
            waiting = {"result": RecordingJobItem.Result.WAITING, "error": ""}
            count = self.items.filter(result=RecordingJobItem.Result.FAILED).update(**waiting)
            if count:
                RecordingJob.objects.using(self._state.db).filter(pk=self.pk).update(finished_at=None)
        return count


class RecordingJobItem(models.Model):
    """One recording of a job, and what became of it."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REQUESTED = "requested", _("asked for; the server does not show it yet")
        FAILED = "failed", _("failed")

    job = models.ForeignKey(RecordingJob, verbose_name=_("job"), on_delete=models.CASCADE, related_name="items")
    recording = models.ForeignKey(Recording, verbose_name=_("recording"), on_delete=models.CASCADE, related_name="+")
    result = models.CharField(_("result"), max_length=10, choices=Result, default=Result.WAITING)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("recording of a job")
        verbose_name_plural = _("recordings of jobs")
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["job", "recording"], name="bbb_recording_once_per_job")]
        indexes = [models.Index(fields=["job", "result"], name="bbb_job_results")]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.result}"
