"""Who is in class now, and which recordings are still being processed: one look at a meeting's classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q

from django_bbb.models import Meeting, MeetingSession

from .recordings import is_awaited


@dataclass(frozen=True, slots=True)
class Panel:
    """What a page shows of the classes of a meeting."""

    #: The names of those who are inside.
    people: Sequence[str] = ()
    awaited: Sequence[MeetingSession] = ()


def look_into(*, meeting: Meeting) -> Panel:
    """Return who is inside, and what is awaited; one query."""
    inside = FilteredRelation("attendances", condition=Q(attendances__is_inside=True))
    shown = meeting.sessions.alias(inside=inside).filter(Q(is_open=True) | is_awaited())
    people: list[str] = []
    awaited: dict[int, MeetingSession] = {}
    session: Any
    for session in shown.annotate(person=F("inside__name")).order_by("-claimed_at", "person"):
        if not session.is_open:
            awaited[session.pk] = session
        elif session.person:
            people.append(session.person)
    return Panel(people=people, awaited=list(awaited.values()))
