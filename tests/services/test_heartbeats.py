"""Who is at work, in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb import tasks
from django_bbb.models import CallbackDelivery, Heartbeat
from django_bbb.services import polling
from django_bbb.services.heartbeats import in_words, signs_of_life


def beaten(name, *, ago):
    Heartbeat.objects.update_or_create(name=name, defaults={"beaten_at": timezone.now() - ago})


def told():
    return [(one.is_well, one.text) for one in signs_of_life()]


def test_on_a_new_site_it_is_said_what_to_run(server):
    assert told() == [
        (False, "Nobody has polled the servers yet: run beat and a worker, or cron."),
        (True, "No callback has come yet."),
        (False, "No worker has been heard of yet: is one running?"),
    ]


def test_a_task_in_a_worker_is_a_sign_of_both(server):
    tasks.poll_servers()

    assert [well for well, _text in told()] == [True, True, True]
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"poll", "worker"}


def test_a_poll_of_cron_is_no_worker(server):
    polling.poll_servers()

    assert told()[0][1] == "Polled 0 seconds ago."
    assert told()[2] == (True, "No worker is heard of; somebody runs bbb_poll, which does the same.")


def test_silence_is_told_with_what_to_look_at(server):
    beaten("poll", ago=timedelta(minutes=5, seconds=3))
    beaten("worker", ago=timedelta(hours=2))

    assert told()[0] == (False, "No poll for 5 minutes: is beat running, or cron?")
    assert told()[2] == (False, "No worker for 2 hours: is one running?")


def test_a_worker_that_works_off_callbacks_without_any_poll_is_well(server):
    beaten("poll", ago=timedelta(minutes=5))
    tasks.sweep_callbacks()

    assert [well for well, _text in told()] == [False, True, True]


def test_the_last_callback_is_told(server):
    CallbackDelivery.objects.note(kind="recording-ready", server=server, subject="x")
    CallbackDelivery.objects.update(asked_at=timezone.now() - timedelta(days=1, hours=3))

    assert told()[1] == (True, "The last callback came 1 day ago.")


def test_callbacks_that_nobody_works_off_are_told(server):
    CallbackDelivery.objects.note(kind="recording-ready", server=server, subject="x")
    CallbackDelivery.objects.update(next_try_at=timezone.now() - timedelta(minutes=4))

    assert told()[1] == (False, "1 callback waits to be worked off.")


def test_without_an_address_none_are_expected(server, bbb):
    bbb["CALLBACK_BASE_URL"] = ""

    assert told()[1][1].startswith("No callbacks are asked for")


def test_a_beat_is_written_at_most_each_five_seconds(server, django_assert_num_queries):
    Heartbeat.objects.note("worker")

    with django_assert_num_queries(1):
        Heartbeat.objects.note("worker")

    assert Heartbeat.objects.count() == 1


def test_an_old_beat_is_renewed(server):
    beaten("worker", ago=timedelta(minutes=1))

    Heartbeat.objects.note("worker")

    assert Heartbeat.objects.get().beaten_at > timezone.now() - timedelta(seconds=30)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(), "0 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=59.9), "59 seconds"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=25), "1 day"),
    ],
)
def test_times_are_told_in_their_largest_unit(age, words):
    assert in_words(age) == words
