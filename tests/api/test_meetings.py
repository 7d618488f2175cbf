"""Calls about meetings over a transport that knows one answer, and over the simulator where it knows the call."""

import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from django_bbb.api import (
    BigBlueButtonClient,
    CreateTimeMismatch,
    DisabledFeature,
    Document,
    Group,
    GuestDenied,
    InvalidParameters,
    InvalidPassword,
    LearningDashboard,
    Listing,
    MaxParticipantsReached,
    MeetingNotFound,
    Modules,
    ServerError,
    Session,
    SignedURL,
    UnreadableResponse,
    UnsupportedCall,
)

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"

CREATED = (
    "<meetingID>m-1</meetingID><internalMeetingID>i-1</internalMeetingID><createTime>1767225600000</createTime>"
    "<duration>0</duration><messageKey/><message/>"
)


def failed(key: str, message: str = "Some words.") -> bytes:
    return (
        f"<response><returncode>FAILED</returncode><messageKey>{key}</messageKey>"
        f"<message>{message}</message></response>"
    ).encode()


def answering(**inside: object) -> bytes:
    return json.dumps({"response": {"returncode": "SUCCESS", **inside}}).encode()


def sent(transport) -> list[tuple[str, str]]:
    """The parameters of the one call, without its checksum."""
    (url,) = transport.urls
    *pairs, (last, _digest) = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert last == "checksum"
    return pairs


# --- create -------------------------------------------------------------------------------------------


def test_snippet_for_newcomers_runs_as_it_stands(canned, success):
    transport = canned(success(CREATED))
    client = BigBlueButtonClient("http://127.0.0.1:8124/bigbluebutton/api/", "secret", transport=transport)

    client.check_connection()
    meeting = client.meetings.create_meeting(
        name="Test Meeting",
        meeting_id="random-9887584",
        attendee_pw="ap",
        moderator_pw="mp",
        record=True,
        autoStartRecording=True,
        allowStartStopRecording=True,
    )

    assert meeting.create_time == datetime(2026, 1, 1, tzinfo=UTC)
    assert parse_qsl(urlsplit(transport.urls[-1]).query)[:-1] == [
        ("name", "Test Meeting"),
        ("meetingID", "random-9887584"),
        ("attendeePW", "ap"),
        ("moderatorPW", "mp"),
        ("record", "true"),
        ("autoStartRecording", "true"),
        ("allowStartStopRecording", "true"),
    ]


def test_create_of_a_running_meeting_is_no_error(client_hearing, success):
    body = success(CREATED.replace("<messageKey/>", "<messageKey>duplicateWarning</messageKey>"))

    assert client_hearing(body).meetings.create_meeting(name="AB", meeting_id="m-1").already_existed is True


def test_join_url_is_made_without_asking_anybody(canned):
    transport = canned()
    client = BigBlueButtonClient(URL, SECRET, transport=transport)

    url = client.meetings.join_url(
        full_name="Änne & Bo",
        meeting_id="m-1",
        role="MODERATOR",
        user_id="u-1",
        create_time=datetime(2026, 1, 1, tzinfo=UTC),
        logout_url="https://lms.example.org/?course=7b",
        userdata={"bbb_auto_join_audio": False},
    )

    assert isinstance(url, SignedURL)
    assert transport.urls == []
    assert parse_qsl(urlsplit(str(url)).query)[:-1] == [
        ("fullName", "Änne & Bo"),
        ("meetingID", "m-1"),
        ("role", "MODERATOR"),
        ("userID", "u-1"),
        ("createTime", "1767225600000"),
        ("logoutURL", "https://lms.example.org/?course=7b"),
        ("userdata-bbb_auto_join_audio", "false"),
    ]
    assert "checksum" not in repr(url)


def test_join_url_of_wrong_arguments_is_refused(client_hearing):
    with pytest.raises(InvalidParameters) as caught:
        client_hearing().meetings.join_url(full_name="A")

    assert caught.value.call == "join"


