"""Subtitles and captions of recordings."""

from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb import api
from django_bbb.api import TextTrackKind

from .recordings import Recording


class TextTrackQuerySet(models.QuerySet["TextTrack"]):
    """Text tracks, those that were sent and those that servers tell of."""

    def note_sent(self, *, recording: Recording, kind: str, lang: str, label: str) -> "TextTrack":
        """Remember that a track was sent; of one kind and language a recording has one."""
        facts = {"label": label, "source": "upload", "sent_at": timezone.now(), "seen_at": None}
        return self.update_or_create(recording=recording, kind=kind, lang=lang, defaults=facts)[0]

    def mirror(self, recording: Recording, remote: Iterable[api.TextTrack], *, complete: bool) -> None:
        """Take over what a server tells; of a complete answer what it told once and does not any more is gone."""
        told = {(one.kind[:20], one.lang[:20]): one for one in remote}
        now = timezone.now()
        with transaction.atomic(using=self.db):
            mine = {(one.kind, one.lang): one for one in self.filter(recording=recording)}
            for (kind, lang), one in told.items():
                facts = {"label": one.label[:200], "source": one.source[:50]}
                known = mine.get((kind, lang))
                seen_at = known.seen_at if known and known.seen_at else now
                defaults = {**facts, "seen_at": seen_at}
                self.update_or_create(recording=recording, kind=kind, lang=lang, defaults=defaults)
            # One that was sent and never told is still being converted.
            gone = [one.pk for key, one in mine.items() if key not in told and one.seen_at is not None]
            self.filter(pk__in=gone if complete else []).delete()


class TextTrack(models.Model):
    """A text that runs along with a recording.

    Its address is not kept: servers tell a new one for each asking, which opens once.
    """

    class Kind(models.TextChoices):
        SUBTITLES = TextTrackKind.SUBTITLES, _("subtitles")
        CAPTIONS = TextTrackKind.CAPTIONS, _("captions")

    recording = models.ForeignKey(
        Recording, verbose_name=_("recording"), on_delete=models.CASCADE, related_name="text_tracks"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    lang = models.CharField(_("language"), max_length=20)
    label = models.CharField(_("label"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=50, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    seen_at = models.DateTimeField(_("taken in by the server"), null=True)

    objects = TextTrackQuerySet.as_manager()

    class Meta:
        verbose_name = _("text track")
        verbose_name_plural = _("text tracks")
        ordering = ["lang", "kind"]
        default_permissions = ()  # whoever may change the recording may send some
        constraints = [
            models.UniqueConstraint(fields=["recording", "kind", "lang"], name="bbb_text_track_per_language")
        ]

    def __str__(self) -> str:
        return self.label or f"{self.get_kind_display()} {self.lang}"
