"""Callbacks come late, twice and in any order, or not at all: in the end the rows are the same.

What happens on the server has an order; when this site hears of it has none.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from django_bbb import signals
from django_bbb.api import BBBError
from django_bbb.models import CallbackDelivery, Meeting, MeetingSession, Playback, Recording, Server
from django_bbb.services import callbacks, meetings, polling, recordings, syncing
from django_bbb.simulator import BigBlueButtonSimulator, HtmlAnswer
from django_bbb.testing.callbacks import send_by_test_client
from tests.long_run.comparing import differences

#: Django 6.1 has another name for it.
savepoint = getattr(transaction, "savepoint_create", None) or transaction.savepoint

#: How this site may hear of things.  Several workers are at it, so that each comes more than once.
HEARING = ["start", "end", "ready", "late end", "poll", "look", "sync", "sweep", "wait"]
#: One story: what happens on the server four times, and all that is told and asked.
STORY = ["happen"] * 4 + [*HEARING, "end", "ready", "ready", "late end", "poll"]

#: Of our own clock or made up here; and what depends on who was first: a callback alone says whether a class was
#: recorded, and a poll how it found out.
OWN = frozenset(
    {"id", "recording_id", "look_at", "checked_at", "synced_at", "ended_at", "has_recording_marks", "end_reason"}
)


@pytest.fixture
def slow(bbb: dict[str, Any]) -> Iterator[BigBlueButtonSimulator]:
    """A server that makes a format in an hour, and whose callbacks are delivered by hand."""
    secret = "z" * 40
    with BigBlueButtonSimulator(secret=secret, recording_delay=3600, lose_callbacks=True) as simulator:
        bbb["SERVERS"]["default"] = {"URL": simulator.url, "SECRET": secret}
        meetings.servers.register_declared_servers()
        yield simulator


@pytest.fixture
def story(meeting, slow, django_capture_on_commit_callbacks):
    """Begin the same story on an empty server; what was written is undone before the next begins."""
    begun = savepoint()

    def begin(*, is_recorded: bool = True) -> Story:
        transaction.savepoint_rollback(begun)
        slow.reset()
        one = Story(meeting, slow, commit=lambda: django_capture_on_commit_callbacks(execute=True))
        one.begin()
        one.is_recorded = is_recorded
        return one

    return begin


class Story:
    """A room had a class and has its next one, which is recorded.  The answer to its create was lost."""

    def __init__(self, meeting: Meeting, simulator: BigBlueButtonSimulator, *, commit: Callable[[], Any]) -> None:
        self.meeting, self.simulator = meeting, simulator
        self._commit = commit
        self._plot = iter([self._goes_on, self._ends, self._next_format, self._next_format])
        self._announced = 0
        self.is_recorded = True
        #: The internal ids.
        self.runs: list[str] = []

    def begin(self) -> None:
        with self._commit():
            meetings.start_meeting(meeting=self.meeting)
        self._goes_on()
        self._ends()
        for _format in range(2):
            self._next_format()
        self.runs += self.simulator.recordings
        self.do("poll")
        self.simulator.faults.set(HtmlAnswer(status=502, when="after"), call="create", times=1)
        with pytest.raises(BBBError):
            meetings.start_meeting(meeting=self.meeting)
        self.runs.append(self.simulator.meetings[self.meeting.meeting_id].internal_id)

    def do(self, what: str) -> None:
        with self._commit():
            getattr(self, f"_{what.replace(' ', '_')}")()

    def end(self) -> None:
        """Let the rest happen, deliver what was not, and look once more."""
        self.happen()
        for what in ("end", "ready", "ready", "late end", "wait", "sweep", "poll", "look"):
            self.do(what)

    def happen(self) -> None:
        """Let all happen on the server that has not yet."""
        for _step in range(4):
            self.do("happen")

    # On the server

    def _happen(self) -> None:
        if step := next(self._plot, None):
            step()

    def _goes_on(self) -> None:
        self._start()  # nobody gets in before this site has heard that there is a class
        self.simulator.join(self.meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
        if self.is_recorded:
            self.simulator.set_recording(self.meeting.meeting_id, True)

    def _ends(self) -> None:
        self.simulator.end_meeting(self.meeting.meeting_id)

    def _next_format(self) -> None:
        self.simulator.advance(3600)

    # To this site

    def _start(self) -> None:
        """Press Start, while the class goes on."""
        if self.meeting.meeting_id in self.simulator.meetings:
            meetings.start_meeting(meeting=self.meeting)

    def _late_end(self) -> None:
        self._deliver("meeting-ended", 0)

    def _end(self) -> None:
        self._deliver("meeting-ended", 1)

    def _ready(self) -> None:
        """Deliver the next announcement there is: of two formats, and those of the run before again."""
        sent = self._sent("recording-ready")
        self._deliver("recording-ready", self._announced % len(sent))
        self._announced += 1

    def _deliver(self, kind: str, number: int) -> None:
        sent = self._sent(kind)
        if number < len(sent):
            assert send_by_test_client(sent[number]) == 200

    def _sent(self, kind: str) -> list[Any]:
        return [one.callback for one in self.simulator.callbacks if one.kind == kind]

    # By this site

    def _poll(self) -> None:
        polling.poll_servers()

    def _look(self) -> None:
        MeetingSession.objects.filter(look_at__isnull=False).update(look_at=timezone.now())
        recordings.look_for_recordings()

    def _sync(self) -> None:
        syncing.sync_recordings(server=Server.objects.get())

    def _sweep(self) -> None:
        callbacks.sweep()

    def _wait(self) -> None:
        """Let the pauses end that this site makes between two questions."""
        past = timezone.now() - timedelta(hours=1)
        MeetingSession.objects.update(checked_at=None)
        CallbackDelivery.objects.update(next_try_at=past)


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """What the site was told, and of which run."""
    heard: list[tuple[str, str]] = []

    def hear_of_recording(*, recording: Recording, first_time: bool, **_rest: Any) -> None:
        heard.extend([("recording", recording.record_id)] * first_time)

    def hear_of_start(*, session: MeetingSession, **_rest: Any) -> None:
        heard.append(("started", session.internal_id))

    def hear_of_end(*, session: MeetingSession, **_rest: Any) -> None:
        heard.append(("ended", session.internal_id))

    pairs = (
        (signals.recording_ready, hear_of_recording),
        (signals.meeting_started, hear_of_start),
        (signals.meeting_ended, hear_of_end),
    )
    for signal, hear in pairs:
        signal.connect(hear)
    yield heard
    for signal, hear in pairs:
        signal.disconnect(hear)


any_order = st.lists(st.sampled_from(HEARING), max_size=6).flatmap(lambda more: st.permutations(STORY + more))


# Each example begins anew, in the same database and on the same server.
@settings(
    # The orders are the same on every database, where only what is stored how differs.
    max_examples=200 if connection.vendor == "sqlite" else 40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # making a story shorter takes minutes, and an order is read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=any_order, is_recorded=st.booleans())
def test_in_any_order_the_rows_are_the_same_in_the_end(
    story, slow, told, order, is_recorded
):  # threats.md 17, 24, 25, 26
    told.clear()
    one = story(is_recorded=is_recorded)

    for what in order:
        one.do(what)
    one.end()

    first, second = one.runs
    recorded = [first, second] if is_recorded else [first]
    assert differences({"default": slow}) == []
    assert facts_of_sessions() == [(first, None, True, True, 0), (second, None, is_recorded, True, 0)]
    assert sorted(slow.recordings) == sorted(recorded)
    assert sorted(told) == sorted(
        [("started", first), ("started", second), ("ended", first), ("ended", second)]
        + [("recording", run) for run in recorded]
    )
    assert not CallbackDelivery.objects.undone().exists()


def facts_of_sessions() -> list[tuple[Any, ...]]:
    """Return of each run what a server says, and whether anybody goes on looking for its recording."""
    return [
        (one.internal_id, one.is_open, one.has_recording_marks, one.look_at is not None, one.participant_count)
        for one in MeetingSession.objects.order_by("pk")
    ]


def test_a_class_the_server_still_has_stays_open_whoever_says_that_it_ended(story, slow, meeting):  # threats.md 2, 25
    one = story()
    one.do("happen")
    (genuine,) = slow.callbacks_about("meeting-ended", meeting.meeting_id)

    for what in ("late end", "sweep", "wait", "poll", "sweep", "wait", "sweep", "look"):
        assert send_by_test_client(genuine) == 200
        one.do(what)

    assert differences({"default": slow}) == []
    assert facts_of_sessions() == [(one.runs[0], None, True, True, 0), (one.runs[1], True, None, False, 1)]


def test_with_all_callbacks_lost_polls_and_looks_reach_the_same_rows(story, slow):  # threats.md 21, 22
    one = story()
    one.do("happen")
    before = savepoint()
    told = ["happen", "late end", "end", "ready", "ready", "sweep"] + ["happen", "ready", "wait", "sweep"] * 2
    for what in told:
        one.do(what)
    by_callbacks = rows()
    transaction.savepoint_rollback(before)

    one.do("poll")
    one.do("look")

    assert rows() == by_callbacks
    assert [len(known) for known in by_callbacks.values()] == [2, 2, 4]
    assert differences({"default": slow}) == []


def test_with_all_callbacks_lost_the_comparison_alone_finds_the_recordings(story, slow):  # threats.md 22
    one = story()
    one.happen()
    before = savepoint()
    one.do("poll")
    one.do("look")
    by_looking = rows()
    transaction.savepoint_rollback(before)

    one.do("poll")
    one.do("sync")

    assert rows() == by_looking


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return all that is remembered of what servers say."""
    return {
        model.__name__: sorted(
            ({key: one[key] for key in one.keys() - OWN} for one in model.objects.values()), key=str
        )
        for model in (MeetingSession, Recording, Playback)
    }