def test_end_asks_the_server(canned, success):
    transport = canned(success("<messageKey>sentEndMeetingRequest</messageKey>"))

    result = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.end_meeting(meeting_id="m-1")

    assert result is None
    assert transport.urls[0].startswith(f"{URL}end?meetingID=m-1&checksum=")


@pytest.mark.parametrize(("text", "running"), [("true", True), ("false", False), ("", False), (" TRUE ", True)])
def test_meeting_runs_or_not(client_hearing, success, text, running):  # pitfalls.md 13
    client = client_hearing(success(f"<running>{text}</running>"))

    assert client.meetings.is_meeting_running(meeting_id="m-1") is running


@pytest.mark.parametrize("number", [0, 1, 2, 30])
def test_meetings_are_as_many_as_there_are(client_hearing, success, number):  # pitfalls.md 2
    meetings = "".join(f"<meeting><meetingID>m-{n}</meetingID></meeting>" for n in range(number))

    found = client_hearing(success(f"<meetings>{meetings}</meetings>")).meetings.get_meetings()

    assert [meeting.meeting_id for meeting in found] == [f"m-{n}" for n in range(number)]


@pytest.mark.parametrize("inside", ["<meetings/><messageKey>noMeetings</messageKey>", "", "<meetings>\n</meetings>"])
def test_no_meetings_is_no_error(client_hearing, success, inside):  # pitfalls.md 2
    assert client_hearing(success(inside)).meetings.get_meetings() == ()


def test_one_meeting_is_read_from_the_answer_itself(client_hearing, success):
    body = success(
        "<meetingName>Maths</meetingName><meetingID>m-1</meetingID><running>true</running>"
        "<attendees><attendee><userID>u</userID></attendee></attendees>"
    )

    meeting = client_hearing(body).meetings.get_meeting_info(meeting_id="m-1")

    assert (meeting.name, meeting.running, len(meeting.attendees)) == ("Maths", True, 1)


@pytest.mark.parametrize("key", ["notFound", "invalidMeetingIdentifier", "meetingForciblyEnded"])
def test_meeting_that_is_gone_is_not_found(client_hearing, key):  # pitfalls.md 1
    with pytest.raises(MeetingNotFound) as caught:
        client_hearing(failed(key)).meetings.get_meeting_info(meeting_id="m-1")

    assert (caught.value.message_key, caught.value.call) == (key, "getMeetingInfo")
    assert (caught.value.message, caught.value.server) == ("Some words.", "bbb.example.org")


def test_groups_and_features_are_sent_as_the_server_reads_them(canned, success):
    transport = canned(success(CREATED))

    BigBlueButtonClient(URL, SECRET, transport=transport).meetings.create_meeting(
        name="AB",
        meeting_id="m-1",
        groups=[Group("1", "Änne & Co", ["u-1", "u-2"]), Group("2")],
        disabled_features={DisabledFeature.POLLS, "aNewFeature"},
        disabled_features_exclude=[DisabledFeature.CHAT],
    )

    found = dict(sent(transport))
    assert json.loads(found["groups"]) == [
        {"id": "1", "name": "Änne & Co", "roster": ["u-1", "u-2"]},
        {"id": "2", "roster": []},
    ]
    assert found["disabledFeatures"] == "aNewFeature,polls"
    assert found["disabledFeaturesExclude"] == "chat"


@pytest.mark.parametrize(
    ("starts", "may_start"),
    [("auto_start_recording", "allow_start_stop_recording"), ("autoStartRecording", "allowStartStopRecording")],
)
def test_recording_that_nobody_can_start_is_warned_of(canned, success, starts, may_start):
    transport = canned(success(CREATED))
    meetings = BigBlueButtonClient(URL, SECRET, transport=transport).meetings

    with pytest.warns(UserWarning, match="nobody can start the recording") as caught:
        meetings.create_meeting(name="AB", meeting_id="m-1", record=True, **{starts: False, may_start: False})

    assert caught[0].filename == __file__
    assert dict(sent(transport))["autoStartRecording"] == "false"


