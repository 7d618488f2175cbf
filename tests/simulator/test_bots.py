"""People who come by themselves."""

import pytest

from django_bbb.simulator import NotPossible, Timetable
from django_bbb.simulator.events import EventKind


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1")


def happened(meeting, kind):
    return [event for event in meeting.history if event.kind is kind]


def test_people_are_there_at_once_without_a_timetable(simulator, client, meeting):
    crowd = simulator.add_people("m-1", 30, Timetable(moderators=2))

    info = client.ask("getMeetingInfo", "meetingID=m-1")

    assert (info.get("participantCount"), info.get("moderatorCount")) == ("30", "2")
    assert len({person.user_id for person in crowd.people}) == 30


def test_the_same_seed_gives_the_same_people_who_do_the_same(simulator, make_simulator):
    def lesson(server):
        meeting = server.create_meeting("m-1")
        crowd = server.add_people("m-1", 10, Timetable(join_within=60, stay=(300, 900)), seed=7)
        server.advance(3600)
        told = [(event.kind, event.person.name, event.facts) for event in meeting.history if event.person]
        return [(person.name, person.user_id) for person in crowd.people], told

    first, second = lesson(simulator), lesson(make_simulator())

    assert len(first[0]) == 10
    assert first == second


def test_people_come_act_and_leave_within_their_times(simulator, meeting):
    timetable = Timetable(join_within=60, stay=(300, 900), messages=2, talks=1, talk_for=5, hands=1, webcam=True)
    simulator.add_people("m-1", 20, timetable)
    at_first = len(meeting.people)

    simulator.advance(60)
    all_there = len(meeting.people)
    simulator.advance(900)

    assert at_first < 20
    assert all_there == 20
    assert meeting.people == {}
    count = {kind: len(happened(meeting, kind)) for kind in EventKind}
    assert count[EventKind.USER_JOINED] == count[EventKind.USER_LEFT] == 20
    assert count[EventKind.CHAT_MESSAGE_SENT] == 40
    assert count[EventKind.UNMUTED] == count[EventKind.MUTED] == 20
    assert count[EventKind.RAISE_HAND_CHANGED] == 40
    assert count[EventKind.WEBCAM_STARTED] == count[EventKind.WEBCAM_ENDED] == 20


def test_each_thing_happens_at_its_own_time_however_far_the_clock_is_put(simulator, meeting):
    simulator.add_people("m-1", 20, Timetable(join_within=600, stay=(1200, 2400)))

    simulator.advance(7200)

    joined, left = (happened(meeting, kind) for kind in (EventKind.USER_JOINED, EventKind.USER_LEFT))
    assert len({event.at // 1000 for event in joined}) > 10
    stays = {event.person: event.at for event in left}
    assert all(1_199_000 <= stays[event.person] - event.at <= 2_401_000 for event in joined)


def test_people_answer_polls(simulator, meeting):
    teacher = simulator.join("m-1", "Emmy", role="MODERATOR")
    simulator.add_people("m-1", 20, Timetable(vote_within=10))

    poll = simulator.activity.start_poll(teacher, "Ready?", ["Yes", "No"])
    simulator.advance(10)

    assert len(poll.votes) == 20
    assert {answer for (answer,) in poll.votes.values()} == {0, 1}


def test_two_crowds_are_different_people(simulator, meeting):
    simulator.add_people("m-1", 5)
    simulator.add_people("m-1", 5)

    assert len({person.user_id for person in meeting.people.values()}) == 10


def test_full_class_takes_no_more(simulator):
    meeting = simulator.create_meeting("m-2", max_participants=3)

    simulator.add_people("m-2", 5)

    assert len(meeting.people) == 3


def test_nobody_comes_after_the_end(simulator, meeting):
    simulator.add_people("m-1", 5, Timetable(join_within=600))
    simulator.end_meeting("m-1")
    before = len(meeting.history)

    simulator.advance(600)

    assert len(meeting.history) == before


def test_nobody_comes_after_a_restart(simulator, meeting):
    crowd = simulator.add_people("m-1", 5, Timetable(join_within=600))
    there = len(crowd.people)

    simulator.restart()
    simulator.advance(600)

    assert len(crowd.people) == there


def test_ended_class_takes_nobody(simulator, make_simulator):
    server = make_simulator(ended_meetings_stay=60)
    server.create_meeting("m-1")
    server.end_meeting("m-1")

    with pytest.raises(NotPossible, match="has ended"):
        server.add_people("m-1", 1)


@pytest.mark.parametrize("count", [0, -1, 100_001])
def test_senseless_number_of_people_is_refused(simulator, meeting, count):
    with pytest.raises(ValueError, match="from 1 to 100000"):
        simulator.add_people("m-1", count)


@pytest.mark.parametrize(
    "times", [{"join_within": -1}, {"join_within": float("nan")}, {"stay": (5, 1)}, {"messages": -1}, {"talks": 1001}]
)
def test_senseless_timetable_is_refused(times):
    with pytest.raises(ValueError, match=r"time|number|stay"):
        Timetable(**times)
