"""What events tell of a class, taken over: who is inside, whether it is being recorded.

An event is a hint to look, and what only it knows is taken over first.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from django_bbb.api.callbacks import UserJoined, UserLeft, WebhookEvent
from django_bbb.models import Meeting, MeetingSession, Server

from . import attendance, meetings, polling

_RECORDING_ON, _RECORDING_OFF = "meeting-recording-started", "meeting-recording-stopped"


def facts_of(event: WebhookEvent) -> dict[str, Any] | None:
    """Return what is kept of an event until it is taken over, as JSON; None where nothing is to be taken over.

    Not the event itself: there are passwords and session tokens in it.
    """
    facts = {
        "event": event.id,
        "at": event.timestamp.isoformat(),
        "room": event.meeting_id,
        "run": event.internal_meeting_id,
    }
    if event.id in (_RECORDING_ON, _RECORDING_OFF):
        return facts
    if not isinstance(event, UserJoined | UserLeft) or not attendance.is_kept():
        return None
    person = {"user_id": event.user_id, "visit": event.internal_user_id, "name": event.name}
    is_moderator = isinstance(event, UserJoined) and event.role.lower() == "moderator"
    return facts | person | {"moderator": is_moderator}


def name_of(facts: Mapping[str, Any]) -> str:
    """Return what an event is known by: the same one, sent again or to another hook, has the same name."""
    parts = "\n".join(str(facts.get(one, "")) for one in ("run", "room", "visit", "at"))
    return f"{facts['event']} {blake2b(parts.encode('utf-8', 'surrogatepass'), digest_size=20).hexdigest()}"


def take_over(*, server: Server, facts: Mapping[str, Any]) -> None:
    """Take over what an event told, and look at its class; of a class that is none of ours nothing is known."""
    session = _session(server, facts)
    if session is None:
        return
    at = parse_datetime(facts["at"])
    assert at is not None  # noqa: S101 - `facts_of` has written it
    if "user_id" in facts:
        attendance.note_visit(
            session=session,
            external_id=facts["user_id"],
            visit=facts["visit"],
            name=facts["name"],
            moderator=facts["moderator"],
            came=facts["event"] == "user-joined",
            at=at,
        )
        if session.is_open:
            meetings.look_at_session(session=session)
    else:
        _note_recording(session, is_on=facts["event"] == _RECORDING_ON, at=at)


def _session(server: Server, facts: Mapping[str, Any]) -> MeetingSession | None:
    """Return the run an event is about; one we have not met is looked for on the server."""
    runs = MeetingSession.objects.select_related("server", "meeting").filter(server=server)
    session = runs.filter(internal_id=facts["run"]).first()
    if session is None and Meeting.objects.filter(meeting_id=facts["room"]).exists():
        # The answer to create may still be on its way, or a backup was restored.
        polling.poll_server(server=server)
        session = runs.filter(internal_id=facts["run"]).first()
    return session


def _note_recording(session: MeetingSession, *, is_on: bool, at: datetime) -> None:
    """Note that the recording was switched on or off; an older event changes nothing."""
    older = Q(being_recorded_since__isnull=True) | Q(being_recorded_since__lt=at)
    rows = MeetingSession.objects.filter(pk=session.pk)
    rows.open().filter(older).update(being_recorded=is_on, being_recorded_since=at)
    if is_on:
        rows.filter(has_recording_marks__isnull=True).update(has_recording_marks=True)
