"""Who may make rooms and change them, and what their running class does not know of yet."""

import json
import logging
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from django_bbb.conf import conf
from django_bbb.models import Meeting, MeetingSession, Membership

from . import addresses
from .joining import admit
from .meetings import close_session, create_parameters, end_meeting, find_run
from .servers import client_for

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

logger = logging.getLogger(__name__)


def default_may_create(*, user: "AbstractBaseUser | AnonymousUser") -> bool:
    """Whoever has the permission to add meetings."""
    return _has_perm(user, "add_meeting")


def may_create(*, user: "AbstractBaseUser | AnonymousUser") -> bool:
    """Ask the site's ``MAY_CREATE``; an error in it is a "no" and a line in the log."""
    if not user.is_authenticated:
        return False
    try:
        return bool(conf.MAY_CREATE(user=user))
    except Exception:
        logger.exception("MAY_CREATE raised.")
        return False


def may_edit(*, user: "AbstractBaseUser | AnonymousUser", meeting: Meeting) -> bool:
    """Whether somebody changes this room: who moderates and starts it by themselves, or may change all of them.

    Whoever moderates by a code or a link alone leads the class, and does not decide about the room.
    """
    if not user.is_authenticated:
        return False
    admission = admit(user=user, meeting=meeting, code="")
    leads = admission.is_moderator and (admission.may_start or admission.outside is not None)
    return leads or _has_perm(user, "change_meeting") or _has_perm(user, "change_meeting", meeting)


def _has_perm(user: Any, name: str, meeting: Meeting | None = None) -> bool:
    has_perm = getattr(user, "has_perm", None)
    return has_perm is not None and bool(has_perm(f"django_bbb.{name}", meeting))


def set_member(*, meeting: Meeting, user: Any, **fields: Any) -> tuple[Membership, bool]:
    """Let a person belong to a meeting, or change how; whether they are new there.

    ``fields`` are further fields of `Membership`.
    """
    mine = meeting.memberships.filter(user=user)
    first = mine.first()
    if first is None:
        return Membership.objects.create(meeting=meeting, user=user, **fields), True
    for name, value in fields.items():
        setattr(first, name, value)
    first.save()
    # Of two rows for one person the other would still hold.
    mine.exclude(pk=first.pk).delete()
    return first, False


# --- a class that runs --------------------------------------------------------------------------------


def outdated_parameters(*, session: MeetingSession) -> list[str]:
    """Return the names of the create parameters that a running class would have otherwise if it were started now.

    Where it is to call back has a new token each time, and is not compared.
    """
    now = json.loads(json.dumps(create_parameters(session), cls=DjangoJSONEncoder))
    then = session.parameters
    left_out = addresses.callback_parameters(session)
    return sorted(name for name in {**then, **now} if name not in left_out and then.get(name) != now.get(name))


def end_for_good(*, session: MeetingSession) -> bool:
    """End a class, and look until its server has let go of it; whether it has, so that the next one can be opened.

    Raises `django_bbb.api.BBBError`; the class goes on then, as far as anybody knows.
    """
    end_meeting(meeting=session.meeting)
    if not MeetingSession.objects.open().filter(pk=session.pk).exists():
        return True
    # A look at it a moment ago keeps `end_meeting` from another one.
    if find_run(client_for(session.server), session) is not None:
        return False
    close_session(session=session, reason=MeetingSession.EndReason.ENDED)
    return True
