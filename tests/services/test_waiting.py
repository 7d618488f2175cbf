"""What the pages of those who wait are told."""

import heapq
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.core import signing
from django.urls import resolve
from django.utils import timezone

from django_bbb.api import Role
from django_bbb.models import Meeting, MeetingSession, Server
from django_bbb.services import meetings, waiting
from django_bbb.services.joining import Admission
from django_bbb.services.waiting import (
    LONGEST_PAUSE,
    LONGEST_SPREAD,
    MOST_A_SECOND,
    Pace,
    status_address,
    status_of,
)


@pytest.fixture(autouse=True)
def pace(monkeypatch):
    fresh = Pace()
    monkeypatch.setattr(waiting, "pace", fresh)
    return fresh


def token(meeting, role=Role.VIEWER):
    return resolve(status_address(meeting=meeting, admission=Admission(role))).kwargs["token"]


@pytest.fixture
def running(meeting):
    return meetings.start_meeting(meeting=meeting)


def state(meeting, role=Role.VIEWER):
    return status_of(token(meeting, role)).state


class TestState:
    def test_before_the_class(self, meeting):
        assert state(meeting) == "waiting"

    def test_while_it_is_being_opened(self, meeting, server):
        MeetingSession.objects.create(meeting=meeting, server=server, claimed_until=timezone.now())

        assert state(meeting) == "opening"

    def test_when_it_is_there(self, meeting, running):
        assert state(meeting) == "open"

    def test_after_it(self, meeting, running):
        meetings.end_meeting(meeting=meeting)

        assert state(meeting) == "waiting"

    def test_where_viewers_wait_for_a_moderator(self, meeting, running):
        Meeting.objects.update(wait_for=Meeting.WaitFor.MODERATOR_INSIDE)
        before = {role: state(meeting, role) for role in Role if role in (Role.VIEWER, Role.MODERATOR)}
        MeetingSession.objects.update(moderator_count=1)

        assert before == {Role.VIEWER: "moderator", Role.MODERATOR: "open"}
        assert state(meeting) == "open"

    def test_it_costs_one_query_and_no_call(self, meeting, running, simulator, django_assert_num_queries):
        mine = token(meeting)
        simulator.clear_journal()

        with django_assert_num_queries(1):
            status_of(mine)

        assert simulator.journal == []

    def test_where_nobody_polls_the_first_who_asks_finds_out_that_it_is_over(self, meeting, running, simulator):
        MeetingSession.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
        simulator.lose_callbacks = True
        simulator.end_meeting(meeting.meeting_id)
        simulator.clear_journal()

        assert [state(meeting), state(meeting)] == ["waiting", "waiting"]
        assert [entry.call for entry in simulator.journal] == ["getMeetings", "getMeetingInfo"]

    def test_where_a_server_is_left_out_nobody_asks_it(self, meeting, running, simulator, django_assert_num_queries):
        hour = timedelta(hours=1)
        MeetingSession.objects.update(claimed_at=timezone.now() - hour)
        Server.objects.update(next_try_at=timezone.now() + hour)
        simulator.clear_journal()

        with django_assert_num_queries(2):
            assert state(meeting) == "open"

        assert simulator.journal == []

    @pytest.mark.parametrize("forged", ["", "x", "WzEsICJNT0RFUkFUT1IiXQ:1aaaaa:xxxx"])
    def test_a_token_that_is_not_ours(self, meeting, forged):
        with pytest.raises(signing.BadSignature):
            status_of(forged)

    def test_a_token_for_something_else(self, meeting):
        with pytest.raises(signing.BadSignature):
            status_of(signing.dumps([meeting.pk, "VIEWER"], salt="another"))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class TestPace:
    @pytest.fixture
    def clock(self):
        return Clock()

    @pytest.fixture
    def pace(self, clock, monkeypatch):
        fresh = Pace(clock)
        monkeypatch.setattr(waiting, "pace", fresh)
        return fresh

    def test_one_person_asks_as_often_as_the_site_says(self, pace, bbb):
        bbb["WAITING_REFRESH"] = 5
        pace.note(1)

        assert 4 <= pace.pause() <= 6

    def test_pauses_are_spread(self, pace):
        assert len({pace.pause() for _ in range(20)}) > 10

    @pytest.mark.parametrize("people", [50, 500, 2000])
    def test_however_many_wait_the_questions_stay_bounded(self, pace, clock, people):
        """Simulated for ten minutes: each page asks again after the pause it was told."""
        due = [0.001 * number for number in range(people)]
        asked = []
        while clock.now < 600:
            clock.now, number = min((moment, number) for number, moment in enumerate(due))
            asked.append(clock.now)
            pace.note(1)
            due[number] = clock.now + pace.pause()

        late = [moment for moment in asked if moment > 120]
        assert len(late) / 480 < 1.5 * MOST_A_SECOND

    def test_nobody_waits_longer_than_a_minute_or_so(self, pace):
        for _ in range(100_000):
            pace.note(1)

        assert pace.pause() <= LONGEST_PAUSE * 1.2

    def test_when_they_have_gone_in_pauses_are_short_again(self, pace, clock):
        for _ in range(2000):
            pace.note(1)
        for _ in range(3):
            clock.now += 200
            pace.note(1)

        assert pace.pause() <= 6

    def test_a_crowd_goes_in_one_after_the_other(self, meeting, running, pace):
        mine = token(meeting)
        pauses = [status_of(mine).pause for _ in range(300)]

        assert max(pauses) > 1
        assert max(pauses) <= LONGEST_SPREAD

    def test_a_few_go_in_at_once(self, meeting, running, pace):
        assert status_of(token(meeting)).pause < 0.1


class TestSeveralProcesses:
    """2 000 pages, each of whose questions comes to any of the site's processes: simulated, and nothing is shared."""

    OPENS = 200

    @pytest.mark.parametrize("shares", [(1,), (1, 1), (9, 1), (1, 1, 1, 1)])
    def test_each_is_asked_as_often_as_it_can_bear_and_all_get_in(self, shares):
        asked, entered = self.live(shares)

        late = Counter(process for moment, process in asked if 100 < moment < self.OPENS)
        assert max(late.values()) / (self.OPENS - 100) < 1.5 * MOST_A_SECOND
        assert len(entered) == 2000
        assert max(entered) - self.OPENS <= 1.2 * LONGEST_PAUSE + LONGEST_SPREAD
        # Of a single second chance says more than the pace does.
        most_in_three_seconds = max(Counter(int(moment // 3) for moment in entered).values())
        assert most_in_three_seconds / 3 < 1.5 * len(shares) * MOST_A_SECOND

    def live(self, shares):
        random.seed(1)
        clock, choice = Clock(), random.Random(1)
        paces = [Pace(clock) for _share in shares]
        due = [(number / 200, number) for number in range(2000)]
        asked, entered = [], []
        while due:
            clock.now, number = heapq.heappop(due)
            process = choice.choices(range(len(shares)), shares)[0]
            asked.append((clock.now, process))
            crowd = paces[process].note(1)
            if clock.now < self.OPENS:
                heapq.heappush(due, (clock.now + paces[process].pause(), number))
            else:
                entered.append(clock.now + waiting._spread(crowd))
        return asked, entered
