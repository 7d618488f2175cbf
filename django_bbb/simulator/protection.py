"""Protected recordings of a balancer: a link opens once within an hour, then a cookie for some hours.

Source: `playback_controller.rb` of Scalelite.
"""

import re
from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from .tickets import Tickets

#: Seconds for which a link may be opened, and a browser that opened it may come back.
LINK_SECONDS = 60 * 60
COOKIE_SECONDS = 6 * 60 * 60

_RECORD_ID = re.compile(r"/([0-9a-f]{40}-[0-9]+)(?:/|$)")


class PlaybackPasses:
    """Who may watch which protected recording."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._links = Tickets(seconds=LINK_SECONDS, time=time, single_use=True)
        self._cookies = Tickets(seconds=COOKIE_SECONDS, time=time, single_use=False)

    def protect(self, url: str, record_id: str) -> str:
        """Return the address of a recording with a token in it that opens it once."""
        return f"{url}?token={self._links.issue(record_id)}"

    def admits(self, request: Request, record_id: str) -> bool:
        """Return whether this browser opened the recording before."""
        return self._cookies.accept(request.cookies.get(_cookie_name(record_id), ""), record_id)

    def opens(self, request: Request, record_id: str) -> bool:
        """Return whether the link is good; that uses it up."""
        return self._links.accept(request.args.get("token", ""), record_id)

    def remember(self, response: Response, record_id: str) -> None:
        """Let the browser come back for a while, for the page and its pictures."""
        ticket = self._cookies.issue(record_id)
        response.set_cookie(_cookie_name(record_id), ticket, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")

    def clear(self) -> None:
        self._links.clear()
        self._cookies.clear()


def record_id_in(path: str) -> str:
    """Return the id of the recording that a path is about, or ""."""
    match = _RECORD_ID.search(path)
    return match[1] if match else ""


def _cookie_name(record_id: str) -> str:
    return f"recording_{record_id}"
