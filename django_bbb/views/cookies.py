"""The guest's cookie, set as the site sets its own."""

from django.conf import settings
from django.http.response import HttpResponseBase

from django_bbb.services.guests import COOKIE, Guest, sealed


def remember(response: HttpResponseBase, guest: Guest) -> None:
    """Set the cookie of a guest: for as long, and as strict, as the site's sessions are."""
    response.set_cookie(
        COOKIE,
        sealed(guest),
        max_age=None if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE else settings.SESSION_COOKIE_AGE,
        domain=settings.SESSION_COOKIE_DOMAIN,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )
