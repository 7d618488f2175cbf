"""Recordings and the formats they can be watched in."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from django.db import connections, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from django_bbb import api

from . import dialects
from .meetings import Meeting
from .servers import Server

_LARGEST = 2**63 - 1
_MOST_PEOPLE = 2**31 - 1
_LONGEST = timedelta(days=36500)
_LONGEST_ADDRESS = 2000

#: States there are in BigBlueButton, as people read them.
_STATES: dict[str, str | Promise] = {
    api.RecordingState.PROCESSING: _("being processed"),
    api.RecordingState.PROCESSED: _("being processed"),
    api.RecordingState.PUBLISHED: _("published"),
    api.RecordingState.UNPUBLISHED: _("unpublished"),
}

#: Formats there are in BigBlueButton (record-and-playback/), and what people call them.
_FORMATS = {
    "presentation": _("Presentation"),
    "video": _("Video"),
    "podcast": _("Podcast"),
    "notes": _("Notes"),
    "screenshare": _("Shared screen"),
    "statistics": _("Statistics"),
}

#: Facts that are addresses the server calls: there are tokens in them, and people look at the others.
_ADDRESSES = frozenset(
    {
        "endcallbackurl",
        "analytics-callback-url",
        "bbb-recording-ready-url",
        "bn-recording-ready-url",
        "canvas-recording-ready-url",
    }
)


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Recordings as the servers tell them."""

    def existing(self) -> "RecordingQuerySet":
        """Recordings that have not been deleted."""
        return self.filter(deleted_at__isnull=True)

    def expired(self) -> "RecordingQuerySet":
        """Recordings whose time is over, and which are not kept for ever."""
        return self.filter(keep=False, expires_at__lte=timezone.now())

    def current(self) -> "RecordingQuerySet":
        """Recordings that are neither deleted, nor in the trash, nor over their time."""
        in_time = models.Q(keep=True) | models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=timezone.now())
        return self.existing().filter(in_time, trashed_at__isnull=True)

    def playable(self) -> "RecordingQuerySet":
        """Current recordings that their server shows."""
        return self.current().filter(published=True, missing_since__isnull=True)

    def visible(self) -> "RecordingQuerySet":
        """Recordings that people who may watch can watch now."""
        return self.playable().filter(hidden=False)

    def trashed(self) -> "RecordingQuerySet":
        """Recordings in the trash, which can be restored."""
        return self.existing().filter(trashed_at__isnull=False)

    def tombstone(self, server: Server, record_id: str) -> dialects.Expression:
        """Return the condition that a recording was deleted here."""
        table = connections[self.db].ops.quote_name(self.model._meta.db_table)
        return dialects.Expression(
            f"EXISTS (SELECT 1 FROM {table} WHERE server_id = %s AND record_id = %s AND deleted_at IS NOT NULL)",  # noqa: S608
            (server.pk, record_id),
        )

    def lock(self, keys: Iterable[int]) -> set[int]:
        """Lock rows until the transaction ends, in one order everywhere; return which of them are not deleted."""
        rows = self.existing().filter(pk__in=list(keys)).order_by("record_id").select_for_update()
        return set(rows.values_list("pk", flat=True))

    def store(self, rows: Sequence["Recording"]) -> None:
        """Write what servers told in one statement; what people here decided is in other columns and stays."""
        dialects.store(self, rows, key=["server", "record_id"], columns=Recording.MIRRORED)


