"""What is not needed any more is forgotten."""

from datetime import timedelta

from django.utils import timezone

from django_bbb.conf import conf
from django_bbb.models import Attendance, CallbackDelivery, ServerLoad, WrongTry

from .codes import PERIOD

#: How long the minutes of a server are kept.
KEEP_LOADS = timedelta(days=7)


def forget_what_is_old() -> dict[str, int]:
    """Delete what is older than this site keeps it; return how many rows of each kind."""
    now = timezone.now()
    callbacks = CallbackDelivery.objects
    # Killed in the last moment, a worker leaves what it has taken over.
    callbacks.worked_off().exclude(payload={}).update(payload={})
    return {
        "loads": ServerLoad.objects.older_than(KEEP_LOADS, now=now).delete()[0],
        "callbacks": callbacks.forgettable(now - conf.KEEP_CALLBACKS).delete()[0],
        "tries": WrongTry.objects.filter(period__lt=now - 2 * PERIOD).delete()[0],
        "attendance": Attendance.objects.older_than(now - conf.KEEP_ATTENDANCE).delete()[0],
    }
