"""Recordings: looked for and fetched.

The server's answer is what is stored; a callback or a click is only a reason to ask.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from django_bbb import api
from django_bbb.api import Listing
from django_bbb.conf import conf
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Meeting, MeetingSession, Playback, Recording, Server

from . import mirroring, servers

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

#: Ids in one call: a URL has room for about fifty, and long ones are refused by servers in between.
BATCH = 40


def awaited_sessions(*, meeting: Meeting) -> QuerySet[MeetingSession]:
    """Return the ended classes that were recorded and whose recording the server has not told of yet."""
    return meeting.sessions.filter(is_awaited())


def is_awaited() -> Q:
    """Return the condition that a class was recorded, and its recording has not been told of."""
    told = Recording.objects.filter(server=OuterRef("server"), record_id=OuterRef("internal_id"))
    return Q(~Exists(told), is_open__isnull=True, has_recording_marks=True, look_at__isnull=False)


def ask_for(server: Server, record_ids: Sequence[str]) -> Listing[api.Recording]:
    """Return the recordings with these ids, at most `BATCH`, in whatever state they are."""
    remote = servers.client_for(server).recordings.get_recordings(record_id=record_ids, state="any")
    # The server matches from the beginning of an id; only whole ones were asked for.
    return Listing((one for one in remote if one.record_id in record_ids), skipped=remote.skipped)


def refresh_recordings(*, server: Server, record_ids: Iterable[str]) -> list[Recording]:
    """Ask a server for recordings by their ids and mirror what is ours; return it."""
    found: list[int] = []
    for ids in batches(sorted(set(record_ids)), BATCH):
        found += mirroring.mirror(server=server, remote=ask_for(server, ids)).rows
    rows = Recording.objects.using(mirroring.database_of(server)).existing()
    return list(rows.filter(pk__in=found).order_by("record_id"))


def address_of(*, playback: Playback) -> str:
    """Return where a format can be watched now; nothing where the server does not have it any more.

    The address of a protected recording is made for each asking and opens once, so that a stored one is of no use.
    Raises `django_bbb.api.BBBError`.
    """
    recording = playback.recording
    if not recording.protected:
        return playback.url
    told = ask_for(recording.server, [recording.record_id])
    return next((one.url for remote in told for one in remote.formats if one.type == playback.type), "")


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
        except (api.BBBError, ServerNotConfigured) as error:
            logger.warning("%s: %s", server, error)
            continue
        for session in sessions:
            age = now - (session.ended_at or now)
            session.look_at = now + max(conf.LOOK_INTERVAL, age / 10) if age < conf.LOOK_FOR else None
        MeetingSession.objects.bulk_update(sessions, ["look_at"], batch_size=500)
    return found


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Cut something long into lists of so many."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
