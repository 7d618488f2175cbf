"""Who was in a class."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from . import dialects
from .sessions import MeetingSession

#: The source that knows best: the server's own report on the whole class.
REPORT = "report"

Interval = tuple[datetime, datetime | None]


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """People in classes."""

    def inside(self) -> "AttendanceQuerySet":
        """Those who are in a class now, as far as we know."""
        return self.filter(is_inside=True)

    def older_than(self, since: datetime) -> "AttendanceQuerySet":
        """People in classes that ended before that."""
        return self.filter(session__ended_at__lt=since)

    def store(self, rows: Sequence["Attendance"]) -> None:
        """Write what is known of people in one statement."""
        if rows:
            columns = ["name", "was_moderator", "is_inside", "visits", "activity"]
            dialects.store(self, rows, key=["session", "external_id"], columns=columns)


class Attendance(models.Model):
    """A person in a class: when they were there, and what they did.

    People are told apart by the id that was given to join, never by their names.  ``visits`` keeps what each source
    says by itself, so that the order in which they say it does not matter, nor how often: a key is the server's own
    id of one visit (from events), ``poll`` or ``report``; its value the moments of coming and of going.
    """

    session = models.ForeignKey(
        MeetingSession, verbose_name=_("session"), on_delete=models.CASCADE, related_name="attendances"
    )
    external_id = models.CharField(_("user ID on the server"), max_length=150)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=255, blank=True)
    was_moderator = models.BooleanField(_("was moderator"), default=False)
    is_inside = models.BooleanField(_("is inside"), default=False)
    visits = models.JSONField(_("visits"), default=dict)
    activity = models.JSONField(_("activity"), default=dict)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "external_id"], name="bbb_attendance_once")]

    def __str__(self) -> str:
        return self.name or self.external_id

    def came(self, source: str, *moments: datetime) -> None:
        """Note that a source says the person came in at these moments; the caller saves."""
        self._note(source, 0, moments)

    def went(self, source: str, *moments: datetime) -> None:
        """Note that a source says the person went out at these moments; the caller saves."""
        self._note(source, 1, moments)

    def _note(self, source: str, which: int, moments: Iterable[datetime]) -> None:
        known = self.visits.setdefault(source, [[], []])
        known[which] = sorted({*known[which], *(moment.isoformat() for moment in moments)})

    def is_there(self, source: str) -> bool:
        """Whether the last thing a source said is that the person came in."""
        intervals = _intervals(self.visits.get(source, [[], []]))
        return bool(intervals) and intervals[-1][1] is None

    @property
    def intervals(self) -> list[Interval]:
        """When the person was there, in order and without overlaps; the last has no end while they are inside."""
        sources: dict[str, Any] = self.visits
        if REPORT in sources:
            sources = {REPORT: sources[REPORT]}
        spans = [span for said in sources.values() for span in _intervals(said)]
        spans.sort(key=lambda span: (span[0], span[1] is None))
        merged: list[Interval] = []
        for start, end in spans:
            if end is None and not self.is_inside:
                end = max(self.session.ended_at or start, start)  # nobody told that they went
            if merged and (merged[-1][1] is None or start <= merged[-1][1]):
                before, until = merged[-1]
                merged[-1] = (before, None if until is None or end is None else max(until, end))
            else:
                merged.append((start, end))
        return merged

    def duration(self, *, now: datetime) -> timedelta:
        """Return how long the person was there altogether."""
        return sum(((end or now) - start for start, end in self.intervals), timedelta())


def _intervals(said: list[list[str]]) -> list[Interval]:
    """Return what one source says as intervals: a second coming without a going in between is the same visit."""
    moments = sorted(
        [(parse_datetime(one), True) for one in said[0]] + [(parse_datetime(one), False) for one in said[1]],
        key=lambda one: (one[0], one[1]),
    )
    intervals: list[Interval] = []
    for moment, is_coming in moments:
        if moment is None:
            continue
        if is_coming and (not intervals or intervals[-1][1] is not None):
            intervals.append((moment, None))
        elif not is_coming and intervals and intervals[-1][1] is None:
            intervals[-1] = (intervals[-1][0], moment)
    return intervals
