"""The callbacks at the end of a meeting (`MeetingService.java`, `CallbackUrlService.java`)."""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ..meetings import Meeting
from .callback import SUCCESS, WHEN_SENT, Callback, Headers
from .forms import form_text

#: Seconds before each attempt, counted from the one before.
RETRY_SCHEDULE = (0.0, 30.0, 60.0, 120.0, 300.0)


class EndCallbacks(StrEnum):
    """Whose end callbacks to send; versions differ in how they call, not in what they say."""

    #: 2.0 to 2.2: everything twice, since a first GET looks whether there is anybody; exactly 200 will do.
    PROBING = "2.2"
    #: Until April 2026: redirects are followed.
    FOLLOWING = "3.0"
    #: Since then.
    STRICT = "2026"


@dataclass(frozen=True)
class _Manner:
    headers: Headers
    redirects: int
    accepts: Container[int] = SUCCESS
    probes: bool = False


_APACHE: Headers = {
    "Host": WHEN_SENT,
    "Connection": "Keep-Alive",
    "User-Agent": "Apache-HttpAsyncClient/4.1.5 (Java/17)",
}

_MANNERS = {
    EndCallbacks.PROBING: _Manner(_APACHE, redirects=5, accepts=frozenset({200}), probes=True),
    EndCallbacks.FOLLOWING: _Manner(_APACHE, redirects=50),
    EndCallbacks.STRICT: _Manner(
        {"Host": WHEN_SENT, "User-Agent": "Mozilla", "Accept-Language": "en-US,en;q=0.8"}, redirects=0
    ),
}


def meeting_ended(
    meeting: Meeting, *, form: EndCallbacks, schedule: Sequence[float], is_wanted: Callable[[], bool]
) -> list[Callback]:
    """Return what to tell the addresses that create named; breakout rooms end quietly."""
    manner = _MANNERS[form]
    callbacks = []
    for url in _urls(meeting):
        callback = Callback(
            kind="meeting-ended",
            meeting_id=meeting.meeting_id,
            method="GET",
            url=url,
            headers=manner.headers,
            schedule=tuple(schedule),
            accepts=manner.accepts,
            redirects=manner.redirects,
            is_wanted=is_wanted,
        )
        if manner.probes:
            callbacks.append(replace(callback, schedule=(0.0,)))
        callbacks.append(callback)
    return callbacks


def _urls(meeting: Meeting) -> list[str]:
    settings = meeting.settings
    if settings.is_breakout:
        return []
    urls = []
    if url := settings.metadata.get("endcallbackurl"):
        # One that cannot be read is noted as unusable when its turn comes; the meeting ends all the same.
        with suppress(ValueError):
            url = end_callback_url(url, recorded=meeting.was_recorded, meeting_id=meeting.meeting_id)
        urls.append(url)
    if settings.meeting_ended_url:
        urls.append(settings.meeting_ended_url)
    return urls


def end_callback_url(url: str, *, recorded: bool, meeting_id: str) -> str:
    """Return the registered address with the two parameters the server appends.

    Java's URIBuilder, which the server uses, reads the existing query and writes it again as a form would:
    a raw colon comes back as %3A, a space as a plus.
    """
    parts = urlsplit(url)
    pairs = []
    for pair in parts.query.split("&") if parts.query else []:
        name, equals, value = pair.partition("=")
        pairs.append(_recode(name) + (f"={_recode(value)}" if equals else ""))
    pairs += [f"recordingmarks={'true' if recorded else 'false'}", f"meetingID={form_text(meeting_id)}"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), parts.fragment))


def _recode(text: str) -> str:
    return form_text(parse_qsl(f"x={text}", keep_blank_values=True)[0][1])
