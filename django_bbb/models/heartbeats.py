"""Who is at work: when a poll or a worker was last heard of."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: A worker does much in a moment; more often than this nothing is written.
BEAT = timedelta(seconds=5)


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """A row for each who is at work."""

    def note(self, name: str) -> None:
        """Remember that this one is at work now."""
        now = timezone.now()
        if self.filter(name=name, beaten_at__gt=now - BEAT).exists():
            return
        if not self.filter(name=name).update(beaten_at=now):
            self.bulk_create([Heartbeat(name=name, beaten_at=now)], ignore_conflicts=True)


class Heartbeat(models.Model):
    """When somebody was last at work."""

    class Name(models.TextChoices):
        POLL = "poll", _("poll of all servers")
        WORKER = "worker", _("Celery worker")

    name = models.CharField(_("name"), max_length=20, choices=Name, unique=True)
    beaten_at = models.DateTimeField(_("last heard of"))

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.beaten_at:%Y-%m-%d %H:%M:%S}"
