"""The index, and the calls about meetings."""

from datetime import UTC, datetime

from lxml import etree
from werkzeug.wrappers import Response

from .answers import element, elements, from_keys, json_answer, success, wrap
from .calls import Call
from .failures import Failed
from .meetings import Meeting, MeetingSettings, Person


def index(call: Call) -> Response:
    """Say that this is a BigBlueButton server; the version is the same constant everywhere."""
    base = call.address
    facts: dict[str, str] = {
        "version": "2.0",
        "apiVersion": "2.0",
        "bbbVersion": "",
        "graphqlWebsocketUrl": f"{base}/graphql".replace("http", "ws", 1),
        "graphqlApiUrl": f"{base}/api/rest",
    }
    if call.request.mimetype == "application/json":
        return json_answer({"returncode": "SUCCESS", **facts})
    return success(elements(**facts))


def create(call: Call) -> Response:
    """Create a meeting, or repeat what was said when it was created."""
    meeting, is_new = call.world.create(_settings(call))
    key = "" if is_new else "duplicateWarning"
    message = "" if is_new else "This meeting was created before and may be running."
    return success(
        elements(
            meetingID=meeting.meeting_id,
            internalMeetingID=meeting.internal_id,
            parentMeetingID=meeting.settings.parent_internal_id or "bbb-none",
            attendeePW=meeting.attendee_password,
            moderatorPW=meeting.moderator_password,
            createTime=meeting.create_time,
            voiceBridge=meeting.voice_bridge,
            dialNumber=meeting.settings.dial_number,
            createDate=_java_date(meeting.create_time),
            hasUserJoined=meeting.has_user_joined,
            duration=meeting.settings.duration,
            hasBeenForciblyEnded=False,
            messageKey=key,
            message=message,
        )
    )


def end(call: Call) -> Response:
    """End a meeting; a password is no longer compared, only measured."""
    meeting_id = call.parameters.meeting_id()
    call.parameters.password("password")
    call.world.end(_find(call, meeting_id), forcibly=True)
    return success(
        elements(messageKey="sentEndMeetingRequest", message="The meeting was asked to end and soon will have.")
    )


def is_meeting_running(call: Call) -> Response:
    meeting = call.world.find(call.parameters.meeting_id())
    return success(element("running", meeting is not None and meeting.is_running))


def get_meeting_info(call: Call) -> Response:
    meeting = _find(call, call.parameters.meeting_id())
    return success(meeting_xml(meeting, call.world.people_inside(meeting)))


def get_meetings(call: Call) -> Response:
    # Only the lists are copied under the lock; writing a hundred thousand people takes a moment.
    found = [(meeting, call.world.people_inside(meeting)) for meeting in call.world.meetings()]
    if not found:
        return success("<meetings/>" + elements(messageKey="noMeetings", message="There are no meetings."))
    return success(wrap("meetings", [wrap("meeting", [meeting_xml(*pair)]) for pair in found]))


def get_sessions(call: Call) -> Response:
    """List one entry for each person inside."""
    people = [(meeting, one) for meeting in call.world.meetings() for one in call.world.people_inside(meeting)]
    if not people:
        return success("<sessions/>" + elements(messageKey="noSessions", message="There are no sessions."))
    entries = [
        wrap(
            "meeting",
            [elements(meetingID=meeting.internal_id, meetingName=meeting.name, userName=person.name)],
        )
        for meeting, person in people
    ]
    return success(wrap("sessions", entries))


