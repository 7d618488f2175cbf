"""What bbb-webhooks tells of, as types (``src/process/event.js``).

Each field is one line that carries where it stands in an event's attributes; how it is read follows from its type.
Different versions send different fields, so that each of them may be missing: a text is empty then, a number 0, and
what may be None is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self, get_args, get_type_hints

from . import values

Reader = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class At:
    """Where a field stands: names with points between them; ``otherwise`` where some versions put it.

    ``read`` is for what its type does not tell: the unit of a duration.
    """

    path: str
    otherwise: str = ""
    read: Reader | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookEvent:
    """Something happened on a server.

    ``id`` is its name there (``user-joined``).  Names we do not know, and the messages a hook with ``getRaw`` gets,
    come as this class; all that was sent of them is in ``attributes``.  ``domain`` is the server's own name for
    itself.  In events about recordings ``meeting_id`` may be empty: the server remembers it for a week.

    ``attributes`` hide passwords and session tokens where they are printed, but have them: do not store them whole.
    """

    id: str
    timestamp: datetime
    meeting_id: str
    internal_meeting_id: str
    domain: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingCreated(WebhookEvent):
    """A meeting was created.  Its passwords are in ``attributes`` only."""

    name: Annotated[str, At("meeting.name")]
    is_breakout: Annotated[bool, At("meeting.is-breakout")]
    #: The internal id of the meeting a breakout room belongs to; ``bbb-none`` of other meetings.
    parent_id: Annotated[str, At("meeting.parent-id")]
    #: When the meeting ends by itself; zero means never.
    duration: Annotated[timedelta | None, At("meeting.duration", read=values.minutes)]
    create_time: Annotated[datetime | None, At("meeting.create-time")]
    #: Whether it can be recorded.
    record: Annotated[bool, At("meeting.record")]
    voice_bridge: Annotated[str, At("meeting.voice-conf")]
    dial_number: Annotated[str, At("meeting.dial-number")]
    max_users: Annotated[int, At("meeting.max-users")]
    metadata: Annotated[Mapping[str, str], At("meeting.metadata")]
    audio_bridge: Annotated[str, At("meeting.audioBridge")]
    camera_bridge: Annotated[str, At("meeting.cameraBridge")]
    screen_share_bridge: Annotated[str, At("meeting.screenShareBridge")]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingEnded(WebhookEvent):
    """A meeting is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingRecordingChanged(WebhookEvent):
    """Somebody pressed the recording button; the id says what came of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentationChanged(WebhookEvent):
    """Other slides are shown."""

    presentation_id: Annotated[str, At("meeting.presentation-id")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserEvent(WebhookEvent):
    """Somebody did something.  ``user_id`` is the one given to join; it repeats with several sessions."""

    user_id: Annotated[str, At("user.external-user-id")]
    internal_user_id: Annotated[str, At("user.internal-user-id")]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenshareChanged(UserEvent):
    """Somebody began or stopped to share a screen; before 3.0 nobody knows who."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserJoined(UserEvent):
    """Somebody came in.  Their session token is in ``attributes`` only."""

    name: Annotated[str, At("user.name")]
    role: Annotated[str, At("user.role")]
    presenter: Annotated[bool, At("user.presenter")]
    guest: Annotated[bool | None, At("user.guest")]
    userdata: Annotated[Mapping[str, str], At("user.userdata")]
    listening_only: Annotated[bool | None, At("user.listening-only")]
    ip_address: Annotated[str, At("user.ip-address")]
    user_agent: Annotated[str, At("user.user-agent")]
    referer: Annotated[str, At("user.referer")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserLeft(UserEvent):
    """Somebody went out, or was inside when the meeting ended."""

    name: Annotated[str, At("user.name")]
    guest: Annotated[bool | None, At("user.guest")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserVoiceChanged(UserEvent):
    """Somebody joined or left the audio conference."""

    listening_only: Annotated[bool | None, At("user.listening-only")]
    sharing_mic: Annotated[bool | None, At("user.sharing-mic")]
    muted: Annotated[bool | None, At("user.muted")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserMuteChanged(UserEvent):
    """A microphone was switched on or off."""

    muted: Annotated[bool | None, At("user.muted")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserCameraChanged(UserEvent):
    """A camera was switched on or off."""

    stream: Annotated[str, At("user.stream")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserPresenterChanged(UserEvent):
    """Somebody became presenter, or is it no longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserEmojiChanged(UserEvent):
    """Somebody shows an emoji; ``none`` takes it away."""

    emoji: Annotated[str, At("user.emoji")]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserHandChanged(UserEvent):
    """Somebody raised or lowered a hand."""

    raise_hand: Annotated[bool, At("user.raise-hand", otherwise="user.raiseHand")]


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptUpdated(WebhookEvent):
    """Something was said and written down; the same ``transcript_id`` comes again until it is ``final``."""

    transcript_id: Annotated[str, At("transcript.id")]
    transcript: Annotated[str, At("transcript.transcript")]
    locale: Annotated[str, At("transcript.locale")]
    final: Annotated[bool, At("transcript.final")]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatMessageSent(WebhookEvent):
    """Somebody wrote in the public chat; private ones are not told of."""

    chat_id: Annotated[str, At("chat-id")]
    message_id: Annotated[str, At("chat-message.id")]
    message: Annotated[str, At("chat-message.message")]
    sender_id: Annotated[str, At("chat-message.sender.external-user-id")]
    internal_sender_id: Annotated[str, At("chat-message.sender.internal-user-id")]
    sender_name: Annotated[str, At("chat-message.sender.name")]
    sent_at: Annotated[datetime | None, At("chat-message.sender.time")]


@dataclass(frozen=True, kw_only=True, slots=True)
class PollAnswer:
    """An answer people may choose in a poll."""

    id: int
    key: str

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        return cls(id=values.count(found.get("id")), key=values.text(found.get("key")))


def _answers(value: object) -> tuple[PollAnswer, ...]:
    return tuple(PollAnswer.from_json(one) for one in values.documents(value))


@dataclass(frozen=True, kw_only=True, slots=True)
class PollStarted(UserEvent):
    """Somebody asks the others."""

    poll_id: Annotated[str, At("poll.id")]
    question: Annotated[str, At("poll.question")]
    answers: Annotated[tuple[PollAnswer, ...], At("poll.answers")]


@dataclass(frozen=True, kw_only=True, slots=True)
class PollResponded(UserEvent):
    """Somebody chose; ``answer_ids`` are those of the poll's answers."""

    poll_id: Annotated[str, At("poll.id")]
    answer_ids: Annotated[tuple[int, ...], At("poll.answerIds")]


@dataclass(frozen=True, kw_only=True, slots=True)
class PadContent(WebhookEvent):
    """Shared notes or captions changed: ``text`` replaces what stood from ``start`` to ``end``."""

    pad_id: Annotated[str, At("pad.id")]
    external_pad_id: Annotated[str, At("pad.external-pad-id")]
    rev: Annotated[int, At("pad.rev")]
    start: Annotated[int, At("pad.start")]
    end: Annotated[int, At("pad.end")]
    text: Annotated[str, At("pad.text")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingStep(WebhookEvent):
    """A step of making a recording began or ended.

    ``success`` and ``step_time`` come at its end; ``success`` false is the only word a server ever sends of a broken
    recording.  ``workflow`` is the format a step works for.
    """

    record_id: Annotated[str, At("record-id", otherwise="meeting.internal-meeting-id")]
    success: Annotated[bool | None, At("success")]
    step_time: Annotated[timedelta | None, At("step-time")]
    workflow: Annotated[str, At("workflow")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingArchived(RecordingStep):
    """What happened in a meeting was collected; ``recorded`` says whether any of it was marked."""

    recorded: Annotated[bool, At("recorded")]
    duration: Annotated[timedelta | None, At("duration")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingPublished(RecordingStep):
    """A format was made; ``playback`` and ``download`` are as the server describes them."""

    name: Annotated[str, At("recording.name")]
    is_breakout: Annotated[bool, At("recording.is-breakout")]
    start_time: Annotated[datetime | None, At("recording.start-time")]
    end_time: Annotated[datetime | None, At("recording.end-time")]
    size: Annotated[int, At("recording.size")]
    raw_size: Annotated[int, At("recording.raw-size")]
    metadata: Annotated[Mapping[str, str], At("recording.metadata")]
    playback: Annotated[Mapping[str, Any], At("recording.playback")]
    download: Annotated[Mapping[str, Any], At("recording.download")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingChanged(WebhookEvent):
    """A recording was published, unpublished or deleted.  Servers from 3.0 on may not send these."""

    record_id: Annotated[str, At("record-id", otherwise="meeting.internal-meeting-id")]
    format: Annotated[str, At("format")]


#: Which class an event comes as; what is not in here comes as a plain `WebhookEvent`.
EVENTS: Mapping[str, type[WebhookEvent]] = {
    "meeting-created": MeetingCreated,
    "meeting-ended": MeetingEnded,
    "meeting-recording-started": MeetingRecordingChanged,
    "meeting-recording-stopped": MeetingRecordingChanged,
    "meeting-recording-unhandled": MeetingRecordingChanged,
    "meeting-screenshare-started": ScreenshareChanged,
    "meeting-screenshare-stopped": ScreenshareChanged,
    "meeting-presentation-changed": PresentationChanged,
    "user-joined": UserJoined,
    "user-left": UserLeft,
    "user-audio-voice-enabled": UserVoiceChanged,
    "user-audio-voice-disabled": UserVoiceChanged,
    "user-audio-muted": UserMuteChanged,
    "user-audio-unmuted": UserMuteChanged,
    "user-audio-unhandled": UserMuteChanged,
    "user-cam-broadcast-start": UserCameraChanged,
    "user-cam-broadcast-end": UserCameraChanged,
    "user-presenter-assigned": UserPresenterChanged,
    "user-presenter-unassigned": UserPresenterChanged,
    "user-emoji-changed": UserEmojiChanged,
    "user-raise-hand-changed": UserHandChanged,
    "transcript-updated": TranscriptUpdated,
    "chat-group-message-sent": ChatMessageSent,
    "poll-started": PollStarted,
    "poll-responded": PollResponded,
    "pad-content": PadContent,
    "rap-archive-started": RecordingStep,
    "rap-archive-ended": RecordingArchived,
    "rap-sanity-started": RecordingStep,
    "rap-sanity-ended": RecordingStep,
    "rap-post-archive-started": RecordingStep,
    "rap-post-archive-ended": RecordingStep,
    "rap-process-started": RecordingStep,
    "rap-process-ended": RecordingStep,
    "rap-post-process-started": RecordingStep,
    "rap-post-process-ended": RecordingStep,
    "rap-publish-started": RecordingStep,
    "rap-publish-ended": RecordingPublished,
    "rap-post-publish-started": RecordingStep,
    "rap-post-publish-ended": RecordingStep,
    "rap-published": RecordingChanged,
    "rap-unpublished": RecordingChanged,
    "rap-deleted": RecordingChanged,
}

_READERS: Mapping[Any, Reader] = {
    str: values.text,
    bool: values.truth,
    bool | None: values.flag,
    int: values.count,
    datetime | None: values.epoch_time,
    timedelta | None: values.milliseconds,
    tuple[int, ...]: values.counts,
    tuple[PollAnswer, ...]: _answers,
    Mapping[str, str]: values.mapping,
    Mapping[str, Any]: values.document,
}


def _fields(kind: type) -> tuple[tuple[str, At, Reader], ...]:
    """Return what an event's class says of its own fields: name, place, reader."""
    return tuple(
        (name, at, at.read or _READERS[get_args(hint)[0]])
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for at in getattr(hint, "__metadata__", ())
    )


_FIELDS = {kind: _fields(kind) for kind in {*EVENTS.values(), WebhookEvent}}


def read_event(document: Mapping[str, Any], *, domain: str, delivered_at: datetime) -> WebhookEvent:
    """Return the event a message of bbb-webhooks tells of; nothing that JSON can hold is an error."""
    data = values.document(document.get("data"))
    name, attributes = values.text(data.get("id")), values.document(data.get("attributes"))
    if not name:
        return _raw_event(document, domain=domain, delivered_at=delivered_at)
    kind = EVENTS.get(name, WebhookEvent)
    return kind(
        id=name,
        timestamp=values.epoch_time(values.find(data, "event.ts")) or delivered_at,
        meeting_id=values.text(values.find(attributes, "meeting.external-meeting-id")),
        internal_meeting_id=values.text(values.find(attributes, "meeting.internal-meeting-id")),
        domain=domain,
        attributes=attributes,
        **{field: _read(attributes, at, reader) for field, at, reader in _FIELDS[kind]},
    )


def _raw_event(document: Mapping[str, Any], *, domain: str, delivered_at: datetime) -> WebhookEvent:
    """A hook with ``getRaw`` gets the messages BigBlueButton's own parts send each other, in two shapes."""
    return WebhookEvent(
        id=_first(document, "envelope.name", "core.header.name", "header.name"),
        timestamp=values.epoch_time(values.find(document, "envelope.timestamp")) or delivered_at,
        meeting_id=_first(document, "payload.external_meeting_id", "core.body.props.meetingProp.extId"),
        internal_meeting_id=_first(
            document, "core.header.meetingId", "envelope.routing.meetingId", "payload.meeting_id"
        ),
        domain=domain,
        attributes=document,
    )


def _first(document: Mapping[str, Any], *paths: str) -> str:
    return next((found for path in paths if (found := values.text(values.find(document, path)))), "")


def _read(attributes: Mapping[str, Any], at: At, reader: Reader) -> Any:
    value = values.find(attributes, at.path)
    if value is None and at.otherwise:
        value = values.find(attributes, at.otherwise)
    return reader(value)
