"""Recordings and the formats they can be watched in."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb import api

from .meetings import Meeting
from .servers import Server


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Recordings as the servers tell them."""

    def existing(self) -> "RecordingQuerySet":
        """Recordings that have not been deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible(self) -> "RecordingQuerySet":
        """Recordings that people who may watch can watch now."""
        return self.existing().filter(published=True)

    def mirror(
        self, server: Server, remote: api.Recording, *, meeting: Meeting | None
    ) -> tuple["Recording", list[str]]:
        """Store what a server tells of a recording; return it and the types of its new formats.

        What people here decided is in other columns and stays.  Formats are only added and changed: a server
        that is rebuilding a recording tells fewer for a while.
        """
        facts = {
            "name": remote.name[:255],
            "state": remote.state[:50],
            "published": remote.published,
            "is_breakout": remote.is_breakout,
            "parent_id": remote.parent_id[:100],
            "started_at": remote.start_time,
            "ended_at": remote.end_time,
            "participants": remote.participants,
            "raw_size": remote.raw_size,
            "size": remote.size,
            "metadata": dict(remote.metadata),
            "synced_at": timezone.now(),
        }
        if meeting is not None:
            facts["meeting"] = meeting
        with transaction.atomic(using=self.db):
            recording, _created = self.update_or_create(server=server, record_id=remote.record_id, defaults=facts)
            new = recording.mirror_formats(remote.formats)
        return recording, new


class Recording(models.Model):
    """A recording of one run of a meeting.  The server's facts, and beside them what people here chose.

    A deleted one stays as a row without personal data, so that a repeated callback or an old backup of the
    server does not bring it back.
    """

    server = models.ForeignKey(Server, verbose_name=_("server"), on_delete=models.PROTECT, related_name="recordings")
    record_id = models.CharField(_("recording ID"), max_length=100)
    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("meeting"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="recordings",
    )
    name = models.CharField(_("name"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=50, blank=True)
    published = models.BooleanField(_("published"), default=False)
    is_breakout = models.BooleanField(_("breakout room"), default=False)
    parent_id = models.CharField(_("parent's internal ID"), max_length=100, blank=True)
    started_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    participants = models.PositiveIntegerField(_("people"), null=True)
    raw_size = models.PositiveBigIntegerField(_("raw size"), null=True)
    size = models.PositiveBigIntegerField(_("size"), null=True)
    metadata = models.JSONField(_("metadata"), default=dict)
    synced_at = models.DateTimeField(_("last heard of"), default=timezone.now)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["-started_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["server", "record_id"], name="bbb_recording_per_server")]
        permissions = [
            ("publish_recording", _("Can publish recordings")),
            ("unpublish_recording", _("Can unpublish recordings")),
        ]

    def __str__(self) -> str:
        return self.name or self.record_id

    def mirror_formats(self, formats: Iterable[api.PlaybackFormat]) -> list[str]:
        """Store formats; return the types that were not there before."""
        known = set(self.playbacks.values_list("type", flat=True))
        new = []
        for one in formats:
            facts: dict[str, Any] = {
                "url": one.url,
                "length": one.length,
                "processing_time": one.processing_time,
                "size": one.size,
                "thumbnails": [
                    {"url": image.url, "alt": image.alt, "width": image.width, "height": image.height}
                    for image in one.images
                ],
            }
            self.playbacks.update_or_create(type=one.type[:100], defaults=facts)
            if one.type not in known:
                new.append(one.type)
        return new

    def bury(self) -> None:
        """Keep only what is needed to know that it is gone."""
        self.playbacks.all().delete()
        self.name, self.metadata, self.published = "", {}, False
        self.state = api.RecordingState.DELETED
        self.participants = None
        self.deleted_at = self.deleted_at or timezone.now()
        self.save()


class Playback(models.Model):
    """One format of a recording: presentation, video, podcast, or a word of the server's own."""

    recording = models.ForeignKey(
        Recording, verbose_name=_("recording"), on_delete=models.CASCADE, related_name="playbacks"
    )
    type = models.CharField(_("format"), max_length=100)
    url = models.CharField(_("address"), max_length=2000, blank=True)
    length = models.DurationField(_("length"), null=True)
    processing_time = models.DurationField(_("processing time"), null=True)
    size = models.PositiveBigIntegerField(_("size"), null=True)
    #: Rows would be ten million: ``[{"url", "alt", "width", "height"}]``.
    thumbnails = models.JSONField(_("thumbnails"), default=list)

    class Meta:
        verbose_name = _("playback format")
        verbose_name_plural = _("playback formats")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["recording", "type"], name="bbb_format_per_recording")]

    def __str__(self) -> str:
        return self.type

    def get_absolute_url(self) -> str:
        return reverse("django_bbb:playback", kwargs={"pk": self.pk})
