"""What getMeetingInfo and getMeetings say of a meeting (`get-meeting-info.ftlx`, `get-meetings.ftlx`)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from .answers import element, elements, from_keys, wrap
from .meetings import Meeting, Person, Role
from .profiles import Profile


def meeting_xml(meeting: Meeting, people: Sequence[Person], *, profile: Profile, listed: bool = False) -> str:
    """Return the elements of a meeting; those of a list have large numbers grouped, and who has just left."""
    settings = meeting.settings
    number = _grouped if listed else str
    left = tuple(meeting.leaving.values())
    counted = [person for person in people if not person.bot]
    known = [*people, *left]
    passwords = {"attendeePW": meeting.attendee_password, "moderatorPW": meeting.moderator_password}
    facts = elements(
        meetingName=meeting.name,
        meetingID=meeting.meeting_id,
        internalMeetingID=meeting.internal_id,
        createTime=meeting.create_time,
        createDate=java_date(meeting.create_time),
        voiceBridge=meeting.voice_bridge,
        dialNumber=settings.dial_number,
        **(passwords if profile.shows_passwords else {}),
        running=meeting.is_running,
        duration=number(settings.duration),
        hasUserJoined=meeting.has_user_joined,
        # Whether it may be recorded, not whether it is being recorded.
        recording=settings.record,
        hasBeenForciblyEnded=meeting.forcibly_ended,
        startTime=meeting.start_time,
        endTime=meeting.end_time,
        participantCount=number(len(counted)),
        # Those who have just left are in these three: there may be more of them than participants.
        listenerCount=number(sum(person.is_listening_only for person in known)),
        voiceParticipantCount=number(sum(person.has_joined_voice for person in known)),
        videoCount=number(sum(bool(person.webcam) for person in known)),
        maxUsers=number(settings.max_participants),
        moderatorCount=number(sum(person.role is Role.MODERATOR for person in counted)),
    )
    attendees = [_attendee_xml(person, meeting) for person in (known if listed else people)]
    return "".join(
        (
            facts,
            wrap("attendees", attendees),
            from_keys("metadata", settings.metadata),
            element("isBreakout", settings.is_breakout),
            _family_xml(meeting),
        )
    )


def java_date(milliseconds: int) -> str:
    """Return the time as Java's `Date.toString` writes it in UTC."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, tz=UTC):%a %b %d %H:%M:%S UTC %Y}"


def _family_xml(meeting: Meeting) -> str:
    """Return what a room says of its parent, or a parent of its rooms."""
    settings = meeting.settings
    if settings.is_breakout:
        return elements(
            parentMeetingID=settings.parent_internal_id,
            sequence=settings.sequence,
            freeJoin=settings.free_join,
        )
    rooms = [element("breakout", room.meeting_id) for room in tuple(meeting.breakout_rooms) if not room.ended]
    return wrap("breakoutRooms", rooms) if rooms else ""


def _attendee_xml(person: Person, meeting: Meeting) -> str:
    custom_data = meeting.custom_data.get(person.user_id, person.custom_data)
    return (
        "<attendee>\n"
        f"{element('userID', person.user_id)}{element('fullName', person.name)}"
        f"<role>{person.role.value}</role>\n"
        f"<isPresenter>{'true' if person.is_presenter else 'false'}</isPresenter>\n"
        f"<isListeningOnly>{'true' if person.is_listening_only else 'false'}</isListeningOnly>\n"
        f"<hasJoinedVoice>{'true' if person.has_joined_voice else 'false'}</hasJoinedVoice>\n"
        f"<hasVideo>{'true' if person.webcam else 'false'}</hasVideo>\n"
        f"<clientType>HTML5</clientType>\n{from_keys('customdata', custom_data)}"
        "</attendee>\n"
    )


def _grouped(number: int) -> str:
    """Return a number as the template of getMeetings writes it by the server's locale."""
    return f"{number:,}"
