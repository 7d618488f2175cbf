"""Addresses of this site that servers and browsers are given: absolute, and never from a Host header."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.urls import get_script_prefix, reverse

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery, MeetingSession, Server

Kind = CallbackDelivery.Kind


def absolute(address: str) -> str | None:
    """Return an address of this site with its host in front; None where the site's host is not known."""
    if not conf.CALLBACK_BASE_URL:
        return address if "://" in address else None
    return urljoin(f"{conf.CALLBACK_BASE_URL}/", _below_the_site(address))


def _below_the_site(address: str) -> str:
    """Put the site's own path in front where this thread does not know it.

    Django tells it to the thread that set it up and to those that answer a request; a worker's threads make their
    addresses without it.
    """
    path = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    return f"{path}{address}" if address.startswith("/") and get_script_prefix() == "/" else address


def callback_parameters(session: MeetingSession) -> dict[str, Any]:
    """Return the create parameters that make a server call us; none without ``CALLBACK_BASE_URL``."""
    if not conf.CALLBACK_BASE_URL:
        return {}
    ready = reverse("django_bbb:recording-ready", kwargs={"slug": session.server.slug})
    parameters: dict[str, Any] = {
        "meta_end_callback_url": _with_token(session, Kind.MEETING_ENDED),
        "meta_bbb_recording_ready_url": absolute(ready),
    }
    if conf.KEEP_ATTENDANCE:
        # Without events that are kept a class that was not recorded has no report.
        parameters["meta_analytics_callback_url"] = _with_token(session, Kind.ANALYTICS)
        parameters["meeting_keep_events"] = True
    return parameters


def _with_token(session: MeetingSession, kind: str) -> str | None:
    return absolute(reverse(f"django_bbb:{kind}", kwargs={"token": make_token(session, kind=kind)}))


def make_token(session: MeetingSession, *, kind: str) -> str:
    """Return what proves that a callback of this kind, about this run, goes to an address we gave out."""
    return signing.dumps(str(session.uuid), salt=_salt(kind))


def read_token(token: str, *, kind: str) -> str:
    """Return the uuid of the run a token was made for; raises `django.core.signing.BadSignature`."""
    uuid = signing.loads(token, salt=_salt(kind))
    if not isinstance(uuid, str):
        raise signing.BadSignature("Not a token of this site.")
    return uuid


# --- hooks --------------------------------------------------------------------------------------------


def hook_address(*, server: Server, session: MeetingSession | None = None) -> str:
    """Return where a server tells of events in all its classes, or in this one.

    It is always the same, since servers know hooks by their addresses alone; and nobody can guess it, since some
    servers sign nothing else.
    """
    about = f"{server.slug} {session.uuid}" if session is not None else server.slug
    token = signing.Signer(salt=_salt(Kind.WEBHOOK)).sign_object(about)
    address = absolute(reverse("django_bbb:webhook", kwargs={"slug": server.slug, "token": token}))
    assert address is not None, "Nobody asks for events without CALLBACK_BASE_URL."  # noqa: S101
    return address


def hooks_of(server: Server) -> str:
    """Return what the addresses of all our hooks on a server begin with."""
    return hook_address(server=server).rstrip("/").rpartition("/")[0] + "/"


def check_hook_token(token: str, *, slug: str) -> None:
    """Raise `django.core.signing.BadSignature` for a token that was not made for this server."""
    about = signing.Signer(salt=_salt(Kind.WEBHOOK)).unsign_object(token)
    if not isinstance(about, str) or about.partition(" ")[0] != slug:
        raise signing.BadSignature("Not a token of this server.")


def _salt(kind: str) -> str:
    return f"django_bbb.{kind}"