class Recording(models.Model):
    """A recording of one run of a meeting.  The server's facts, and beside them what people here chose.

    A deleted one stays as a row without personal data, so that a repeated callback or an old backup of the
    server does not bring it back.
    """

    class Audience(models.TextChoices):
        MEMBERS = "members", _("members of the meeting")
        SIGNED_IN = "signed_in", _("anyone who is signed in")
        ANYONE = "anyone", _("anyone with the link")

    #: What a server tells; everything else is ours.
    MIRRORED = (
        "meeting",
        "name",
        "state",
        "published",
        "protected",
        "is_breakout",
        "parent_id",
        "started_at",
        "ended_at",
        "participants",
        "raw_size",
        "size",
        "metadata",
        "fingerprint",
        "missing_since",
        "synced_at",
    )

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
    protected = models.BooleanField(_("protected"), null=True)
    is_breakout = models.BooleanField(_("breakout room"), default=False)
    parent_id = models.CharField(_("parent's internal ID"), max_length=100, blank=True)
    started_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    participants = models.PositiveIntegerField(_("people"), null=True)
    raw_size = models.PositiveBigIntegerField(_("raw size"), null=True)
    size = models.PositiveBigIntegerField(_("size"), null=True)
    metadata = models.JSONField(_("metadata"), default=dict)
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)
    missing_since = models.DateTimeField(_("missing on the server since"), null=True, editable=False)
    synced_at = models.DateTimeField(_("last change heard of"), default=timezone.now)

    title = models.CharField(
        _("title"),
        max_length=255,
        blank=True,
        help_text=_("What people here see in place of the server's name, for example Fractions, part 2."),
    )
    hidden = models.BooleanField(
        _("hidden"), default=False, help_text=_("Only those who moderate the meeting see it here.")
    )
    audience = models.CharField(
        _("audience"),
        max_length=10,
        choices=Audience,
        default=Audience.MEMBERS,
        help_text=_("Who may watch it, for example anyone who is signed in."),
    )
    expires_at = models.DateTimeField(
        _("expires"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("After this it is moved to the trash, for example 2027-08-01 00:00."),
    )
    keep = models.BooleanField(_("kept for ever"), default=False, help_text=_("It does not expire."))
    trashed_at = models.DateTimeField(_("in the trash since"), null=True, editable=False, db_index=True)
    was_published = models.BooleanField(_("published before it was in the trash"), default=False, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["-started_at", "-pk"]
        # One key alone: MariaDB decides by any unique key there is whether a row is new.
        constraints = [models.UniqueConstraint(fields=["server", "record_id"], name="bbb_recording_per_server")]
        # What the admin's list is sorted by, and columns that some of its filters look for rare values in.
        indexes = [
            models.Index(fields=["started_at", "id"], name="bbb_recording_began"),
            models.Index(fields=["size", "id"], name="bbb_recording_size"),
            models.Index(fields=["state"], name="bbb_recording_state"),
            models.Index(fields=["published"], name="bbb_recording_published"),
            models.Index(fields=["audience"], name="bbb_recording_audience"),
            models.Index(fields=["keep"], name="bbb_recording_kept"),
        ]
        permissions = [
            ("publish_recording", _("Can publish recordings")),
            ("unpublish_recording", _("Can unpublish recordings")),
            ("protect_recording", _("Can protect recordings")),
        ]

    def __str__(self) -> str:
        return self.title or self.name or self.record_id

    @property
    def state_in_words(self) -> str:
        """The state in the reader's language; a word of the server's own as it is."""
        return str(_STATES.get(self.state, self.state))

    @property
    def is_playable(self) -> bool:
        """Whether it can be watched by those who may: see `RecordingQuerySet.playable`."""
        in_time = self.keep or self.expires_at is None or self.expires_at > timezone.now()
        is_there = self.published and self.missing_since is None and self.deleted_at is None
        return in_time and is_there and self.trashed_at is None

    def bury(self) -> None:
        """Keep only what is needed to know that it is gone."""
        self.name, self.title, self.metadata, self.published = "", "", {}, False
        self.state = api.RecordingState.DELETED
        self.participants, self.missing_since, self.fingerprint = None, None, ""
        self.deleted_at = self.deleted_at or timezone.now()
        with transaction.atomic(using=self._state.db):
            self.playbacks.all().delete()
            self.text_tracks.all().delete()
            self.save()


class PlaybackQuerySet(models.QuerySet["Playback"]):
    """Formats."""

    def store(self, rows: Sequence["Playback"]) -> None:
        """Write what servers told, in one statement."""
        dialects.store(self, rows, key=["recording", "type"], columns=Playback.MIRRORED)


class Playback(models.Model):
    """One format of a recording: presentation, video, podcast, or a word of the server's own."""

    MIRRORED = ("url", "length", "processing_time", "size", "thumbnails")

    recording = models.ForeignKey(
        Recording, verbose_name=_("recording"), on_delete=models.CASCADE, related_name="playbacks"
    )
    type = models.CharField(_("format"), max_length=100)
    url = models.CharField(_("address"), max_length=_LONGEST_ADDRESS, blank=True)
    length = models.DurationField(_("length"), null=True)
    processing_time = models.DurationField(_("processing time"), null=True)
    size = models.PositiveBigIntegerField(_("size"), null=True)
    #: Rows would be ten million: ``[{"url", "alt", "width", "height"}]``.
    thumbnails = models.JSONField(_("thumbnails"), default=list)

    objects = PlaybackQuerySet.as_manager()

    class Meta:
        verbose_name = _("playback format")
        verbose_name_plural = _("playback formats")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["recording", "type"], name="bbb_format_per_recording")]

    def __str__(self) -> str:
        return self.type

    def get_absolute_url(self) -> str:
        return reverse("django_bbb:playback", kwargs={"pk": self.pk})

    @property
    def label(self) -> str:
        """What people read on its button: a word of their language for the formats that BigBlueButton brings."""
        return str(_FORMATS.get(self.type) or capfirst(self.type))

    @property
    def pictures(self) -> list[dict[str, str]]:
        """The thumbnails as this site serves them: ``address`` and ``alt``."""
        return [
            {"address": reverse("django_bbb:thumbnail", kwargs={"pk": self.pk, "number": number}), "alt": one["alt"]}
            for number, one in enumerate(self.thumbnails)
        ]


