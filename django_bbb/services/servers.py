"""Servers: which there are, how to call them, which one takes the next class."""

import logging
from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db.models import F, FloatField
from django.db.models.functions import Cast
from django.utils import timezone

from django_bbb.api import BBBError, BigBlueButtonClient, Meeting, Secret, ServerUnreachable, normalized
from django_bbb.conf import CLIENT_OPTIONS, conf
from django_bbb.exceptions import NoServerAvailable, ServerNotConfigured
from django_bbb.models import Server

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = timedelta(minutes=5)


def register_declared_servers() -> list[Server]:
    """Write a row for each server in the settings, and disable those that are gone from them."""
    servers = []
    for slug, declaration in conf.SERVERS.items():
        facts = {
            "name": str(declaration.get("NAME") or slug),
            "url": normalized(str(declaration["URL"])),
            "algorithm": str(declaration.get("ALGORITHM", Server.Algorithm.SHA256)).lower(),
        }
        server, _created = Server.objects.get_or_create(slug=slug, defaults=facts)
        changed = [name for name, value in facts.items() if getattr(server, name) != value]
        if changed:
            for name in changed:
                setattr(server, name, facts[name])
            server.save(update_fields=changed)
        servers.append(server)
    Server.objects.exclude(slug__in=conf.SERVERS).update(state=Server.State.DISABLED)
    return servers


def client_for(server: Server) -> BigBlueButtonClient:
    """Return the client of a server; raises `ServerNotConfigured` when it has no secret."""
    if not server.secrets:
        raise ServerNotConfigured(f'{server} has no secret. Set DJANGO_BBB["SERVERS"]["{server.slug}"]["SECRET"].')
    declared = {"TIMEOUT": conf.TIMEOUT, "DEADLINE": conf.DEADLINE, **server.declaration}
    proxies = tuple(sorted(dict(declared.pop("PROXIES", None) or {}).items()))
    options = {name: declared[key] for key, name in CLIENT_OPTIONS.items() if key in declared}
    return _client(server.url, server.secrets[0], proxies, algorithm=server.algorithm, name=server.name, **options)


@lru_cache(maxsize=256)
def _client(url: str, secret: Secret, proxies: tuple[tuple[str, str], ...], **options: Any) -> BigBlueButtonClient:
    # Kept, since with it goes the pool of connections: a new one for each call costs ten times the call.
    return BigBlueButtonClient(url, secret, proxies=dict(proxies), **options)


def choose_server(*, pinned: Server | None = None, without: Collection[int] = ()) -> Server:
    """Return the server for a new class: the pinned one, else the least loaded by weight.

    ``without`` names servers (by primary key) that have just failed.  Raises `NoServerAvailable`.
    """
    open_servers = Server.objects.open_for_classes().exclude(pk__in=without)
    if pinned is not None:
        open_servers = open_servers.filter(pk=pinned.pk)
    elif not Server.objects.exists():
        register_declared_servers()  # settings were filled in after the last migrate
    load = Cast(F("participant_count") + F("meeting_count"), FloatField()) / F("weight")
    chosen = open_servers.alias(load=load).order_by("load", "pk").first()
    if chosen is None:
        raise NoServerAvailable("No server is enabled and reachable.")
    return chosen


def ask_for_meetings(*, server: Server) -> tuple[Meeting, ...]:
    """Return what runs on a server, and remember whether it answered."""
    try:
        meetings = client_for(server).meetings.get_meetings()
    except (BBBError, ServerNotConfigured) as error:
        note_failure(server=server, error=error)
        raise
    server.reachable, server.unreachable_since = True, None
    server.failures, server.next_try_at, server.last_error = 0, None, ""
    server.polled_at = timezone.now()
    server.meeting_count = len(meetings)
    server.participant_count = sum(one.participant_count for one in meetings)
    server.voice_count = sum(one.voice_participant_count for one in meetings)
    server.video_count = sum(one.video_count for one in meetings)
    server.poll_lease_until = None
    server.save(
        update_fields=[
            "reachable", "unreachable_since", "failures", "next_try_at", "last_error", "polled_at",
            "meeting_count", "participant_count", "voice_count", "video_count", "poll_lease_until",
        ]
    )  # fmt: skip
    return meetings


def note_failure(*, server: Server, error: Exception) -> None:
    """Leave a failing server out for a while, longer with each failure; its classes stay as they are."""
    now = timezone.now()
    failures = server.failures + 1
    # The first failure may be a hiccup: the next class may still go there.
    pause = min(timedelta(seconds=10) * 2 ** min(failures - 2, 10), _LONGEST_PAUSE) if failures > 1 else None
    Server.objects.filter(pk=server.pk).update(
        reachable=not isinstance(error, ServerUnreachable) and server.reachable,
        unreachable_since=server.unreachable_since or now,
        failures=F("failures") + 1,
        next_try_at=now + pause if pause else None,
        last_error=str(error),
        poll_lease_until=None,
    )
    logger.warning("%s: %s", server, error)
