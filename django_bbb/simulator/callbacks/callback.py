"""A request to somebody else's site, and what came of one try to make it."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

CallbackKind = Literal["meeting-ended", "recording-ready", "analytics", "webhook"]

SUCCESS = range(200, 300)

#: Stands for the value of a header that is known when the request is made.
WHEN_SENT = None

Headers = Mapping[str, str | None]


def _always() -> bool:
    return True


def _nothing() -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One thing to tell one address."""

    kind: CallbackKind
    meeting_id: str
    method: Literal["GET", "POST"]
    url: str = field(repr=False)
    #: In the order in which they are sent; Host and Content-Length say where, and not what.
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False, default=b"")
    #: Seconds before each attempt.
    schedule: tuple[float, ...] = (0.0,)
    #: Seconds between all further attempts; None means that there are none.
    interval: float | None = None
    #: The statuses that say that it has arrived.
    accepts: Container[int] = SUCCESS
    #: The statuses that say no for good.
    final: Container[int] = ()
    #: How many redirects are followed.
    redirects: int = 0
    #: Seconds to wait for an answer; None leaves it to who sends.
    timeout: float | None = None
    #: Not what the server would have sent.
    forged: bool = False
    #: Asked before each attempt: is it still to be sent?
    is_wanted: Callable[[], bool] = field(default=_always, repr=False)
    #: Called when the last attempt has failed.
    on_failure: Callable[[], None] = field(default=_nothing, repr=False)
    #: What to try next where this one is refused.
    fallback: "Callback | None" = field(default=None, repr=False)

    def delay(self, attempt: int) -> float | None:
        """Return the seconds before an attempt, counted from 1; None if there is no such attempt."""
        return self.schedule[attempt - 1] if attempt <= len(self.schedule) else self.interval


@dataclass(frozen=True, kw_only=True)
class CallbackAttempt:
    """One try to deliver one callback, and what came of it."""

    kind: CallbackKind
    meeting_id: str
    #: Scheme and host; path and query hold tokens.
    url: str
    attempt: int
    #: What the receiver answered; None if it did not.
    status: int | None = None
    #: The kind of failure when there was no answer, or "".
    error: str = ""
    #: Never sent, because callbacks are being lost.
    lost: bool = False
    #: There will be no further attempt, and the receiver has not accepted.
    given_up: bool = False
    #: Sent by somebody who is not the server.
    forged: bool = False
    callback: Callback = field(repr=False)

    @classmethod
    def of(
        cls,
        callback: Callback,
        *,
        attempt: int,
        status: int | None = None,
        error: str = "",
        lost: bool = False,
        given_up: bool = False,
    ) -> "CallbackAttempt":
        return cls(
            kind=callback.kind,
            meeting_id=callback.meeting_id,
            url=_site(callback.url),
            attempt=attempt,
            status=status,
            error=error,
            lost=lost,
            given_up=given_up,
            forged=callback.forged,
            callback=callback,
        )

    def raw_url(self) -> str:
        """Return the whole address, tokens included: for tests, never for a log."""
        return self.callback.url

    def headers(self) -> dict[str, str]:
        """Return the headers, tokens included: for tests, never for a log."""
        return {name: value for name, value in self.callback.headers.items() if value is not None}

    def body(self) -> bytes:
        """Return what was posted: for tests, never for a log."""
        return self.callback.body


def _site(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if parts.scheme and host else ""
