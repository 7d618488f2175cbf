"""What a hook with getRaw gets: the messages that the parts of BigBlueButton send each other.

Only what bbb-webhooks itself reads of them (`src/process/event.js`) is in here; real ones say more.
"""

from typing import Any, Final

from ..events import Event, EventKind
from .webhook_events import webhook_event

_NAMES: Final = {
    EventKind.MEETING_CREATED: "MeetingCreatedEvtMsg",
    EventKind.MEETING_ENDED: "MeetingDestroyedEvtMsg",
    EventKind.RECORDING_STARTED: "RecordingStatusChangedEvtMsg",
    EventKind.RECORDING_STOPPED: "RecordingStatusChangedEvtMsg",
    EventKind.PRESENTATION_CHANGED: "SetCurrentPresentationEvtMsg",
    EventKind.SCREENSHARE_STARTED: "ScreenshareRtmpBroadcastStartedEvtMsg",
    EventKind.SCREENSHARE_STOPPED: "ScreenshareRtmpBroadcastStoppedEvtMsg",
    EventKind.USER_JOINED: "UserJoinedMeetingEvtMsg",
    EventKind.USER_LEFT: "UserLeftMeetingEvtMsg",
    EventKind.VOICE_ENABLED: "UserJoinedVoiceConfToClientEvtMsg",
    EventKind.VOICE_DISABLED: "UserLeftVoiceConfToClientEvtMsg",
    EventKind.MUTED: "UserMutedVoiceEvtMsg",
    EventKind.UNMUTED: "UserMutedVoiceEvtMsg",
    EventKind.WEBCAM_STARTED: "UserBroadcastCamStartedEvtMsg",
    EventKind.WEBCAM_ENDED: "UserBroadcastCamStoppedEvtMsg",
    EventKind.PRESENTER_ASSIGNED: "PresenterAssignedEvtMsg",
    EventKind.PRESENTER_UNASSIGNED: "PresenterUnassignedEvtMsg",
    EventKind.EMOJI_CHANGED: "UserReactionEmojiChangedEvtMsg",
    EventKind.RAISE_HAND_CHANGED: "UserRaiseHandChangedEvtMsg",
    EventKind.CHAT_MESSAGE_SENT: "GroupChatMessageBroadcastEvtMsg",
    EventKind.POLL_STARTED: "PollStartedEvtMsg",
    EventKind.POLL_RESPONDED: "UserRespondedToPollRespMsg",
}

#: Where the facts of an event stand in a message: key in the event, key in the message.
_USER_KEYS: Final = {
    "external-user-id": "extId",
    "name": "name",
    "role": "role",
    "presenter": "presenter",
    "guest": "guest",
    "userdata": "userdata",
    "stream": "stream",
    "listening-only": "listenOnly",
    "muted": "muted",
    "emoji": "reactionEmoji",
    "raise-hand": "raiseHand",
}


def raw_message(event: Event) -> dict[str, Any]:
    """Return the message that an event comes from."""
    document = webhook_event(event, address="", generation="3.4")
    attributes = document["data"]["attributes"]
    if event.recording is not None:
        return _step(event, attributes)
    name = _NAMES[event.kind]
    routing = {"meetingId": attributes["meeting"]["internal-meeting-id"]}
    if "user" in attributes:
        routing["userId"] = attributes["user"]["internal-user-id"]
    return {
        "envelope": {"name": name, "routing": routing, "timestamp": event.at},
        "core": {"header": {"name": name, **routing}, "body": _body(event, attributes)},
    }


def _step(event: Event, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return a message of the scripts that make recordings."""
    name = event.kind.value.removeprefix("rap-").replace("-", "_")
    payload: dict[str, Any] = {
        "meeting_id": attributes["meeting"]["internal-meeting-id"],
        "external_meeting_id": attributes["meeting"]["external-meeting-id"],
        "record_id": attributes["record-id"],
    }
    payload |= {key: value for key, value in event.facts.items() if key != "external_meeting_id"}
    header = {"timestamp": event.at, "name": name, "current_time": event.at, "version": "0.0.1"}
    return {"header": header, "payload": payload}


def _body(event: Event, attributes: dict[str, Any]) -> dict[str, Any]:
    meeting = attributes["meeting"]
    match event.kind:
        case EventKind.MEETING_CREATED:
            return {"props": _properties(meeting)}
        case EventKind.MEETING_ENDED:
            return {"meetingId": meeting["internal-meeting-id"]}
        case EventKind.RECORDING_STARTED | EventKind.RECORDING_STOPPED:
            return {"recording": event.kind is EventKind.RECORDING_STARTED}
        case EventKind.PRESENTATION_CHANGED:
            return {"presentationId": meeting["presentation-id"]}
        case EventKind.CHAT_MESSAGE_SENT:
            return {"chatId": attributes["chat-id"], "msg": _chat(attributes["chat-message"])}
        case EventKind.POLL_STARTED:
            poll = attributes["poll"]
            poll_itself = {"id": poll["id"], "answers": poll["answers"]}
            return {"pollId": poll["id"], "question": poll["question"], "poll": poll_itself}
        case EventKind.POLL_RESPONDED:
            return {"pollId": attributes["poll"]["id"], "answerIds": attributes["poll"]["answerIds"]}
        case _:
            user = attributes.get("user", {})
            return {key: user[name] for name, key in _USER_KEYS.items() if name in user}


def _properties(meeting: dict[str, Any]) -> dict[str, Any]:
    return {
        "meetingProp": {
            "name": meeting["name"],
            "extId": meeting["external-meeting-id"],
            "intId": meeting["internal-meeting-id"],
            "isBreakout": meeting["is-breakout"],
        },
        "breakoutProps": {"parentId": meeting["parent-id"]},
        "durationProps": {
            "duration": meeting["duration"],
            "createdTime": meeting["create-time"],
            "createdDate": meeting["create-date"],
        },
        "password": {"moderatorPass": meeting["moderator-pass"], "viewerPass": meeting["viewer-pass"]},
        "recordProp": {"record": meeting["record"]},
        "voiceProp": {"voiceConf": meeting["voice-conf"], "dialNumber": meeting["dial-number"]},
        "usersProp": {"maxUsers": meeting["max-users"]},
        "metadataProp": {"metadata": meeting["metadata"]},
    }


def _chat(message: dict[str, Any]) -> dict[str, Any]:
    sender = message["sender"]
    return {
        "id": message["id"],
        "timestamp": sender["time"],
        "sender": {"id": sender["internal-user-id"], "name": sender["name"]},
        "message": message["message"],
    }
