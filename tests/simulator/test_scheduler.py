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
