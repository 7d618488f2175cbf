"""What is still to be told to the project by signals."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf

#: How long whoever made a change has for telling the project before a sweep does it in their place.
LEASE = timedelta(minutes=1)


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Signals that have not been sent, or whose sender did not live to say so."""

    def write_down(self, signal: str, about: models.Model, facts: dict[str, Any]) -> "Announcement":
        """Remember that a signal about something is to be sent; the caller does that once this is committed."""
        return self.create(signal=signal, subject=about.pk, facts=facts, due_at=timezone.now() + LEASE)

    def take_lease(self, announcement: "Announcement") -> bool:
        """Return whether the caller is the one to send this signal now."""
        return bool(
            self.filter(pk=announcement.pk, due_at=announcement.due_at).update(
                due_at=timezone.now() + LEASE, tries=F("tries") + 1
            )
        )

    def due(self) -> "AnnouncementQuerySet":
        """Those whose sender has had its time, oldest first; not those whose receivers end every process."""
        return self.filter(due_at__lte=timezone.now(), tries__lt=conf.CALLBACK_TRIES).order_by("pk")


class Announcement(models.Model):
    """A signal that is to be sent.

    Written in the transaction of the change it tells of, and deleted once it was sent: a process that dies in
    between loses nothing.
    """

    signal = models.CharField(_("signal"), max_length=30)
    subject = models.BigIntegerField(_("subject"))
    facts = models.JSONField(_("facts"), default=dict)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(db_index=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.signal} {self.subject}"