@pytest.mark.parametrize(
    "arguments",
    [
        {"record": True, "auto_start_recording": False},
        {"record": True, "auto_start_recording": True, "allow_start_stop_recording": False},
        {"record": False, "auto_start_recording": False, "allow_start_stop_recording": False},
    ],
)
def test_other_recordings_are_not_warned_of(canned, success, arguments, recwarn):
    transport = canned(success(CREATED))

    BigBlueButtonClient(URL, SECRET, transport=transport).meetings.create_meeting(
        name="AB", meeting_id="m-1", **arguments
    )

    assert not recwarn


def test_groups_may_be_plain_data_and_nothing_else(canned, success):
    transport = canned(success(CREATED))
    meetings = BigBlueButtonClient(URL, SECRET, transport=transport).meetings

    meetings.create_meeting(name="AB", meeting_id="m-1", groups=[{"id": 1, "roster": []}])

    assert dict(sent(transport))["groups"] == '[{"id":1,"roster":[]}]'
    with pytest.raises(InvalidParameters):
        meetings.create_meeting(name="AB", meeting_id="m-1", groups=[object()])


def test_create_without_slides_has_no_body(canned, success):
    transport = canned(success(CREATED))

    BigBlueButtonClient(URL, SECRET, transport=transport).meetings.create_meeting(name="AB", meeting_id="m-1")

    assert (transport.methods, transport.bodies, transport.content_types) == (["GET"], [b""], [""])


def test_slides_are_posted_with_the_parameters_signed_in_the_query(canned, success):
    transport = canned(success(CREATED))
    client = BigBlueButtonClient(URL, SECRET, transport=transport)

    client.meetings.create_meeting(
        name="AB",
        meeting_id="m-1",
        slides=[Document(url="https://lms.example.org/a.pdf")],
        modules=Modules(shared_notes_initial_content_markdown="# Plan"),
    )
    client.meetings.create_meeting(name="AB", meeting_id="m-1")

    assert transport.methods == ["POST", "GET"]
    assert transport.urls[0] == transport.urls[1]
    assert transport.content_types[0] == "application/xml"
    assert transport.bodies[0] == (
        b'<modules><module name="presentation"><document url="https://lms.example.org/a.pdf">'
        b"</document></module>"
        b'<module name="sharedNotesInitialContentMarkdown"># Plan</module></modules>'
    )


def test_problems_of_slides_are_told_with_those_of_the_parameters(canned):
    transport = canned()

    with pytest.raises(InvalidParameters) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport, largest_document=3).meetings.create_meeting(
            name="A",
            meeting_id="m-1",
            slides=[Document(content=b"1234", filename="a.pdf"), Document(url="ftp://x/a.pdf")],
        )

    assert caught.value.problems == (
        "name must have 2 to 256 characters, not 1.",
        "slides[0] 'a.pdf' has 4 bytes; the server takes 3 at most.",
        "slides[1] must have an absolute http or https address as its url.",
    )
    assert transport.urls == []


def test_server_may_take_larger_documents_also_with_another_deadline(canned, success):
    transport = canned(success(CREATED))
    client = BigBlueButtonClient(URL, SECRET, transport=transport, largest_document=30_000_001).with_deadline(60)

    client.meetings.create_meeting(
        name="AB", meeting_id="m-1", slides=[Document(content=bytes(30_000_001), filename="a.pdf")]
    )

    assert len(transport.bodies[0]) > 40_000_000


def test_simulator_gets_slides_by_address_and_by_file(simulator):
    client = BigBlueButtonClient(simulator.url, simulator.secret)

    created = client.meetings.create_meeting(
        name="AB",
        meeting_id="m-1",
        slides=[
            Document(url="https://lms.example.org/a.pdf?b=1&c=2", filename='Ä & "B".pdf'),
            Document(content=bytes(range(256)) * 5000, filename="it's ]]> <c>.pdf"),
        ],
    )

    assert created.already_existed is False
    assert simulator.meetings["m-1"].settings.documents == ('Ä & "B".pdf', "it's ]]> <c>.pdf")


