"""What the simulator does later, and in which order."""

import threading

import pytest

from django_bbb.simulator.scheduler import Scheduler


@pytest.fixture
def scheduler():
    scheduler = Scheduler()
    scheduler.start()
    yield scheduler
    scheduler.stop()


def test_what_is_due_happens_by_itself(scheduler):
    done = threading.Event()

    scheduler.schedule(0, done.set, kind="test")

    assert done.wait(timeout=10)


def test_things_happen_in_the_order_of_their_times(scheduler):
    done = []
    for delay in (30, 10, 20, 10):
        scheduler.schedule(delay, lambda delay=delay: done.append(delay), kind="test")

    scheduler.advance(25)

    assert done == [10, 10, 20]


def test_pending_things_of_a_kind_run_with_all_that_follows_from_them(scheduler):
    done = []

    def first():
        done.append("first")
        scheduler.schedule(60, lambda: done.append("second"), kind="wanted")

    scheduler.schedule(60, first, kind="wanted")
    scheduler.schedule(1, lambda: done.append("other"), kind="other")

    scheduler.run_pending("wanted")

    assert done == ["first", "second"]


def test_action_that_fails_is_logged_and_does_not_stop_the_others(scheduler, caplog):
    done = threading.Event()
    scheduler.schedule(0, lambda: [][0], kind="test")

    scheduler.schedule(0, done.set, kind="test")

    assert done.wait(timeout=10)
    assert "(test)" in caplog.text


def test_nothing_happens_after_the_end(scheduler):
    done = []
    scheduler.schedule(60, lambda: done.append("planned before"), kind="test")

    scheduler.stop()
    scheduler.schedule(0, lambda: done.append("planned after"), kind="test")
    scheduler.advance(120)

    assert done == []


def test_clock_goes_forward(scheduler):
    before = scheduler.time()

    scheduler.advance(3600)

    assert scheduler.time() - before >= 3600


def test_what_becomes_due_on_the_way_happens_at_its_time(scheduler):
    start, done = scheduler.time(), []

    def first():
        done.append(scheduler.time() - start)
        scheduler.schedule(20, lambda: done.append(scheduler.time() - start), kind="test")

    scheduler.schedule(10, first, kind="test")

    scheduler.advance(3600)

    assert [round(one) for one in done] == [10, 30]
    assert scheduler.time() - start >= 3600


def test_steps_that_plan_each_other_lose_no_time(scheduler):
    done = []

    def step():
        done.append(1)
        if len(done) < 100:
            scheduler.schedule(0.25, step, kind="test")

    scheduler.schedule(0.25, step, kind="test")

    scheduler.advance(25)

    assert len(done) == 100


def test_scaled_clock_runs_faster_and_so_does_what_is_planned():
    scheduler = Scheduler(scale=100_000)
    scheduler.start()
    done = threading.Event()
    before = scheduler.time()

    scheduler.schedule(10_000, done.set, kind="test")

    assert done.wait(timeout=10)
    assert scheduler.time() - before >= 10_000
    scheduler.stop()


def test_scale_may_be_changed_while_something_is_planned(scheduler):
    done = threading.Event()
    scheduler.schedule(10_000, done.set, kind="test")
    before = scheduler.time()

    scheduler.scale = 100_000

    assert done.wait(timeout=10)
    assert scheduler.time() - before >= 10_000


def test_clock_can_be_put_forward_whatever_its_scale():
    scheduler = Scheduler(scale=60)
    done = []
    scheduler.schedule(3600, lambda: done.append(1), kind="test")

    scheduler.advance(3600)

    assert done == [1]


@pytest.mark.parametrize("scale", [0, -1, 10_000_000, float("nan")])
def test_scale_that_is_none_is_refused(scheduler, scale):
    with pytest.raises(ValueError, match="time scale"):
        scheduler.scale = scale
    with pytest.raises(ValueError, match="time scale"):
        Scheduler(scale=scale)


def test_reset_forgets_what_is_planned_and_sets_the_clock_right(scheduler):
    import time

    done = []
    scheduler.schedule(60, lambda: done.append(1), kind="test")
    scheduler.advance(30)
    scheduler.scale = 2

    scheduler.reset()
    scheduler.advance(60)

    assert done == []
    assert scheduler.scale == 1
    assert abs(scheduler.time() - time.time() - 60) < 30
