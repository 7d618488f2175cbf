"""Callbacks: what was asked for is worked off here, by asking the server.

The row in the inbox is the guarantee, the task queue only its messenger: what a lost task leaves behind is found
by the sweep.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from django_bbb.api import BBBError, RecordingReady
from django_bbb.models import CallbackDelivery, MeetingSession, Recording, Server

from . import addresses, meetings, recordings

logger = logging.getLogger(__name__)

Kind = CallbackDelivery.Kind

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)


class TryAgainLater(Exception):
    """Nothing is wrong, only too early."""


# --- note ---------------------------------------------------------------------------------------------


def note_meeting_ended(*, token: str, recording_marks: str | None) -> CallbackDelivery | None:
    """Note that a class is said to be over; None for a run this site no longer has.

    Raises `django.core.signing.BadSignature` for a token that is not ours.  ``recording_marks`` is the text
    of that parameter, ``true`` or ``false``.
    """
    uuid = addresses.read_token(token, kind=Kind.MEETING_ENDED)
    session = MeetingSession.objects.filter(uuid=uuid).select_related("server").first()
    if session is None:
        logger.info("A class this site does not have any more has ended.")
        return None
    payload: dict[str, object] = {}
    if recording_marks in ("true", "false"):
        payload["recording_marks"] = recording_marks == "true"
    return CallbackDelivery.objects.note(kind=Kind.MEETING_ENDED, server=session.server, subject=uuid, payload=payload)


def note_recording_ready(*, server: Server, event: RecordingReady) -> CallbackDelivery | None:
    """Note that a recording has something new; None for one that was deleted here."""
    deleted = Recording.objects.filter(server=server, record_id=event.record_id, deleted_at__isnull=False)
    if deleted.exists():
        return None
    return CallbackDelivery.objects.note(kind=Kind.RECORDING_READY, server=server, subject=event.record_id)


# --- work off -----------------------------------------------------------------------------------------


def process(*, delivery_id: int) -> bool:
    """Do what a callback asked for; whether it is done.  Safe to run twice, also at the same time."""
    delivery = CallbackDelivery.objects.take_lease(delivery_id)
    if delivery is None:
        return False
    row = CallbackDelivery.objects.filter(pk=delivery_id)
    # What is asked for while this runs is left open: `asked` as it was at the start is what gets done.
    asked = delivery.asked
    try:
        HANDLERS[delivery.kind](delivery)
    except TryAgainLater:
        row.update(lease_until=None, next_try_at=timezone.now() + meetings.CHECK_AT_MOST_EVERY)
        return False
    except Exception as error:
        if not isinstance(error, BBBError):
            logger.exception("Callback %s failed.", delivery)
        pause = min(_FIRST_PAUSE * 2**delivery.tries, _LONGEST_PAUSE)
        row.update(
            lease_until=None,
            tries=F("tries") + 1,
            next_try_at=timezone.now() + pause,
            last_error=f"{type(error).__name__}: {error}"[:2000],
        )
        return False
    row.update(lease_until=None, done=asked, tries=0, last_error="")
    return True


def _meeting_ended(delivery: CallbackDelivery) -> None:
    session = MeetingSession.objects.select_related("server", "meeting").get(uuid=delivery.subject)
    marks = delivery.payload.get("recording_marks")
    if not session.is_open:
        _take_over_marks(session, marks)
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
        _take_over_marks(session, marks)


def _take_over_marks(session: MeetingSession, marks: bool | None) -> None:
    """The poll may have closed the class first: only the callback says whether it was recorded."""
    if marks is not None:
        unknown = MeetingSession.objects.filter(pk=session.pk, has_recording_marks__isnull=True)
        unknown.update(has_recording_marks=marks, **({} if marks else {"look_at": None}))


def _recording_ready(delivery: CallbackDelivery) -> None:
    recordings.refresh_recordings(server=delivery.server, record_ids=[delivery.subject])


#: Which kind does what.
HANDLERS: dict[str, Callable[[CallbackDelivery], None]] = {
    Kind.MEETING_ENDED: _meeting_ended,
    Kind.RECORDING_READY: _recording_ready,
}


def sweep(*, limit: int = 500) -> int:
    """Work off what is due and whose task got lost; return how many were done."""
    due = list(CallbackDelivery.objects.due().order_by("next_try_at").values_list("pk", flat=True)[:limit])
    return sum(process(delivery_id=pk) for pk in due)


def try_again(*, delivery: CallbackDelivery) -> None:
    """Give a parked callback all its tries once more."""
    CallbackDelivery.objects.filter(pk=delivery.pk).update(tries=0, next_try_at=timezone.now())
