"""What a site can listen to.  All are sent after commit; what a receiver raises is logged and stops nothing.

Each is sent at least once: after a crash between commit and sending, work is done again.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)

#: A class has begun: the server has created it.  Arguments: ``session``.
meeting_started = Signal()

#: A class is over, and the server has confirmed it.  Arguments: ``session``.
meeting_ended = Signal()

#: A recording has a new format to watch.
#: Arguments: ``recording``, ``formats`` (the new ones' types), ``first_time`` (whether it had none before).
recording_ready = Signal()

#: A recording was deleted, here or on its server.  Arguments: ``recording``.
recording_deleted = Signal()


def announce(signal: Signal, *, sender: type, **arguments: Any) -> None:
    """Send a signal once the transaction under way is committed, and log what receivers raise."""

    def send() -> None:
        for receiver, result in signal.send_robust(sender=sender, **arguments):
            if isinstance(result, Exception):
                logger.error("The receiver %s of a signal raised.", _name(receiver), exc_info=result)

    transaction.on_commit(send)


def _name(receiver: Callable[..., Any]) -> str:
    return getattr(receiver, "__qualname__", type(receiver).__name__)
