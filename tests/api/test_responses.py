"""Answers as values: one, many or none of anything, and every optional element missing."""

import copy
import dataclasses
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from django_bbb.api import (
    Attendee,
    CreatedHook,
    CreatedMeeting,
    Hook,
    Image,
    JoinedMeeting,
    LearningDashboard,
    Listing,
    Meeting,
    PlaybackFormat,
    Recording,
    ServerInfo,
    Session,
    TextTrack,
    UnreadableResponse,
)

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def xml(text: str) -> etree._Element:
    return etree.fromstring(text)


# --- the index ----------------------------------------------------------------------------------------


def test_server_tells_its_versions():
    info = ServerInfo.from_xml(
        xml(
            "<response><version>2.0</version><apiVersion>2.0</apiVersion><bbbVersion> 3.0.33 </bbbVersion>"
            "<graphqlWebsocketUrl>wss://bbb.example.org/graphql</graphqlWebsocketUrl>"
            "<graphqlApiUrl>https://bbb.example.org/api/rest</graphqlApiUrl>"
            "<html5PluginSdkVersion>0.0.95</html5PluginSdkVersion></response>"
        )
    )

    assert info == ServerInfo(
        api_version="2.0",
        bbb_version="3.0.33",
        graphql_api_url="https://bbb.example.org/api/rest",
        graphql_websocket_url="wss://bbb.example.org/graphql",
        html5_plugin_sdk_version="0.0.95",
        build="",
    )


def test_balancer_tells_less():
    info = ServerInfo.from_xml(xml("<response><version>2.0</version><build>1</build></response>"))

    assert info == ServerInfo(api_version="2.0", bbb_version="", graphql_api_url="", build="1")


# --- create -------------------------------------------------------------------------------------------

CREATED = """
<response>
  <returncode>SUCCESS</returncode>
  <meetingID>m-1</meetingID>
  <internalMeetingID>0123456789abcdef0123456789abcdef01234567-1767225600000</internalMeetingID>
  <parentMeetingID>bbb-none</parentMeetingID>
  <attendeePW>ap-SENTINEL</attendeePW>
  <moderatorPW>mp-SENTINEL</moderatorPW>
  <createTime>1767225600000</createTime>
  <voiceBridge>70100</voiceBridge>
  <dialNumber>613-555-1234</dialNumber>
  <createDate>Thu Jan 01 00:00:00 UTC 2026</createDate>
  <hasUserJoined>false</hasUserJoined>
  <duration>90</duration>
  <hasBeenForciblyEnded>false</hasBeenForciblyEnded>
  <messageKey>{}</messageKey>
  <message/>
</response>
"""


def test_created_meeting_is_read():
    created = CreatedMeeting.from_xml(xml(CREATED.format("")))

    assert created == CreatedMeeting(
        meeting_id="m-1",
        internal_meeting_id="0123456789abcdef0123456789abcdef01234567-1767225600000",
        create_time=MOMENT,
        voice_bridge="70100",
        dial_number="613-555-1234",
        has_user_joined=False,
        duration=timedelta(minutes=90),
        already_existed=False,
        attendee_pw="ap-SENTINEL",
        moderator_pw="mp-SENTINEL",
    )


def test_duplicate_warning_means_that_it_already_existed():
    assert CreatedMeeting.from_xml(xml(CREATED.format(" duplicateWarning "))).already_existed is True


def test_created_breakout_room_names_its_parent():
    created = CreatedMeeting.from_xml(xml(CREATED.format("").replace("bbb-none", "i-0")))

    assert created.parent_meeting_id == "i-0"


def test_passwords_are_not_in_the_repr():  # pitfalls.md 9, threats.md 75
    created = CreatedMeeting.from_xml(xml(CREATED.format("")))

    assert "SENTINEL" not in f"{created!r} {created}"
    assert "m-1" in repr(created)


