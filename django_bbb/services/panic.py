"""Panic: a server is taken out of service, and all classes of this site on it are ended."""

from contextlib import suppress
from dataclasses import dataclass, field

from django.utils import timezone

from django_bbb.api import BBBError, MeetingNotFound, ServerUnreachable
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import MeetingSession, Server

from .meetings import close_session
from .servers import client_for

#: A server that says nothing so often in a row is not asked for the rest.
_GIVE_UP_AFTER = 2


@dataclass(frozen=True)
class Outcome:
    """What came of a panic: the classes that were ended, and why others were not."""

    ended: list[MeetingSession] = field(default_factory=list)
    failed: list[tuple[MeetingSession, str]] = field(default_factory=list)


def panic(*, server: Server) -> Outcome:
    """Disable a server and end all our classes on it; repeatable, and what fails leaves its class as it is."""
    Server.objects.filter(pk=server.pk).update(state=Server.State.DISABLED)
    server.state = Server.State.DISABLED
    outcome = Outcome()
    silent, reason = 0, ""
    for session in server.sessions.open().select_related("meeting", "server"):
        if silent < _GIVE_UP_AFTER:
            try:
                reason = _end(session)
                silent = 0
            except ServerUnreachable as error:
                silent, reason = silent + 1, str(error)
            except (BBBError, ServerNotConfigured) as error:
                silent, reason = 0, str(error)
        if reason:
            outcome.failed.append((session, reason))
        else:
            outcome.ended.append(session)
    return outcome


def _end(session: MeetingSession) -> str:
    """End one class; return why that was not possible yet, or nothing."""
    if session.create_time is None and session.claimed_until > timezone.now():
        return "It is being opened at this moment. Try again in some seconds."
    with suppress(MeetingNotFound):
        client_for(session.server).meetings.end_meeting(meeting_id=session.meeting.meeting_id)
    # The server takes a second or some, and no poll looks after a disabled one: what it has promised is believed.
    created = session.create_time is not None
    close_session(
        session=session,
        reason=MeetingSession.EndReason.ENDED if created else MeetingSession.EndReason.NOT_CREATED,
    )
    return ""
