"""Tells other sites what happened, with the very requests that the real senders make.

End of a meeting: `CallbackUrlService.java` and `MeetingService.java` (bbb-common-web), newest form.
Recording ready: `post_publish_recording_ready_callback.rb` (record-and-playback).
"""

import http.client
import logging
import queue
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from .meetings import Meeting
from .recordings import Recording
from .scheduler import Scheduler
from .tokens import signed_parameters

logger = logging.getLogger(__name__)

#: Seconds before each attempt of an end callback, counted from the one before.
RETRY_SCHEDULE = (0.0, 30.0, 60.0, 120.0, 300.0)

CallbackKind = Literal["meeting-ended", "recording-ready"]


@dataclass(frozen=True, kw_only=True)
class CallbackAttempt:
    """One try to deliver one callback, and what came of it."""

    kind: CallbackKind
    meeting_id: str
    #: The address without its query, which holds tokens.
    url: str
    attempt: int
    #: What the receiver answered; None if it did not.
    status: int | None
    #: The kind of failure when there was no answer, or "".
    error: str = ""
    #: Never sent, because callbacks are being lost.
    lost: bool = False
    #: There will be no further attempt, and the receiver has not accepted.
    given_up: bool = False
    _raw_url: str = field(repr=False)
    _body: bytes = field(repr=False, default=b"")

    def raw_url(self) -> str:
        """Return the whole address, tokens included: for tests, never for a log."""
        return self._raw_url

    def body(self) -> bytes:
        """Return what was posted: for tests, never for a log."""
        return self._body


@dataclass(frozen=True, kw_only=True)
class _Callback:
    kind: CallbackKind
    meeting_id: str
    method: Literal["GET", "POST"]
    url: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = field(repr=False, default=b"")
    #: Seconds before each attempt.
    schedule: tuple[float, ...] = (0.0,)
    generation: int = 0