def test_create_of_a_newer_server_may_leave_out_much():  # pitfalls.md 2
    created = CreatedMeeting.from_xml(
        xml(
            "<response><meetingID>m-1</meetingID><internalMeetingID>i</internalMeetingID>"
            "<createTime>1767225600000</createTime></response>"
        )
    )

    assert (created.attendee_pw, created.moderator_pw, created.voice_bridge, created.dial_number) == ("", "", "", "")
    assert created.duration == timedelta()
    assert created.has_user_joined is created.already_existed is False


@pytest.mark.parametrize("missing", ["meetingID", "internalMeetingID", "createTime"])
def test_create_that_names_no_meeting_is_unreadable(missing):
    element = xml(CREATED.format(""))
    element.remove(element.find(missing))

    with pytest.raises(UnreadableResponse):
        CreatedMeeting.from_xml(element)


@pytest.mark.parametrize("nonsense", ["0", "soon", "", "99999999999999999999"])
def test_create_at_no_time_is_unreadable(nonsense):
    with pytest.raises(UnreadableResponse):
        CreatedMeeting.from_xml(
            xml(CREATED.format("").replace("1767225600000</createTime>", f"{nonsense}</createTime>"))
        )


# --- meetings -----------------------------------------------------------------------------------------

MEETING = """
<meeting>
  <meetingName><![CDATA[ Maths <7b> ]]></meetingName>
  <meetingID>m-1</meetingID>
  <internalMeetingID>i-1</internalMeetingID>
  <createTime>1767225600000</createTime>
  <createDate>Thu Jan 01 00:00:00 UTC 2026</createDate>
  <voiceBridge>70100</voiceBridge>
  <dialNumber>613-555-1234</dialNumber>
  <attendeePW>SENTINEL</attendeePW>
  <moderatorPW>SENTINEL</moderatorPW>
  <running>true</running>
  <duration>1,440</duration>
  <hasUserJoined>true</hasUserJoined>
  <recording>true</recording>
  <hasBeenForciblyEnded>false</hasBeenForciblyEnded>
  <startTime>1767225600500</startTime>
  <endTime>0</endTime>
  <participantCount>1,234</participantCount>
  <listenerCount>2</listenerCount>
  <voiceParticipantCount>3</voiceParticipantCount>
  <videoCount>4</videoCount>
  <maxUsers>2,000</maxUsers>
  <moderatorCount>1</moderatorCount>
  <attendees>{}</attendees>
  <metadata><course>7b</course><term-2> spring </term-2><empty/></metadata>
  <isBreakout>false</isBreakout>
</meeting>
"""

ATTENDEE = """
<attendee>
  <userID>u-1</userID>
  <fullName><![CDATA[Anna & Ben]]></fullName>
  <role>MODERATOR</role>
  <isPresenter>true</isPresenter>
  <isListeningOnly>false</isListeningOnly>
  <hasJoinedVoice>true</hasJoinedVoice>
  <hasVideo>false</hasVideo>
  <clientType>HTML5</clientType>
  <customdata><bbb_flag>on</bbb_flag></customdata>
</attendee>
"""


def test_meeting_is_read():
    meeting = Meeting.from_xml(xml(MEETING.format(ATTENDEE)))

    assert meeting == Meeting(
        meeting_id="m-1",
        internal_meeting_id="i-1",
        name="Maths <7b>",
        create_time=MOMENT,
        start_time=MOMENT + timedelta(seconds=0.5),
        end_time=None,
        duration=timedelta(days=1),
        running=True,
        has_user_joined=True,
        has_been_forcibly_ended=False,
        recording=True,
        participant_count=1234,
        listener_count=2,
        voice_participant_count=3,
        video_count=4,
        moderator_count=1,
        max_users=2000,
        voice_bridge="70100",
        dial_number="613-555-1234",
        attendees=(
            Attendee(
                user_id="u-1",
                full_name="Anna & Ben",
                role="MODERATOR",
                is_presenter=True,
                is_listening_only=False,
                has_joined_voice=True,
                has_video=False,
                client_type="HTML5",
                custom_data={"bbb_flag": "on"},
            ),
        ),
        metadata={"course": "7b", "term-2": "spring", "empty": ""},
        is_breakout=False,
        parent_meeting_id="",
        sequence=None,
        free_join=False,
        breakout_rooms=(),
    )


