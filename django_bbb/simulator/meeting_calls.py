"""The index, and the calls about meetings."""

from werkzeug.wrappers import Response

from .answers import compressed, element, elements, json_answer, success, wrap
from .calls import Call
from .create_settings import posted_documents, read_settings
from .documents import current_place
from .failures import Failed
from .meeting_xml import java_date, meeting_xml
from .meetings import Meeting


def index(call: Call) -> Response:
    """Say that this is a BigBlueButton server; the version is the same constant everywhere."""
    known = {
        "apiVersion": "2.0",
        "bbbVersion": call.profile.bbb_version,
        "graphqlWebsocketUrl": f"{call.address}/graphql".replace("http", "ws", 1),
        "graphqlApiUrl": f"{call.address}/api/rest",
        "html5PluginSdkVersion": "0.1.0",
        "build": "simulator",
    }
    facts = {"version": "2.0"} | {name: known[name] for name in call.profile.index_elements}
    if call.profile.fails_in_json and call.request.mimetype == "application/json":
        return json_answer({"returncode": "SUCCESS", **facts})
    return success(elements(**facts))


def create(call: Call) -> Response:
    """Create a meeting, or repeat what was said when it was created."""
    documents = posted_documents(call)
    meeting, is_new = call.world.create(read_settings(call, documents))
    if is_new:
        meeting.documents.extend(documents)
        meeting.current_document = current_place(documents) or 0
    passwords = {"attendeePW": meeting.attendee_password, "moderatorPW": meeting.moderator_password}
    answer = elements(
        meetingID=meeting.meeting_id,
        internalMeetingID=meeting.internal_id,
        parentMeetingID=meeting.settings.parent_internal_id or "bbb-none",
        **(passwords if call.profile.shows_passwords else {}),
        createTime=meeting.create_time,
        voiceBridge=meeting.voice_bridge,
        dialNumber=meeting.settings.dial_number,
        createDate=java_date(meeting.create_time),
        hasUserJoined=meeting.has_user_joined,
        duration=meeting.settings.duration,
        hasBeenForciblyEnded=False,
        messageKey="" if is_new else "duplicateWarning",
        message="" if is_new else "This meeting was created before and may be running.",
    )
    return success(compressed(answer))


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
    return success(compressed(meeting_xml(meeting, call.world.people_inside(meeting), profile=call.profile)))


def get_meetings(call: Call) -> Response:
    """List all meetings, those of other sites on the same server too."""
    # Only the lists are copied under the lock; writing a hundred thousand people takes a moment.
    meetings = call.world.meetings() if call.profile.lists_meetings else []
    found = [(meeting, call.world.people_inside(meeting)) for meeting in meetings]
    if not found:
        return success("<meetings/>\n" + elements(messageKey="noMeetings", message="There are no meetings."))
    listed = [
        wrap("meeting", [meeting_xml(meeting, people, profile=call.profile, listed=True)]) for meeting, people in found
    ]
    return success(compressed(wrap("meetings", listed)))


def get_sessions(call: Call) -> Response:
    """List one entry for each person inside."""
    people = [(meeting, one) for meeting in call.world.meetings() for one in call.world.people_inside(meeting)]
    if not people:
        return success("<sessions/>\n" + elements(messageKey="noSessions", message="There are no sessions."))
    entries = [
        wrap(
            "meeting",
            [elements(meetingID=meeting.internal_id, meetingName=meeting.name, userName=person.name)],
        )
        for meeting, person in people
    ]
    return success(compressed(wrap("sessions", entries)))


def _find(call: Call, meeting_id: str) -> Meeting:
    meeting = call.world.find(meeting_id)
    if meeting is None:
        raise Failed("notFound", "There is no meeting with this id.")
    return meeting
