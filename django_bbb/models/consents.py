"""Who agreed to what."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .meetings import Meeting


class Consent(models.Model):
    """A receipt: who agreed, when, and to which words.

    ``person`` is the id they have on servers, which guests have too.  A consent holds for the meeting and for these
    words: other words are asked for anew.
    """

    class About(models.TextChoices):
        RECORDING = "recording", _("being recorded")
        ATTENDANCE = "attendance", _("the attendance list")

    meeting = models.ForeignKey(Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="consents")
    person = models.CharField(_("ID on the server"), max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    about = models.CharField(_("about"), max_length=20, choices=About)
    text = models.TextField(_("what they agreed to"))
    #: Of the words: a text cannot be compared in an index everywhere.
    text_digest = models.CharField(max_length=64, editable=False)
    given_at = models.DateTimeField(_("agreed"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at", "-pk"]
        indexes = [models.Index(fields=["given_at", "id"], name="bbb_consent_given")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person", "about", "text_digest"], name="bbb_one_consent")
        ]

    def __str__(self) -> str:
        return f"{self.name or self.person}: {self.get_about_display()}"
