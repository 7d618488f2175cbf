"""The learning dashboard of a meeting, made from what has happened in it (`LearningDashboardActor.scala`)."""

from collections.abc import Callable
from typing import Any

from .events import Event, EventKind
from .meetings import Meeting, Person, Role

_JSON = dict[str, Any]


def dashboard(meeting: Meeting) -> _JSON:
    """Return what the dashboard of a running class shows now; times are milliseconds."""
    data: _JSON = {
        "intId": meeting.internal_id,
        "extId": meeting.meeting_id,
        "name": meeting.name,
        "downloadSessionDataEnabled": True,
        "users": {},
        "polls": {},
        "screenshares": [],
        "presentationSlides": [],
        "createdOn": meeting.create_time,
        "endedOn": meeting.end_time if meeting.ended else 0,
    }
    for event in tuple(meeting.history):
        add = _HANDLERS.get(event.kind)
        if add is not None:
            add(data, event)
    return data


def _user(data: _JSON, person: Person) -> _JSON:
    """Return the entry of a person, made at their first event; sessions with one external id share it."""
    key = person.user_id
    if key not in data["users"]:
        data["users"][key] = {
            "userKey": key,
            "extId": person.user_id,
            "intIds": {},
            "name": person.name,
            "isModerator": person.role is Role.MODERATOR,
            "isDialIn": False,
            "currentIntId": person.internal_user_id,
            "answers": {},
            "genericData": {},
            "talk": {"totalTime": 0, "lastTalkStartedOn": 0},
            "emojis": [],
            "reactions": [],
            "raiseHand": [],
            "webcams": [],
            "totalOfMessages": 0,
        }
    return data["users"][key]  # type: ignore[no-any-return]


def _joined(data: _JSON, event: Event) -> None:
    if event.person is not None:
        user = _user(data, event.person)
        int_id = event.person.internal_user_id
        user["currentIntId"] = int_id
        user["intIds"][int_id] = {"intId": int_id, "sessions": [{"registeredOn": event.at, "leftOn": 0}]}


def _left(data: _JSON, event: Event) -> None:
    if event.person is not None:
        known = _user(data, event.person)["intIds"].get(event.person.internal_user_id)
        if known is not None:
            known["sessions"][-1]["leftOn"] = event.at


def _wrote(data: _JSON, event: Event) -> None:
    if event.person is not None:
        _user(data, event.person)["totalOfMessages"] += 1


def _talks(data: _JSON, event: Event) -> None:
    if event.person is not None:
        _user(data, event.person)["talk"]["lastTalkStartedOn"] = event.at


def _is_silent(data: _JSON, event: Event) -> None:
    if event.person is not None:
        talk = _user(data, event.person)["talk"]
        if talk["lastTalkStartedOn"]:
            talk["totalTime"] += event.at - talk["lastTalkStartedOn"]
            talk["lastTalkStartedOn"] = 0


def _raised_hand(data: _JSON, event: Event) -> None:
    if event.person is not None and event.facts.get("raised"):
        _user(data, event.person)["raiseHand"].append(event.at)


def _reacted(data: _JSON, event: Event) -> None:
    if event.person is not None and event.facts.get("emoji") != "none":
        emoji = {"name": event.facts.get("emoji"), "sentOn": event.at}
        _user(data, event.person)["reactions"].append(emoji)


def _webcam_started(data: _JSON, event: Event) -> None:
    if event.person is not None:
        _user(data, event.person)["webcams"].append({"startedOn": event.at, "stoppedOn": 0})


def _webcam_ended(data: _JSON, event: Event) -> None:
    if event.person is not None:
        webcams = _user(data, event.person)["webcams"]
        if webcams:
            webcams[-1]["stoppedOn"] = event.at


def _poll_started(data: _JSON, event: Event) -> None:
    poll_id = event.facts["poll_id"]
    data["polls"][poll_id] = {
        "pollId": poll_id,
        "pollType": event.facts.get("type"),
        "anonymous": False,
        "multiple": False,
        "question": event.facts.get("question"),
        "options": event.facts.get("options"),
        "anonymousAnswers": [],
        "createdOn": event.at,
    }


def _voted(data: _JSON, event: Event) -> None:
    poll = data["polls"].get(event.facts.get("poll_id"))
    if event.person is not None and poll is not None:
        answers = event.facts.get("answers")
        chosen = [poll["options"][index] for index in answers] if isinstance(answers, list) else []
        _user(data, event.person)["answers"][poll["pollId"]] = chosen


_HANDLERS: dict[EventKind, Callable[[_JSON, Event], None]] = {
    EventKind.USER_JOINED: _joined,
    EventKind.USER_LEFT: _left,
    EventKind.CHAT_MESSAGE_SENT: _wrote,
    EventKind.UNMUTED: _talks,
    EventKind.MUTED: _is_silent,
    EventKind.RAISE_HAND_CHANGED: _raised_hand,
    EventKind.EMOJI_CHANGED: _reacted,
    EventKind.WEBCAM_STARTED: _webcam_started,
    EventKind.WEBCAM_ENDED: _webcam_ended,
    EventKind.POLL_STARTED: _poll_started,
    EventKind.POLL_RESPONDED: _voted,
}
