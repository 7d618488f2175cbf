"""Whether anybody polls, calls back and works, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery, Heartbeat

#: Beat polls each ten seconds and cron each minute: after this somebody should look.
SILENT_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A sentence about somebody who should be at work, and whether all is well."""

    is_well: bool
    text: str


def signs_of_life() -> list[Sign]:
    """Return a sentence each about the poll, callbacks and the worker; calls no server."""
    now = timezone.now()
    seen = dict(Heartbeat.objects.values_list("name", "beaten_at"))
    polled, worked = (_age(seen.get(name), now) for name in (Heartbeat.Name.POLL, Heartbeat.Name.WORKER))
    return [_poll(polled), _callbacks(now), _worker(worked, polled)]


def _age(moment: datetime | None, now: datetime) -> timedelta | None:
    return None if moment is None else max(now - moment, timedelta())


def _is_fresh(age: timedelta | None) -> bool:
    return age is not None and age < SILENT_AFTER


def _poll(age: timedelta | None) -> Sign:
    if age is None:
        return Sign(is_well=False, text=_("Nobody has polled the servers yet: run beat and a worker, or cron."))
    text = _("Polled %(time)s ago.") if _is_fresh(age) else _("No poll for %(time)s: is beat running, or cron?")
    return Sign(is_well=_is_fresh(age), text=text % {"time": in_words(age)})


def _callbacks(now: datetime) -> Sign:
    if not conf.CALLBACK_BASE_URL:
        text = _("No callbacks are asked for, since CALLBACK_BASE_URL is not set; polls find out the same, later.")
        return Sign(is_well=True, text=text)
    late = CallbackDelivery.objects.due().filter(next_try_at__lt=now - SILENT_AFTER).count()
    if late:
        text = ngettext(
            "%(count)d callback waits to be worked off.", "%(count)d callbacks wait to be worked off.", late
        )
        return Sign(is_well=False, text=text % {"count": late})
    age = _age(CallbackDelivery.objects.aggregate(newest=Max("asked_at"))["newest"], now)
    if age is None:
        return Sign(is_well=True, text=_("No callback has come yet."))
    return Sign(is_well=True, text=_("The last callback came %(time)s ago.") % {"time": in_words(age)})


def _worker(age: timedelta | None, polled: timedelta | None) -> Sign:
    if age is not None and _is_fresh(age):
        return Sign(is_well=True, text=_("A worker was busy %(time)s ago.") % {"time": in_words(age)})
    if _is_fresh(polled):
        text = _("No worker is heard of; somebody runs bbb_poll, which does the same.")
        return Sign(is_well=True, text=text)
    if age is None:
        return Sign(is_well=False, text=_("No worker has been heard of yet: is one running?"))
    return Sign(is_well=False, text=_("No worker for %(time)s: is one running?") % {"time": in_words(age)})


_UNITS: tuple[tuple[int, Callable[[int], str]], ...] = (
    (24 * 3600, lambda count: ngettext("%(count)d day", "%(count)d days", count)),
    (3600, lambda count: ngettext("%(count)d hour", "%(count)d hours", count)),
    (60, lambda count: ngettext("%(count)d minute", "%(count)d minutes", count)),
    (1, lambda count: ngettext("%(count)d second", "%(count)d seconds", count)),
)


def in_words(age: timedelta) -> str:
    """Return a time in its largest unit: ``8 seconds``, ``5 minutes``."""
    seconds = int(age.total_seconds())
    length, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    count = seconds // length
    return unit(count) % {"count": count}
