"""Workers that are killed at any moment: one sweep later all is as if nothing had been."""

import pytest

from tests.processes.dying import POINTS
from tests.processes.stage import eventually

pytestmark = pytest.mark.processes

FORMATS = ["presentation", "video"]

#: What there is at the end, by kind of callback: classes, recordings (by the id of the run), and signals.
ENDS = {
    "meeting-ended": lambda run: ([[None, "ended"]], [], "meeting_ended"),
    "recording-ready": lambda run: ([[True, ""]], [[run, FORMATS]], "recording_ready"),
}

#: Kinds that bring themselves what the server would not tell again: who there is at the end, and where workers die.
PEOPLE = {
    "analytics": ([["u7", 1, True]], ["leased", "committing", "committed", "finishing", "finished"]),
    "webhook": (
        [["u7", 1, False]],
        ["leased", "asking", "answered", "committing", "committed", "finishing", "finished"],
    ),
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("victim", ["child", "worker"])
def test_a_worker_killed_at_any_step_leaves_nothing_undone(stage, victim, kind, point):  # threats.md 35, 36, 37
    callback, run = stage.callback_of_class(kind)
    stage.have_worker()
    stage.kill_at(point, victim=victim)

    assert stage.deliver(callback) == 200
    stage.wait_for_death(point, victim=victim)
    stage.have_worker()
    stage.sweep()

    eventually(stage.is_done)
    classes, recordings, told = ENDS[kind](run)
    facts = stage.facts()
    assert (facts["classes"], facts["recordings"]) == (classes, recordings)
    assert facts["inbox"] == [[kind, 1, 1]]
    # At least once: whoever dies while telling has it told again.
    assert {one["about"] for one in stage.signals(told)} == {run}
    if kind == "recording-ready":
        assert {*stage.signals(told)[0]["formats"]} == {*FORMATS}


@pytest.mark.parametrize(("kind", "point"), [(kind, point) for kind in PEOPLE for point in PEOPLE[kind][1]])
def test_nor_does_it_lose_what_only_the_callback_knows(stage, kind, point):  # threats.md 35
    callback, _run = stage.callback_of_class(kind)
    stage.have_worker()
    stage.kill_at(point)

    assert stage.deliver(callback) == 200
    stage.wait_for_death(point)
    stage.sweep()

    eventually(stage.is_done)
    facts = stage.facts()
    assert facts["people"] == PEOPLE[kind][0]
    assert facts["inbox"] == [[kind, 1, 1]]
