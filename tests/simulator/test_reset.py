"""A simulator that is as after its start."""

import time

import pytest

from django_bbb.simulator import HtmlAnswer, WebhookOptions


def test_everything_is_forgotten(make_simulator, make_client, receiver):
    simulator = make_simulator(webhooks=WebhookOptions(permanent_urls=["http://127.0.0.1:9/"]))
    client = make_client(simulator)
    client.ask("hooks/create", f"callbackURL={receiver.url}")
    simulator.create_meeting("m-1", name="Algebra", record=True)
    simulator.add_recording("m-2")
    hidden = simulator.add_recording("m-3")
    simulator.hide_recording(hidden.record_id)
    simulator.fail_recording("m-1")
    simulator.faults.set(HtmlAnswer(status=502))
    simulator.delivery.lose()
    simulator.time_scale = 60
    simulator.advance(86_400)

    simulator.reset()

    assert simulator.meetings == simulator.recordings == {}
    assert simulator.journal == simulator.callbacks == simulator.delivery.planned() == []
    assert [one.permanent for one in simulator.hooks] == [True]
    assert simulator.time_scale == 1
    assert abs(simulator._scheduler.time() - time.time()) < 60
    with pytest.raises(LookupError):
        simulator.show_recording(hidden.record_id)
    assert client.ask("getMeetings").get("returncode") == "SUCCESS"


def test_what_was_on_its_way_never_arrives(make_simulator, receiver):
    simulator = make_simulator(recording_delay=60)
    receiver.statuses = ["500 Error"]
    simulator.create_meeting(
        "m-1",
        name="Algebra",
        record=True,
        metadata={"endcallbackurl": receiver.url, "bbb-recording-ready-url": receiver.url},
    )
    simulator.join("m-1", "Emmy")
    simulator.set_recording("m-1", True)
    simulator.end_meeting("m-1")
    receiver.arrived.get(timeout=10)

    simulator.reset()
    simulator.advance(3600)

    assert simulator.wait_for_callbacks()
    assert receiver.all() == []
    assert simulator.callbacks == []


def test_what_was_to_break_is_whole(simulator):
    simulator.fail_recording("m-1")

    simulator.reset()
    meeting = simulator.create_meeting("m-1", name="Algebra", record=True)
    simulator.join("m-1", "Emmy")
    simulator.set_recording("m-1", True)
    simulator.end_meeting("m-1")
    simulator.finish_recordings()

    assert simulator.recordings[meeting.internal_id].published


def test_life_goes_on(simulator, receiver):
    simulator.advance(86_400)
    simulator.create_meeting("m-1", name="Algebra")

    simulator.reset()
    meeting = simulator.create_meeting("m-1", name="Algebra", metadata={"endcallbackurl": receiver.url})
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()
    assert len(receiver.all()) == 1
    assert abs(meeting.create_time / 1000 - time.time()) < 60


def test_what_was_lost_from_the_start_is_lost_again(make_simulator):
    simulator = make_simulator(lose_callbacks=True)
    simulator.lose_callbacks = False

    simulator.reset()

    assert simulator.lose_callbacks