# --- join ---------------------------------------------------------------------------------------------

JOINED = (
    "<messageKey>successfullyJoined</messageKey><message>x</message><meeting_id>i-1</meeting_id>"
    "<user_id>w_1</user_id><auth_token>SENTINEL-auth</auth_token><session_token>SENTINEL-session</session_token>"
    "<guestStatus>WAIT</guestStatus><url>\n https://bbb.example.org/html5client/?sessionToken=SENTINEL-session </url>"
)


def test_join_from_here_asks_for_no_redirect_and_tells_the_session(canned, success):
    transport = canned(success(JOINED))

    joined = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.join(
        full_name="A", meeting_id="m-1", role="VIEWER", redirect=True
    )

    assert dict(sent(transport))["redirect"] == "false"
    assert (joined.meeting_id, joined.user_id, joined.guest_status) == ("i-1", "w_1", "WAIT")
    assert (joined.auth_token, joined.session_token) == ("SENTINEL-auth", "SENTINEL-session")
    assert joined.url == "https://bbb.example.org/html5client/?sessionToken=SENTINEL-session"
    assert isinstance(joined.url, SignedURL)


def test_session_of_a_join_is_not_shown(client_hearing, success):  # pitfalls.md 9
    joined = client_hearing(success(JOINED)).meetings.join(full_name="A", meeting_id="m-1", role="VIEWER")

    assert "SENTINEL" not in f"{joined!r} {joined}"


@pytest.mark.parametrize("url", ["", "<url/>", "<url>javascript:alert(1)</url>", "<url>/html5client</url>"])
def test_join_that_leads_nowhere_is_unreadable(client_hearing, success, url):
    with pytest.raises(UnreadableResponse, match="answered join with something incomplete"):
        client_hearing(success(f"<meeting_id>i</meeting_id>{url}")).meetings.join(full_name="A", meeting_id="m-1")


REFUSALS = [
    ("invalidMeetingIdentifier", MeetingNotFound),
    ("meetingForciblyEnded", MeetingNotFound),
    ("mismatchCreateTimeParam", CreateTimeMismatch),
    ("invalidPassword", InvalidPassword),
    ("maxParticipantsReached", MaxParticipantsReached),
    ("guestDeniedAccess", GuestDenied),
    ("userNotFound", ServerError),
    ("Params required", ServerError),
]


@pytest.mark.parametrize(("key", "kind"), REFUSALS)
def test_refused_join_is_an_error_of_its_own(client_hearing, key, kind):
    with pytest.raises(ServerError) as caught:
        client_hearing(failed(key)).meetings.join(full_name="A", meeting_id="m-1", role="VIEWER")

    assert type(caught.value) is kind
    assert (caught.value.message_key, caught.value.call) == (key, "join")


@pytest.mark.parametrize(("key", "kind"), REFUSALS)
def test_join_refused_by_a_redirect_is_the_same_error(canned, key, kind):
    errors = quote(json.dumps([{"key": key, "message": "Some words."}, {"key": "other"}]))
    transport = canned(status=302, headers={"Location": f"https://lms.example.org/?a=b&errors={errors}#c"})

    with pytest.raises(ServerError) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport, name="Room server").meetings.join(
            full_name="A", meeting_id="m-1"
        )

    assert type(caught.value) is kind
    assert (caught.value.message_key, caught.value.message) == (key, "Some words.")
    assert (caught.value.call, caught.value.server) == ("join", "Room server")


