"""Handing over tasks: nobody waits for a broker that is not well."""

import socket
import threading
from types import SimpleNamespace

import pytest
from celery import Celery

from django_bbb import broker
from django_bbb.broker import enqueue

NAME = "somewhere.note"


NOTE = SimpleNamespace(name=NAME)  # as a module has it; what is sent is the task of the site's app


@pytest.fixture
def site(monkeypatch):
    """Make the Celery app of a site, with one task that remembers what it got, and in which thread."""

    def make(address, **options):
        app = Celery("somewhere", broker=address, set_as_current=False)
        app.conf.update(options)
        app.done = []

        @app.task(name=NAME, shared=False)
        def note(number):
            app.done.append((number, threading.current_thread() is threading.main_thread()))

        monkeypatch.setattr(broker, "_app", app)
        return app

    return make


@pytest.fixture
def silent_port(monkeypatch):
    """A port that accepts and never says a word; closing it ends whoever still waits."""
    monkeypatch.setattr(broker, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_broker_that_is_well_has_the_message_at_once(site):
    site("memory://")

    assert enqueue(NOTE, 1) is True


def test_from_any_thread_it_goes_to_the_sites_own_broker(site):
    # Celery's current app is another one in a thread of a server.
    app = site("memory://", task_default_queue="threads")  # one memory for all of a process: a queue of its own
    answers = []

    thread = threading.Thread(target=lambda: answers.append(enqueue(NOTE, 1)))
    thread.start()
    thread.join()

    with app.connection_for_read() as connection, connection.SimpleQueue("threads") as queue:
        message = queue.get_nowait()
        message.ack()
    assert answers == [True]
    assert message.headers["task"] == NAME


def test_nobody_waits_for_a_broker_that_says_nothing(site, silent_port):  # threats.md 32
    site(f"amqp://127.0.0.1:{silent_port}//")

    assert [enqueue(NOTE, number) for number in range(50)] == [False] * 50


def test_a_broker_that_refuses_is_counted_for_the_log(site, monkeypatch):
    told = []
    monkeypatch.setattr(broker, "_failures", SimpleNamespace(warn=lambda *last: told.append(last)))
    app = site("no-such-transport://")

    assert enqueue(NOTE, 1) is False
    assert (NAME, "KeyError") in told  # threads of other tests may still give up theirs
    assert app.done == []


def test_more_than_can_wait_is_left_to_the_sweep(site, silent_port, monkeypatch):
    monkeypatch.setattr(broker, "_MOST_WAITING", 2)
    full = broker._Messenger()
    monkeypatch.setattr(broker, "_messenger", full)
    site(f"amqp://127.0.0.1:{silent_port}//")

    for number in range(10):
        enqueue(NOTE, number)

    assert full._waiting.full()
    while not full._waiting.empty():
        full._waiting.get_nowait()


def test_in_eager_mode_the_task_runs_here(site):
    app = site("memory://", task_always_eager=True)

    assert enqueue(NOTE, 7) is True
    assert app.done == [(7, True)]


def test_a_site_without_celery_has_no_broker(monkeypatch):
    monkeypatch.setattr(broker, "_app", Celery("default", set_as_current=False))

    assert broker.site_app() is None
    assert enqueue(NOTE, 1) is False


def test_a_mistake_in_an_eager_task_is_counted_for_the_log(site, monkeypatch):
    told = []
    monkeypatch.setattr(broker, "_failures", SimpleNamespace(warn=lambda *last: told.append(last)))
    site("memory://", task_always_eager=True, task_eager_propagates=True)

    assert enqueue(NOTE) is False  # without the number it takes
    assert (NAME, "TypeError") in told
