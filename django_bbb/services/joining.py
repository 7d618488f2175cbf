"""Who may join, as what, and where their browser goes."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_bbb.api import Role, SignedURL
from django_bbb.conf import conf
from django_bbb.models import Meeting, MeetingSession, Membership

from . import addresses, people, servers
from .codes import role_by_code
from .guests import Guest

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

logger = logging.getLogger(__name__)


class Why(StrEnum):
    """Why somebody does not get in: each has a page of its own, ``django_bbb/no/….html``."""

    SIGN_IN = "sign_in"
    CODE = "code"
    NOT_FOR_YOU = "not_for_you"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    #: What a policy of the site says.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer of a join policy.

    ``role`` is what the person would be in class, or None for "no", with ``reason`` as a sentence that says
    why and what to do.  ``may_start``: whether they may open the class; others wait.  ``outside`` is what they are
    where nobody enters at this time: they see the meeting's page and its recordings, and a moderator ends the class.
    ``why`` chooses the page of a "no", and ``opens_at`` is when to come back.
    """

    role: Role | None
    may_start: bool = False
    reason: "str | Promise" = ""
    outside: Role | None = None
    why: Why = Why.OTHER
    opens_at: datetime | None = None

    @property
    def belongs(self) -> bool:
        """Whether it is a yes, or would be one at another time."""
        return self.role is not None or self.outside is not None

    @property
    def is_moderator(self) -> bool:
        return Role.MODERATOR in (self.role, self.outside)


def admit(
    *,
    user: "AbstractBaseUser | AnonymousUser",
    meeting: Meeting,
    guest: Guest | None = None,
    code: str | None = None,
    now: datetime | None = None,
) -> Admission:
    """Ask the site's ``JOIN_POLICY``; an error in it is a "no" and a line in the log.

    ``code`` is what the guest has shown at this door, unless it is given.
    """
    if code is None:
        code = guest.code_for(meeting) if guest is not None else ""
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
    guest: Guest | None,
    meeting: Meeting,
    code: str,
    now: datetime,
) -> Admission:
    """Owners, moderating members and people with the site's permissions moderate; the meeting says who else enters.

    A membership decides before the site's permissions are looked at.  Codes and invitation links let in whom the
    rest would not, or raise what they are.  Before the meeting opens and after it closes nobody enters.
    """
    role, may_start = _role_of(user, meeting, now) if user.is_authenticated else (None, False)
    shown = role_by_code(meeting=meeting, code=code, now=now) if role is not Role.MODERATOR else None
    if shown is Role.MODERATOR:
        role, may_start = shown, True
    role = role or shown or (Role.VIEWER if meeting.access == Meeting.Access.LINK else None)
    if role is None:
        return _turned_away(user, meeting)
    return _why_closed(role, meeting, now) or Admission(role, may_start=may_start)


def _role_of(user: "AbstractBaseUser | AnonymousUser", meeting: Meeting, now: datetime) -> "tuple[Role | None, bool]":
    """Return what somebody is in a meeting at any time, and whether they may start it."""
    if meeting.owner_id is not None and meeting.owner_id == user.pk:
        return Role.MODERATOR, True
    membership = meeting.role_by_membership(user, now=now)
    if membership == Membership.Role.MODERATOR:
        return Role.MODERATOR, True
    if membership:
        # One that runs already need not be started: what that would take is not asked.
        return Role.VIEWER, not meeting.is_known_to_run and _has_permission(user, "start_meeting", meeting)
    if _has_permission(user, "join_as_moderator", meeting):
        return Role.MODERATOR, True
    may_start = _has_permission(user, "start_meeting", meeting)
    may_enter = may_start or meeting.access == Meeting.Access.SIGNED_IN
    return (Role.VIEWER if may_enter else None), may_start


def _turned_away(user: "AbstractBaseUser | AnonymousUser", meeting: Meeting) -> Admission:
    if meeting.access == Meeting.Access.CODE:
        return Admission(None, reason=_("Type the access code of this class."), why=Why.CODE)
    if not user.is_authenticated:
        return Admission(None, reason=_("Log in to join this class."), why=Why.SIGN_IN)
    reason = _("This class is for its members only. Ask its teacher to add you.")
    return Admission(None, reason=reason, why=Why.NOT_FOR_YOU)


def _why_closed(role: Role, meeting: Meeting, now: datetime) -> Admission | None:
    """Return why nobody enters at this time; nothing where it is open."""
    early = conf.OPEN_EARLY if role is Role.MODERATOR else timedelta()
    if meeting.opens_at is not None and now < meeting.opens_at - early:
        opens = meeting.opens_at - early
        reason = _("Come back on %(time)s, when this class opens.") % {"time": _in_words(opens)}
        return Admission(None, reason=reason, outside=role, why=Why.NOT_OPEN_YET, opens_at=opens)
    if meeting.closes_at is not None and now >= meeting.closes_at:
        text = _("This class was open until %(time)s, and is closed now. Ask its teacher when the next one is.")
        return Admission(None, reason=text % {"time": _in_words(meeting.closes_at)}, outside=role, why=Why.CLOSED)
    return None


def _in_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _has_permission(user: "AbstractBaseUser | AnonymousUser", name: str, meeting: Meeting) -> bool:
    has_perm = getattr(user, "has_perm", None)
    permission = f"django_bbb.{name}"
    # Django's own backend knows no permissions on single objects, others (guardian, rules) do.
    return has_perm is not None and (has_perm(permission) or has_perm(permission, meeting))


def default_return_url(*, meeting: Meeting) -> str:
    """The meeting's own page."""
    return meeting.get_absolute_url()


def join_url(
    *,
    session: MeetingSession,
    user: "AbstractBaseUser | AnonymousUser",
    admission: Admission,
    guest: Guest | None = None,
) -> SignedURL:
    """Return the signed URL that brings this person into this run; calls no server.

    ``guest`` is who comes without an account.  Send the browser there at once: the URL is rendered, logged and
    cached nowhere, and opens no later run.
    """
    if admission.role is None:
        raise ValueError("Nobody joins without a role.")
    meeting = session.meeting
    failed = reverse("django_bbb:join-failed", kwargs={"meeting_id": meeting.meeting_id})
    parameters = people.join_parameters(user=user, guest=guest, meeting=meeting) | {
        "meeting_id": meeting.meeting_id,
        "role": admission.role,
        "create_time": session.create_time,
        "error_redirect_url": addresses.absolute(failed),
    }
    return servers.client_for(session.server).meetings.join_url(**parameters)


def may_enter(*, session: MeetingSession | None, admission: Admission) -> bool:
    """Whether somebody enters this class now: it is there and, where its meeting says so, a moderator inside."""
    if session is None or not session.is_joinable or admission.role is None:
        return False
    return is_let_in(admission.role, wait_for=session.meeting.wait_for, moderators=session.moderator_count)


def is_let_in(role: Role, *, wait_for: str, moderators: int) -> bool:
    """Whether a class that is there, with so many moderators inside, lets somebody in."""
    return role is Role.MODERATOR or wait_for != Meeting.WaitFor.MODERATOR_INSIDE or moderators > 0
