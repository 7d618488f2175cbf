"""How busy the servers were."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from .servers import Server


class ServerLoadQuerySet(models.QuerySet["ServerLoad"]):
    """Minutes of servers."""

    def older_than(self, age: timedelta, *, now: datetime) -> "ServerLoadQuerySet":
        """Minutes that are further back than that."""
        return self.filter(minute__lt=now - age)


class ServerLoad(models.Model):
    """What the first poll of a minute saw on a server."""

    server = models.ForeignKey(Server, verbose_name=_("server"), on_delete=models.CASCADE, related_name="loads")
    minute = models.DateTimeField(_("minute"))
    meeting_count = models.PositiveIntegerField(_("meetings"), default=0)
    participant_count = models.PositiveIntegerField(_("people"), default=0)
    voice_count = models.PositiveIntegerField(_("voices"), default=0)
    video_count = models.PositiveIntegerField(_("cameras"), default=0)

    objects = ServerLoadQuerySet.as_manager()

    class Meta:
        verbose_name = _("load of a server")
        verbose_name_plural = _("loads of servers")
        ordering = ["server", "-minute"]
        constraints = [models.UniqueConstraint(fields=["server", "minute"], name="bbb_one_load_a_minute")]
        # Pruning goes by time alone.
        indexes = [models.Index(fields=["minute"], name="bbb_load_minute")]

    def __str__(self) -> str:
        return f"{self.server} {self.minute:%Y-%m-%d %H:%M}"
