"""The calls that somebody in a class makes: known by a session token, not signed, answered in JSON."""

import hashlib
import json
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from .answers import json_answer, redirect
from .calls import Call
from .dashboard import dashboard
from .failures import JsonFailed
from .guests import GuestStatus
from .join_call import classroom_url, lobby_url
from .meetings import Role
from .sessions import Session

_PRESENTERS_ONLY = frozenset(
    {
        "bbb_record_permission",
        "bbb_record_video",
        "bbb_fullaudio_bridge",
        "bbb_transparent_listen_only",
        "bbb_multi_user_pen_only",
        "bbb_presenter_tools",
        "bbb_multi_user_tools",
    }
)


def get_join_url(call: Call) -> Response:
    """Give somebody a signed link to one more session of their own, or to one in place of this."""
    session = _session(call)
    person, given = session.person, call.parameters
    pairs = {
        "redirect": "true",
        "existingUserID": person.internal_user_id,
        "role": person.role.value,
        "fullName": person.name,
        "meetingID": session.meeting.meeting_id,
    }
    pairs |= {name: value for name in ("sessionName", "enforceLayout") if (value := given.text(name))}
    if given.flag("replaceSession"):
        pairs["replaceSessionToken"] = given.text("sessionToken")
    own = given.userdata()
    if person.role is not Role.MODERATOR:
        own = {key: value for key, value in own.items() if key not in _PRESENTERS_ONLY}
    pairs |= {f"userdata-{key}": value for key, value in own.items()}
    query = urlencode(pairs)
    # The real one signs with the first algorithm that is allowed.
    algorithm = min(call.profile.checksum_algorithms)
    checksum = hashlib.new(algorithm, f"join{query}{call.secret}".encode()).hexdigest()
    url = f"{call.address}/bigbluebutton/api/join?{query}&checksum={checksum}"
    return json_answer({"returncode": "SUCCESS", "message": "Join URL provided successfully.", "url": url})


def learning_dashboard(call: Call) -> Response:
    """Tell a moderator what everybody did, as JSON in a text in JSON."""
    session = _session(call)
    if session.person.role is not Role.MODERATOR:
        raise _failure(call, "Access denied")
    if session.meeting.ended:
        raise _failure(call, "Meeting not found")
    if "learningDashboard" in session.meeting.settings.disabled_features:
        raise _failure(call, "Learning Dashboard disabled for this meeting")
    data = json.dumps(dashboard(session.meeting), ensure_ascii=False)
    return json_answer({"returncode": "SUCCESS", "data": data, "sessionToken": session.person.session_token})


def guest_wait(call: Call) -> Response:
    """Say how it stands with somebody in the lobby, or send the browser on."""
    session = _session(call)
    person = session.person
    goes_in = person.guest_status is GuestStatus.ALLOW
    url = (classroom_url if goes_in else lobby_url)(call.address, person.session_token)
    if call.parameters.get("redirect") != "false":
        return redirect(url)
    keys = {GuestStatus.ALLOW: "guestAllowed", GuestStatus.WAIT: "guestWait", GuestStatus.DENY: "guestDeny"}
    return json_answer(
        {
            "returncode": "SUCCESS",
            "messageKey": keys[person.guest_status],
            "message": "This is how it stands with the guest.",
            "meeting_id": session.meeting.internal_id,
            "user_id": person.internal_user_id,
            "auth_token": person.auth_token,
            "session_token": person.session_token,
            "guestStatus": person.guest_status.value,
            "lobbyMessage": "",
            "url": url,
        }
    )


def sign_out(call: Call) -> Response:
    """Take the person out of the class."""
    call.world.leave(_session(call))
    return json_answer({"returncode": "SUCCESS"})


def stuns(call: Call) -> Response:
    """Name no servers for media, as there is none."""
    _session(call)
    return json_answer({"returncode": "SUCCESS", "stunServers": [], "turnServers": [], "remoteIceCandidates": []})


def feedback(call: Call) -> Response:
    """Thank for what somebody thought of the class; only betas of 3.0 had this call."""
    _session(call)
    return json_answer({"returncode": "SUCCESS", "message": "Thank you."})


def _session(call: Call) -> Session:
    """Return who asks; raises where nobody holds the token."""
    session = call.world.session(call.parameters.text("sessionToken"))
    if session is None:
        raise _failure(call, "Invalid Session")
    return session


def _failure(call: Call, message: str) -> JsonFailed:
    return JsonFailed("", message, sessionToken=call.parameters.text("sessionToken"))