def test_passwords_of_a_meeting_are_not_kept():  # pitfalls.md 9
    assert "SENTINEL" not in repr(Meeting.from_xml(xml(MEETING.format(""))))


@pytest.mark.parametrize("inside", ["", "\n   \n"])
def test_meeting_without_attendees_has_none(inside):  # pitfalls.md 2
    assert Meeting.from_xml(xml(MEETING.format(inside))).attendees == ()


@pytest.mark.parametrize("number", [1, 2, 7])
def test_attendees_are_as_many_as_there_are(number):  # pitfalls.md 2, 14
    attendees = Meeting.from_xml(xml(MEETING.format(ATTENDEE * number))).attendees

    assert len(attendees) == number
    assert {one.full_name for one in attendees} == {"Anna & Ben"}


def test_meeting_with_nothing_but_its_id_is_read():  # pitfalls.md 2
    meeting = Meeting.from_xml(xml("<meeting><meetingID>m-1</meetingID></meeting>"))

    assert meeting.attendees == meeting.breakout_rooms == ()
    assert meeting.metadata == {}
    assert meeting.create_time is meeting.start_time is meeting.end_time is meeting.sequence is None
    assert meeting.running is meeting.recording is meeting.is_breakout is False
    assert meeting.participant_count == meeting.max_users == 0
    assert meeting.duration == timedelta()


def test_meeting_without_id_is_unreadable():
    with pytest.raises(UnreadableResponse):
        Meeting.from_xml(xml("<meeting><meetingName>x</meetingName></meeting>"))


def test_attendee_with_nothing_is_read():  # pitfalls.md 2
    attendee = Attendee.from_xml(xml("<attendee/>"))

    assert (attendee.user_id, attendee.full_name, attendee.role, attendee.custom_data) == ("", "", "", {})
    assert attendee.is_presenter is attendee.has_video is False


def test_role_of_a_newer_server_stays_a_text():
    assert Attendee.from_xml(xml("<attendee><role>DIAL-IN-USER</role></attendee>")).role == "DIAL-IN-USER"


def test_breakout_room_names_its_parent():
    meeting = Meeting.from_xml(
        xml(
            "<meeting><meetingID>m-1</meetingID><isBreakout>true</isBreakout><parentMeetingID>m-0</parentMeetingID>"
            "<sequence>2</sequence><freeJoin>true</freeJoin></meeting>"
        )
    )

    assert (meeting.is_breakout, meeting.parent_meeting_id, meeting.sequence, meeting.free_join) == (
        True,
        "m-0",
        2,
        True,
    )


@pytest.mark.parametrize(
    ("rooms", "expected"),
    [
        ("<breakoutRooms/>", ()),
        ("<breakoutRooms><breakout> a </breakout></breakoutRooms>", ("a",)),
        ("<breakoutRooms><breakout>a</breakout><breakout>b</breakout></breakoutRooms>", ("a", "b")),
    ],
)
def test_meeting_names_its_breakout_rooms(rooms, expected):
    meeting = Meeting.from_xml(xml(f"<meeting><meetingID>m-1</meetingID>{rooms}</meeting>"))

    assert meeting.breakout_rooms == expected


def test_metadata_of_one_meeting_does_not_leak_into_another():  # pitfalls.md 3
    first = Meeting.from_xml(xml("<meeting><meetingID>m-1</meetingID></meeting>"))
    first.metadata["course"] = "7b"

    second = Meeting.from_xml(xml("<meeting><meetingID>m-2</meetingID></meeting>"))

    assert second.metadata == {}


# --- recordings ---------------------------------------------------------------------------------------

FORMAT = """
<format>
  <type>{type}</type>
  <url>
    {url}
  </url>
  <processingTime>7177</processingTime>
  <length>0</length>
  <size>1104836</size>
  <preview><images>{images}</images></preview>
</format>
"""

