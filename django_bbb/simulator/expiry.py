"""Meetings that end by themselves: unused, left by all, left by the moderators, or at the end of their time."""

import threading
from collections.abc import Callable
from typing import Protocol

from .meetings import Meeting, Role
from .scheduler import Scheduler

KIND = "expiry"


class _End(Protocol):
    def __call__(self, meeting: Meeting, *, forcibly: bool) -> None: ...


class Expiry:
    """Plans the ends of meetings; whether there still is a reason is asked when the time has come."""

    def __init__(self, *, lock: threading.RLock, scheduler: Scheduler, end: _End) -> None:
        self._lock = lock
        self._scheduler = scheduler
        self._end = end

    def meeting_created(self, meeting: Meeting) -> None:
        settings = meeting.settings
        self._later(settings.expire_if_nobody_joins, meeting, lambda: not meeting.has_user_joined)
        self._later(settings.duration, meeting, lambda: True, forcibly=True)

    def room_emptied(self, meeting: Meeting) -> None:
        """The last person has left; the end time of the meeting says when."""
        emptied_at = meeting.end_time
        self._later(
            meeting.settings.expire_when_empty,
            meeting,
            lambda: not meeting.people and meeting.end_time == emptied_at,
        )

    def moderators_left(self, meeting: Meeting) -> None:
        """The last moderator has left, and people are still here."""
        left = meeting.moderators_left
        self._later(
            meeting.settings.end_when_no_moderator,
            meeting,
            lambda: not _has_moderator(meeting) and meeting.moderators_left == left,
        )

    def _later(
        self, minutes: int, meeting: Meeting, still_true: Callable[[], bool], *, forcibly: bool = False
    ) -> None:
        def end() -> None:
            with self._lock:
                if still_true():
                    self._end(meeting, forcibly=forcibly)

        if minutes:
            self._scheduler.schedule(minutes * 60, end, kind=KIND)


def _has_moderator(meeting: Meeting) -> bool:
    return any(one.role is Role.MODERATOR for one in meeting.people.values())
