"""The hooks of bbb-webhooks: which servers are to tell us what happens in classes, and whether they know.

A server forgets a hook whose address failed for some minutes, so that what is there is compared again and again.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from django_bbb.api import BBBError, BigBlueButtonClient, HookNotFound, UnsupportedCall
from django_bbb.conf import Events, conf
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import MeetingSession, Server

from . import addresses, servers

logger = logging.getLogger(__name__)

#: Events worth being told of; the server leaves out all others.
EVENTS = (
    "meeting-ended",
    "meeting-recording-started",
    "meeting-recording-stopped",
    "user-joined",
    "user-left",
    "rap-publish-ended",
    "rap-published",
    "rap-unpublished",
    "rap-deleted",
)

_LOOK_AGAIN = timedelta(minutes=1)
#: A server without bbb-webhooks may get it one day.
_LOOK_AGAIN_WITHOUT = timedelta(hours=1)
#: Classes whose hooks are made in one round.
_MOST_AT_ONCE = 200


def register_hooks() -> dict[str, str]:
    """Make every server that is to tell us of events know where to; return what came of it, by slug."""
    if conf.READ_ONLY or not conf.CALLBACK_BASE_URL:
        return {}
    wanted = [server for server in Server.objects.usable() if conf.events_of(server.declaration) is not Events.NONE]
    return {server.slug: _register(server) for server in wanted if _is_due(server)}


def _is_due(server: Server) -> bool:
    now = timezone.now()
    due = Server.objects.filter(pk=server.pk).exclude(hooks_look_at__gt=now)
    return bool(due.update(hooks_look_at=now + _LOOK_AGAIN))


def _register(server: Server) -> str:
    row = Server.objects.filter(pk=server.pk)
    try:
        made = _compare(servers.client_for(server), server)
    except UnsupportedCall as error:
        row.update(hooks_error=str(error), hooks_look_at=timezone.now() + _LOOK_AGAIN_WITHOUT)
        return "has no bbb-webhooks"
    except (BBBError, ServerNotConfigured) as error:
        logger.warning("%s: %s", server, error)
        row.update(hooks_error=str(error))
        return str(error)
    row.update(hooks_error="", hooks_seen_at=timezone.now())
    return f"{made} hooks made"


def _compare(client: BigBlueButtonClient, server: Server) -> int:
    """Make the hooks that are missing, and remove ours that are not wanted any more; return how many are new."""
    wanted = _wanted(server)
    there = client.hooks.list_hooks()
    known = {hook.callback_url for hook in there}
    ours = addresses.hooks_of(server)
    for hook in there:
        if hook.callback_url.startswith(ours) and hook.callback_url not in wanted and not hook.permanent:
            _remove(client, hook.hook_id)
    missing = [(url, room) for url, room in wanted.items() if url not in known]
    for url, room in missing[:_MOST_AT_ONCE]:
        client.hooks.create_hook(callback_url=url, meeting_id=room, event_id=EVENTS)
    return min(len(missing), _MOST_AT_ONCE)


def _remove(client: BigBlueButtonClient, hook_id: str) -> None:
    try:
        client.hooks.destroy_hook(hook_id=hook_id)
    except HookNotFound:
        logger.info("%s had forgotten a hook already.", client.name)


def _wanted(server: Server) -> dict[str, str | None]:
    """Return the addresses that are to be told, and the room each is about; None for all of a server."""
    if conf.events_of(server.declaration) is Events.SERVER:
        return {addresses.hook_address(server=server): None}
    return {addresses.hook_address(server=server, session=one): one.meeting.meeting_id for one in _open(server)}


def _open(server: Server) -> Iterable[MeetingSession]:
    running = MeetingSession.objects.open().filter(server=server, create_time__isnull=False)
    return running.select_related("meeting")