RECORDING = """
<recording>
  <recordID>r-1</recordID>
  <meetingID>m-1</meetingID>
  <internalMeetingID>i-1</internalMeetingID>
  <name> Fred's &amp; Anna's </name>
  <isBreakout>false</isBreakout>
  <published>true</published>
  <state>published</state>
  <startTime>1767225600000</startTime>
  <endTime>1767229200000</endTime>
  <participants>3</participants>
  <rawSize>5000000000</rawSize>
  <metadata><meetingName>M</meetingName><course>7b</course></metadata>
  <size>1104836</size>
  <playback>{playback}</playback>
  <data>{data}</data>
</recording>
"""


def playback(**changes: str) -> str:
    return FORMAT.format(**{"type": "presentation", "url": "https://bbb.example.org/p/1", "images": "", **changes})


def test_recording_is_read():
    image = '<image width="176" height="136" alt="Welcome"> https://bbb.example.org/t.png </image>'
    recording = Recording.from_xml(
        xml(RECORDING.format(playback=playback(images=image), data=playback(type="statistics")))
    )

    assert recording == Recording(
        record_id="r-1",
        meeting_id="m-1",
        internal_meeting_id="i-1",
        name="Fred's & Anna's",
        is_breakout=False,
        published=True,
        protected=None,
        state="published",
        start_time=MOMENT,
        end_time=MOMENT + timedelta(hours=1),
        participants=3,
        raw_size=5_000_000_000,
        size=1_104_836,
        metadata={"meetingName": "M", "course": "7b"},
        formats=(
            PlaybackFormat(
                type="presentation",
                url="https://bbb.example.org/p/1",
                processing_time=timedelta(milliseconds=7177),
                length=timedelta(),
                size=1_104_836,
                images=(Image(url="https://bbb.example.org/t.png", alt="Welcome", width=176, height=136),),
            ),
        ),
        data=(
            PlaybackFormat(
                type="statistics",
                url="https://bbb.example.org/p/1",
                processing_time=timedelta(milliseconds=7177),
                length=timedelta(),
                size=1_104_836,
                images=(),
            ),
        ),
        parent_id="",
        breakout_rooms=(),
    )


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_formats_are_as_many_as_there_are(number):  # pitfalls.md 2
    assert len(Recording.from_xml(xml(RECORDING.format(playback=playback() * number, data=""))).formats) == number


@pytest.mark.parametrize("number", [0, 1, 3])
def test_images_are_as_many_as_there_are(number):  # pitfalls.md 2
    image = "<image>https://bbb.example.org/t.png</image>"

    assert len(PlaybackFormat.from_xml(xml(playback(images=image * number))).images) == number


def test_recording_still_processing_has_nothing_but_its_id():  # pitfalls.md 2, threats.md 73
    recording = Recording.from_xml(xml("<recording><recordID>r-1</recordID><state>processing</state></recording>"))

    assert recording.state == "processing"
    assert recording.internal_meeting_id == "r-1"
    assert recording.formats == recording.data == recording.breakout_rooms == ()
    assert recording.start_time is recording.end_time is recording.size is recording.raw_size is None
    assert recording.participants is recording.protected is None
    assert recording.published is recording.is_breakout is False
    assert recording.metadata == {}


def test_recording_without_id_is_unreadable():  # threats.md 73
    with pytest.raises(UnreadableResponse):
        Recording.from_xml(xml("<recording><name>x</name></recording>"))


def test_recording_with_nonsense_in_its_numbers_is_read():  # threats.md 73
    recording = Recording.from_xml(
        xml(
            "<recording><recordID>r-1</recordID><startTime>soon</startTime><endTime>99999999999999999</endTime>"
            "<rawSize>9223372036854775808</rawSize><size>-1</size><participants>many</participants></recording>"
        )
    )

    assert recording.start_time is recording.end_time is None
    assert recording.raw_size is recording.size is recording.participants is None


def test_size_may_exceed_32_bits():
    assert (
        Recording.from_xml(xml("<recording><recordID>r</recordID><size>9223372036854775807</size></recording>")).size
        == 2**63 - 1
    )


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_balancer_says_whether_a_recording_is_protected(text, value):
    recording = Recording.from_xml(xml(f"<recording><recordID>r</recordID><protected>{text}</protected></recording>"))

    assert recording.protected is value


