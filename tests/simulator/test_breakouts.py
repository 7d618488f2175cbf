"""Breakout rooms: what they have of their parent, and that they end with it."""

import pytest


@pytest.fixture
def parent(simulator):
    return simulator.create_meeting(
        "m-1", name="Algebra", voice_bridge="70100", record=True, metadata={"course": "7b", "a": "1"}
    )


@pytest.fixture
def make_room(simulator, client, parent):
    def make_room(number, query=""):
        base = f"name=Room+{number}&meetingID=room-{number}&isBreakout=true&parentMeetingID=m-1&sequence={number}"
        answer = client.ask("create", base + query)
        assert answer.get("returncode") == "SUCCESS"
        return simulator.meetings[f"room-{number}"]

    return make_room


def test_room_has_the_metadata_of_its_parent_but_not_its_policy(make_room, parent):
    room = make_room(1, "&meta_a=2&guestPolicy=ALWAYS_DENY")

    assert room.settings.metadata == {"course": "7b", "a": "2"}
    assert room.settings.guest_policy == "ALWAYS_ACCEPT"
    assert parent.settings.metadata["a"] == "1"


def test_room_has_the_voice_bridge_of_its_parent_and_its_number(make_room):
    assert make_room(2).voice_bridge == "701002"
    assert make_room(3, "&voiceBridge=80000").voice_bridge == "80000"


def test_parent_names_its_rooms_and_they_name_it(client, make_room, parent):
    rooms = [make_room(1), make_room(2, "&freeJoin=true")]

    of_parent = client.ask("getMeetingInfo", "meetingID=m-1")
    of_room = client.ask("getMeetingInfo", "meetingID=room-2")

    assert [one.text for one in of_parent.xml.iterfind("breakoutRooms/breakout")] == [one.meeting_id for one in rooms]
    assert of_parent.get("isBreakout") == "false"
    assert of_parent.get("parentMeetingID") is None
    assert of_room.get("parentMeetingID") == parent.internal_id
    assert (of_room.get("sequence"), of_room.get("freeJoin")) == ("2", "true")
    assert of_room.get("breakoutRooms") is None


def test_room_that_ended_is_named_no_more(simulator, client, make_room):
    make_room(1)

    simulator.end_meeting("room-1")

    assert client.ask("getMeetingInfo", "meetingID=m-1").xml.find("breakoutRooms") is None


def test_rooms_end_with_their_parent(simulator, client, make_room):
    rooms = [make_room(1), make_room(2)]

    client.ask("end", "meetingID=m-1")

    assert [room.forcibly_ended for room in rooms] == [True, True]
    assert simulator.meetings == {}


def test_parent_outlives_its_rooms(simulator, client, make_room, parent):
    make_room(1)

    client.ask("end", "meetingID=room-1")

    assert list(simulator.meetings) == ["m-1"]


def test_parent_may_be_named_by_its_internal_id(simulator, client, parent):
    client.ask("create", f"name=Room&meetingID=room&isBreakout=true&parentMeetingID={parent.internal_id}")

    assert simulator.meetings["room"].settings.parent_internal_id == parent.internal_id


def test_parent_that_has_ended_is_none(make_simulator, make_client):
    simulator = make_simulator(ended_meetings_stay=60)
    simulator.create_meeting("m-1")
    simulator.end_meeting("m-1")

    answer = make_client(simulator).ask("create", "name=Room&meetingID=r-1&isBreakout=true&parentMeetingID=m-1")

    assert answer.key == "parentMeetingDoesNotExist"


def test_rooms_made_in_python_are_like_others(simulator, parent):
    room = simulator.create_meeting("room", is_breakout=True, parent_internal_id=parent.internal_id)

    assert parent.breakout_rooms == [room]
    assert room.settings.metadata["course"] == "7b"
