"""Servers: which there are, how to call them, which one takes the next class."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from django_bbb import api
from django_bbb.api import (
    BigBlueButtonClient,
    ChecksumError,
    Secret,
    ServerError,
    ServerUnreachable,
    Timeout,
    UnreadableResponse,
    normalized,
)
from django_bbb.conf import CLIENT_OPTIONS, conf
from django_bbb.exceptions import NoServerAvailable, ServerNotConfigured
from django_bbb.models import Meeting, Server, ServerLoad

from .choosing import choose_among
from .read_only import ReadOnlyTransport

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = timedelta(minutes=5)

#: So many failures in a row leave a server out, and so many answers in a row take it back: one that answers every
#: other time changes nothing.
DOWN_AFTER = UP_AFTER = 2


def register_declared_servers() -> list[Server]:
    """Write a row for each server in the settings, and disable those that are gone from them.

    Servers that were added in the admin stay as they are.
    """
    servers = []
    for slug, declaration in conf.SERVERS.items():
        facts: dict[str, Any] = {
            "name": str(declaration.get("NAME") or slug),
            "url": normalized(str(declaration["URL"])),
            "algorithm": str(declaration.get("ALGORITHM", Server.Algorithm.SHA256)).lower(),
            "kind": str(declaration.get("KIND", Server.Kind.BIGBLUEBUTTON)).lower(),
            "declared": True,
        }
        if "TAGS" in declaration:
            facts["tags"] = sorted(set(declaration["TAGS"]))
        if "VERSION" in declaration:
            facts["version"] = str(declaration["VERSION"])
        server, _created = Server.objects.get_or_create(slug=slug, defaults=facts)
        changed = [name for name, value in facts.items() if getattr(server, name) != value]
        if changed:
            for name in changed:
                setattr(server, name, facts[name])
            server.save(update_fields=changed)
        servers.append(server)
    gone = Server.objects.filter(declared=True).exclude(slug__in=conf.SERVERS)
    gone.exclude(state=Server.State.DISABLED).update(state=Server.State.DISABLED)
    return servers


def client_for(server: Server) -> BigBlueButtonClient:
    """Return the client of a server; raises `ServerNotConfigured` when it has no secret that can be read."""
    options = client_options(server)
    proxies = tuple(sorted(dict(options.pop("proxies", None) or {}).items()))
    options |= {"algorithm": server.algorithm, "name": server.name, "read_only": conf.READ_ONLY}
    return _client(server.url, secret_of(server), proxies, **options)


def secret_of(server: Server) -> Secret:
    """Return what calls to a server are signed with; raises `ServerNotConfigured`."""
    if found := server.secrets:
        return found[0]
    if server.declared:
        facts = {"server": server, "setting": f'DJANGO_BBB["SERVERS"]["{server.slug}"]["SECRET"]'}
        raise ServerNotConfigured(_("%(server)s has no secret. Set %(setting)s.") % facts)
    raise ServerNotConfigured(_("%(server)s has no secret. Type it in the admin.") % {"server": server})


def client_options(server: Server) -> dict[str, Any]:
    """Return the arguments of `BigBlueButtonClient` that say how a server is called."""
    usual = {"TIMEOUT": conf.TIMEOUT, "DEADLINE": conf.DEADLINE, "LONG_REQUESTS": server.features.long_requests}
    declared = {**usual, **server.declaration}
    return {name: declared[key] for key, name in CLIENT_OPTIONS.items() if key in declared}


@lru_cache(maxsize=256)
def _client(
    url: str, secret: Secret, proxies: tuple[tuple[str, str], ...], *, read_only: bool, **options: Any
) -> BigBlueButtonClient:
    # Kept, since with it goes the pool of connections: a new one for each call costs ten times the call.
    if read_only:
        connecting = {name: options[name] for name in ("deadline", "ca_bundle", "trust_env") if name in options}
        options["transport"] = ReadOnlyTransport(
            base=normalized(url), read=options["timeout"], proxies=dict(proxies), **connecting
        )
    return BigBlueButtonClient(url, secret, proxies=dict(proxies), **options)


def choose_server(
    *, meeting: Meeting | None = None, pinned: Server | None = None, without: Collection[int] = ()
) -> Server:
    """Return the server for a new class: the one its meeting is pinned to, else by tags and load.

    ``without`` names servers (by primary key) that have just failed.  Raises `NoServerAvailable`.
    """
    pinned = pinned or (meeting.server if meeting is not None else None)
    open_servers = Server.objects.open_for_classes().exclude(pk__in=without)
    if pinned is not None:
        open_servers = open_servers.filter(pk=pinned.pk)
    elif not Server.objects.exists():
        register_declared_servers()  # settings were filled in after the last migrate
    candidates = list(open_servers)
    if not candidates:
        raise NoServerAvailable("No server is enabled and reachable.")
    return choose_among(candidates, meeting=meeting)


def note_answer(*, server: Server, meetings: Collection[api.Meeting]) -> bool:
    """Remember what runs on a server, as it has just told.

    False, and nothing is remembered, where another poll has begun in the meantime: its answer is newer.
    """
    facts = _forgiven(server) | {
        "polled_at": timezone.now(),
        "meeting_count": len(meetings),
        "participant_count": sum(one.participant_count for one in meetings),
        "voice_count": sum(one.voice_participant_count for one in meetings),
        "video_count": sum(one.video_count for one in meetings),
    }
    still_ours = Server.objects.filter(pk=server.pk, poll_lease_until=server.poll_lease_until)
    if not still_ours.update(**facts):
        return False
    for name, value in facts.items():
        setattr(server, name, value)
    return True


def _forgiven(server: Server) -> dict[str, Any]:
    """Return what an answer makes of failures: forgotten at once after a hiccup, else with the second in a row."""
    if server.failures >= DOWN_AFTER and server.successes + 1 < UP_AFTER:
        return {"successes": server.successes + 1}
    return {
        "reachable": True,
        "unreachable_since": None,
        "failures": 0,
        "successes": 0,
        "next_try_at": None,
        "last_error": "",
        "failure": "",
    }


def note_failure(*, server: Server, error: Exception) -> None:
    """Leave a failing server out for a while, longer with each failure; its classes stay as they are."""
    now = timezone.now()
    row = Server.objects.filter(pk=server.pk)
    failures = row.values_list("failures", flat=True).get() + 1
    # The first failure may be a hiccup: the next class may still go there.
    is_down = failures >= DOWN_AFTER
    pause = min(timedelta(seconds=10) * 2 ** min(failures - DOWN_AFTER, 10), _LONGEST_PAUSE) if is_down else None
    row.update(
        **({"reachable": False} if is_down and isinstance(error, ServerUnreachable) else {}),
        unreachable_since=server.unreachable_since or now,
        failures=F("failures") + 1,
        successes=0,
        next_try_at=now + pause if pause else None,
        last_error=str(error),
        failure=failure_of(error),
    )
    logger.warning("%s: %s", server, error)


#: What the client says where nothing was sent; these words are all that its errors tell apart.
_WORDS = {
    "does not resolve": Server.Failure.NAME,
    "refused the connection": Server.Failure.REFUSED,
    "certificate": Server.Failure.TLS,
    "TLS": Server.Failure.TLS,
    "CA bundle": Server.Failure.TLS,
}

_KINDS: tuple[tuple[type[Exception], Server.Failure], ...] = (
    (Timeout, Server.Failure.TIMEOUT),
    (ServerUnreachable, Server.Failure.UNREACHABLE),
    (ChecksumError, Server.Failure.WRONG_SECRET),
    (ServerNotConfigured, Server.Failure.NO_SECRET),
    (UnreadableResponse, Server.Failure.NOT_BIGBLUEBUTTON),
    (ServerError, Server.Failure.REFUSED_CALL),
)


def failure_of(error: Exception) -> Server.Failure:
    """Return the reason in words that fits what a call has met."""
    if isinstance(error, ServerUnreachable) and not error.sent:
        said = str(error).removeprefix(error.server)  # it may be called anything
        for words, failure in _WORDS.items():
            if words in said:
                return failure
    return next((failure for kind, failure in _KINDS if isinstance(error, kind)), Server.Failure.OTHER)


# --- load ---------------------------------------------------------------------------------------------


def remember_load(server: Server, now: datetime) -> None:
    """Keep what a poll saw; the first one of each minute counts."""
    load = ServerLoad(
        server=server,
        minute=now.replace(second=0, microsecond=0),
        meeting_count=server.meeting_count,
        participant_count=server.participant_count,
        voice_count=server.voice_count,
        video_count=server.video_count,
    )
    ServerLoad.objects.bulk_create([load], ignore_conflicts=True)


# --- secrets ------------------------------------------------------------------------------------------


def expect_secret(*, server: Server, secret: Secret) -> None:
    """First step of a rotation: take callbacks signed with a new secret already, while calls use the present one."""
    server.remember_previous_secret(secret)
    server.save(update_fields=["encrypted_previous_secret"])


def use_other_secret(*, server: Server) -> bool:
    """Second step: sign calls with the other secret, and go on taking callbacks of the one before.

    False, and nothing is changed, where somebody else has changed the secrets in the meantime.
    """
    before = {name: getattr(server, name) for name in ("encrypted_secret", "encrypted_previous_secret")}
    server.swap_secrets()
    after = {name: getattr(server, name) for name in before}
    return bool(Server.objects.filter(pk=server.pk, **before).update(**after))


def rotate_keys() -> tuple[list[Server], list[ServerNotConfigured]]:
    """Encrypt all stored secrets under the key of ``SECRET_KEY``; return those changed, and why others were not.

    Safe to run twice, also at the same time: a secret that was typed in meanwhile is left alone.
    """
    changed: list[Server] = []
    failures: list[ServerNotConfigured] = []
    for server in Server.objects.filter(declared=False):
        if not server.is_under_old_key:
            continue
        before = {"encrypted_secret": server.encrypted_secret}
        before["encrypted_previous_secret"] = server.encrypted_previous_secret
        try:
            server.renew_encryption()
        except ServerNotConfigured as error:
            failures.append(error)
            continue
        renewed = {name: getattr(server, name) for name in before}
        if Server.objects.filter(pk=server.pk, **before).update(**renewed):
            changed.append(server)
    return changed, failures