def test_state_of_a_newer_server_stays_a_text():
    assert Recording.from_xml(xml("<recording><recordID>r</recordID><state>new</state></recording>")).state == "new"


def test_breakouts_of_a_recording_are_read():
    recording = Recording.from_xml(
        xml(
            "<recording><recordID>r</recordID>"
            "<breakout><parentId> p-1 </parentId><sequence>2</sequence><freeJoin>true</freeJoin></breakout>"
            "<breakoutRooms><breakoutRoom>b-1</breakoutRoom><breakoutRoom>b-2</breakoutRoom></breakoutRooms></recording>"
        )
    )

    assert (recording.parent_id, recording.sequence, recording.free_join) == ("p-1", 2, True)
    assert recording.breakout_rooms == ("b-1", "b-2")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "javascript://bbb.example.org/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://bbb.example.org/x",
        "//bbb.example.org/x",
        "/playback/1",
        "https:///x",
        "http://[x",
        "",
    ],
)
def test_address_that_is_no_web_address_is_dropped(address):
    read = PlaybackFormat.from_xml(xml(playback(url=address, images=f"<image>{address}</image>")))

    assert read.url == ""
    assert read.images == ()
    assert read.type == "presentation"


@pytest.mark.parametrize("address", ["https://bbb.example.org/p?a=1&amp;b=2", "http://127.0.0.1:8124/p", "HTTPS://x/"])
def test_web_address_is_kept(address):
    assert PlaybackFormat.from_xml(xml(playback(url=address))).url == address.replace("&amp;", "&")


def test_format_with_nothing_is_read():  # pitfalls.md 2
    assert PlaybackFormat.from_xml(xml("<format/>")) == PlaybackFormat(
        type="", url="", processing_time=None, length=None, size=None, images=()
    )


def test_image_without_attributes_is_read():
    shown = "<preview><images><image>https://bbb.example.org/t.png</image></images></preview>"
    (image,) = PlaybackFormat.from_xml(xml(f"<format>{shown}</format>")).images

    assert image == Image(url="https://bbb.example.org/t.png", alt="", width=None, height=None)


# --- lists --------------------------------------------------------------------------------------------


def test_listing_is_a_tuple_that_knows_what_is_missing():
    listing = Listing(iter("ab"), skipped=1, total=7)

    assert listing == ("a", "b")
    assert isinstance(listing, tuple)
    assert (listing.skipped, listing.total) == (1, 7)
    assert (Listing().skipped, Listing().total, Listing()) == (0, None, ())


@pytest.mark.parametrize("travel", [lambda one: pickle.loads(pickle.dumps(one)), copy.copy, copy.deepcopy])
def test_listing_travels_with_what_it_knows(travel):
    arrived = travel(Listing(["a"], skipped=1, total=7))

    assert (type(arrived), arrived, arrived.skipped, arrived.total) == (Listing, ("a",), 1, 7)


# --- what they are ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        ServerInfo.from_xml(xml("<response/>")),
        CreatedMeeting.from_xml(xml(CREATED.format(""))),
        Meeting.from_xml(xml(MEETING.format(ATTENDEE))),
        Attendee.from_xml(xml(ATTENDEE)),
        Recording.from_xml(xml(RECORDING.format(playback=playback(), data=""))),
        PlaybackFormat.from_xml(xml(playback())),
        Image(url="", alt="", width=None, height=None),
        JoinedMeeting.from_xml(xml("<response><url>https://bbb.example.org/</url></response>")),
        Session.from_xml(xml("<meeting><meetingID>i</meetingID></meeting>")),
        CreatedHook.from_xml(xml("<response><hookID>1</hookID></response>")),
        Hook.from_xml(xml("<hook><hookID>1</hookID></hook>")),
        TextTrack.from_json({"href": "https://bbb.example.org/"}),
        LearningDashboard.from_json({"users": {"u": {}}, "polls": {"p": {}}}),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_answer_is_frozen_and_can_be_copied_and_pickled(answer):
    name = dataclasses.fields(answer)[0].name

    assert pickle.loads(pickle.dumps(answer)) == copy.deepcopy(answer) == answer
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(answer, name, None)
