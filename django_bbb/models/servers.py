"""The BigBlueButton servers of this site."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.api import HashAlgorithm, Secret, normalized
from django_bbb.conf import conf

#: How long one poll of a server may take before another may begin.
POLL_LEASE = timedelta(seconds=30)


class ServerQuerySet(models.QuerySet["Server"]):
    """Servers, chosen by what they can be used for."""

    def usable(self) -> "ServerQuerySet":
        """Servers that are not switched off: their classes are looked after."""
        return self.exclude(state=Server.State.DISABLED)

    def open_for_classes(self) -> "ServerQuerySet":
        """Servers that take new classes: enabled, and not left out after failures."""
        now = timezone.now()
        return self.filter(state=Server.State.ENABLED).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))

    def take_poll_lease(self, pk: int) -> bool:
        """Return whether the caller is the one to poll this server now."""
        now = timezone.now()
        free = Q(poll_lease_until__isnull=True) | Q(poll_lease_until__lte=now)
        return bool(self.filter(free, pk=pk).update(poll_lease_until=now + POLL_LEASE))


class Server(models.Model):
    """One BigBlueButton server, or a load balancer in front of several.

    Declared in ``DJANGO_BBB["SERVERS"]``: address, algorithm and secret stand there.  State and weight are
    changed here.  The rest is what the last poll saw.
    """

    class State(models.TextChoices):
        ENABLED = "enabled", _("enabled")
        DRAINING = "draining", _("draining: no new classes")
        DISABLED = "disabled", _("disabled")

    class Algorithm(models.TextChoices):
        SHA1 = HashAlgorithm.SHA1, "SHA-1"
        SHA256 = HashAlgorithm.SHA256, "SHA-256"
        SHA384 = HashAlgorithm.SHA384, "SHA-384"
        SHA512 = HashAlgorithm.SHA512, "SHA-512"

    slug = models.SlugField(_("slug"), unique=True, help_text=_("The key of this server in the settings."))
    name = models.CharField(_("name"), max_length=200)
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("For example https://bbb.example.org/bigbluebutton/api/."),
    )
    algorithm = models.CharField(_("checksum algorithm"), max_length=10, choices=Algorithm, default=Algorithm.SHA256)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ENABLED)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=100,
        validators=[MinValueValidator(1)],
        help_text=_("A server of weight 200 gets twice the people of one of weight 100."),
    )

    reachable = models.BooleanField(_("reachable"), null=True, editable=False)
    unreachable_since = models.DateTimeField(_("unreachable since"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    next_try_at = models.DateTimeField(_("next try"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    polled_at = models.DateTimeField(_("last answer"), null=True, editable=False)
    poll_lease_until = models.DateTimeField(null=True, editable=False)
    meeting_count = models.PositiveIntegerField(_("meetings"), default=0, editable=False)
    participant_count = models.PositiveIntegerField(_("people"), default=0, editable=False)
    voice_count = models.PositiveIntegerField(_("voices"), default=0, editable=False)
    video_count = models.PositiveIntegerField(_("cameras"), default=0, editable=False)

    objects = ServerQuerySet.as_manager()

    class Meta:
        verbose_name = _("server")
        verbose_name_plural = _("servers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what is not the address of a server."""
        try:
            self.url = normalized(self.url)
        except ValueError as error:
            raise ValidationError({"url": str(error)}) from None

    @property
    def declaration(self) -> dict[str, Any]:
        """What the settings say of this server; empty when they no longer do."""
        return dict(conf.SERVERS.get(self.slug, {}))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The present secret and, during a rotation, the previous one; blank ones are left out."""
        found = (self.declaration.get(key) for key in ("SECRET", "PREVIOUS_SECRET"))
        return tuple(secret for secret in found if secret)

    @property
    def callback_algorithms(self) -> tuple[str, ...]:
        """The algorithms this server's callbacks may be signed with."""
        return tuple(self.declaration.get("CALLBACK_ALGORITHMS", ["HS256"]))
