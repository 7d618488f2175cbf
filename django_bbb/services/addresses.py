"""Addresses of this site that servers and browsers are given: absolute, and never from a Host header."""

from typing import Any
from urllib.parse import urljoin

from django.core import signing
from django.urls import reverse

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery, MeetingSession

MEETING_ENDED = CallbackDelivery.Kind.MEETING_ENDED


def absolute(address: str) -> str | None:
    """Return an address of this site with its host in front; None where the site's host is not known."""
    if not conf.CALLBACK_BASE_URL:
        return address if "://" in address else None
    return urljoin(f"{conf.CALLBACK_BASE_URL}/", address)


def callback_parameters(session: MeetingSession) -> dict[str, Any]:
    """Return the create parameters that make a server call us; none without ``CALLBACK_BASE_URL``."""
    if not conf.CALLBACK_BASE_URL:
        return {}
    ended = reverse("django_bbb:meeting-ended", kwargs={"token": make_token(session, kind=MEETING_ENDED)})
    ready = reverse("django_bbb:recording-ready", kwargs={"slug": session.server.slug})
    return {
        "meta_end_callback_url": absolute(ended),
        "meta_bbb_recording_ready_url": absolute(ready),
    }


def make_token(session: MeetingSession, *, kind: str) -> str:
    """Return what proves that a callback of this kind, about this run, goes to an address we gave out."""
    return signing.dumps(str(session.uuid), salt=f"django_bbb.{kind}")


def read_token(token: str, *, kind: str) -> str:
    """Return the uuid of the run a token was made for; raises `django.core.signing.BadSignature`."""
    uuid = signing.loads(token, salt=f"django_bbb.{kind}")
    if not isinstance(uuid, str):
        raise signing.BadSignature("Not a token of this site.")
    return uuid
