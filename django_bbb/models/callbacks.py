"""The inbox of callbacks: a row per thing to be done."""

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf

from .servers import Server

#: How long a worker has for one thing before another may take it.
LEASE = timedelta(minutes=2)


class CallbackDeliveryQuerySet(models.QuerySet["CallbackDelivery"]):
    """Things callbacks have asked for."""

    def note(
        self, *, kind: str, server: Server, subject: str, payload: dict[str, object] | None = None
    ) -> "CallbackDelivery":
        """Remember that something was asked for; asked again, it is the same row with ``asked`` one higher."""
        key = {"kind": kind, "server": server, "subject": subject}
        changes = {"asked": F("asked") + 1, "asked_at": timezone.now(), "next_try_at": timezone.now()}
        if payload:
            changes["payload"] = payload
        if not self.filter(**key).update(tries=0, **changes):
            try:
                with transaction.atomic(using=self.db):
                    return self.create(**key, payload=payload or {})
            except IntegrityError:  # somebody else noted it in between
                self.filter(**key).update(tries=0, **changes)
        return self.get(**key)

    def undone(self) -> "CallbackDeliveryQuerySet":
        """Rows with something left to be done."""
        return self.filter(done__lt=F("asked"))

    def due(self) -> "CallbackDeliveryQuerySet":
        """Undone rows that nobody is working on and whose time has come; parked ones are not due."""
        now = timezone.now()
        return self.undone().filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            next_try_at__lte=now,
            tries__lt=conf.CALLBACK_TRIES,
        )

    def parked(self) -> "CallbackDeliveryQuerySet":
        """Rows that failed so often that somebody has to look at them."""
        return self.undone().filter(tries__gte=conf.CALLBACK_TRIES)

    def take_lease(self, pk: int) -> "CallbackDelivery | None":
        """Return a due row for the caller alone, or None when another has it or nothing is left to do."""
        taken = self.due().filter(pk=pk).update(lease_until=timezone.now() + LEASE)
        return self.select_related("server").get(pk=pk) if taken else None


class CallbackDelivery(models.Model):
    """Something a verified callback asked for.

    The row is a thing to be done, not a message: the second format of a recording is announced with the very
    same bytes as the first.  It is open while ``done`` is less than ``asked``.
    """

    class Kind(models.TextChoices):
        MEETING_ENDED = "meeting-ended", _("meeting ended")
        RECORDING_READY = "recording-ready", _("recording ready")

    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    server = models.ForeignKey(Server, verbose_name=_("server"), on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(_("subject"), max_length=100)
    payload = models.JSONField(_("payload"), default=dict)
    asked = models.PositiveIntegerField(_("asked"), default=1)
    done = models.PositiveIntegerField(_("done"), default=0)
    first_asked_at = models.DateTimeField(_("first asked"), auto_now_add=True)
    asked_at = models.DateTimeField(_("last asked"), default=timezone.now)
    lease_until = models.DateTimeField(_("being worked on until"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)

    objects = CallbackDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ["-asked_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "server", "subject"], name="bbb_callback_once")]
        indexes = [models.Index(fields=["next_try_at"], name="bbb_callback_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"
