"""What a create call decides, read from its parameters and its body."""

from .calls import Call
from .documents import Document, read_documents
from .failures import Failed
from .meetings import MeetingSettings


def read_settings(call: Call, documents: tuple[Document, ...]) -> MeetingSettings:
    """Return the settings of a meeting; raises where a constraint is broken."""
    given = call.parameters
    meeting_id, name = given.meeting_id(), given.meeting_name()
    _check_server_tag(call)
    is_breakout = given.flag("isBreakout")
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
        end_when_no_moderator=_end_when_no_moderator(call),
        meeting_keep_events=given.flag("meetingKeepEvents"),
        is_breakout=is_breakout,
        parent_internal_id=_parent_id(call) if is_breakout else "",
        sequence=given.number("sequence"),
        free_join=given.flag("freeJoin"),
        metadata=given.metadata(),
        documents=tuple(one.name for one in documents),
        disabled_features=frozenset(given.words("disabledFeatures")),
    )


def posted_documents(call: Call) -> tuple[Document, ...]:
    """Return the slides of a create call: those in the body, and the one that a parameter names."""
    found = read_documents(call.xml_body, check_addresses=call.profile.checks_slide_addresses)
    if url := call.parameters.text("preUploadedPresentation"):
        name = call.parameters.text("preUploadedPresentationName", Document.name_in(url))
        found += (Document(name=name, url=url),)
    return found


def _parent_id(call: Call) -> str:
    parent_id = call.parameters.text("parentMeetingID")
    if not parent_id:
        raise Failed("parentMeetingIDMissing", "A breakout room needs parentMeetingID.")
    parent = call.world.find(parent_id)
    if parent is None or parent.ended:
        raise Failed("parentMeetingDoesNotExist", "There is no meeting with the id in parentMeetingID.")
    return parent.internal_id


def _end_when_no_moderator(call: Call) -> int:
    if not call.parameters.flag("endWhenNoModerator"):
        return 0
    return call.parameters.number("endWhenNoModeratorDelayInMinutes", 1)


def _check_server_tag(call: Call) -> None:
    """A balancer refuses a meeting that must have a server with a tag that none has."""
    wanted = call.parameters.metadata().get("server-tag", "")
    if call.profile.server_tags is None or not wanted.endswith("!"):
        return
    if not call.profile.server_tags & {tag.strip() for tag in wanted.removesuffix("!").split(";")}:
        raise Failed("serverTagUnavailable", "There is no server with the tag that is needed.")