def meeting_xml(meeting: Meeting, people: list[Person]) -> str:
    """Return what getMeetingInfo and getMeetings say of a meeting (`get-meeting-info.ftlx`)."""
    settings = meeting.settings
    facts = elements(
        meetingName=meeting.name,
        meetingID=meeting.meeting_id,
        internalMeetingID=meeting.internal_id,
        createTime=meeting.create_time,
        createDate=_java_date(meeting.create_time),
        voiceBridge=meeting.voice_bridge,
        dialNumber=settings.dial_number,
        attendeePW=meeting.attendee_password,
        moderatorPW=meeting.moderator_password,
        running=meeting.is_running,
        duration=settings.duration,
        hasUserJoined=meeting.has_user_joined,
        # Whether it may be recorded, not whether it is being recorded.
        recording=settings.record,
        hasBeenForciblyEnded=meeting.forcibly_ended,
        startTime=meeting.start_time,
        endTime=meeting.end_time,
        participantCount=len(people),
        listenerCount=0,
        voiceParticipantCount=0,
        videoCount=0,
        maxUsers=settings.max_participants,
        moderatorCount=sum(person.role == "MODERATOR" for person in people),
    )
    attendees = wrap("attendees", [_attendee_xml(person) for person in people])
    ancestry = ""
    if settings.is_breakout:
        ancestry = elements(
            parentMeetingID=settings.parent_internal_id,
            sequence=settings.sequence,
            freeJoin=settings.free_join,
        )
    metadata = from_keys("metadata", settings.metadata)
    return facts + attendees + metadata + element("isBreakout", settings.is_breakout) + ancestry


def _attendee_xml(person: Person) -> str:
    return (
        "<attendee>"
        f"{element('userID', person.user_id)}{element('fullName', person.name)}"
        f"<role>{person.role.value}</role>"
        f"<isPresenter>{'true' if person.is_presenter else 'false'}</isPresenter>"
        "<isListeningOnly>false</isListeningOnly><hasJoinedVoice>false</hasJoinedVoice>"
        "<hasVideo>false</hasVideo>"
        f"<clientType>HTML5</clientType>{from_keys('customdata', person.custom_data)}"
        "</attendee>"
    )


def _find(call: Call, meeting_id: str) -> Meeting:
    meeting = call.world.find(meeting_id)
    if meeting is None:
        raise Failed("notFound", "There is no meeting with this id.")
    return meeting


def _settings(call: Call) -> MeetingSettings:
    given = call.parameters
    meeting_id, name = given.meeting_id(), given.meeting_name()
    is_breakout, parent_id = given.flag("isBreakout"), ""
    if is_breakout:
        if not given.text("parentMeetingID"):
            raise Failed("parentMeetingIDMissing", "A breakout room needs parentMeetingID.")
        parent = call.world.find(given.text("parentMeetingID"))
        if parent is None:
            raise Failed("parentMeetingDoesNotExist", "There is no meeting with the id in parentMeetingID.")
        parent_id = parent.internal_id
    return MeetingSettings(
        meeting_id=meeting_id,
        name=name,
        attendee_password=given.password("attendeePW"),
        moderator_password=given.password("moderatorPW"),
        welcome=given.text("welcome"),
        dial_number=given.text("dialNumber", "613-555-1234"),
        voice_bridge=given.digits("voiceBridge"),
        logout_url=given.text("logoutURL"),
        meeting_ended_url=given.text("meetingEndedURL"),
        max_participants=given.number("maxParticipants"),
        duration=given.number("duration"),
        record=given.flag("record"),
        auto_start_recording=given.flag("autoStartRecording"),
        allow_start_stop_recording=given.flag("allowStartStopRecording", True),
        guest_policy=given.text("guestPolicy", "ALWAYS_ACCEPT"),
        expire_if_nobody_joins=given.number("meetingExpireIfNoUserJoinedInMinutes", 5),
        expire_when_empty=given.number("meetingExpireWhenLastUserLeftInMinutes", 1),
        is_breakout=is_breakout,
        parent_internal_id=parent_id,
        sequence=given.number("sequence"),
        free_join=given.flag("freeJoin"),
        metadata=given.metadata(),
        documents=_documents(call),
    )


def _documents(call: Call) -> tuple[str, ...]:
    """Return the slides named in the body, in order; nothing is fetched."""
    body = call.xml_body
    if not body:
        return ()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Failed("malformedXml", "The body is not well-formed XML.") from error
    found = root.iterfind(".//module[@name='presentation']/document")
    return tuple(one.get("filename") or one.get("name") or one.get("url") or "" for one in found)


def _java_date(milliseconds: int) -> str:
    """Return the time as Java's `Date.toString` writes it in UTC."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, tz=UTC):%a %b %d %H:%M:%S UTC %Y}"
