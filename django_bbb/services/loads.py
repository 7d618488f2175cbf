"""How busy servers were, from what the first poll of each minute saw."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Max, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from django_bbb.models import Server, ServerLoad

_HOUR = timedelta(hours=1)
_HOURS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Busy:
    """The most there was of each in some time; None where nobody has polled."""

    since: datetime
    meetings: int | None = None
    people: int | None = None
    voices: int | None = None
    cameras: int | None = None


class _Hour(TruncHour):
    """The hour of a moment, in UTC."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        # SQLite keeps moments as text in UTC; Django would call a function in Python for each minute there is.
        text, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"substr({text}, 1, 13) || ':00:00'", parameters


def people_by_hour(servers: Iterable[Server]) -> dict[int, list[int | None]]:
    """Return the most people in each of the last 24 hours by server, the present hour last; one query for all."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - (_HOURS - 1) * _HOUR
    found: dict[int, list[int | None]] = {server.pk: [None] * _HOURS for server in servers}
    rows = ServerLoad.objects.filter(server__in=list(found), minute__gte=start).order_by()
    hours = rows.annotate(hour=_Hour("minute", tzinfo=UTC)).values_list("server", "hour")
    for server, hour, people in hours.annotate(people=Max("participant_count")):
        position = (hour - start) // _HOUR
        if position < _HOURS:  # a clock that is ahead of ours
            found[server][position] = people
    return found


def busy_times(*, server: Server | None, span: timedelta, step: timedelta) -> list[Busy]:
    """Return the last days or hours of a server, or of all together, cut into steps; the present one comes last."""
    now = timezone.now()
    start = datetime.fromtimestamp(now.timestamp() // step.total_seconds() * step.total_seconds(), UTC)
    start -= span - step
    rows = ServerLoad.objects.filter(minute__gte=start, minute__lte=now).order_by("minute")
    if server is not None:
        rows = rows.filter(server=server)
    minutes = rows.values_list("minute").annotate(
        Sum("meeting_count"), Sum("participant_count"), Sum("voice_count"), Sum("video_count")
    )
    most: dict[int, tuple[int, ...]] = {}
    for minute, *counts in minutes:
        position = (minute - start) // step
        most[position] = tuple(map(max, counts, most.get(position, counts)))
    return [_busy(start + position * step, most.get(position)) for position in range(span // step)]


def _busy(since: datetime, counts: tuple[int, ...] | None) -> Busy:
    if counts is None:
        return Busy(since=since)
    meetings, people, voices, cameras = counts
    return Busy(since=since, meetings=meetings, people=people, voices=voices, cameras=cameras)
