"""Classes of ours that run without our knowing: a backup was restored, or a server once said they were gone."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from django_bbb.api import Meeting as RemoteMeeting
from django_bbb.models import ORIGIN_FACT, Meeting, MeetingSession, Origin, Server

from . import meetings
from .announcing import announce

logger = logging.getLogger(__name__)


def adopt(*, server: Server, remote: Iterable[RemoteMeeting], asked_at: datetime) -> int:
    """Take over classes that a server runs for this site and that are not open here; return how many.

    ``remote`` are those that no open row is about.  Ours are those with this site's mark and the id of one of its
    meetings: others use the server too.
    """
    ours = _ours(remote)
    if not ours:
        return 0
    known = list(MeetingSession.objects.filter(server=server, internal_id__in=ours).select_related("meeting"))
    known_runs = {run.internal_id for run in known}
    new = [one for internal_id, one in ours.items() if internal_id not in known_runs]
    # One that ended here after the server was asked, or just before, has ended.
    since = asked_at - meetings.CHECK_AT_MOST_EVERY
    again = [run for run in known if run.ended_at is not None and run.ended_at < since]
    adopted = [*(run for run in again if _reopen(run)), *_open(server, new, asked_at)]
    for session in adopted:
        logger.warning("%s runs %s, which this site did not know to be running.", server, session.meeting.meeting_id)
    MeetingSession.objects.mirror([(one.pk, ours[one.internal_id]) for one in adopted], asked_at=asked_at)
    return len(adopted)


def _ours(remote: Iterable[RemoteMeeting]) -> dict[str, RemoteMeeting]:
    """Return those with this site's mark that can be taken over, by internal id."""
    marked = [one for one in remote if ORIGIN_FACT in one.metadata and one.internal_meeting_id and not one.is_breakout]
    if not marked:
        return {}
    origin = Origin.objects.of_this_site()
    return {
        one.internal_meeting_id: one
        for one in marked
        if one.metadata[ORIGIN_FACT] == origin and one.create_time is not None
    }


def _reopen(session: MeetingSession) -> bool:
    """Open a run again that was closed here; not where the meeting has its next one already."""
    try:
        with transaction.atomic():
            MeetingSession.objects.filter(pk=session.pk).update(
                is_open=True, ended_at=None, end_reason="", look_at=None
            )
            session.refresh_from_db()
            announce("meeting_started", session)
    except IntegrityError:
        return False
    return True


def _open(server: Server, remote: Iterable[RemoteMeeting], asked_at: datetime) -> list[MeetingSession]:
    """Make the rows of runs this site has none of; not where the meeting has another one open."""
    by_room = {one.meeting_id: one for one in remote}
    sessions = []
    for meeting in Meeting.objects.filter(meeting_id__in=by_room):
        one = by_room[meeting.meeting_id]
        session = MeetingSession(
            meeting=meeting,
            server=server,
            claimed_until=asked_at,
            create_time=one.create_time,
            internal_id=one.internal_meeting_id,
        )
        # What it was created with nobody here knows: as it would be now, but for what the server tells.
        session.parameters = meetings.create_parameters(session) | {"record": one.recording}
        sessions.append(session)
    with transaction.atomic():
        MeetingSession.objects.bulk_create(sessions, ignore_conflicts=True, batch_size=500)
        made = MeetingSession.objects.filter(uuid__in=[one.uuid for one in sessions])
        opened = list(made.select_related("meeting", "server"))
        for session in opened:
            announce("meeting_started", session)
    return opened