@pytest.mark.parametrize(
    "location",
    [
        "",
        "https://bbb.example.org/html5client/?sessionToken=SENTINEL",
        "https://lms.example.org/?errors=",
        "https://lms.example.org/?errors=nonsense",
        "https://lms.example.org/?errors=[]",
        "https://lms.example.org/?errors=[1]",
        "https://lms.example.org/?errors={}",
        "https://lms.example.org/?" + "a=b&" * 1000,
        "http://[x/?errors=[]",
    ],
)
def test_other_redirect_of_a_join_is_unreadable(canned, location, everything_said_by):
    transport = canned(status=302, headers={"Location": location} if location else {})

    with pytest.raises(UnreadableResponse) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport).meetings.join(full_name="A", meeting_id="m-1")

    assert "SENTINEL" not in everything_said_by(caught.value)


def test_redirect_of_another_call_is_not_read(canned):
    transport = canned(status=302, headers={"Location": 'https://x.example.org/?errors=[{"key":"notFound"}]'})

    with pytest.raises(UnreadableResponse):
        BigBlueButtonClient(URL, SECRET, transport=transport).meetings.end_meeting(meeting_id="m-1")


def test_simulator_lets_a_program_in(simulator):
    client = BigBlueButtonClient(simulator.url, simulator.secret)
    created = client.meetings.create_meeting(name="AB", meeting_id="m-1")

    joined = client.meetings.join(
        full_name="Bot", meeting_id="m-1", role="VIEWER", create_time=created.create_time, user_id="u-1"
    )

    assert joined.meeting_id == created.internal_meeting_id
    assert joined.guest_status == "ALLOW"
    with pytest.raises(MeetingNotFound):
        client.meetings.join(full_name="Bot", meeting_id="m-2", role="VIEWER")
    with pytest.raises(CreateTimeMismatch):
        client.meetings.join(
            full_name="Bot", meeting_id="m-1", role="VIEWER", create_time=created.create_time - timedelta(seconds=1)
        )
    with pytest.raises(InvalidPassword), pytest.warns(DeprecationWarning, match="use role"):
        client.meetings.join(full_name="Bot", meeting_id="m-1", password="wrong")


# --- lists --------------------------------------------------------------------------------------------


def test_broken_meeting_is_left_out_and_counted(client_hearing, success, caplog):  # threats.md 73
    body = success(
        "<meetings><meeting><meetingID>m-1</meetingID></meeting><meeting><meetingName>SENTINEL</meetingName></meeting>"
        "<meeting><meetingID>m-2</meetingID></meeting></meetings>"
    )

    with caplog.at_level(logging.WARNING):
        found = client_hearing(body, name="Room server").meetings.get_meetings()

    assert [one.meeting_id for one in found] == ["m-1", "m-2"]
    assert found.skipped == 1
    assert caplog.messages == ["Room server answered getMeetings with 1 of 3 that cannot be read; they are left out."]
    assert "SENTINEL" not in caplog.text


def test_list_without_broken_ones_logs_nothing(client_hearing, success, caplog):
    found = client_hearing(success("<meetings><meeting><meetingID>m</meetingID></meeting></meetings>"))

    assert found.meetings.get_meetings().skipped == 0
    assert caplog.messages == []


def test_nothing_but_broken_meetings_is_not_an_empty_list(client_hearing, success):  # threats.md 73
    with pytest.raises(UnreadableResponse, match="answered getMeetings with something incomplete"):
        client_hearing(success("<meetings><meeting/><meeting/></meetings>")).meetings.get_meetings()


@pytest.mark.parametrize(("call", "key"), [("get_meetings", "noMeetings"), ("get_sessions", "noSessions")])
def test_nothing_found_is_no_error_even_as_a_refusal(client_hearing, call, key):
    assert getattr(client_hearing(failed(key)).meetings, call)() == ()


def test_nothing_found_is_an_error_where_it_makes_no_sense(client_hearing):
    with pytest.raises(ServerError):
        client_hearing(failed("noMeetings")).meetings.get_meeting_info(meeting_id="m-1")


