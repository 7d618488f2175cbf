"""What the pages of those who wait are told: whether the class is there, and when to ask again.

Answered from one row of ours.  The address carries a signed token, so that no session and no user is loaded.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import NamedTuple

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from django_bbb.api import Role
from django_bbb.conf import conf
from django_bbb.models import Meeting, MeetingSession

from .joining import Admission, is_let_in
from .polling import refresh_if_stale

_SALT = "django_bbb.waiting"

#: Whoever waits longer than this loads the page anew.
TOKEN_AGE = timedelta(hours=12)

#: How often in a second the pages of all who wait ask one process, about: more people, longer pauses.
MOST_A_SECOND = 40.0
LONGEST_PAUSE = 60.0

#: So many people a second are let in, about, so that they do not all knock at once, and how long that may take.
ENTER_A_SECOND = 50.0
LONGEST_SPREAD = 15.0


@dataclass(frozen=True, slots=True)
class Status:
    """What one page is told.  ``state`` is ``waiting``, ``opening``, ``open`` or ``moderator`` (waits for one)."""

    state: str
    #: Seconds until it asks again, or, when it is open, until it goes in.
    pause: float


def status_address(*, meeting: Meeting, admission: Admission) -> str:
    """Return where the page of somebody who waits asks; good for half a day."""
    role = admission.role or Role.VIEWER
    token = signing.dumps([meeting.pk, role.value], salt=_SALT, compress=False)
    return reverse("django_bbb:status", kwargs={"token": token})


def status_of(token: str) -> Status:
    """Return what the page with this token is told; raises `django.core.signing.BadSignature`."""
    meeting_id, role = signing.loads(token, salt=_SALT, max_age=TOKEN_AGE)
    seen = _look(meeting_id)
    if seen is not None and seen.is_old and _refresh(meeting_id):
        seen = _look(meeting_id)
    return _told(meeting_id, _state(seen, Role(role)))


def look(*, meeting: Meeting, session: MeetingSession | None, admission: Admission) -> Status:
    """Return what is shown at first to somebody who waits for a class."""
    return _told(meeting.pk, _state(_as_seen(session), admission.role or Role.VIEWER))


def _told(meeting_id: int, state: str) -> Status:
    crowd = pace.note(meeting_id)
    return Status(state, _spread(crowd) if state == "open" else pace.pause())


class _Class(NamedTuple):
    """What is read of an open class at each question: few columns, since all of them take twice as long."""

    create_time: datetime | None
    moderators: int
    wait_for: str
    claimed_at: datetime
    asked_at: datetime | None

    @property
    def is_old(self) -> bool:
        """Whether nothing was asked about it for so long that somebody may have to."""
        return max(self.claimed_at, self.asked_at or self.claimed_at) <= timezone.now() - conf.STALE_AFTER


def _look(meeting_id: int) -> _Class | None:
    # One at most, by a constraint: no order is needed.
    found = MeetingSession.objects.filter(meeting=meeting_id, is_open=True).order_by()
    rows = found.values_list("create_time", "moderator_count", "meeting__wait_for", "claimed_at", "server__asked_at")
    return next((_Class(*row) for row in rows), None)


def _as_seen(session: MeetingSession | None) -> _Class | None:
    if session is None:
        return None
    facts = session.create_time, session.moderator_count, session.meeting.wait_for
    return _Class(*facts, session.claimed_at, session.server.asked_at)


def _refresh(meeting_id: int) -> bool:
    session = MeetingSession.objects.open().select_related("server").filter(meeting=meeting_id).first()
    return session is not None and refresh_if_stale(session=session)


def _state(seen: _Class | None, role: Role) -> str:
    if seen is None:
        return "waiting"
    if seen.create_time is None:
        return "opening"
    is_open = is_let_in(role, wait_for=seen.wait_for, moderators=seen.moderators)
    return "open" if is_open else "moderator"


def _spread(crowd: int) -> float:
    """Return when one of so many goes in: some time in as many seconds as it takes them all."""
    return random.uniform(0, min(LONGEST_SPREAD, crowd / ENTER_A_SECOND))  # noqa: S311 - no secret


class Pace:
    """How many wait, as far as this process sees, and what pause keeps their questions bearable.

    In a window as long as the pause in force each page asks about once, so the questions of a window are the people.
    Each process counts for itself: nothing has to be shared for the sum to stay bounded.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._turned_at = clock()
        self._window = 0.0
        self._now: Counter[int] = Counter()
        self._before: Counter[int] = Counter()

    def note(self, meeting_id: int) -> int:
        """Count a question; return about how many wait for this meeting."""
        with self._lock:
            self._turn()
            self._now[meeting_id] += 1
            return max(self._now[meeting_id], self._before[meeting_id])

    def pause(self) -> float:
        """Return the seconds until one page asks again: spread at random, longer when many ask."""
        with self._lock:
            return self._common_pause() * random.uniform(0.8, 1.2)  # noqa: S311 - no secret

    def _common_pause(self) -> float:
        people = max(self._now.total(), self._before.total())
        return min(LONGEST_PAUSE, max(float(conf.WAITING_REFRESH), people / MOST_A_SECOND))

    def _turn(self) -> None:
        elapsed = self._clock() - self._turned_at
        if elapsed < self._window:
            return
        # After a window in which nobody asked, what was before that is no guide any more.
        self._before = self._now if elapsed < 2 * self._window else Counter()
        self._window = self._common_pause()
        self._now = Counter()
        self._turned_at = self._clock()


pace = Pace()
