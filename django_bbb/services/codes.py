"""Access codes and invitation links: what they make of somebody, and how often one may be wrong."""

import hashlib
import ipaddress
import logging
import secrets
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from django_bbb.api import Role
from django_bbb.exceptions import TooManyTries, WrongCode
from django_bbb.models import Invitation, Meeting, WrongTry

logger = logging.getLogger(__name__)

#: In this time somebody may be wrong so often, in one meeting by their cookie, and from one address in all.
#: A school is one address.
PERIOD = timedelta(minutes=15)
MOST_BY_GUEST = 10
MOST_BY_ADDRESS = 100

_INVITATION = "invitation:"

#: Without what looks like something else: 0 and o, 1, i and l.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 8


def code_of(invitation: Invitation) -> str:
    """Return what stands for an invitation among the codes somebody has shown; nobody can type it as a code."""
    return f"{_INVITATION}{invitation.token}"


def make_up_code() -> str:
    """Return an access code that is read out and typed without mistakes, and that nobody guesses."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def role_by_code(*, meeting: Meeting, code: str, now: datetime | None = None) -> Role | None:
    """Return what a code, or an invitation, makes of whoever shows it; None if it is not one of this meeting.

    An invitation that was revoked or has expired lets nobody in any more, whoever has used it before.
    """
    if not code:
        return None
    if code.startswith(_INVITATION):
        valid = Invitation.objects.valid(now or timezone.now()).filter(meeting=meeting)
        role = valid.filter(token=code.removeprefix(_INVITATION)).values_list("role", flat=True).first()
        return _ROLES[role] if role else None
    # Both are compared, so that the time tells nothing either.
    is_moderators = bool(meeting.moderator_code) and _is(code, meeting.moderator_code)
    is_viewers = bool(meeting.viewer_code) and _is(code, meeting.viewer_code)
    return Role.MODERATOR if is_moderators else Role.VIEWER if is_viewers else None


_ROLES = {Invitation.Role.MODERATOR.value: Role.MODERATOR, Invitation.Role.VIEWER.value: Role.VIEWER}


def _is(code: str, right: str) -> bool:
    # Of one length, so that the length of the right one is not told.
    shown, wanted = (hashlib.sha256(one.strip().encode("utf-8", "surrogatepass")).digest() for one in (code, right))
    return constant_time_compare(shown, wanted)


def try_code(*, meeting: Meeting, code: str, guest_id: str, address: str) -> Role:
    """Return what a code that somebody typed makes of them; raises `WrongCode` or `TooManyTries`.

    Each try is counted before it is looked at and taken back if it was right: of any number made at the same moment
    no more than the allowed ones are looked at.  Whoever has been wrong too often is not let in by the right code
    either, until the period is over; nobody else at this door notices.
    """
    period = _period(timezone.now())
    limits = {
        _key("guest", meeting.meeting_id, guest_id): MOST_BY_GUEST,
        _key("address", _network(address)): MOST_BY_ADDRESS,
    }
    counts = {by: WrongTry.objects.count_one(by=by, period=period) for by in limits}
    if any(counts[by] > most for by, most in limits.items()):
        _tell(meeting, address, too_many=all(counts[by] > most for by, most in list(limits.items())[1:]))
        raise TooManyTries(period + PERIOD)
    role = role_by_code(meeting=meeting, code=code) if not code.startswith(_INVITATION) else None
    if role is None:
        raise WrongCode
    WrongTry.objects.filter(by__in=limits, period=period).update(count=F("count") - 1)
    return role


def _period(now: datetime) -> datetime:
    """Return when the period began that this moment is in."""
    return datetime.fromtimestamp(now.timestamp() // PERIOD.total_seconds() * PERIOD.total_seconds(), tz=now.tzinfo)


def _key(*parts: str) -> str:
    return salted_hmac("django_bbb.tries", "\n".join(parts), algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the network, which is one household's or one school's."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False).network_address)


def _tell(meeting: Meeting, address: str, *, too_many: bool) -> None:
    """Say it in the log, without the address; a private one may be that of a proxy, which would be everybody's."""
    hint = " Is it a proxy's? Then name it in TRUSTED_PROXIES." if too_many and _is_private(address) else ""
    logger.warning("Too many wrong access codes for meeting %s.%s", meeting.meeting_id, hint)


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return True
