"""Who is and was in class, from all that servers tell of it: polls, events, and the report when it is over.

The sources are kept apart in each row (`Attendance.visits`), so that none has to come before another.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.utils import timezone

from django_bbb import api
from django_bbb.api import AnalyticsAttendee, AnalyticsReport, Role
from django_bbb.conf import conf
from django_bbb.models import Attendance, MeetingSession
from django_bbb.models.attendance import REPORT

from .people import users_of
from .recordings import batches

logger = logging.getLogger(__name__)

_POLL = "poll"
_LONGEST_ID, _LONGEST_NAME = 150, 255

#: Classes whose rows are compared at a time.
_AT_ONCE = 500


class _People(dict[str, Attendance]):
    """The people of one class, by the id given to join."""

    def __init__(self, session_id: int) -> None:
        super().__init__()
        self.session_id = session_id


def is_kept() -> bool:
    """Return whether this site keeps who was in class."""
    return bool(conf.KEEP_ATTENDANCE)


# --- what the sources tell ----------------------------------------------------------------------------


def note_present(*, heard: Iterable[tuple[int, api.Meeting]], asked_at: datetime) -> None:
    """Take over who is inside, as a server has just told of some classes (by primary key)."""
    if not is_kept():
        return
    for some in batches(heard, _AT_ONCE):
        attendees = {pk: _by_id(remote.attendees) for pk, remote in some}
        with _people_of(attendees) as people:
            for pk, session in attendees.items():
                _compare(people[pk], session, asked_at)


def _compare(people: _People, inside: Mapping[str, api.Attendee], asked_at: datetime) -> None:
    for external_id, attendee in inside.items():
        person = _person(people, external_id, attendee.full_name, attendee.role == Role.MODERATOR)
        if person is not None and not person.is_there(_POLL):
            person.came(_POLL, asked_at)
    for person in people.values():
        if person.external_id not in inside:
            # Whatever else said that they are there has lost them.
            for source in person.visits:
                if source != REPORT and person.is_there(source):
                    person.went(source, asked_at)


def note_visit(
    *, session: MeetingSession, external_id: str, visit: str, name: str, moderator: bool, came: bool, at: datetime
) -> None:
    """Take over that somebody came into a class, or went out; ``visit`` is the server's own id of this visit."""
    if not is_kept():
        return
    with _people_of([session.pk]) as people:
        person = _person(people[session.pk], external_id, name, moderator)
        if person is None:
            return
        if came:
            person.came(visit, at)
            return
        person.went(visit, at)
        if not any(person.is_there(source) for source in person.visits if source not in (_POLL, REPORT)):
            person.went(_POLL, at)


def facts_of(report: AnalyticsReport) -> dict[str, Any]:
    """Return what is kept of a report until it is taken over, as JSON: not who voted for what, nor names of files."""
    return {"people": [_facts_of(one) for one in report.attendees]}


def _facts_of(attendee: AnalyticsAttendee) -> dict[str, Any]:
    done = attendee.engagement
    return {
        "user_id": attendee.ext_user_id,
        "name": attendee.name,
        "moderator": attendee.moderator,
        "visits": [[one.isoformat() for one in moments] for moments in (attendee.joins, attendee.leaves)],
        "activity": {
            "chats": done.chats,
            "talks": done.talks,
            "hands": done.raisehand,
            "emojis": done.emojis,
            "votes": done.poll_votes,
            "talk_seconds": done.talk_time.total_seconds(),
        },
    }


def note_report(*, session: MeetingSession, facts: Mapping[str, Any]) -> bool:
    """Take over a server's report on a class; whether it was the first: another changes nothing.

    Nobody signs the body of a report, so that whoever has seen one could send another.
    """
    if not is_kept():
        return False
    with _people_of([session.pk]) as people:
        unreported = MeetingSession.objects.filter(pk=session.pk, reported_at__isnull=True)
        if not unreported.update(reported_at=timezone.now()):
            return False
        for said in facts["people"]:
            person = _person(people[session.pk], said["user_id"], said["name"], said["moderator"])
            if person is not None:
                person.visits[REPORT], person.activity = said["visits"], said["activity"]
    return True


def close(*, session: MeetingSession) -> None:
    """Note that nobody is in a class any more."""
    Attendance.objects.filter(session=session, is_inside=True).update(is_inside=False)


# --- rows ---------------------------------------------------------------------------------------------


@contextmanager
def _people_of(sessions: Iterable[int]) -> Iterator[dict[int, _People]]:
    """Give the people of some classes, for changing them; what differs at the end is written."""
    keys = sorted(sessions)
    using = router.db_for_write(Attendance)
    with transaction.atomic(using=using):
        # One who writes at a time: a person may not have a row yet that could be locked.
        rows = MeetingSession.objects.using(using).filter(pk__in=keys).order_by("pk").select_for_update()
        is_open = dict(rows.values_list("pk", "is_open"))
        people: dict[int, _People] = {pk: _People(pk) for pk in is_open}
        before: dict[int, tuple[object, ...]] = {}
        for person in Attendance.objects.using(using).filter(session__in=keys):
            people[person.session_id][person.external_id] = person
            before[person.pk] = _facts(person)
        yield people
        changed = []
        for person in (one for some in people.values() for one in some.values()):
            here = (source for source in person.visits if source != REPORT)
            person.is_inside = bool(is_open[person.session_id]) and any(map(person.is_there, here))
            if person.pk is None or _facts(person) != before[person.pk]:
                changed.append(person)
        _find_users([person for person in changed if person.pk is None])
        Attendance.objects.using(using).store(changed)


def _person(people: _People, external_id: str, name: str, moderator: bool) -> Attendance | None:
    """Return somebody of a class, made now if they are new; None where there is no id to know them by."""
    if not 0 < len(external_id) <= _LONGEST_ID:
        return None
    person = people.get(external_id)
    if person is None:
        person = people[external_id] = Attendance(session_id=people.session_id, external_id=external_id)
    person.name = name[:_LONGEST_NAME] or person.name
    person.was_moderator |= moderator
    return person


def _facts(person: Attendance) -> tuple[object, ...]:
    visits = {source: [list(moments) for moments in said] for source, said in person.visits.items()}
    return person.name, person.was_moderator, person.is_inside, visits, person.activity


def _find_users(people: Sequence[Attendance]) -> None:
    users = users_of([person.external_id for person in people])
    for person in people:
        person.user_id = users.get(person.external_id)


def _by_id(attendees: Iterable[api.Attendee]) -> dict[str, api.Attendee]:
    """Return people by id; of somebody's several sessions one with the moderator's role, if there is one."""
    found: dict[str, api.Attendee] = {}
    for one in attendees:
        if one.user_id not in found or one.role == Role.MODERATOR:
            found[one.user_id] = one
    return found
