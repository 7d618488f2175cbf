"""The calls of the API: how each is asked, and by what it is answered (`UrlMappings.groovy`)."""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from typing import Final

from werkzeug.wrappers import Response

from . import (
    chat_call,
    document_calls,
    hook_calls,
    join_call,
    meeting_calls,
    recording_calls,
    session_calls,
    track_calls,
)
from .calls import Call
from .profiles import Profile

GET: Final = frozenset({"GET", "HEAD"})
POST: Final = frozenset({"POST"})
FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
XML: Final = frozenset({"application/xml", "text/xml"})


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call of the API."""

    answer: Callable[[Call], Response]
    methods: Set[str] = GET | POST
    #: What a request body may be; None means that a body does not matter.
    content_types: Set[str] | None = FORMS
    #: False: a session token says who asks, or nobody wants to know.
    signed: bool = True
    #: Answered by bbb-webhooks, a program of its own with its own list of algorithms.
    hook: bool = False


CALLS: Final = {
    "create": Route(answer=meeting_calls.create, content_types=FORMS | XML),
    "join": Route(answer=join_call.join, methods=GET, content_types=frozenset()),
    "end": Route(answer=meeting_calls.end),
    "isMeetingRunning": Route(answer=meeting_calls.is_meeting_running),
    "getMeetingInfo": Route(answer=meeting_calls.get_meeting_info),
    "getMeetings": Route(answer=meeting_calls.get_meetings),
    "getSessions": Route(answer=meeting_calls.get_sessions),
    "insertDocument": Route(answer=document_calls.insert_document, methods=POST, content_types=XML),
    "sendChatMessage": Route(answer=chat_call.send_chat_message, methods=GET),
    "getJoinUrl": Route(answer=session_calls.get_join_url, signed=False),
    "learningDashboard": Route(answer=session_calls.learning_dashboard, signed=False),
    "guestWait": Route(answer=session_calls.guest_wait, methods=GET, signed=False),
    "signOut": Route(answer=session_calls.sign_out, signed=False),
    "stuns": Route(answer=session_calls.stuns, signed=False),
    "feedback": Route(answer=session_calls.feedback, methods=POST, content_types=None, signed=False),
    "getRecordings": Route(answer=recording_calls.get_recordings),
    "publishRecordings": Route(answer=recording_calls.publish_recordings, methods=GET),
    "deleteRecordings": Route(answer=recording_calls.delete_recordings, methods=GET),
    "updateRecordings": Route(answer=recording_calls.update_recordings),
    "getRecordingTextTracks": Route(answer=track_calls.get_recording_text_tracks),
    "putRecordingTextTrack": Route(answer=track_calls.put_recording_text_track, methods=POST),
    "hooks/create": Route(answer=hook_calls.create_hook, methods=GET, content_types=None, hook=True),
    "hooks/list": Route(answer=hook_calls.list_hooks, methods=GET, content_types=None, hook=True),
    "hooks/destroy": Route(answer=hook_calls.destroy_hook, methods=GET, content_types=None, hook=True),
    "hooks/ping": Route(answer=hook_calls.ping, methods=GET, content_types=None, signed=False),
}
INDEX: Final = Route(answer=meeting_calls.index, content_types=None, signed=False)
_JOIN_BY_POST: Final = replace(CALLS["join"], methods=GET | POST, content_types=FORMS)


def find_route(name: str, profile: Profile) -> Route | None:
    """Return the route of a call; None if this kind of server does not have it."""
    if not name:
        return INDEX
    if name not in profile.calls:
        return None
    if name == "join" and profile.joins_by_post:
        return _JOIN_BY_POST
    return CALLS.get(name)
