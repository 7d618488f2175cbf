"""Recordings: looked for, fetched, mirrored, published, deleted.

The server's answer is what is stored; a callback or a click is only a reason to ask.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from django_bbb import api, signals
from django_bbb.api import RecordingNotFound, RecordingState
from django_bbb.conf import conf
from django_bbb.models import Meeting, MeetingSession, Recording, Server

from . import servers

logger = logging.getLogger(__name__)

#: Ids in one call: a URL has room for about fifty, and long ones are refused by servers in between.
BATCH = 40


def awaited_sessions(*, meeting: Meeting) -> QuerySet[MeetingSession]:
    """Return the ended classes that were recorded and whose recording the server has not told of yet."""
    told = Recording.objects.filter(server=OuterRef("server"), record_id=OuterRef("internal_id"))
    return meeting.sessions.filter(
        ~Exists(told), is_open__isnull=True, has_recording_marks=True, look_at__isnull=False
    )


def refresh_recordings(*, server: Server, record_ids: Iterable[str]) -> list[Recording]:
    """Ask a server for recordings by their ids and mirror what is ours; return it."""
    found = []
    # In one order everywhere: two of these at once must not wait for each other's rows.
    for ids in _batches(sorted(set(record_ids))):
        remote = servers.client_for(server).recordings.get_recordings(record_id=ids, state="any")
        # The server matches from the beginning of an id; only whole ones were asked for.
        found += _mirror(server, (one for one in remote if one.record_id in ids))
    return found


def look_for_recordings() -> int:
    """Ask for the recordings of classes that have ended, often at first and ever more rarely; return how many.

    This finds what a lost callback did not tell.
    """
    now, found = timezone.now(), 0
    due = MeetingSession.objects.filter(look_at__lte=now).exclude(server__state=Server.State.DISABLED)
    for server in Server.objects.filter(sessions__in=due).distinct():
        sessions = list(due.filter(server=server))
        try:
            ids = (session.internal_id for session in sessions)
            found += len(refresh_recordings(server=server, record_ids=ids))
        except api.BBBError as error:
            logger.warning("%s: %s", server, error)
            continue
        for session in sessions:
            age = now - (session.ended_at or now)
            session.look_at = now + max(conf.LOOK_INTERVAL, age / 10) if age < conf.LOOK_FOR else None
        MeetingSession.objects.bulk_update(sessions, ["look_at"], batch_size=500)
    return found


def sync_recordings(*, server: Server) -> int:
    """Ask a server for the recordings of all our meetings and mirror them; return how many there are."""
    count = 0
    ours = Meeting.objects.filter(sessions__server=server).distinct().order_by("meeting_id")
    for ids in _batches(list(ours.values_list("meeting_id", flat=True))):
        remote = servers.client_for(server).recordings.get_recordings(meeting_id=ids)
        count += len(_mirror(server, remote))
    return count


def _mirror(server: Server, remote: Iterable[api.Recording]) -> list[Recording]:
    """Mirror what is ours; recordings of others on the same server are left alone."""
    mirrored = []
    for one in sorted(remote, key=lambda one: one.record_id):
        known = Recording.objects.filter(server=server, record_id=one.record_id).first()
        if known is not None and known.deleted_at:
            continue
        if one.state == RecordingState.DELETED:
            if known is not None:
                _bury(known)
            continue
        meeting = _meeting_of(server, one)
        if meeting is None and known is None:
            continue
        recording, new = Recording.objects.mirror(server, one, meeting=meeting)
        if new:
            first_time = recording.playbacks.count() == len(new)
            signals.announce(
                signals.recording_ready,
                sender=Recording,
                recording=recording,
                formats=new,
                first_time=first_time,
            )
        mirrored.append(recording)
    return mirrored


def _meeting_of(server: Server, remote: api.Recording) -> Meeting | None:
    """A breakout room's recording belongs to the meeting whose class the room was part of."""
    of_parent = Q(sessions__server=server, sessions__internal_id=remote.parent_id)
    wanted = of_parent if remote.parent_id else Q(meeting_id=remote.meeting_id)
    return Meeting.objects.filter(wanted).first()


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield list(ids[start : start + BATCH])


# --- what people do with them -------------------------------------------------------------------------


def publish_recording(*, recording: Recording) -> Recording:
    """Publish a recording on its server, and mirror what the server then says."""
    return _set_published(recording, publish=True)


def unpublish_recording(*, recording: Recording) -> Recording:
    """Unpublish a recording on its server: its links die. Mirror what the server then says."""
    return _set_published(recording, publish=False)


def _set_published(recording: Recording, *, publish: bool) -> Recording:
    client = servers.client_for(recording.server)
    client.recordings.publish_recordings(record_id=recording.record_id, publish=publish)
    refresh_recordings(server=recording.server, record_ids=[recording.record_id])
    recording.refresh_from_db()
    return recording


def delete_recording(*, recording: Recording) -> Recording:
    """Delete a recording on its server and keep a tombstone; one the server does not have is deleted as well.

    ``deleted_at`` stays empty if the server said yes and still lists it: then it is asked for again later.
    """
    client = servers.client_for(recording.server)
    try:
        client.recordings.delete_recordings(record_id=recording.record_id)
    except RecordingNotFound:
        logger.info("Recording %s was already gone from %s.", recording.record_id, recording.server)
    left = client.recordings.get_recordings(record_id=recording.record_id, state="any")
    still_there = any(one.record_id == recording.record_id and one.state != RecordingState.DELETED for one in left)
    if not still_there and not left.skipped:  # what could not be read may be the one
        _bury(recording)
    return recording


def _bury(recording: Recording) -> None:
    recording.bury()
    signals.announce(signals.recording_deleted, sender=Recording, recording=recording)
