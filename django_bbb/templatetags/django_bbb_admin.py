"""``{% load django_bbb_admin %}``: what the admin shows above all models."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from django import template
from django.contrib.admin.utils import get_fields_from_path
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from django_bbb.services import now

register = template.Library()


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, where to read more of it, and whether somebody should."""

    text: str
    url: str
    is_trouble: bool = False


@register.inclusion_tag("admin/django_bbb/now.html", takes_context=True)
def bbb_now(context: template.Context) -> dict[str, Any]:
    """Show what goes on, as far as the person may look at it."""
    request = context["request"]
    site = getattr(request, "current_app", None) or "admin"
    lines = [
        line
        for model, tell in _LINES.items()
        if request.user.has_perm(f"django_bbb.view_{model}") or request.user.has_perm(f"django_bbb.change_{model}")
        for line in tell(_addresses(site, model))
    ]
    return {"lines": lines}


#: Gives the address of a page of a model, with what is behind the question mark.
Addresses = Callable[..., str]


def _addresses(site: str, model: str) -> Addresses:
    def address(page: str = "changelist", *args: object, query: str = "") -> str:
        return reverse(f"admin:django_bbb_{model}_{page}", args=args, current_app=site) + query

    return address


def _classes(address: Addresses) -> Iterator[Line]:
    classes, people = now.count_classes()
    if not classes:
        yield Line(_("No class is running."), address())
        return
    running = ngettext("%(count)d class is running", "%(count)d classes are running", classes) % {"count": classes}
    inside = ngettext("%(count)d person inside", "%(count)d people inside", people) % {"count": people}
    yield Line(_("%(running)s, with %(inside)s.") % {"running": running, "inside": inside}, address(query="?open=yes"))


def _servers(address: Addresses) -> Iterator[Line]:
    for server in now.servers_in_trouble():
        reason = server.get_failure_display() or _("it does not answer")
        text = _("Server “%(server)s” is in trouble: %(reason)s.") % {"server": server, "reason": reason}
        yield Line(text, address("change", server.pk), is_trouble=True)


def _recordings(address: Addresses) -> Iterator[Line]:
    if late := now.count_late_recordings():
        text = ngettext(
            "%(count)d recording has been in processing for more than %(hours)d hours.",
            "%(count)d recordings have been in processing for more than %(hours)d hours.",
            late,
        )
        hours = now.LATE_AFTER.total_seconds() // 3600
        yield Line(text % {"count": late, "hours": hours}, address(), is_trouble=True)


def _callbacks(address: Addresses) -> Iterator[Line]:
    if parked := now.count_given_up():
        text = ngettext("%(count)d callback was given up.", "%(count)d callbacks were given up.", parked)
        yield Line(text % {"count": parked}, address(query="?state=parked"), is_trouble=True)


#: What is told to those who may look at each.
_LINES: dict[str, Callable[[Addresses], Iterator[Line]]] = {
    "meetingsession": _classes,
    "server": _servers,
    "recording": _recordings,
    "callbackdelivery": _callbacks,
}


# --- years, months and days above a list ----------------------------------------------------------------

#: A year, a month of one, or a day; as many numbers as that takes.
Period = tuple[int, ...]


@register.inclusion_tag("admin/date_hierarchy.html")
def bbb_periods(cl: Any) -> dict[str, Any]:
    """Link the years, months or days from the first row to the last, as Django does above its lists.

    Empty ones too: to leave them out Django reads all rows there are.
    """
    name = cl.date_hierarchy
    rows = cl.root_queryset.prefetch_related(None).filter(**{f"{name}__isnull": False})
    moments = rows.order_by(name).values_list(name, flat=True)
    first, last = moments.first(), moments.last()
    if first is None:
        return {"show": False}

    def link(period: Period) -> str:
        lookups = {f"{name}__{unit}": part for unit, part in zip(_UNITS, period, strict=False)}
        address: str = cl.get_query_string(lookups, [f"{name}__"])
        return address

    asked = takewhile(bool, (cl.params.get(f"{name}__{unit}") for unit in _UNITS))
    chosen = tuple(int(part) for part in asked if part)
    above = {"link": link(chosen[:-1]), "title": _in_words(chosen[:-1])} if chosen else None
    periods = _parts_of(chosen, _day(first), _day(last))
    choices = [{"title": _in_words(one), "link": link(one) if one != chosen else ""} for one in periods]
    label = get_fields_from_path(cl.model, name)[-1].verbose_name
    return {"show": True, "back": above, "choices": choices, "field_name": label}


_UNITS = ("year", "month", "day")


def _day(moment: datetime) -> Period:
    return localdate(moment).timetuple()[:3]


def _parts_of(chosen: Period, first: Period, last: Period) -> list[Period]:
    """Return what a period consists of, as far as it lies between two days; a day of itself."""
    if len(chosen) == len(_UNITS):
        return [chosen]
    if not chosen:
        return [(year,) for year in range(first[0], last[0] + 1)]
    count = 12 if len(chosen) == 1 else monthrange(*chosen)[1]
    parts = [(*chosen, number) for number in range(1, count + 1)]
    return [part for part in parts if first[: len(part)] <= part <= last[: len(part)]]


def _in_words(period: Period) -> str:
    if not period:
        return _("All dates")
    if len(period) == 1:
        return str(period[0])
    day = date(*period, *((1,) if len(period) == 2 else ()))
    return capfirst(date_format(day, "YEAR_MONTH_FORMAT" if len(period) == 2 else "MONTH_DAY_FORMAT"))
