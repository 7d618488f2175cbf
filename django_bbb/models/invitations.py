"""Links that let somebody in."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .meetings import Meeting


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def valid(self, now: datetime) -> "InvitationQuerySet":
        """Those that let somebody in then."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)


class Invitation(models.Model):
    """A link for one person or a few, with the role it gives; whoever has it needs no account.

    The token is random and stands here as it is: no key goes into it, so a link that was sent stays good when the
    settings change, and its owner can copy it again.
    """

    class Role(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        VIEWER = "viewer", _("viewer")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="invitations"
    )
    token = models.CharField(max_length=40, unique=True, editable=False)
    label = models.CharField(
        _("for"), max_length=100, blank=True, help_text=_("Whom it is for, for example Dr. Noether, guest lecturer.")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Leave it empty for a link that stays good.")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    use_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation link")
        verbose_name_plural = _("invitation links")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.label or f"{self.get_role_display()} {self.created_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.token = self.token or secrets.token_urlsafe(24)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("django_bbb:invitation", kwargs={"token": self.token})

    @property
    def is_valid(self) -> bool:
        """Whether it lets somebody in now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
