"""Callbacks: what was asked for is noted, and worked off later by asking the server.

The row in the inbox is the guarantee, the task queue only its messenger: what a lost task leaves behind is found
by the sweep.
"""

import logging
import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from django_bbb.api import AnalyticsReport, BBBError, RecordingReady, ServerUnreachable, UntrustedCallback
from django_bbb.api.callbacks import RECORD_ID, MeetingEnded, RecordingChanged, RecordingPublished, WebhookEvent
from django_bbb.conf import conf
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import CallbackDelivery, Meeting, MeetingSession, Recording, Server
from django_bbb.models.callbacks import REST, Noted

from . import addresses, announcing, attendance, events, meetings, mirroring, recordings, servers

logger = logging.getLogger(__name__)

Kind = CallbackDelivery.Kind

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)

#: Kinds whose work is a question to the server: none is asked while it is left out.
_ASK_THE_SERVER = frozenset({Kind.MEETING_ENDED, Kind.RECORDING_READY})


class TryAgainLater(Exception):
    """Nothing is wrong, only too early."""


# --- note ---------------------------------------------------------------------------------------------


def session_of(token: str, *, kind: str) -> MeetingSession | None:
    """Return the run a callback's token was made for; None for one this site no longer has.

    Raises `django.core.signing.BadSignature` for a token that is not ours, or of another kind.
    """
    uuid = addresses.read_token(token, kind=kind)
    return MeetingSession.objects.filter(uuid=uuid).select_related("server", "meeting").first()


def note_meeting_ended(*, token: str, recording_marks: str | None) -> Noted | None:
    """Note that a class is said to be over; None for a run this site no longer has.

    Raises `django.core.signing.BadSignature` for a token that is not ours.  ``recording_marks`` is the text
    of that parameter, ``true`` or ``false``.
    """
    session = session_of(token, kind=Kind.MEETING_ENDED)
    if session is None:
        logger.info("A class this site does not have any more has ended.")
        return None
    payload: dict[str, Any] = {}
    if recording_marks in ("true", "false"):
        payload["recording_marks"] = recording_marks == "true"
    return _note(
        kind=Kind.MEETING_ENDED,
        server=session.server,
        subject=str(session.uuid),
        payload=payload,
        # The address is public: a "no" that somebody else says does not hide the server's own "yes".
        replaces=payload.get("recording_marks", False),
    )


def note_recording_ready(*, server: Server, event: RecordingReady) -> Noted | None:
    """Note that a recording has something new; None for one that was deleted here."""
    deleted = Recording.objects.tombstone(server, event.record_id)
    return _note(kind=Kind.RECORDING_READY, server=server, subject=event.record_id, unless=deleted)


def note_report(*, session: MeetingSession, report: AnalyticsReport) -> Noted | None:
    """Note a server's report on a class; None for one that nothing is to be taken over of.

    Raises `django_bbb.api.UntrustedCallback` for one on another class than the address it was sent to is for.
    """
    is_of_this_run = not session.internal_id or report.internal_meeting_id in ("", session.internal_id)
    if report.meeting_id != session.meeting.meeting_id or not is_of_this_run:
        if report.metadata.get("is_breakout") == "true":
            return None  # a breakout room has the addresses of the class it was opened in
        raise UntrustedCallback("The report is on another class.")
    if session.reported_at is not None or not attendance.is_kept():
        return None
    payload = attendance.facts_of(report)
    return _note(kind=Kind.ANALYTICS, server=session.server, subject=str(session.uuid), payload=payload)


def note_events(*, server: Server, found: Iterable[WebhookEvent]) -> list[Noted]:
    """Note what a server's bbb-webhooks tells; of rooms that are none of ours nothing is noted."""
    noted = (_note_event(server, event) for event in found if _may_be_ours(event))
    return [one for one in noted if one is not None]


def _may_be_ours(event: WebhookEvent) -> bool:
    """Return whether an event is about a room of ours; the server forgets after a week whose a recording is."""
    room = event.meeting_id
    return not room or Meeting.objects.filter(meeting_id=room).exists()


def _note_event(server: Server, event: WebhookEvent) -> Noted | None:
    """Note an event as the thing that is to be done about it, which another callback may ask for as well."""
    if isinstance(event, RecordingChanged | RecordingPublished):
        if not RECORD_ID.fullmatch(event.record_id):
            return None
        ready = RecordingReady(meeting_id=event.meeting_id, record_id=event.record_id)
        return note_recording_ready(server=server, event=ready)
    if isinstance(event, MeetingEnded):
        run = MeetingSession.objects.filter(server=server, internal_id=event.internal_meeting_id).first()
        return _note(kind=Kind.MEETING_ENDED, server=server, subject=str(run.uuid)) if run is not None else None
    facts = events.facts_of(event)
    if facts is None:
        return None
    return _note(kind=Kind.WEBHOOK, server=server, subject=events.name_of(facts), payload=facts)


def _note(**row: Any) -> Noted | None:
    return mirroring.trying_again(
        partial(CallbackDelivery.objects.note, **row), using=mirroring.database_of(row["server"])
    )


# --- work off -----------------------------------------------------------------------------------------


