"""Telling the project what happened, by signals: after commit, and at least once.

What is to be told is written down in the transaction of the change, and struck out when it was told: a process that
is killed in between leaves a row, and the sweep tells it then.  Where nobody listens nothing is written.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db import models, transaction
from django.dispatch import Signal

from django_bbb import signals
from django_bbb.models import Announcement, MeetingSession, Recording

logger = logging.getLogger(__name__)

#: The signals by name: whom each is about, and the name of that argument.
_SIGNALS: Mapping[str, tuple[Signal, type[models.Model], str]] = {
    "meeting_started": (signals.meeting_started, MeetingSession, "session"),
    "meeting_ended": (signals.meeting_ended, MeetingSession, "session"),
    "recording_ready": (signals.recording_ready, Recording, "recording"),
    "recording_deleted": (signals.recording_deleted, Recording, "recording"),
}


def has_listeners(signal: str) -> bool:
    """Return whether anybody wants to be told."""
    found, sender, _argument = _SIGNALS[signal]
    return bool(found.has_listeners(sender))


def announce(signal: str, about: models.Model, **facts: Any) -> None:
    """Tell the project once the transaction under way is committed; call it in that of the change itself.

    ``facts`` are the signal's other arguments, as JSON.
    """
    if not has_listeners(signal):
        return
    using = about._state.db
    row = Announcement.objects.using(using).write_down(signal, about, facts)
    transaction.on_commit(partial(_tell, row, about), using=using)


def sweep(*, limit: int = 500) -> int:
    """Tell what was left untold by processes that died; return how much."""
    told = 0
    for row in Announcement.objects.due()[:limit]:
        if not Announcement.objects.take_lease(row):
            continue
        _signal, sender, _argument = _SIGNALS[row.signal]
        about = sender._default_manager.filter(pk=row.subject).first()
        if about is not None:
            _tell(row, about)
            told += 1
        else:
            row.delete()
    return told


def _tell(row: Announcement, about: models.Model) -> None:
    signal, sender, argument = _SIGNALS[row.signal]
    for receiver, result in signal.send_robust(sender=sender, **{argument: about}, **row.facts):
        if isinstance(result, Exception):
            # Not told again: the others have heard it.
            logger.error("The receiver %s of a signal raised.", _name(receiver), exc_info=result)
    row.delete()


def _name(receiver: Callable[..., Any]) -> str:
    return getattr(receiver, "__qualname__", type(receiver).__name__)