# --- what a server tells, as columns ------------------------------------------------------------------


def recording_facts(remote: api.Recording) -> dict[str, Any]:
    """Return the columns of a recording as its server tells them; a number no column holds is none."""
    return {
        "name": remote.name[:255],
        "state": remote.state[:50],
        "published": remote.published,
        "protected": remote.protected,
        "is_breakout": remote.is_breakout,
        "parent_id": remote.parent_id[:100],
        "started_at": remote.start_time,
        "ended_at": remote.end_time,
        "participants": _count(remote.participants, _MOST_PEOPLE),
        "raw_size": _count(remote.raw_size),
        "size": _count(remote.size),
        "metadata": {name: text for name, text in remote.metadata.items() if name not in _ADDRESSES},
    }


def format_facts(remote: api.Recording) -> dict[str, dict[str, Any]]:
    """Return the columns of a recording's formats by their type; of two of one type the last."""
    return {
        one.type[:100]: {
            "url": one.url if len(one.url) <= _LONGEST_ADDRESS else "",
            "length": _duration(one.length),
            "processing_time": _duration(one.processing_time),
            "size": _count(one.size),
            "thumbnails": [
                {"url": image.url, "alt": image.alt, "width": image.width, "height": image.height}
                for image in one.images
            ],
        }
        for one in remote.formats
    }


def fingerprint(remote: api.Recording) -> str:
    """Return a hash over all that is mirrored.

    Without the addresses of a protected recording: each answer has new ones.
    """
    told = remote.protected is not True
    formats = [
        (
            one.type,
            one.url if told else "",
            one.length,
            one.processing_time,
            one.size,
            [(image.url if told else "", image.alt, image.width, image.height) for image in one.images],
        )
        for one in remote.formats
    ]
    facts = (
        remote.name, remote.state, remote.published, remote.protected, remote.is_breakout, remote.parent_id,
        remote.start_time, remote.end_time, remote.participants, remote.raw_size, remote.size,
        sorted(remote.metadata.items()), sorted(formats, key=lambda one: one[0]),
    )  # fmt: skip
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _count(number: int | None, most: int = _LARGEST) -> int | None:
    return number if number is not None and 0 <= number <= most else None


def _duration(length: timedelta | None) -> timedelta | None:
    return length if length is not None and abs(length) <= _LONGEST else None