@pytest.mark.parametrize("number", [0, 1, 3])
def test_sessions_are_as_many_as_there_are(client_hearing, success, number):
    one = (
        "<meeting><meetingID> i-1 </meetingID><meetingName><![CDATA[A & B]]></meetingName>"
        "<userName>Änne</userName></meeting>"
    )

    found = client_hearing(success(f"<sessions>{one * number}</sessions>")).meetings.get_sessions()

    assert found == (Session(internal_meeting_id="i-1", meeting_name="A & B", user_name="Änne"),) * number
    assert isinstance(found, Listing)


def test_session_without_a_meeting_is_left_out(client_hearing, success):  # threats.md 73
    body = success("<sessions><meeting/><meeting><meetingID>i</meetingID></meeting></sessions>")

    found = client_hearing(body).meetings.get_sessions()

    assert (len(found), found.skipped) == (1, 1)


def test_simulator_tells_sessions(simulator):
    client = BigBlueButtonClient(simulator.url, simulator.secret)
    assert client.meetings.get_sessions() == ()

    simulator.create_meeting("m-1", name="Maths")
    simulator.join("m-1", name="Anna")

    (session,) = client.meetings.get_sessions()
    assert (session.meeting_name, session.user_name) == ("Maths", "Anna")


# --- slides and chat ----------------------------------------------------------------------------------


def test_slides_are_inserted_by_a_post(canned, success):
    transport = canned(success("<message>Presentation is being uploaded</message>"))

    result = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.insert_document(
        meeting_id="m-1", slides=[Document(url="https://lms.example.org/a.pdf", current=True)]
    )

    assert result is None
    assert transport.methods == ["POST"]
    assert transport.content_types == ["application/xml"]
    assert transport.urls[0].startswith(f"{URL}insertDocument?meetingID=m-1&checksum=")
    assert b'current="true"' in transport.bodies[0]


def test_inserting_nothing_is_refused_before_it_is_sent(canned):
    transport = canned()

    with pytest.raises(InvalidParameters) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport).meetings.insert_document(slides=[])

    assert caught.value.problems == ("meeting_id is missing.", "slides is missing.")
    assert transport.urls == []


def test_inserted_slides_may_be_as_large_as_the_server_takes(canned):
    transport = canned()
    client = BigBlueButtonClient(URL, SECRET, transport=transport, largest_document=3)

    with pytest.raises(InvalidParameters, match="has 4 bytes; the server takes 3 at most"):
        client.meetings.insert_document(meeting_id="m-1", slides=[Document(content=b"1234", filename="a.pdf")])

    assert transport.urls == []


def test_refused_slides_come_without_a_key(client_hearing):
    body = b"<response><returncode>FAILED</returncode><message>No such meeting</message></response>"

    with pytest.raises(ServerError) as caught:
        client_hearing(body).meetings.insert_document(
            meeting_id="m-1", slides=[Document(url="https://lms.example.org/a.pdf")]
        )

    assert (caught.value.message_key, caught.value.message) == ("", "No such meeting")


def test_chat_message_is_sent(canned, success):
    transport = canned(success("<messageKey></messageKey><message></message>"))

    result = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.send_chat_message(
        meeting_id="m-1", message="Five more minutes.\nThen we stop.", user_name="Clock"
    )

    assert result is None
    assert transport.methods == ["GET"]
    assert sent(transport) == [
        ("meetingID", "m-1"),
        ("message", "Five more minutes.\nThen we stop."),
        ("userName", "Clock"),
    ]


def test_chat_message_into_an_empty_room_finds_no_meeting(client_hearing):
    with pytest.raises(MeetingNotFound):
        client_hearing(failed("meetingNotFound")).meetings.send_chat_message(meeting_id="m-1", message="x")


# --- sessions of people -------------------------------------------------------------------------------


def test_join_url_of_a_session_is_what_the_server_signed(canned):
    transport = canned(answering(message="x", url="https://bbb.example.org/bigbluebutton/api/join?a=b&checksum=c"))

    url = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.get_join_url(
        session_token="t", replace_session=True, userdata={"bbb_client_title": "Slides"}
    )

    assert url == "https://bbb.example.org/bigbluebutton/api/join?a=b&checksum=c"
    assert isinstance(url, SignedURL)
    assert sent(transport) == [
        ("sessionToken", "t"),
        ("replaceSession", "true"),
        ("userdata-bbb_client_title", "Slides"),
    ]


