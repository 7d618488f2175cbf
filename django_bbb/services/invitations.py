"""Invitation links: found, used, revoked."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from django_bbb.models import Invitation, Meeting


def find_invitation(*, token: str) -> Invitation | None:
    """Return the invitation of a link, whether or not it still lets somebody in; of archived meetings none."""
    related = Invitation.objects.select_related("meeting__owner").filter(meeting__archived_at__isnull=True)
    return related.filter(token=token).first()


def create_invitation(
    *, meeting: Meeting, created_by: Any, label: str = "", role: str = "viewer", expires_at: datetime | None = None
) -> Invitation:
    """Make a link that lets somebody into a meeting."""
    made = Invitation(meeting=meeting, created_by=created_by, label=label, role=role, expires_at=expires_at)
    made.full_clean(exclude=["token"])
    made.save()
    return made


def use_invitation(*, invitation: Invitation) -> None:
    """Count a use: somebody has said that they come.  Mail scanners open links and say nothing."""
    Invitation.objects.filter(pk=invitation.pk).update(use_count=F("use_count") + 1, last_used_at=timezone.now())


def revoke_invitation(*, invitation: Invitation) -> bool:
    """Let nobody in by this link any more; whether it did until now."""
    now = timezone.now()
    return bool(Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=now))
