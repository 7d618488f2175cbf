"""Line breaks and blanks, as the templates of a real server leave them: programs stumble over both."""

import pytest

EMPTY_MEETING = "<attendees>\n</attendees>\n<metadata>\n</metadata>\n<isBreakout>false</isBreakout>\n"


@pytest.mark.parametrize("call", ["getMeetingInfo", "getMeetings"])
def test_what_holds_others_and_is_empty_holds_a_line_break(simulator, client, call):
    # bbbmon asks for the text in it to find out that nobody is there.
    simulator.create_meeting("m-1", name="Algebra")

    answer = client.ask(call, "meetingID=m-1")

    assert EMPTY_MEETING in answer.text
    assert answer.text.startswith("<response>\n<returncode>SUCCESS</returncode>\n<meeting")


def test_an_empty_text_stays_empty(client):
    answer = client.ask("create", "name=Algebra&meetingID=m-1")

    assert "\n<messageKey></messageKey>\n<message></message>\n</response>" in answer.text


def test_people_stand_line_by_line(simulator, client):
    simulator.create_meeting("m-1", name="Algebra")
    simulator.join("m-1", "Ada", user_id="u1", custom_data={"bbb_x": "1"})

    answer = client.ask("getMeetingInfo", "meetingID=m-1")

    assert (
        "<attendees>\n<attendee>\n<userID>u1</userID>\n<fullName>Ada</fullName>\n<role>VIEWER</role>\n" in answer.text
    )
    assert "<clientType>HTML5</clientType>\n<customdata>\n<bbb_x>1</bbb_x>\n</customdata>\n</attendee>" in answer.text


@pytest.mark.parametrize("call", ["getMeetingInfo", "getMeetings"])
def test_of_blanks_in_a_row_one_comes_back(client, call):
    client.ask("create", "name=Algebra++7b&meetingID=m-1&meta_note=one%09two%20%0D%0A%20three+four")

    answer = client.ask(call, "meetingID=m-1")

    meeting = answer.xml.find("meetings/meeting") if call == "getMeetings" else answer.xml
    assert meeting.findtext("meetingName") == "Algebra 7b"
    assert meeting.findtext("metadata/note") == "one two\nthree four"


def test_those_of_a_recording_are_kept(simulator, client):
    simulator.add_recording("m-1", name="Algebra  7b")

    assert client.ask("getRecordings", "meetingID=m-1").get("recordings/recording/name") == "Algebra  7b"


def test_a_meeting_id_with_two_blanks_comes_back_as_another(client):
    created = client.ask("create", "name=Algebra&meetingID=m++1")

    assert created.get("meetingID") == "m 1"
    assert client.ask("getMeetingInfo", "meetingID=m++1").get("returncode") == "SUCCESS"
    assert client.ask("getMeetingInfo", "meetingID=m+1").key == "notFound"
