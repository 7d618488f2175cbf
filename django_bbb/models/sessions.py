"""The runs of meetings."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from django.db import connections, models, router, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_bbb import api
from django_bbb.conf import conf

from .meetings import Meeting
from .servers import Server


class MeetingSessionQuerySet(models.QuerySet["MeetingSession"]):
    """Runs of meetings."""

    def open(self) -> "MeetingSessionQuerySet":
        """Runs that have not ended."""
        return self.filter(is_open=True)

    def rested(self, since: datetime) -> "MeetingSessionQuerySet":
        """Runs the server has not been asked for by themselves since then."""
        return self.filter(Q(checked_at__isnull=True) | Q(checked_at__lte=since))

    def take_lease(self, session: "MeetingSession", *, until: datetime) -> bool:
        """Return whether the caller may now create this run in place of whoever claimed it."""
        taken = self.filter(
            pk=session.pk, is_open=True, create_time__isnull=True, claimed_until=session.claimed_until
        ).update(claimed_until=until)
        return bool(taken)

    def mirror(self, heard: Iterable[tuple[int, api.Meeting]], *, asked_at: datetime) -> None:
        """Take over what a server says of many runs, by primary key, unless something newer is known.

        One statement for all of them: `bulk_update` takes seconds for two thousand.
        """
        using = router.db_for_write(self.model)
        connection = connections[using]
        quote = connection.ops.quote_name
        at = connection.ops.adapt_datetimefield_value(asked_at)
        columns = ", ".join(f"{quote(name)} = %s" for name in self.model.MIRRORED)
        statement = (
            f"UPDATE {quote(self.model._meta.db_table)} SET {columns} WHERE {quote('id')} = %s"  # noqa: S608
            f" AND {quote('is_open')} = %s AND ({quote('synced_at')} IS NULL OR {quote('synced_at')} <= %s)"
        )
        # In one order, so that two who do this at once wait for each other and never both.
        rows = [(*_counts(remote), at, pk, True, at) for pk, remote in sorted(heard, key=lambda one: one[0])]
        if rows:
            with transaction.atomic(using), connection.cursor() as cursor:
                cursor.executemany(statement, rows)


def presence(remote: api.Meeting) -> str:
    """Return in short who is inside, by their ids: another text means that somebody came or went.

    Empty for nobody, and where this site does not keep who was there.
    """
    if not remote.attendees or not conf.KEEP_ATTENDANCE:
        return ""
    everybody = "\n".join(sorted(one.user_id for one in remote.attendees))
    return blake2b(everybody.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _counts(remote: api.Meeting) -> tuple[bool, int, int, int, int, str]:
    """Return what is mirrored of a class, in the order of `MeetingSession.MIRRORED`."""
    return (
        remote.running,
        remote.participant_count,
        remote.moderator_count,
        remote.voice_participant_count,
        remote.video_count,
        presence(remote),
    )


class MeetingSession(models.Model):
    """One run of a meeting on one server.

    Claimed before the server is asked to create it, so that two who press Start at the same moment end up in
    one class: there is at most one open run per meeting.  ``is_open`` is True or NULL, since MariaDB has no
    partial indexes.
    """

    class EndReason(models.TextChoices):
        ENDED = "ended", _("ended")
        GONE = "gone", _("found gone by a poll")
        NOT_CREATED = "not_created", _("never created")
        REFUSED = "refused", _("refused by the server")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="sessions")
    server = models.ForeignKey(Server, verbose_name=_("server"), on_delete=models.PROTECT, related_name="sessions")
    is_open = models.BooleanField(_("is open"), null=True, default=True)
    claimed_until = models.DateTimeField(_("claimed until"))
    parameters = models.JSONField(_("parameters"), default=dict)
    internal_id = models.CharField(_("internal ID"), max_length=100, blank=True, db_index=True)
    create_time = models.DateTimeField(_("created on the server"), null=True)
    claimed_at = models.DateTimeField(_("started"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=20, blank=True, choices=EndReason)
    has_recording_marks = models.BooleanField(_("was recorded"), null=True)
    look_at = models.DateTimeField(_("next look for the recording"), null=True, db_index=True)

    running = models.BooleanField(_("somebody is inside"), default=False)
    being_recorded = models.BooleanField(_("is being recorded"), null=True, default=None)
    being_recorded_since = models.DateTimeField(null=True)
    participant_count = models.PositiveIntegerField(_("people"), default=0)
    moderator_count = models.PositiveIntegerField(_("moderators"), default=0)
    voice_count = models.PositiveIntegerField(_("voices"), default=0)
    video_count = models.PositiveIntegerField(_("cameras"), default=0)
    synced_at = models.DateTimeField(_("last heard of"), null=True)
    #: When the server was last asked whether it still has it, and when, after an event, who is inside.
    checked_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(_("report taken over"), null=True, editable=False)
    #: What the last poll saw of who is inside, in short: nothing is compared while it stays the same.
    present = models.CharField(max_length=40, blank=True, editable=False)

    objects = MeetingSessionQuerySet.as_manager()

    #: What a poll tells of a running class, and when it was asked.
    MIRRORED = (
        "running",
        "participant_count",
        "moderator_count",
        "voice_count",
        "video_count",
        "present",
        "synced_at",
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-claimed_at", "-pk"]
        indexes = [
            # Each poll, each choice of a server and the admin look for the few that are open.
            models.Index(fields=["is_open", "server"], name="bbb_session_open"),
            models.Index(fields=["claimed_at", "id"], name="bbb_session_began"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "is_open"], name="bbb_one_open_session"),
            models.CheckConstraint(
                condition=Q(is_open=True) | Q(is_open__isnull=True), name="bbb_session_open_or_null"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.claimed_at:%Y-%m-%d %H:%M}"

    @property
    def is_joinable(self) -> bool:
        """Whether the server has created it and has not ended it, as far as we know."""
        return bool(self.is_open) and self.create_time is not None
