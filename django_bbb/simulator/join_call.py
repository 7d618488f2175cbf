"""The join call, which a browser makes: it answers with redirects, also when it fails."""

import json
from urllib.parse import quote_plus

from werkzeug.wrappers import Response

from .answers import elements, redirect, success
from .calls import Call
from .failures import Failed
from .guests import GuestStatus, guest_status
from .meetings import Meeting, Person, Role


class JoinRefused(Exception):
    """Somebody cannot join, and the browser is to hear of it at this address."""

    def __init__(self, failed: Failed, url: str) -> None:
        super().__init__(failed.key)
        self.failed = failed
        self.url = url


def join(call: Call) -> Response:
    """Let somebody in and send the browser to the classroom page, or say in XML where that would be."""
    try:
        meeting, role = _validated(call)
    except Failed as failed:
        # Constraints are checked before the controller looks at `redirect`: they always redirect.
        raise JoinRefused(failed, error_url(call)) from failed
    # A failure that is shown as XML whatever `redirect` says.
    if role is None:
        raise Failed("Params required", "Neither role nor password says as what to join.")
    redirects = call.parameters.get("redirect") != "false"
    try:
        _check_create_time(call, meeting)
        person, token = _session(call, meeting, role)
    except Failed as failed:
        if redirects:
            raise JoinRefused(failed, error_url(call)) from failed
        raise
    page = lobby_url if person.guest_status is GuestStatus.WAIT else classroom_url
    url = page(call.address, token)
    if redirects:
        return redirect(url)
    return success(
        elements(
            messageKey="successfullyJoined",
            message="You have joined successfully.",
            meeting_id=meeting.internal_id,
            user_id=person.internal_user_id,
            auth_token=person.auth_token,
            session_token=token,
            guestStatus=person.guest_status.value,
            url=url,
        )
    )


def lobby_url(address: str, session_token: str) -> str:
    return f"{address}/html5client/guestWait?sessionToken={session_token}"


def classroom_url(address: str, session_token: str) -> str:
    return f"{address}/html5client/?sessionToken={session_token}"


def error_url(call: Call) -> str:
    """Return where a failed join goes: errorRedirectUrl, else the meeting's logoutURL, else our page."""
    if url := call.parameters.text("errorRedirectUrl"):
        return url
    meeting = call.world.find(call.parameters.text("meetingID"))
    return (meeting.settings.logout_url if meeting else "") or f"{call.address}/"


def redirect_with_error(failed: Failed, url: str) -> Response:
    errors = json.dumps([{"key": failed.key, "message": failed.message}], separators=(",", ":"))
    base, hash_sign, fragment = url.partition("#")
    separator = "&" if "?" in base else "?"
    return redirect(f"{base}{separator}errors={quote_plus(errors)}{hash_sign}{fragment}")


def _session(call: Call, meeting: Meeting, role: Role) -> tuple[Person, str]:
    """Return the person who joins, and the token of this session of theirs."""
    given = call.parameters
    if existing := given.text("existingUserID"):
        return call.world.second_session(meeting, existing, replaced=given.text("replaceSessionToken"))
    guest = given.flag("guest")
    status = guest_status(
        meeting.settings.guest_policy,
        is_moderator=role is Role.MODERATOR,
        guest=guest,
        # Who is not said to be a guest has an account, unless that is denied.
        authenticated=given.flag("auth", default=not given.get("guest")),
        authenticated_guests=call.profile.authenticated_guests,
    )
    if status is GuestStatus.DENY:
        raise Failed("guestDeniedAccess", "The guest policy of this meeting lets nobody in like that.")
    person = call.world.let_in(
        meeting,
        name=given.text("fullName"),
        role=role,
        user_id=given.text("userID"),
        guest=guest,
        bot=given.flag("bot"),
        status=status,
        avatar_url=given.text("avatarURL"),
        logout_url=given.text("logoutURL"),
        custom_data=given.userdata(),
    )
    return person, person.session_token


def _validated(call: Call) -> tuple[Meeting, Role | None]:
    """Return the meeting and the role asked for; the order is that of the constraints worth telling apart."""
    given = call.parameters
    meeting_id = given.meeting_id()
    password = given.password("password")
    given.digits("createTime")
    if not given.text("fullName"):
        raise Failed("missingParamFullName", "The parameter fullName is missing.")
    meeting = call.world.find(meeting_id)
    if meeting is None:
        raise Failed(call.profile.unknown_meeting_to_join, "There is no meeting with this id.")
    if meeting.forcibly_ended or meeting.ended:
        raise Failed("meetingForciblyEnded", "The meeting has ended.")
    role = given.text("role").upper()
    if role in set(Role):
        return meeting, Role(role)
    if password is None or not call.profile.passwords_give_roles:
        return meeting, None
    # When both are the same the server, too, sees a moderator first.
    if password == meeting.moderator_password:
        return meeting, Role.MODERATOR
    if password == meeting.attendee_password:
        return meeting, Role.VIEWER
    raise Failed("invalidPassword", "The password is neither that of moderators nor that of viewers.")


def _check_create_time(call: Call, meeting: Meeting) -> None:
    create_time = call.parameters.digits("createTime")
    if create_time is not None and int(create_time) != meeting.create_time:
        raise Failed("mismatchCreateTimeParam", "The link is for another run of this meeting.")
