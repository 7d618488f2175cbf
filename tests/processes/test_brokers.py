"""Callbacks on their way: from the server to the site, through a broker that may fail, to a worker."""

import itertools
import json
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.processes.stage import SECRET, eventually

pytestmark = pytest.mark.processes

#: Seconds an impatient server waits: the answer takes a quarter of one at most, whatever the broker does.
PATIENCE = 10


def test_a_class_is_closed_and_its_recording_found_by_what_the_server_says(stage):
    stage.have_worker()

    _remote, run = stage.hold_class()

    assert stage.simulator.wait_for_callbacks()
    assert {one.status for one in stage.simulator.callbacks} == {200}
    eventually(lambda: stage.facts()["classes"] == [[None, "ended"]] and stage.facts()["recordings"])
    stage.sweep()  # a format that was announced while its recording was looked at
    eventually(stage.is_done)
    facts = stage.facts()
    assert facts["recordings"] == [[run, ["presentation", "video"]]]
    assert [one["about"] for one in stage.signals("meeting_ended")] == [run]
    assert stage.signals("recording_ready")[0]["first_time"]


def test_what_came_while_the_broker_refused_is_found_by_the_sweep(stage):  # threats.md 31
    callback, _run = stage.callback_of_class("meeting-ended")
    stage.have_worker()
    stage.relay.refuse()

    assert stage.deliver(callback, timeout=PATIENCE) == 200
    assert stage.facts()["inbox"] == [["meeting-ended", 1, 0]]
    stage.relay.open()
    stage.sweep()

    eventually(stage.is_done)
    assert stage.facts()["classes"] == [[None, "ended"]]


def test_nobody_waits_for_a_broker_that_says_nothing(stage):  # threats.md 19, 32
    stage.have_worker()
    before = stage.relay.unanswered
    stage.relay.say_nothing()

    statuses = [stage.deliver(stage.announcement(number), timeout=PATIENCE) for number in range(20)]

    assert statuses == [200] * 20
    eventually(lambda: stage.relay.unanswered > before)
    assert stage.facts()["inbox"] == [["recording-ready", 1, 0]] * 20
    stage.sweep()
    eventually(stage.is_done)


@pytest.mark.parametrize("fault", ["refuse", "say_nothing"])
def test_once_the_broker_is_back_callbacks_reach_it_again(stage, fault):
    stage.have_no_worker()
    numbers = itertools.count()
    getattr(stage.relay, fault)()
    for _time in range(20):
        stage.deliver(stage.announcement(next(numbers)), timeout=PATIENCE)

    stage.relay.open()

    # What waits in a process is sent or given up before what comes after it.
    eventually(lambda: stage.deliver(stage.announcement(next(numbers))) == 200 and stage.broker.take(stage.queue))


def test_a_request_that_is_rolled_back_hands_nothing_to_the_broker(stage):  # threats.md 33
    callback, _run = stage.callback_of_class("meeting-ended")
    stage.have_no_worker()

    assert stage.deliver(callback, **{"X-Roll-Back": "1"}) == 200

    assert stage.facts()["inbox"] == []
    assert stage.deliver(callback) == 200
    (message,) = stage.wait_for_messages(1)
    assert "django_bbb.process_callback" in message


def test_a_process_killed_between_commit_and_publishing_loses_nothing(stage):  # threats.md 34
    callback, _run = stage.callback_of_class("meeting-ended")
    stage.have_worker()
    stage.kill_at("publishing")

    with suppress(ConnectionError):  # nobody waits for the broker: the answer may be out before the process dies
        stage.deliver(callback)
    stage.wait_for_death("publishing")
    assert stage.facts()["inbox"] == [["meeting-ended", 1, 0]]
    stage.sweep()

    eventually(stage.is_done)
    assert stage.facts()["classes"] == [[None, "ended"]]


@pytest.mark.parametrize("kind", ["meeting-ended", "recording-ready", "analytics", "webhook"])
def test_whoever_reads_the_brokers_messages_learns_ids_alone(stage, kind):  # threats.md 83
    callback, run = stage.callback_of_class(kind)
    stage.have_no_worker()

    stage.deliver(callback)

    (message,) = stage.wait_for_messages(1)
    (positional, named, _options) = json.loads(json.loads(message)[2])
    assert [type(one) for one in positional] == [int]
    assert named == {}
    token = urlsplit(callback.url).path.rstrip("/").rpartition("/")[2]
    token = token if len(token) > 20 else callback.body.decode()  # recordings have it in the body
    for told in (SECRET, token, run, callback.meeting_id, "Algebra", "Emmy"):
        assert told not in message