class CallbackSender:
    """A queue in memory and one thread for it: one slow receiver delays everybody, as on a real server."""

    def __init__(
        self,
        *,
        secret: str,
        scheduler: Scheduler,
        retry_schedule: Sequence[float],
        timeout: float,
        lose: bool,
    ) -> None:
        self.lose = lose
        self._secret = secret
        self._scheduler = scheduler
        self._retry_schedule = tuple(retry_schedule)
        self._timeout = timeout
        self._queue: queue.SimpleQueue[tuple[_Callback, int] | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        #: Callbacks that are neither delivered nor given up, those waiting for another attempt included.
        self._pending = 0
        #: Attempts in the queue or being made.
        self._busy = 0
        self._generation = 0
        self._log: list[CallbackAttempt] = []
        self._connection: http.client.HTTPConnection | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="bbb-simulator-callbacks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread at once; a receiver that is slow to answer is left alone."""
        with self._changed:
            self._stopped = True
            connection = self._connection
            self._changed.notify_all()
        self._queue.put(None)
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(timeout=5)

    def attempts(self) -> list[CallbackAttempt]:
        with self._changed:
            return list(self._log)

    def meeting_ended(self, meeting: Meeting) -> None:
        """Tell the addresses that create named; breakout rooms end quietly."""
        settings = meeting.settings
        if settings.is_breakout:
            return
        headers = {"User-Agent": "Mozilla", "Accept-Language": "en-US,en;q=0.8"}
        urls = []
        if url := settings.metadata.get("endcallbackurl"):
            # One that cannot be read is noted as unusable when its turn comes; the meeting ends all the same.
            with suppress(ValueError):
                url = end_callback_url(url, recorded=meeting.was_recorded, meeting_id=meeting.meeting_id)
            urls.append(url)
        if settings.meeting_ended_url:
            urls.append(settings.meeting_ended_url)
        for url in urls:
            self._send(
                _Callback(
                    kind="meeting-ended",
                    meeting_id=meeting.meeting_id,
                    method="GET",
                    url=url,
                    headers=headers,
                    schedule=self._retry_schedule,
                    generation=self._generation,
                )
            )

    def recording_ready(self, recording: Recording) -> None:
        """Announce a recording, once: the script that does it never tries again."""
        if not recording.ready_url:
            return
        token = signed_parameters(meeting_id=recording.meeting_id, record_id=recording.record_id, secret=self._secret)
        self._send(
            _Callback(
                kind="recording-ready",
                meeting_id=recording.meeting_id,
                method="POST",
                url=recording.ready_url,
                # Beside the content type, what Ruby's Net::HTTP says by itself.
                headers={
                    "Accept-Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
                    "Accept": "*/*",
                    "User-Agent": "Ruby",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                body=f"signed_parameters={token}".encode(),
            )
        )

    def forget(self) -> None:
        """Drop the end callbacks that wait: their queue lives in the memory of a server that restarts."""
        with self._changed:
            self._generation += 1

    def is_idle(self) -> bool:
        with self._changed:
            return self._pending == 0

    def wait(self, *, timeout: float) -> bool:
        """Block until every callback is delivered or given up; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0, timeout=timeout)

    def wait_until_quiet(self, *, timeout: float) -> bool:
        """Block until no attempt is being made or due; later attempts may still be planned."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout=timeout)

    def _send(self, callback: _Callback) -> None:
        if self.lose:
            self._note(callback, attempt=0, lost=True, given_up=True)
            return
        with self._changed:
            self._pending += 1
        self._plan(callback, 1)

    def _plan(self, callback: _Callback, attempt: int) -> None:
        delay = callback.schedule[attempt - 1]
        if delay <= 0:
            self._enqueue(callback, attempt)
        else:
            self._scheduler.schedule(delay, lambda: self._enqueue(callback, attempt), kind="callback")

    def _enqueue(self, callback: _Callback, attempt: int) -> None:
        with self._changed:
            self._busy += 1
        self._queue.put((callback, attempt))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            callback, attempt = item
            another = not self._stopped and self._attempt(callback, attempt)
            if another:
                self._plan(callback, attempt + 1)
            with self._changed:
                self._busy -= 1
                self._pending -= not another
                self._changed.notify_all()

    def _attempt(self, callback: _Callback, attempt: int) -> bool:
        """Try once; return whether to try again."""
        if callback.kind == "meeting-ended" and callback.generation != self._generation:
            self._note(callback, attempt=attempt, lost=True, given_up=True)
            return False
        status, error = None, ""
        try:
            status = self._deliver(callback)
        except (http.client.InvalidURL, UnicodeError, ValueError):
            # An address that cannot be understood is dropped for good.
            self._note(callback, attempt=attempt, error="unusable address", given_up=True)
            return False
        except (OSError, http.client.HTTPException) as failure:
            error = type(failure).__name__
        accepted = status is not None and 200 <= status < 300
        given_up = not accepted and attempt >= len(callback.schedule)
        self._note(callback, attempt=attempt, status=status, error=error, given_up=given_up)
        return not accepted and not given_up

    def _deliver(self, callback: _Callback) -> int:
        """Make the request and return the status; redirects are not followed."""
        parts = urlsplit(callback.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not an http(s) address")
        secure = parts.scheme == "https"
        connection_class = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connection_class(parts.hostname, parts.port, timeout=self._timeout)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        try:
            with self._changed:
                self._connection = connection
            connection.putrequest(callback.method, target, skip_accept_encoding=True)
            for name, value in callback.headers.items():
                connection.putheader(name, value)
            if callback.method == "POST":
                connection.putheader("Content-Length", str(len(callback.body)))
            connection.endheaders(callback.body or None)
            return connection.getresponse().status
        finally:
            with self._changed:
                self._connection = None
            connection.close()

    def _note(
        self,
        callback: _Callback,
        *,
        attempt: int,
        status: int | None = None,
        error: str = "",
        lost: bool = False,
        given_up: bool = False,
    ) -> None:
        entry = CallbackAttempt(
            kind=callback.kind,
            meeting_id=callback.meeting_id,
            url=callback.url.partition("?")[0],
            attempt=attempt,
            status=status,
            error=error,
            lost=lost,
            given_up=given_up,
            _raw_url=callback.url,
            _body=callback.body,
        )
        with self._changed:
            self._log.append(entry)


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
    pairs += [f"recordingmarks={'true' if recorded else 'false'}", f"meetingID={_form(meeting_id)}"]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), parts.fragment))


def _recode(text: str) -> str:
    return _form(parse_qsl(f"x={text}", keep_blank_values=True)[0][1])


def _form(text: str) -> str:
    """Encode as `application/x-www-form-urlencoded` does in Java: `*` stays, `~` does not."""
    return quote_plus(text, safe="*").replace("~", "%7E")