def process(*, delivery_id: int) -> bool:
    """Do what a callback asked for; whether it is done.  Safe to run twice, also at the same time."""
    delivery = CallbackDelivery.objects.take_lease(delivery_id)
    if delivery is None:
        return False
    # Another may have it by now, if this took too long.
    row = CallbackDelivery.objects.filter(pk=delivery_id, lease_until=delivery.lease_until)
    now, waits_until = timezone.now(), delivery.server.next_try_at
    if delivery.kind in _ASK_THE_SERVER and waits_until is not None and waits_until > now:
        row.update(lease_until=None, next_try_at=waits_until)
        return False
    try:
        HANDLERS[delivery.kind](delivery)
    except TryAgainLater:
        row.update(lease_until=None, next_try_at=now + meetings.CHECK_AT_MOST_EVERY)
        return False
    except Exception as error:
        row.update(lease_until=None, **_after_failure(delivery, error))
        return False
    # What was asked for while this ran is left open: `asked` as it was at the start is what got done.
    rested = timezone.now() + REST
    row.update(lease_until=None, done=delivery.asked, tries=0, last_error="", next_try_at=rested)
    if delivery.payload:  # personal data, and of no more use
        CallbackDelivery.objects.worked_off().filter(pk=delivery_id).update(payload={})
    return True


def _after_failure(delivery: CallbackDelivery, error: Exception) -> dict[str, Any]:
    """Return what a failure makes of a row.  One that keeps failing is parked, unless it is the server's fault."""
    if not isinstance(error, BBBError | ServerNotConfigured):
        logger.exception("Callback %s failed.", delivery)
    tries: Any = F("tries") + 1
    if isinstance(error, ServerUnreachable | ServerNotConfigured):
        servers.note_failure(server=delivery.server, error=error)
        tries = Least(tries, conf.CALLBACK_TRIES - 1)
    pause = min(_FIRST_PAUSE * 2**delivery.tries, _LONGEST_PAUSE)
    return {
        "tries": tries,
        # Not all at the same moment when the server is back.
        "next_try_at": timezone.now() + pause * random.uniform(0.5, 1),  # noqa: S311 - nothing to guess
        "last_error": f"{type(error).__name__}: {error}"[:2000],
    }


def _meeting_ended(delivery: CallbackDelivery) -> None:
    session = _session(delivery)
    if session is None:
        return
    marks = delivery.payload.get("recording_marks")
    if not session.is_open:
        _take_over(session, marks)
        return
    still_there = meetings.check_session(
        session=session, reason=MeetingSession.EndReason.ENDED, has_recording_marks=marks
    )
    if still_there is None:
        # Somebody else has just asked, and may close the class before we do: what only we know goes along.
        if marks:
            MeetingSession.objects.open().filter(pk=session.pk).update(has_recording_marks=True)
        raise TryAgainLater
    if not still_there:
        _take_over(session, marks)


def _take_over(session: MeetingSession, marks: bool | None) -> None:
    """The poll may have closed the class first: only the callback says that it was ended, and whether recorded.

    Nobody signs that, and the address is public: a "no" stops nobody from looking for the recording.
    """
    row = MeetingSession.objects.filter(pk=session.pk)
    row.filter(end_reason=MeetingSession.EndReason.GONE).update(end_reason=MeetingSession.EndReason.ENDED)
    if marks:
        row.exclude(has_recording_marks=True).update(has_recording_marks=True)
    elif marks is not None:
        row.filter(has_recording_marks__isnull=True).update(has_recording_marks=False)


def _recording_ready(delivery: CallbackDelivery) -> None:
    recordings.refresh_recordings(server=delivery.server, record_ids=[delivery.subject])


def _analytics(delivery: CallbackDelivery) -> None:
    session = _session(delivery)
    if session is not None:
        attendance.note_report(session=session, facts=delivery.payload)


def _session(delivery: CallbackDelivery) -> MeetingSession | None:
    """Return the run a callback is about; None when it has been deleted meanwhile, and nothing is left to be done."""
    return MeetingSession.objects.select_related("server", "meeting").filter(uuid=delivery.subject).first()


def _webhook(delivery: CallbackDelivery) -> None:
    events.take_over(server=delivery.server, facts=delivery.payload)


#: Which kind does what.
HANDLERS: dict[str, Callable[[CallbackDelivery], None]] = {
    Kind.MEETING_ENDED: _meeting_ended,
    Kind.RECORDING_READY: _recording_ready,
    Kind.ANALYTICS: _analytics,
    Kind.WEBHOOK: _webhook,
}


def sweep(*, limit: int = 500, seconds: float = 45) -> int:
    """Work off what is due and whose task got lost; return how many were done.

    ``seconds`` is after how long the rest is left to the next sweep.  Signals that a process died over are sent.
    """
    until = monotonic() + seconds
    announcing.sweep()
    due = CallbackDelivery.objects.due().order_by("next_try_at").values_list("pk", flat=True)[:limit]
    return sum(process(delivery_id=pk) for pk in list(due) if monotonic() < until)


def try_again(*, delivery: CallbackDelivery) -> None:
    """Give a parked callback all its tries once more."""
    CallbackDelivery.objects.filter(pk=delivery.pk).update(tries=0, next_try_at=timezone.now())
