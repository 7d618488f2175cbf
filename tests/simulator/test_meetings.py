"""create, end and the calls that look at meetings."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from lxml import etree

HARD_NAME = """<b>Tom & "Jerry's" ]]> \N{SNOWMAN}"""


def test_new_meeting_is_told_in_full(client):
    answer = client.ask("create", "name=Algebra&meetingID=m-1&attendeePW=ap&moderatorPW=mp&duration=90")

    digest = hashlib.sha1(b"m-1").hexdigest()
    assert [element.tag for element in answer.xml] == [
        "returncode",
        "meetingID",
        "internalMeetingID",
        "parentMeetingID",
        "attendeePW",
        "moderatorPW",
        "createTime",
        "voiceBridge",
        "dialNumber",
        "createDate",
        "hasUserJoined",
        "duration",
        "hasBeenForciblyEnded",
        "messageKey",
        "message",
    ]
    assert answer.get("internalMeetingID") == f"{digest}-{answer.get('createTime')}"
    assert answer.get("parentMeetingID") == "bbb-none"
    assert (answer.get("attendeePW"), answer.get("moderatorPW")) == ("ap", "mp")
    assert len(answer.get("createTime")) == 13
    assert answer.get("duration") == "90"
    assert answer.get("hasUserJoined") == "false"
    assert answer.get("messageKey") == ""


def test_second_create_changes_nothing_and_says_so(simulator, client):
    first = client.ask("create", "name=Algebra&meetingID=m-1&meta_a=1")

    second = client.ask("create", "name=Geometry&meetingID=m-1&meta_a=2")

    assert second.get("returncode") == "SUCCESS"
    assert second.get("messageKey") == "duplicateWarning"
    assert second.get("createTime") == first.get("createTime")
    assert simulator.meetings["m-1"].name == "Algebra"
    assert simulator.meetings["m-1"].settings.metadata == {"a": "1"}


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ("&attendeePW=ap&moderatorPW=mp", "&attendeePW=ap&moderatorPW=mp", "duplicateWarning"),
        ("&attendeePW=ap&moderatorPW=mp", "", "duplicateWarning"),
        ("&attendeePW=ap&moderatorPW=mp", "&attendeePW=ap&moderatorPW=xx", "idNotUnique"),
        ("&attendeePW=ap&moderatorPW=mp", "&moderatorPW=mp", "idNotUnique"),
        ("", "&attendeePW=ap&moderatorPW=mp", "idNotUnique"),
    ],
)
def test_second_create_needs_both_passwords_or_none(client, first, second, key):
    client.ask("create", f"name=Algebra&meetingID=m-1{first}")

    answer = client.ask("create", f"name=Algebra&meetingID=m-1{second}")

    assert answer.get("messageKey") == key


def test_of_many_creates_at_once_exactly_one_makes_the_meeting(client):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.ask("create", "name=Algebra&meetingID=m-1"), range(16)))

    keys = [answer.get("messageKey") for answer in answers]
    assert sorted(keys) == [""] + ["duplicateWarning"] * 15
    assert len({answer.get("createTime") for answer in answers}) == 1


def test_create_times_are_never_the_same(simulator, client):
    for number in range(20):
        client.ask("create", f"name=Algebra&meetingID=m-{number}")

    times = [meeting.create_time for meeting in simulator.meetings.values()]
    assert times == sorted(set(times))


def test_same_id_after_the_end_is_another_meeting(client):
    first = client.ask("create", "name=Algebra&meetingID=m-1")
    client.ask("end", "meetingID=m-1")

    second = client.ask("create", "name=Algebra&meetingID=m-1")

    assert second.get("messageKey") == ""
    assert second.get("internalMeetingID") != first.get("internalMeetingID")


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("name=Algebra", "validationError"),
        ("name=Algebra&meetingID=", "missingParamMeetingID"),
        ("name=Algebra&meetingID=m", "sizeError"),
        (f"name=Algebra&meetingID={'m' * 257}", "sizeError"),
        ("name=Algebra&meetingID=m,1", "validationError"),
        ("meetingID=m-1", "nullError"),
        ("meetingID=m-1&name=", "emptyError"),
        ("meetingID=m-1&name=A", "sizeError"),
        (f"meetingID=m-1&name={'A' * 257}", "sizeError"),
        ("meetingID=m-1&name=Algebra&attendeePW=a", "invalidPassword"),
        (f"meetingID=m-1&name=Algebra&moderatorPW={'a' * 65}", "invalidPassword"),
        ("meetingID=m-1&name=Algebra&voiceBridge=five", "validationError"),
        ("meetingID=m-1&name=Algebra&isBreakout=true", "parentMeetingIDMissing"),
        ("meetingID=m-1&name=Algebra&isBreakout=true&parentMeetingID=m-0", "parentMeetingDoesNotExist"),
    ],
)
def test_create_refuses_what_it_cannot_use(simulator, client, query, key):
    answer = client.ask("create", query)

    assert answer.status == 200
    assert answer.key == key
    assert simulator.meetings == {}


@pytest.mark.parametrize("length", [2, 256])
def test_ids_and_names_may_have_two_to_256_characters(client, length):
    answer = client.ask("create", f"meetingID={'m' * length}&name={'A' * length}")

    assert answer.get("returncode") == "SUCCESS"


def test_taken_voice_bridge_is_told_as_a_list_of_errors(client):
    client.ask("create", "name=Algebra&meetingID=m-1&voiceBridge=70000")

    answer = client.ask("create", "name=Geometry&meetingID=m-2&voiceBridge=70000")

    assert answer.key is None
    assert answer.get("errors/error/key") == "nonUniqueVoiceBridge"


@pytest.mark.parametrize(("word", "recordable"), [("true", True), ("True", False), ("1", False), ("false", False)])
def test_only_the_literal_true_is_true(simulator, client, word, recordable):
    client.ask("create", f"name=Algebra&meetingID=m-1&record={word}")

    assert simulator.meetings["m-1"].settings.record is recordable


@pytest.mark.parametrize("word", ["", "-1", "1.5", "many"])
def test_what_is_no_number_becomes_the_default(simulator, client, word):
    client.ask("create", f"name=Algebra&meetingID=m-1&duration={word}")

    assert simulator.meetings["m-1"].settings.duration == 0


def test_first_of_two_values_counts(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&name=Geometry")

    assert simulator.meetings["m-1"].name == "Algebra"


def test_metadata_comes_back_in_lower_case_without_names_that_do_not_count(client):
    client.ask("create", "name=Algebra&meetingID=m-1&meta_bbb-Origin=Site&meta_my_flag=1&meta_1a=1&meta_empty=")

    answer = client.ask("getMeetingInfo", "meetingID=m-1")

    metadata = answer.xml.find("metadata")
    assert {element.tag: element.text for element in metadata} == {"bbb-origin": "Site", "empty": None}


def test_slides_in_the_body_are_noted(simulator, client):
    body = b"""<modules><module name="presentation">
        <document url="https://files.example.org/a.pdf" filename="A.pdf"/>
        <document name="b.pdf">QUJD</document></module></modules>"""

    answer = client.ask(
        "create", "name=Algebra&meetingID=m-1", method="POST", body=body, headers={"Content-Type": "application/xml"}
    )

    assert answer.get("returncode") == "SUCCESS"
    assert simulator.meetings["m-1"].settings.documents == ("A.pdf", "b.pdf")


def test_body_that_is_not_xml_is_refused(client):
    answer = client.ask(
        "create", "name=Algebra&meetingID=m-1", method="POST", body=b"<mod", headers={"Content-Type": "text/xml"}
    )

    assert answer.key == "malformedXml"


def test_meeting_runs_only_while_somebody_is_inside(simulator, client):
    def running():
        return client.ask("isMeetingRunning", "meetingID=m-1").get("running")

    unknown = running()
    client.ask("create", "name=Algebra&meetingID=m-1")
    created = running()
    person = simulator.join("m-1", "Emmy")
    joined = running()
    simulator.leave(person)

    assert (unknown, created, joined, running()) == ("false", "false", "true", "false")


def test_meeting_info_tells_who_is_inside(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&record=true&maxParticipants=25")
    simulator.join("m-1", "Emmy", role="moderator", user_id="u1", custom_data={"colour": "red"})
    simulator.join("m-1", "David", user_id="u2")

    answer = client.ask("getMeetingInfo", "meetingID=m-1")

    assert answer.get("running") == answer.get("hasUserJoined") == answer.get("recording") == "true"
    assert (answer.get("participantCount"), answer.get("moderatorCount"), answer.get("maxUsers")) == ("2", "1", "25")
    assert (answer.get("endTime"), answer.get("isBreakout")) == ("0", "false")
    assert int(answer.get("startTime")) >= int(answer.get("createTime"))
    emmy, david = answer.xml.findall("attendees/attendee")
    assert [element.tag for element in emmy] == [
        "userID",
        "fullName",
        "role",
        "isPresenter",
        "isListeningOnly",
        "hasJoinedVoice",
        "hasVideo",
        "clientType",
        "customdata",
    ]
    assert (emmy.findtext("userID"), emmy.findtext("role"), emmy.findtext("isPresenter")) == (
        "u1",
        "MODERATOR",
        "true",
    )
    assert emmy.findtext("customdata/colour") == "red"
    assert (david.findtext("fullName"), david.findtext("role")) == ("David", "VIEWER")


def test_end_time_is_set_while_the_room_is_empty(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    person = simulator.join("m-1", "Emmy")

    simulator.leave(person)
    empty = client.ask("getMeetingInfo", "meetingID=m-1").get("endTime")
    simulator.join("m-1", "Emmy")
    back = client.ask("getMeetingInfo", "meetingID=m-1").get("endTime")

    assert empty != "0"
    assert back == "0"


def test_text_from_people_is_escaped(simulator, client):
    client.ask("create", f"name={quote(HARD_NAME)}&meetingID=m-1&meta_a={quote(HARD_NAME)}")
    simulator.join("m-1", HARD_NAME)

    for call in ("getMeetingInfo", "getMeetings"):
        root = client.ask(call, "meetingID=m-1").xml
        assert root.findtext(".//meetingName") == HARD_NAME
        assert root.findtext(".//metadata/a") == HARD_NAME
        assert root.findtext(".//fullName") == HARD_NAME


def test_characters_that_xml_cannot_hold_are_left_out(simulator, client):
    client.ask("create", "name=Al%00ge%0Bbra%EF%BF%BF&meetingID=m-1")
    simulator.join("m-1", "Em\x08my\ud800")

    answer = client.ask("getMeetingInfo", "meetingID=m-1")

    assert answer.get("meetingName") == "Algebra"
    assert answer.get("attendees/attendee/fullName") == "Emmy"


def test_user_data_with_a_bad_name_breaks_the_document_as_on_a_real_server(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    simulator.join("m-1", "Emmy", custom_data={"1x": ""})

    answer = client.ask("getMeetingInfo", "meetingID=m-1")

    with pytest.raises(etree.XMLSyntaxError):
        answer.get("returncode")


def test_no_meetings_is_a_success_with_a_key(client):
    answer = client.ask("getMeetings")

    assert answer.get("returncode") == "SUCCESS"
    assert answer.get("messageKey") == "noMeetings"
    assert len(answer.xml.find("meetings")) == 0


def test_meetings_are_listed_with_their_people(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    client.ask("create", "name=Geometry&meetingID=m-2")
    simulator.join("m-2", "Emmy")

    answer = client.ask("getMeetings")

    assert [one.text for one in answer.xml.iterfind("meetings/meeting/meetingID")] == ["m-1", "m-2"]
    assert [one.text for one in answer.xml.iterfind("meetings/meeting/participantCount")] == ["0", "1"]


def test_sessions_have_one_entry_for_each_person(simulator, client):
    nobody = client.ask("getSessions")
    client.ask("create", "name=Algebra&meetingID=m-1")
    simulator.join("m-1", "Emmy")
    simulator.join("m-1", "David")

    answer = client.ask("getSessions")

    assert nobody.get("messageKey") == "noSessions"
    assert [one.text for one in answer.xml.iterfind("sessions/meeting/userName")] == ["Emmy", "David"]
    assert answer.get("sessions/meeting/meetingID") == simulator.meetings["m-1"].internal_id


def test_end_is_a_request_that_is_granted_once(client):
    client.ask("create", "name=Algebra&meetingID=m-1")

    first, second = client.ask("end", "meetingID=m-1"), client.ask("end", "meetingID=m-1")

    assert first.get("messageKey") == "sentEndMeetingRequest"
    assert second.key == "notFound"
    assert client.ask("getMeetingInfo", "meetingID=m-1").key == "notFound"


def test_end_measures_the_password_but_does_not_compare_it(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&moderatorPW=mp&attendeePW=ap")

    too_short = client.ask("end", "meetingID=m-1&password=x")
    wrong = client.ask("end", "meetingID=m-1&password=wrong")

    assert too_short.key == "invalidPassword"
    assert wrong.get("returncode") == "SUCCESS"


@pytest.mark.parametrize("cut", [None, 53, 45])
def test_meeting_is_found_by_its_internal_id_or_the_beginning_of_it(client, cut):
    internal_id = client.ask("create", "name=Algebra&meetingID=m-1").get("internalMeetingID")

    answer = client.ask("getMeetingInfo", f"meetingID={internal_id[:cut]}")

    assert answer.get("meetingID") == "m-1"


def test_ended_meetings_may_stay_listed_for_a_while(make_simulator, make_client):
    simulator = make_simulator(ended_meetings_stay=30)
    client = make_client(simulator)
    client.ask("create", "name=Algebra&meetingID=m-1")
    client.ask("end", "meetingID=m-1")

    listed = client.ask("getMeetings").get("meetings/meeting/hasBeenForciblyEnded")
    simulator.advance(31)

    assert listed == "true"
    assert client.ask("getMeetings").get("messageKey") == "noMeetings"


def test_meeting_that_nobody_joins_expires_after_five_minutes(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")

    simulator.advance(299)
    before = list(simulator.meetings)
    simulator.advance(2)

    assert before == ["m-1"]
    assert simulator.meetings == {}


def test_meeting_expires_a_minute_after_the_last_one_left(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    emmy = simulator.join("m-1", "Emmy")
    simulator.advance(600)
    simulator.leave(emmy)

    simulator.advance(59)
    before = list(simulator.meetings)
    simulator.advance(2)

    assert before == ["m-1"]
    assert simulator.meetings == {}


def test_meeting_does_not_expire_when_somebody_comes_back_in_time(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    simulator.leave(simulator.join("m-1", "Emmy"))

    simulator.advance(30)
    simulator.join("m-1", "David")
    simulator.advance(600)

    assert list(simulator.meetings) == ["m-1"]


def test_create_chooses_the_times_of_expiry(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&meetingExpireIfNoUserJoinedInMinutes=10")
    client.ask("create", "name=Algebra&meetingID=m-2&meetingExpireWhenLastUserLeftInMinutes=0")
    simulator.leave(simulator.join("m-2", "Emmy"))

    simulator.advance(540)

    assert list(simulator.meetings) == ["m-1", "m-2"]


def test_meeting_ends_when_its_duration_is_over(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1&duration=45")
    simulator.join("m-1", "Emmy")

    simulator.advance(44 * 60)
    before = list(simulator.meetings)
    simulator.advance(2 * 60)

    assert before == ["m-1"]
    assert simulator.meetings == {}


def test_breakout_room_names_its_parent(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")

    created = client.ask("create", "name=Room+1&meetingID=m-2&isBreakout=true&parentMeetingID=m-1&sequence=1")
    answer = client.ask("getMeetingInfo", "meetingID=m-2")

    parent = simulator.meetings["m-1"].internal_id
    assert created.get("parentMeetingID") == answer.get("parentMeetingID") == parent
    assert (answer.get("isBreakout"), answer.get("sequence"), answer.get("freeJoin")) == ("true", "1", "false")


def test_restart_forgets_meetings(simulator, client):
    client.ask("create", "name=Algebra&meetingID=m-1")
    simulator.join("m-1", "Emmy")

    simulator.restart()

    assert client.ask("getMeetings").get("messageKey") == "noMeetings"
    assert client.ask("create", "name=Algebra&meetingID=m-1").get("messageKey") == ""


def test_python_helpers_name_a_meeting_that_does_not_exist(simulator):
    with pytest.raises(LookupError, match="m-1"):
        simulator.join("m-1", "Emmy")
