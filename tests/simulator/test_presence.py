"""Who counts, and for how long: people who left, programs, moderators, second sessions."""

import pytest


@pytest.fixture
def slow(make_simulator):
    """A server that takes a minute to believe that somebody has left."""
    return make_simulator(left_people_stay=60)


@pytest.fixture
def asked(slow, make_client):
    return make_client(slow)


def names(answer):
    return [one.text for one in answer.xml.iterfind(".//attendee/fullName")]


def test_meeting_runs_for_a_minute_after_the_last_one_left(slow, asked):
    slow.create_meeting("m-1", expire_when_empty=5)
    slow.leave(slow.join("m-1", "Emmy"))

    soon = asked.ask("isMeetingRunning", "meetingID=m-1").get("running")
    slow.advance(61)

    assert (soon, asked.ask("isMeetingRunning", "meetingID=m-1").get("running")) == ("true", "false")


def test_who_has_just_left_is_in_the_list_and_in_some_counts(slow, asked):
    slow.create_meeting("m-1")
    emmy, _ = slow.join("m-1", "Emmy"), slow.join("m-1", "David")
    slow.activity.start_webcam(emmy)
    asked.fetch(f"{slow.url}signOut?sessionToken={emmy.session_token}")

    info, listed = asked.ask("getMeetingInfo", "meetingID=m-1"), asked.ask("getMeetings")
    slow.advance(61)

    assert (names(info), names(listed)) == (["David"], ["David", "Emmy"])
    assert (info.get("participantCount"), info.get("videoCount")) == ("1", "1")
    assert names(asked.ask("getMeetings")) == ["David"]
    assert asked.ask("getMeetingInfo", "meetingID=m-1").get("videoCount") == "0"


def test_place_is_free_only_after_that(slow, asked):
    slow.create_meeting("m-1", max_participants=1)
    slow.leave(slow.join("m-1", "Emmy", user_id="u1"))
    query = "meetingID=m-1&fullName=D&role=VIEWER&redirect=false"

    full = asked.ask("join", f"{query}&userID=u2")
    own = asked.ask("join", f"{query}&userID=u1")
    slow.advance(30)
    slow.join("m-1", "Emmy", user_id="u1")

    assert full.key == "maxParticipantsReached"
    assert own.get("returncode") == "SUCCESS"


def test_nobody_is_left_over_when_the_meeting_ends(slow):
    meeting = slow.create_meeting("m-1")
    slow.leave(slow.join("m-1", "Emmy"))

    slow.end_meeting("m-1")

    assert meeting.leaving == {}
    assert not meeting.is_running


def test_program_does_not_count(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&maxParticipants=1")
    bot = client.ask("join", "meetingID=m-1&fullName=Recorder&role=MODERATOR&bot=true")
    client.fetch(bot.location)
    client.fetch(client.ask("join", "meetingID=m-1&fullName=Emmy&role=VIEWER").location)
    again = client.ask("join", "meetingID=m-1&fullName=Notes&role=VIEWER&bot=true")

    info = client.ask("getMeetingInfo", "meetingID=m-1")

    assert (info.get("participantCount"), info.get("moderatorCount")) == ("1", "0")
    assert "sessionToken=" in again.location


def test_userdata_of_the_last_join_is_that_of_all_sessions_of_a_user(simulator, client):
    simulator.create_meeting("m-1")
    simulator.join("m-1", "Emmy", user_id="u1", custom_data={"colour": "red"})
    simulator.join("m-1", "Emmy", user_id="u1", custom_data={"colour": "blue"})
    simulator.join("m-1", "David", user_id="u2", custom_data={"colour": "green"})

    info = client.ask("getMeetingInfo", "meetingID=m-1")

    assert [one.text for one in info.xml.iterfind(".//attendee/userID")] == ["u1", "u1", "u2"]
    assert [one.text for one in info.xml.iterfind(".//customdata/colour")] == ["blue", "blue", "green"]


def test_list_of_meetings_groups_large_numbers(client):
    client.ask("create", "name=Algebra&meetingID=m-1&maxParticipants=1200&duration=10080")

    listed, info = client.ask("getMeetings"), client.ask("getMeetingInfo", "meetingID=m-1")

    assert (listed.get("meetings/meeting/maxUsers"), info.get("maxUsers")) == ("1,200", "1200")
    assert (listed.get("meetings/meeting/duration"), info.get("duration")) == ("10,080", "10080")
    assert "," not in listed.get("meetings/meeting/createTime")


@pytest.mark.parametrize(
    ("query", "seconds"),
    [("endWhenNoModerator=true", 60), ("endWhenNoModerator=true&endWhenNoModeratorDelayInMinutes=3", 180)],
)
def test_meeting_may_end_when_its_moderators_have_gone(simulator, client, query, seconds):
    client.ask("create", f"name=Algebra&meetingID=m-1&{query}")
    first, second = (simulator.join("m-1", name, role="MODERATOR") for name in ("Emmy", "Sophie"))
    simulator.join("m-1", "David")
    simulator.leave(first)
    simulator.advance(600)

    simulator.leave(second)
    simulator.advance(seconds - 1)
    before = list(simulator.meetings)
    simulator.advance(2)

    assert before == ["m-1"]
    assert simulator.meetings == {}


def test_meeting_goes_on_when_a_moderator_comes_back_in_time(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&endWhenNoModerator=true")
    simulator.join("m-1", "David")
    simulator.leave(simulator.join("m-1", "Emmy", role="MODERATOR"))

    simulator.advance(20)
    emmy = simulator.join("m-1", "Emmy", role="MODERATOR")
    simulator.advance(20)
    simulator.leave(emmy)
    simulator.advance(30)

    assert list(simulator.meetings) == ["m-1"]


@pytest.mark.parametrize("query", ["", "&endWhenNoModerator=1", "&endWhenNoModeratorDelayInMinutes=1"])
def test_meeting_goes_on_without_moderators_unless_told(simulator, client, query):
    client.ask("create", f"name=Algebra&meetingID=m-1{query}")
    simulator.join("m-1", "David")
    simulator.leave(simulator.join("m-1", "Emmy", role="MODERATOR"))

    simulator.advance(3600)

    assert list(simulator.meetings) == ["m-1"]
