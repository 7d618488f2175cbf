"""What goes wrong between server and site on purpose."""

import pytest


def end(simulator, receiver, *meeting_ids):
    for meeting_id in meeting_ids or ["m-1"]:
        simulator.create_meeting(meeting_id, name="Algebra", metadata={"endcallbackurl": f"{receiver.url}/end"})
        simulator.end_meeting(meeting_id)


def called(receiver):
    """Return the meetings that the receiver was told of, in this order."""
    return [request.target.rpartition("=")[2] for request in receiver.all()]


def test_kind_is_lost_so_often_and_then_no_more(simulator, receiver):
    simulator.delivery.lose("meeting-ended", times=2)
    end(simulator, receiver, "m-1", "m-2", "m-3")

    assert simulator.wait_for_callbacks()

    assert called(receiver) == ["m-3"]
    assert [(one.meeting_id, one.lost, one.attempt) for one in simulator.callbacks] == [
        ("m-1", True, 0),
        ("m-2", True, 0),
        ("m-3", False, 1),
    ]
    assert simulator.delivery.planned() == []


def test_fault_of_another_kind_leaves_this_one_alone(simulator, receiver):
    simulator.delivery.lose("recording-ready")
    end(simulator, receiver)

    assert simulator.wait_for_callbacks()

    assert called(receiver) == ["m-1"]


def test_fault_of_no_kind_is_one_of_every_kind(simulator, receiver):
    recording = simulator.add_recording("m-2", metadata={"bbb-recording-ready-url": receiver.url})
    simulator.delivery.lose()
    end(simulator, receiver)
    simulator.announce(recording)

    assert simulator.wait_for_callbacks()

    assert receiver.all() == []


@pytest.mark.parametrize("copies", [2, 3])
def test_callback_is_doubled_or_tripled(simulator, receiver, copies):
    simulator.delivery.repeat("meeting-ended", copies=copies, times=1)
    end(simulator, receiver, "m-1", "m-2")

    assert simulator.wait_for_callbacks()

    assert called(receiver) == ["m-1"] * copies + ["m-2"]


def test_late_callback_comes_after_those_sent_later(simulator, receiver):
    simulator.delivery.delay("meeting-ended", seconds=60, times=1)
    end(simulator, receiver, "m-1", "m-2")

    simulator.advance(59)
    before = called(receiver)
    simulator.advance(2)

    assert before == ["m-2"]
    assert called(receiver) == ["m-1"]
    assert simulator.wait_for_callbacks()


def test_late_callback_is_waited_for(simulator, receiver):
    simulator.delivery.delay(seconds=3600)
    end(simulator, receiver)

    assert not simulator.wait_for_callbacks(timeout=0.05)


def test_held_callbacks_are_released_in_any_order(simulator, receiver):
    simulator.delivery.hold("meeting-ended", times=3)
    end(simulator, receiver, "m-1", "m-2", "m-3", "m-4")
    assert simulator.wait_for_callbacks()
    assert called(receiver) == ["m-4"]
    assert [(one.kind, one.meeting_id) for one in simulator.delivery.held] == [
        ("meeting-ended", "m-1"),
        ("meeting-ended", "m-2"),
        ("meeting-ended", "m-3"),
    ]

    simulator.delivery.release([2, 0])

    assert simulator.wait_for_callbacks()
    assert called(receiver) == ["m-3", "m-1"]
    simulator.delivery.release()
    assert simulator.wait_for_callbacks()
    assert called(receiver) == ["m-2"]
    assert simulator.delivery.held == []


@pytest.mark.parametrize("order", [[1], [-1], [0, 0]])
def test_order_must_name_what_is_held(simulator, receiver, order):
    simulator.delivery.hold()
    end(simulator, receiver)

    with pytest.raises(ValueError, match="Positions"):
        simulator.delivery.release(order)

    assert len(simulator.delivery.held) == 1


@pytest.mark.parametrize("wrong", [{"copies": 0}, {"copies": 2, "times": 0}])
def test_fault_that_makes_no_sense_is_refused(simulator, wrong):
    with pytest.raises(ValueError, match="at least"):
        simulator.delivery.repeat(**wrong)


def test_clearing_ends_all_faults_and_drops_what_is_held(simulator, receiver):
    simulator.delivery.hold(times=1)
    simulator.delivery.lose()
    simulator.lose_callbacks = True
    end(simulator, receiver)

    simulator.delivery.clear()
    simulator.delivery.release()
    end(simulator, receiver, "m-2")

    assert simulator.wait_for_callbacks()
    assert called(receiver) == ["m-2"]


def test_callback_is_sent_again_with_the_same_bytes(simulator, receiver):
    receiver.statuses = ["500 Error"] * 3
    end(simulator, receiver)
    assert simulator.wait_for_callbacks()
    receiver.statuses = ["500 Error"]

    simulator.send_again(simulator.callbacks[0])

    assert simulator.wait_for_callbacks()
    assert len(set(map(repr, receiver.all()))) == 1
    assert [(one.attempt, one.given_up) for one in simulator.callbacks][-1] == (1, True)
    assert len(simulator.callbacks) == 4
