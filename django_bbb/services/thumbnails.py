"""Pictures of recordings, fetched by this site: a viewer's browser asks no other, and tells none its address."""

import logging
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.core.cache import cache

from django_bbb.api import RequestsTransport
from django_bbb.api.transport import NoReply
from django_bbb.conf import conf
from django_bbb.models import Playback, Server

from . import servers

logger = logging.getLogger(__name__)

#: Pictures and nothing that can hold a script.
CONTENT_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})

#: BigBlueButton's are of some ten thousand.
MOST_BYTES = 512 * 1024

#: Seconds; a page may have many, and a browser waits for each.
_DEADLINE = 3.0

#: Seconds a picture is kept, and for which one that did not come is not asked for again.
_KEEP, _REST = 24 * 3600, 60

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Picture:
    """What browsers are given."""

    content_type: str
    body: bytes


def get_thumbnail(*, playback: Playback, number: int) -> Picture | None:
    """Return a picture of a format, from the cache where it is there; None where there is none to be had."""
    try:
        told = str(playback.thumbnails[number]["url"])
    except (IndexError, KeyError, TypeError):
        return None
    server = playback.recording.server
    address = allowed_address(server, told)
    if address is None:
        logger.info("%s has a picture on a host that is not in RECORDING_HOSTS; it is not fetched.", server)
        return None
    key = f"django_bbb.thumbnail.{blake2b(address.encode(), digest_size=20).hexdigest()}"
    found: Picture | str | None = cache.get(key)
    if found is None and not cache.get(resting := f"django_bbb.no_thumbnails.{server.pk}"):
        try:
            found = _fetch(server, address) or ""
        except NoReply as error:
            # One that does not answer is not waited for with each picture of a page.
            logger.info("%s %s; its pictures are asked for again in a minute.", server, error.reason)
            cache.set(resting, True, _REST)
        else:
            cache.set(key, found, _KEEP if found else _REST)
    return found or None  # type: ignore[return-value]  # a text is "there is none"


def allowed_address(server: Server, told: str) -> str | None:
    """Return the address of a picture if it lies on the recording's server or in ``RECORDING_HOSTS``.

    It is put together from what was checked, so that whoever reads it next does not read it otherwise.
    """
    own, asked = _origin(server.url), _origin(told)
    if own is None or asked is None:
        return None
    scheme, host = asked
    # Nobody is sent from https to http.
    if asked != own and (host not in conf.RECORDING_HOSTS or scheme not in ("https", own[0])):
        return None
    parts = urlsplit(told)
    return urlunsplit(SplitResult(scheme, host, parts.path, parts.query, ""))


def _origin(address: str) -> tuple[str, str] | None:
    """Return scheme and host, with the port where it is not the usual one; None for what is no plain address."""
    if any(one in address for one in "\\@") or not address.isascii() or not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme, host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"


def _fetch(server: Server, address: str) -> Picture | None:
    """Ask for a picture, without any signature and following no redirect; raises `NoReply`."""
    options = servers.client_options(server)
    transport = RequestsTransport(
        connect=_DEADLINE,
        read=_DEADLINE,
        deadline=_DEADLINE,
        most_bytes=MOST_BYTES,
        **{name: options[name] for name in ("ca_bundle", "proxies", "trust_env") if name in options},
    )
    reply = transport.send("GET", address)
    content_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if reply.status != 200 or content_type not in CONTENT_TYPES or not reply.body:
        logger.info("%s has no picture where it says: status %d, %s.", server, reply.status, content_type[:50])
        return None
    return Picture(content_type, reply.body)
