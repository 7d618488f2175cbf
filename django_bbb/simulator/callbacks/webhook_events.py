"""Events in the words of bbb-webhooks (`src/process/event.js`): names, keys and their order."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ..events import Event, EventKind
from ..meetings import Meeting, Person
from .recording_events import recording_attributes

_PUBLIC_CHAT: Final = "MAIN-PUBLIC-GROUP-CHAT"
_BRIDGE: Final = "bbb-webrtc-sfu"

#: The keys of a user that only the newest generation sends.
_NEW_USER_KEYS: Final = ("guest", "ip-address", "user-agent", "referer", "session-token")


def webhook_event(event: Event, *, address: str, generation: str) -> dict[str, Any]:
    """Return the document that tells of an event."""
    of_recording = event.recording is not None
    attributes = recording_attributes(event, address=address) if of_recording else _attributes(event)
    if generation != "3.4":
        _take_away_what_is_new(attributes)
    return {"data": {"type": "event", "id": event.kind.value, "attributes": attributes, "event": {"ts": event.at}}}


def _take_away_what_is_new(attributes: dict[str, Any]) -> None:
    for key in _NEW_USER_KEYS:
        attributes.get("user", {}).pop(key, None)
    for key in ("audioBridge", "cameraBridge", "screenShareBridge"):
        attributes["meeting"].pop(key, None)


def _attributes(event: Event) -> dict[str, Any]:
    meeting = event.meeting
    if meeting is None:
        raise ValueError(f"{event.kind} is told of no meeting.")
    ids = {"internal-meeting-id": meeting.internal_id, "external-meeting-id": meeting.meeting_id}
    if event.kind is EventKind.MEETING_CREATED:
        return {"meeting": ids | _created(meeting)}
    if event.kind is EventKind.PRESENTATION_CHANGED:
        return {"meeting": ids | {"presentation-id": event.facts.get("presentation_id", "")}}
    if event.kind is EventKind.CHAT_MESSAGE_SENT:
        return {"meeting": ids, "chat-message": _chat_message(event), "chat-id": _PUBLIC_CHAT}
    attributes: dict[str, Any] = {"meeting": ids}
    if event.person is not None:
        more = _USER_FACTS.get(event.kind)
        attributes["user"] = _user_ids(event.person) | (more(event.person, event.facts) if more else {})
    if event.kind in {EventKind.POLL_STARTED, EventKind.POLL_RESPONDED}:
        attributes["poll"] = _poll(event)
    return attributes


def _created(meeting: Meeting) -> dict[str, Any]:
    settings = meeting.settings
    created = datetime.fromtimestamp(meeting.create_time / 1000, tz=UTC)
    return {
        "name": meeting.name,
        "is-breakout": settings.is_breakout,
        "parent-id": settings.parent_internal_id or "bbb-none",
        "duration": settings.duration,
        "create-time": meeting.create_time,
        "create-date": f"{created:%a %b %d %H:%M:%S UTC %Y}",
        "moderator-pass": meeting.moderator_password,
        "viewer-pass": meeting.attendee_password,
        "record": settings.record,
        "voice-conf": meeting.voice_bridge,
        "dial-number": settings.dial_number,
        "max-users": settings.max_participants,
        "metadata": dict(settings.metadata),
        "audioBridge": _BRIDGE,
        "cameraBridge": _BRIDGE,
        "screenShareBridge": _BRIDGE,
    }


def _chat_message(event: Event) -> dict[str, Any]:
    """Return a message; one that the API sent has no person."""
    person = event.person
    return {
        "id": f"{event.at}-{person.internal_user_id if person else 'api'}",
        "message": event.facts.get("message", ""),
        "sender": {
            "internal-user-id": person.internal_user_id if person else "",
            "external-user-id": person.user_id if person else "",
            "name": event.facts.get("sender_name", ""),
            "time": event.at,
        },
    }


def _poll(event: Event) -> dict[str, Any]:
    facts = event.facts
    poll: dict[str, Any] = {"id": facts.get("poll_id", "")}
    if event.kind is EventKind.POLL_RESPONDED:
        return poll | {"answerIds": _list(facts.get("answers"))}
    answers = [{"id": number, "key": option} for number, option in enumerate(_list(facts.get("options")))]
    return poll | {"question": facts.get("question", ""), "answers": answers}


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _user_ids(person: Person) -> dict[str, Any]:
    return {"internal-user-id": person.internal_user_id, "external-user-id": person.user_id}


Facts = Mapping[str, object]


def _joined(person: Person, facts: Facts) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value,
        "presenter": person.is_presenter,
        "userdata": dict(person.custom_data),
        "guest": person.guest,
        "ip-address": "127.0.0.1",
        "user-agent": "",
        "referer": "",
        "session-token": person.session_token,
    }


def _left(person: Person, facts: Facts) -> dict[str, Any]:
    return {"name": person.name, "guest": person.guest}


def _voice_enabled(person: Person, facts: Facts) -> dict[str, Any]:
    listening_only = bool(facts.get("listening_only"))
    return {"listening-only": listening_only, "sharing-mic": not listening_only, "muted": True}


def _voice_disabled(person: Person, facts: Facts) -> dict[str, Any]:
    return {"listening-only": False, "sharing-mic": False, "muted": True}


_USER_FACTS: Final[Mapping[EventKind, Callable[[Person, Facts], dict[str, Any]]]] = {
    EventKind.USER_JOINED: _joined,
    EventKind.USER_LEFT: _left,
    EventKind.VOICE_ENABLED: _voice_enabled,
    EventKind.VOICE_DISABLED: _voice_disabled,
    EventKind.MUTED: lambda person, facts: {"muted": True},
    EventKind.UNMUTED: lambda person, facts: {"muted": False},
    EventKind.WEBCAM_STARTED: lambda person, facts: {"stream": facts.get("stream", "")},
    EventKind.WEBCAM_ENDED: lambda person, facts: {"stream": facts.get("stream", "")},
    EventKind.EMOJI_CHANGED: lambda person, facts: {"emoji": facts.get("emoji") or "none"},
    EventKind.RAISE_HAND_CHANGED: lambda person, facts: {"raise-hand": bool(facts.get("raised"))},
}