@pytest.mark.parametrize("inside", [{}, {"url": ""}, {"url": None}, {"url": ["x"]}, {"url": "javascript:alert(1)"}])
def test_join_url_that_is_none_is_unreadable(client_hearing, inside):
    with pytest.raises(UnreadableResponse) as caught:
        client_hearing(answering(**inside)).meetings.get_join_url(session_token="t")

    assert caught.value.call == "getJoinUrl"


@pytest.mark.parametrize("call", ["get_join_url", "learning_dashboard", "feedback"])
def test_refusal_in_json_is_an_error_with_all_the_server_said(client_hearing, call):  # pitfalls.md 1, 12
    body = b'{"response":{"returncode":"FAILED","message":"Invalid Session","sessionToken":"SENTINEL"}}'

    with pytest.raises(ServerError) as caught:
        getattr(client_hearing(body).meetings, call)(session_token="t")

    assert type(caught.value) is ServerError
    assert (caught.value.message_key, caught.value.message) == ("", "Invalid Session")
    assert "SENTINEL" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        '{"extId": "m-1", "users": {}}',
        {"extId": "m-1", "users": {}},
    ],
)
def test_dashboard_is_read_from_json_inside_of_json(client_hearing, data):
    dashboard = client_hearing(answering(data=data, sessionToken="t")).meetings.learning_dashboard(session_token="t")

    assert isinstance(dashboard, LearningDashboard)
    assert dashboard.meeting_id == "m-1"


@pytest.mark.parametrize("inside", [{}, {"data": ""}, {"data": "nonsense"}, {"data": "[]"}, {"data": None}])
def test_dashboard_without_data_is_unreadable(client_hearing, inside):
    with pytest.raises(UnreadableResponse) as caught:
        client_hearing(answering(**inside)).meetings.learning_dashboard(session_token="t")

    assert caught.value.call == "learningDashboard"


@pytest.mark.parametrize("body", [answering(), b'{"status": "ok", "feedback_id": "f-1", "rating": 4}'])
def test_feedback_is_posted_and_its_answer_may_lack_the_envelope(canned, body):
    transport = canned(body)

    result = BigBlueButtonClient(URL, SECRET, transport=transport).meetings.feedback(
        session_token="t", rating=4, comment="Nice"
    )

    assert result is None
    assert transport.methods == ["POST"]
    assert sent(transport) == [("sessionToken", "t"), ("rating", "4"), ("comment", "Nice")]


@pytest.mark.parametrize("body", [b'{"status": "error"}', b'{"status": ["ok"]}', b"{}", b"[]"])
def test_feedback_that_was_not_taken_is_an_error(client_hearing, body):
    with pytest.raises(UnreadableResponse):
        client_hearing(body).meetings.feedback(session_token="t")


def test_only_feedback_may_lack_the_envelope(client_hearing):
    with pytest.raises(UnreadableResponse):
        client_hearing(b'{"status": "ok"}').meetings.get_join_url(session_token="t")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get_sessions", {}),
        ("get_join_url", {"session_token": "t"}),
        ("learning_dashboard", {"session_token": "t"}),
        ("feedback", {"session_token": "t"}),
        ("send_chat_message", {"meeting_id": "m-1", "message": "x"}),
        ("insert_document", {"meeting_id": "m-1", "slides": [Document(url="https://lms.example.org/a.pdf")]}),
    ],
)
def test_call_that_not_every_server_has_is_told_to_be_missing(client_hearing, call, arguments):
    with pytest.raises(UnsupportedCall) as caught:
        getattr(client_hearing(b"<html>", status=404).meetings, call)(**arguments)

    assert "HTTP 404" in str(caught.value)
    assert caught.value.message_key == ""
