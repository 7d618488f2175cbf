"""Who belongs to a meeting."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .meetings import Meeting


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships."""

    def of(self, user: Any, *, at: datetime, **more: Any) -> "MembershipQuerySet":
        """Those of a person, by themselves or by one of their groups, that are valid then; ``more`` are lookups."""
        # In one step: each click on a class pays for this.
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=at),
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            Q(user=user) | _by_group(user),
            **more,
        )


def _by_group(user: Any) -> Q:
    # A site's own users need not have groups.
    if not hasattr(user, "groups"):
        return Q()
    # Not user.groups.all(), which looks at the groups as well, where their keys are enough.
    field = user._meta.get_field("groups")
    mine = field.remote_field.through._default_manager.filter(**{field.m2m_field_name(): user.pk})
    return Q(group__in=mine.values(field.m2m_reverse_field_name()))


class Membership(models.Model):
    """A person, or everybody in a group, who may enter a meeting that is for its members."""

    class Role(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        VIEWER = "viewer", _("viewer")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    group = models.ForeignKey(
        "auth.Group", verbose_name=_("group"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    valid_from = models.DateTimeField(_("from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("people")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True) | Q(user__isnull=True, group__isnull=False),
                name="bbb_member_user_or_group",
                violation_error_message=_("A member is a person or a group: choose one of them."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)

    def clean(self) -> None:
        """Refuse a time that ends before it begins."""
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("This is not after the beginning.")})
