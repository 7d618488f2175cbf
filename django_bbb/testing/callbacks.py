"""Callbacks delivered to the site under test, with the bytes the simulator's server would send."""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.test import Client

from django_bbb.models import Meeting, Recording
from django_bbb.services import callbacks
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.callbacks import Callback, CallbackKind, Forgery
from django_bbb.simulator.callbacks.forgery import forge

#: Makes the request and returns the status of the answer.
Send = Callable[[Callback], int]


class NothingToDeliver(LookupError):
    """There is no such callback; the text says what is missing."""


class Callbacks:
    """Delivers callbacks when a test says so; each method returns the statuses of the site's answers.

    forged: how the proof is wrong, such as "wrong-secret" (`django_bbb.simulator.callbacks.Forgery`).
    times: how often the same bytes are delivered.
    """

    def __init__(self, simulator: BigBlueButtonSimulator, *, send: Send) -> None:
        self._simulator = simulator
        self._send = send

    def meeting_ended(self, meeting: Meeting, *, forged: str | None = None, times: int = 1) -> list[int]:
        """End the class on the server, if it goes on, and tell the site; a forged callback ends nothing."""
        remote = self._simulator.meetings.get(meeting.meeting_id)
        if remote is None:
            return self._deliver(self._kept("meeting-ended", meeting), forged=forged, times=times)
        if forged is None:
            # With live_server the simulator would tell the site by itself, once more.
            self._simulator.delivery.lose("meeting-ended", times=1)
            self._simulator.end_meeting(meeting.meeting_id)
        return self._deliver(self._simulator.callbacks_about("meeting-ended", remote), forged=forged, times=times)

    def recording_ready(self, recording: Recording, *, forged: str | None = None, times: int = 1) -> list[int]:
        """Announce a recording that is on the server."""
        remote = self._simulator.recordings.get(recording.record_id)
        if remote is None:
            raise NothingToDeliver(f"The simulator has no recording {recording.record_id}.")
        found = self._simulator.callbacks_about("recording-ready", remote)
        return self._deliver(found, forged=forged, times=times)

    def analytics(self, meeting: Meeting, *, forged: str | None = None, times: int = 1) -> list[int]:
        """Report on a class that goes on, as it is until now."""
        return self._about_class("analytics", meeting, forged=forged, times=times)

    def webhook(self, meeting: Meeting, *, forged: str | None = None, times: int = 1) -> list[int]:
        """Tell the site's hooks what happened last in a class that goes on."""
        return self._about_class("webhook", meeting, forged=forged, times=times)

    def work_off(self) -> int:
        """Do what was asked for, as a worker would; return how many things were done."""
        return callbacks.sweep()

    def _about_class(self, kind: CallbackKind, meeting: Meeting, *, forged: str | None, times: int) -> list[int]:
        remote = self._simulator.meetings.get(meeting.meeting_id)
        if remote is None:
            raise NothingToDeliver(f"The simulator has no class of {meeting}; start it with start_meeting.")
        return self._deliver(self._simulator.callbacks_about(kind, remote), forged=forged, times=times)

    def _kept(self, kind: CallbackKind, meeting: Meeting) -> list[Callback]:
        """Return what the server wanted to tell of a class that is over."""
        found = [one.callback for one in self._simulator.callbacks if one.kind == kind]
        return [one for one in found if one.meeting_id == meeting.meeting_id][-1:]

    def _deliver(self, found: list[Callback], *, forged: str | None, times: int) -> list[int]:
        if not found:
            raise NothingToDeliver(
                "The server was not asked to tell the site. Start the class with start_meeting, in a test that uses "
                'bbb_server or sets DJANGO_BBB["CALLBACK_BASE_URL"]; events are asked for by register_hooks, where '
                'DJANGO_BBB["EVENTS"] says so.'
            )
        if forged is not None:
            found = [forge(one, Forgery(forged), secret=self._simulator.secret) for one in found]
        return [self._send(one) for one in found for _ in range(times)]


def send_by_test_client(callback: Callback) -> int:
    """Hand a callback to the site in this process, with its checks against forged forms switched on."""
    parts = urlsplit(callback.url)
    headers = _headers(callback)
    response = Client(enforce_csrf_checks=True).generic(
        callback.method,
        urlunsplit(("", "", parts.path, parts.query, "")),
        data=callback.body,
        content_type=headers.pop("Content-Type", ""),
        secure=parts.scheme == "https",
        headers=headers,
    )
    return response.status_code


def send_by_http(callback: Callback) -> int:
    """Send a callback to a site that listens, such as pytest-django's `live_server`."""
    parts = urlsplit(callback.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        target = urlunsplit(("", "", parts.path, parts.query, ""))
        connection.request(callback.method, target, body=callback.body or None, headers=_headers(callback))
        return connection.getresponse().status
    finally:
        connection.close()


def _headers(callback: Callback) -> dict[str, str]:
    return {name.title(): value for name, value in callback.headers.items() if value is not None}
