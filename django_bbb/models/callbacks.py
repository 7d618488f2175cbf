"""The inbox of callbacks: a row per thing to be done."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, models, router
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf

from . import dialects
from .servers import Server

#: How long a worker has for one thing before another may take it; longer than the time limit of its task.
LEASE = timedelta(minutes=2)

#: How far the clock of a worker may be behind that of the machine that takes callbacks.
CLOCKS_MAY_DIFFER = timedelta(minutes=1)

#: How long a thing rests once it was done: whoever replays a callback makes us ask the server no more often.
REST = timedelta(seconds=10)


#: What has not been worked off stays: a replay of something nobody signs must not replace it.
_KEEP_UNDONE = "CASE WHEN {old}.done < {old}.asked THEN {old}.payload ELSE {new}.payload END"


@dataclass(frozen=True, slots=True)
class Noted:
    """A row in the inbox, and what a worker is to do about it."""

    pk: int
    #: Nothing was left to be done before, or somebody is at it and will not look again.
    needs_a_worker: bool
    #: Until what was done a moment ago has rested, or whoever is at it is done: `REST` is enough.
    has_to_wait: bool


class CallbackDeliveryQuerySet(models.QuerySet["CallbackDelivery"]):
    """Things callbacks have asked for."""

    def note(
        self,
        *,
        kind: str,
        server: Server,
        subject: str,
        payload: dict[str, Any] | None = None,
        replaces: bool = False,
        unless: dialects.Expression | None = None,
    ) -> "Noted | None":
        """Remember that something was asked for; asked again, it is the same row with ``asked`` one higher.

        ``replaces`` is whether the payload takes the place of one that has not been worked off, ``unless`` when
        nothing is noted and the answer is None.  It is one statement, and waits no longer than a moment for somebody
        else's lock.  Raises `django.db.DatabaseError`.
        """
        connection = connections[router.db_for_write(self.model)]
        now, a_minute_ago = (
            connection.ops.adapt_datetimefield_value(timezone.now() - one) for one in (timedelta(), CLOCKS_MAY_DIFFER)
        )
        row = dialects.upsert(
            connection,
            table=self.model._meta.db_table,
            facts={
                "kind": kind,
                "server_id": server.pk,
                "subject": subject,
                "payload": json.dumps(payload or {}),
                "asked": 1,
                "done": 0,
                "first_asked_at": now,
                "asked_at": now,
                # The second of two askings must not put off the task of the first.
                "next_try_at": a_minute_ago,
                "tries": 0,
                "last_error": "",
            },
            unique=("kind", "server_id", "subject"),
            # One that was done a moment ago rests; one that has failed is worth a try now.  In this order, since
            # MariaDB assigns one after the other.
            changes={
                "next_try_at": "CASE WHEN {old}.tries = 0 AND {old}.next_try_at > {new}.next_try_at"
                " THEN {old}.next_try_at ELSE {new}.next_try_at END",
                "tries": "0",
                **({"payload": "{new}.payload" if replaces else _KEEP_UNDONE} if payload else {}),
                "asked": "{old}.asked + 1",
                "asked_at": "{new}.asked_at",
            },
            unless=unless,
            returning=[
                dialects.Expression("id"),
                dialects.Expression("asked = done + 1"),
                dialects.Expression("lease_until"),  # as it is: SQLite 3.40 says that NULL IS NOT NULL here
                dialects.Expression("next_try_at > %s", (now,)),
            ],
        )
        if row is None:
            return None
        pk, is_first, lease, is_resting = row
        is_leased = lease is not None
        return Noted(pk=pk, needs_a_worker=bool(is_first) or is_leased, has_to_wait=bool(is_resting) or is_leased)

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

    def worked_off(self) -> "CallbackDeliveryQuerySet":
        """Rows with nothing left to be done."""
        return self.filter(done__gte=F("asked"))

    def forgettable(self, since: datetime) -> "CallbackDeliveryQuerySet":
        """Rows nobody has asked for since then, and nobody will work on."""
        given_up = Q(tries__gte=conf.CALLBACK_TRIES)
        return self.filter(Q(done__gte=F("asked")) | given_up, asked_at__lt=since)

    def take_lease(self, pk: int) -> "CallbackDelivery | None":
        """Return a due row for the caller alone, or None when another has it or nothing is left to do."""
        until = timezone.now() + LEASE
        if not self.due().filter(pk=pk).update(lease_until=until):
            return None
        return self.select_related("server").filter(pk=pk, lease_until=until).first()


class CallbackDelivery(models.Model):
    """Something a verified callback asked for.

    The row is a thing to be done, not a message: the second format of a recording is announced with the very
    same bytes as the first.  It is open while ``done`` is less than ``asked``.  What the server would not tell again
    is in ``payload`` until it was taken over.
    """

    class Kind(models.TextChoices):
        MEETING_ENDED = "meeting-ended", _("meeting ended")
        RECORDING_READY = "recording-ready", _("recording ready")
        ANALYTICS = "analytics", _("report on a class")
        WEBHOOK = "webhook", _("event in a class")

    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    server = models.ForeignKey(Server, verbose_name=_("server"), on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(_("subject"), max_length=100)
    payload = models.JSONField(_("payload"), default=dict)
    asked = models.PositiveIntegerField(_("asked"), default=1)
    done = models.PositiveIntegerField(_("done"), default=0)
    first_asked_at = models.DateTimeField(_("first asked"), default=timezone.now)
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
        indexes = [
            models.Index(fields=["next_try_at"], name="bbb_callback_due"),
            # The admin's list, and forgetting.
            models.Index(fields=["asked_at"], name="bbb_callback_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"
