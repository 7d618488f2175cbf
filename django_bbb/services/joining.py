"""Who may join, as what, and where their browser goes."""

import logging
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_bbb.api import Role, SignedURL
from django_bbb.conf import conf
from django_bbb.models import Meeting, MeetingSession

from . import addresses, servers

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

logger = logging.getLogger(__name__)

_LONGEST_NAME = 100
#: Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer of a join policy.

    ``role`` is what the person would be in class, or None for "no", with ``reason`` as a sentence that says
    why and what to do.  ``may_start``: whether they may open the class; others wait.
    """

    role: Role | None
    may_start: bool = False
    reason: "str | Promise" = ""

    @property
    def is_moderator(self) -> bool:
        return self.role is Role.MODERATOR


def admit(
    *,
    user: "AbstractBaseUser | AnonymousUser",
    meeting: Meeting,
    guest: object | None = None,
    code: str = "",
    now: datetime | None = None,
) -> Admission:
    """Ask the site's ``JOIN_POLICY``; an error in it is a "no" and a line in the log."""
    try:
        answer = conf.JOIN_POLICY(user=user, guest=guest, meeting=meeting, code=code, now=now or timezone.now())
        if isinstance(answer, Admission):
            return answer
        logger.error("JOIN_POLICY returned %s and not an Admission.", type(answer).__name__)
    except Exception:
        logger.exception("JOIN_POLICY raised for meeting %s.", meeting.meeting_id)
    return Admission(None, reason=_("Whether you may join could not be found out. Tell the site's support."))


def default_join_policy(
    *,
    user: "AbstractBaseUser | AnonymousUser",
    guest: object | None,
    meeting: Meeting,
    code: str,
    now: datetime,
) -> Admission:
    """Owners and people with the site's permissions moderate; the meeting says who else may enter."""
    if not user.is_authenticated:
        return Admission(None, reason=_("Log in to join this class."))
    if meeting.owner_id is not None and meeting.owner_id == user.pk:
        return Admission(Role.MODERATOR, may_start=True)
    may_start = _has_permission(user, "django_bbb.start_meeting", meeting)
    if _has_permission(user, "django_bbb.join_as_moderator", meeting):
        return Admission(Role.MODERATOR, may_start=True)
    if may_start or meeting.access == Meeting.Access.SIGNED_IN:
        return Admission(Role.VIEWER, may_start=may_start)
    return Admission(None, reason=_("This class is for its members only. Ask its teacher to add you."))


def _has_permission(user: "AbstractBaseUser | AnonymousUser", permission: str, meeting: Meeting) -> bool:
    has_perm = getattr(user, "has_perm", None)
    # Django's own backend knows no permissions on single objects, others (guardian, rules) do.
    return has_perm is not None and (has_perm(permission) or has_perm(permission, meeting))


def default_user_id(*, user: "AbstractBaseUser") -> str:
    """``u42`` for whole numbers, ``x`` and the text in hex for other keys.

    BigBlueButton's analytics rewrite anything but ``[a-z0-9_]`` in ids.
    """
    key = user.pk
    return f"u{key}" if isinstance(key, int) and key >= 0 else f"x{str(key).encode().hex()}"


def default_display_name(*, user: "AbstractBaseUser") -> str:
    """The full name, or whatever the site shows for the person."""
    full_name = getattr(user, "get_full_name", str)()
    return str(full_name or user)


def default_return_url(*, meeting: Meeting) -> str:
    """The meeting's own page."""
    return meeting.get_absolute_url()


def join_url(*, session: MeetingSession, user: "AbstractBaseUser", admission: Admission) -> SignedURL:
    """Return the signed URL that brings this person into this run; calls no server.

    Send the browser there at once.  It is rendered, logged and cached nowhere, and opens no later run.
    """
    if admission.role is None:
        raise ValueError("Nobody joins without a role.")
    meeting_id = session.meeting.meeting_id
    return servers.client_for(session.server).meetings.join_url(
        full_name=_clean_name(conf.DISPLAY_NAME(user=user)),
        meeting_id=meeting_id,
        role=admission.role,
        user_id=conf.USER_ID(user=user),
        create_time=session.create_time,
        error_redirect_url=addresses.absolute(reverse("django_bbb:join-failed", kwargs={"meeting_id": meeting_id})),
    )


def _clean_name(name: str) -> str:
    """Without control characters and those that turn the direction of what others read after it.

    Joiners stay: Persian and emoji need them.
    """
    kept = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cs") and one not in _TURNING)
    return kept.strip()[:_LONGEST_NAME] or "?"
