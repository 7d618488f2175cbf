"""What a server answers, as frozen values.

A list comes as a `Listing`: a tuple that also knows what could not be read.

Every optional element may be missing: an old version, a balancer in front, or a recording that is still being
processed leaves it out.  Words a newer server may invent (states, formats, roles) stay text.  Element names
are those of BigBlueButton's FreeMarker templates (``get-meeting-info.ftlx`` and its neighbours) and of
``RecMetaXmlHelper.scala``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar

from . import wire
from .errors import UnreadableResponse
from .json_answers import json_text
from .redaction import SignedURL
from .xml import Element

T = TypeVar("T")

#: A scheme and a host, or an IPv6 address.  There are twenty of them in a recording.
_begins_as_web_address = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#\[\]\\]+)(?=[/?#]|$)").match


class Listing(tuple[T, ...], Generic[T]):
    """A tuple of what could be read, and how much of the answer that is.

    ``skipped`` counts what the server listed but could not be read (a recording without an id): while it is not
    0, what is missing here may still be there.  ``total`` is how many there are on all pages, where the server
    says so; before October 2025 it counts the formats of recordings, and is too high.
    """

    skipped: int
    total: int | None

    def __new__(cls, items: Iterable[T] = (), *, skipped: int = 0, total: int | None = None) -> Self:
        listing = super().__new__(cls, items)
        listing.skipped, listing.total = skipped, total
        return listing


def texts(element: Element | None) -> dict[str, str | None]:
    """Return the text of each child by its tag; the last one where a tag repeats, none of an element that is not."""
    if element is None:
        return {}
    return {str(child.tag): child.text for child in element}


def _read(element: Element) -> tuple[dict[str, str | None], dict[str, Element]]:
    """Return the texts of the children without any of their own, and the others: one walk finds both.

    A recording is read with fifty thousand others; looking for each of its parts by name costs twice as much.
    """
    found: dict[str, str | None] = {}
    parts: dict[str, Element] = {}
    child: Any  # its tag is text: the parser has left out comments and the like
    for child in element:
        tag = child.tag
        if len(child):
            parts[tag] = child
        else:
            found[tag] = child.text
    return found, parts


def _child(element: Element, tag: str) -> Element | None:
    return element.find(tag)


def _metadata(element: Element) -> Mapping[str, str]:
    return _mapping(_child(element, "metadata"))


def _mapping(element: Element | None) -> Mapping[str, str]:
    return {name: wire.to_text(text) for name, text in texts(element).items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerInfo:
    """The index: what a server says of itself.  ``api_version`` is 2.0 on every modern one."""

    api_version: str
    bbb_version: str
    #: Servers from 3.0 on name their GraphQL address; the only passive sign of that version.
    graphql_api_url: str
    graphql_websocket_url: str = ""
    #: Late 3.0 and newer.
    html5_plugin_sdk_version: str = ""
    #: The build of a balancer (Scalelite).
    build: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        return cls(
            api_version=wire.to_text(found.get("apiVersion") or found.get("version")),
            bbb_version=wire.to_text(found.get("bbbVersion")),
            graphql_api_url=wire.to_text(found.get("graphqlApiUrl")),
            graphql_websocket_url=wire.to_text(found.get("graphqlWebsocketUrl")),
            html5_plugin_sdk_version=wire.to_text(found.get("html5PluginSdkVersion")),
            build=wire.to_text(found.get("build")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedMeeting:
    """The answer of create.

    ``already_existed``: the meeting was there before (``duplicateWarning``) and keeps its old settings.
    ``parent_meeting_id`` is the internal id of a breakout room's parent.
    """

    meeting_id: str
    internal_meeting_id: str
    create_time: datetime
    voice_bridge: str
    dial_number: str
    has_user_joined: bool
    duration: timedelta
    already_existed: bool
    attendee_pw: str = field(repr=False)
    moderator_pw: str = field(repr=False)
    parent_meeting_id: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        create_time = wire.to_datetime(found.get("createTime"))
        meeting_id = wire.to_text(found.get("meetingID"))
        internal = wire.to_text(found.get("internalMeetingID"))
        parent = wire.to_text(found.get("parentMeetingID"))
        if create_time is None or not meeting_id or not internal:
            raise UnreadableResponse("The answer of create names no meeting.", call="create")
        return cls(
            meeting_id=meeting_id,
            internal_meeting_id=internal,
            create_time=create_time,
            voice_bridge=wire.to_text(found.get("voiceBridge")),
            dial_number=wire.to_text(found.get("dialNumber")),
            has_user_joined=wire.to_truth(found.get("hasUserJoined")),
            duration=wire.to_minutes(found.get("duration")) or timedelta(),
            already_existed=wire.to_text(found.get("messageKey")) == "duplicateWarning",
            attendee_pw=wire.to_text(found.get("attendeePW")),
            moderator_pw=wire.to_text(found.get("moderatorPW")),
            parent_meeting_id="" if parent == "bbb-none" else parent,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinedMeeting:
    """The answer of a join without a redirect.

    Both ids are the server's own.  ``guest_status`` is ALLOW, WAIT or DENY.  The session belongs to whoever sent
    the call: its cookie went there, so that another browser gets in by ``url`` only where the meeting was created
    with ``allow_requests_without_session``.
    """

    meeting_id: str
    user_id: str
    auth_token: str = field(repr=False)
    session_token: str = field(repr=False)
    guest_status: str
    url: SignedURL

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        # These names have underscores, and are found in no other answer (ApiController.groovy).
        found = texts(element)
        url = web_address(found.get("url"))
        if not url:
            raise UnreadableResponse("The answer of join leads nowhere.", call="join")
        return cls(
            meeting_id=wire.to_text(found.get("meeting_id")),
            user_id=wire.to_text(found.get("user_id")),
            auth_token=wire.to_text(found.get("auth_token")),
            session_token=wire.to_text(found.get("session_token")),
            guest_status=wire.to_text(found.get("guestStatus")),
            url=SignedURL(url),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One session of one person, as getSessions tells it; the meeting goes by its internal id."""

    internal_meeting_id: str
    meeting_name: str
    user_name: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        meeting_id = wire.to_text(found.get("meetingID"))
        if not meeting_id:
            raise UnreadableResponse("A session without meetingID came.", call="getSessions")
        return cls(
            internal_meeting_id=meeting_id,
            meeting_name=wire.to_text(found.get("meetingName")),
            user_name=wire.to_text(found.get("userName")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendee:
    """Somebody inside a class.  ``user_id`` is the one given to join; it repeats with several sessions."""

    user_id: str
    full_name: str
    role: str
    is_presenter: bool
    is_listening_only: bool
    has_joined_voice: bool
    has_video: bool
    client_type: str
    custom_data: Mapping[str, str]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        return cls(
            user_id=wire.to_text(found.get("userID")),
            full_name=wire.to_text(found.get("fullName")),
            role=wire.to_text(found.get("role")),
            is_presenter=wire.to_truth(found.get("isPresenter")),
            is_listening_only=wire.to_truth(found.get("isListeningOnly")),
            has_joined_voice=wire.to_truth(found.get("hasJoinedVoice")),
            has_video=wire.to_truth(found.get("hasVideo")),
            client_type=wire.to_text(found.get("clientType")),
            custom_data=_mapping(_child(element, "customdata")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """A meeting as getMeetingInfo and getMeetings tell it.

    ``running`` is true once the first person is really inside.  ``recording`` means that it can be recorded,
    not that it is.  ``end_time`` may be set on a running meeting (whenever the last person left): go by
    ``running`` and ``has_been_forcibly_ended``.
    """

    meeting_id: str
    internal_meeting_id: str
    name: str
    create_time: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    duration: timedelta
    running: bool
    has_user_joined: bool
    has_been_forcibly_ended: bool
    recording: bool
    participant_count: int
    listener_count: int
    voice_participant_count: int
    video_count: int
    moderator_count: int
    max_users: int
    voice_bridge: str
    dial_number: str
    attendees: tuple[Attendee, ...]
    metadata: Mapping[str, str]
    is_breakout: bool
    parent_meeting_id: str
    sequence: int | None
    free_join: bool
    breakout_rooms: tuple[str, ...]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        meeting_id = wire.to_text(found.get("meetingID"))
        if not meeting_id:
            raise UnreadableResponse("A meeting without meetingID came.")
        attendees = _child(element, "attendees")
        breakouts = _child(element, "breakoutRooms")
        return cls(
            meeting_id=meeting_id,
            internal_meeting_id=wire.to_text(found.get("internalMeetingID")),
            name=wire.to_text(found.get("meetingName")),
            create_time=wire.to_datetime(found.get("createTime")),
            start_time=wire.to_datetime(found.get("startTime")),
            end_time=wire.to_datetime(found.get("endTime")),
            duration=wire.to_minutes(found.get("duration")) or timedelta(),
            running=wire.to_truth(found.get("running")),
            has_user_joined=wire.to_truth(found.get("hasUserJoined")),
            has_been_forcibly_ended=wire.to_truth(found.get("hasBeenForciblyEnded")),
            recording=wire.to_truth(found.get("recording")),
            participant_count=wire.to_count(found.get("participantCount")),
            listener_count=wire.to_count(found.get("listenerCount")),
            voice_participant_count=wire.to_count(found.get("voiceParticipantCount")),
            video_count=wire.to_count(found.get("videoCount")),
            moderator_count=wire.to_count(found.get("moderatorCount")),
            max_users=wire.to_count(found.get("maxUsers")),
            voice_bridge=wire.to_text(found.get("voiceBridge")),
            dial_number=wire.to_text(found.get("dialNumber")),
            attendees=()
            if attendees is None
            else tuple(Attendee.from_xml(one) for one in attendees.iterchildren("attendee")),
            metadata=_metadata(element),
            is_breakout=wire.to_truth(found.get("isBreakout")),
            parent_meeting_id=wire.to_text(found.get("parentMeetingID")),
            sequence=wire.to_number(found.get("sequence")),
            free_join=wire.to_truth(found.get("freeJoin")),
            breakout_rooms=()
            if breakouts is None
            else tuple(wire.to_text(one.text) for one in breakouts.iterchildren("breakout")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A thumbnail of a recording's slides."""

    url: str
    alt: str
    width: int | None
    height: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaybackFormat:
    """One way to watch a recording: ``presentation``, ``video``, ``podcast``, or a word of your server's.

    ``length`` is counted in whole minutes, cut off: a recording of 50 seconds has length 0.
    """

    type: str
    url: str
    processing_time: timedelta | None
    length: timedelta | None
    size: int | None
    images: tuple[Image, ...]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found, parts = _read(element)
        preview = parts.get("preview")
        return cls(
            type=wire.to_text(found.get("type")),
            url=web_address(found.get("url")),
            processing_time=wire.to_milliseconds(found.get("processingTime")),
            length=wire.to_minutes(found.get("length")),
            size=wire.to_number(found.get("size")),
            images=() if preview is None else _images(preview),
        )


def _images(preview: Element) -> tuple[Image, ...]:
    found = []
    host = " "  # of the last one, with its scheme: those of a recording share it, and a look at it is dear
    for one in preview.iter("image"):
        address = (one.text or "").strip()
        if not address.startswith(host):
            begins = _begins_as_web_address(address)
            if not begins:
                continue
            host = f"{begins[0]}/"
        # Slot by slot: there are twenty in a recording, and `__init__` of a frozen class is half their cost.
        image = object.__new__(Image)
        _set_url(image, address)
        _set_alt(image, one.get("alt", ""))
        _set_width(image, _dimension(one.get("width")))
        _set_height(image, _dimension(one.get("height")))
        found.append(image)
    return tuple(found)


_set_url, _set_alt, _set_width, _set_height = (
    getattr(Image, one).__set__ for one in ("url", "alt", "width", "height")
)

#: Thumbnails have a handful of sizes, and recordings have ten of them.
_dimension = lru_cache(maxsize=256)(wire.to_number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """A recording, one per run of a meeting: ``record_id`` is that run's internal meeting id.

    ``formats`` grow while the server is processing; ``data`` are formats that are not for watching.
    """

    record_id: str
    meeting_id: str
    internal_meeting_id: str
    name: str
    is_breakout: bool
    published: bool
    protected: bool | None
    state: str
    start_time: datetime | None
    end_time: datetime | None
    participants: int | None
    raw_size: int | None
    size: int | None
    metadata: Mapping[str, str]
    formats: tuple[PlaybackFormat, ...]
    data: tuple[PlaybackFormat, ...]
    parent_id: str
    breakout_rooms: tuple[str, ...]
    #: Of a breakout room.
    sequence: int | None = None
    free_join: bool = False

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found, parts = _read(element)
        record_id = wire.to_text(found.get("recordID"))
        if not record_id:
            raise UnreadableResponse("A recording without recordID came.", call="getRecordings")
        protected = found.get("protected")
        breakout, rooms = texts(parts.get("breakout")), parts.get("breakoutRooms", ())
        return cls(
            record_id=record_id,
            meeting_id=wire.to_text(found.get("meetingID")),
            internal_meeting_id=wire.to_text(found.get("internalMeetingID")) or record_id,
            name=wire.to_text(found.get("name")),
            is_breakout=wire.to_truth(found.get("isBreakout")),
            published=wire.to_truth(found.get("published")),
            protected=None if protected is None else wire.to_truth(protected),
            state=wire.to_text(found.get("state")),
            start_time=wire.to_datetime(found.get("startTime")),
            end_time=wire.to_datetime(found.get("endTime")),
            participants=wire.to_number(found.get("participants")),
            raw_size=wire.to_number(found.get("rawSize")),
            size=wire.to_number(found.get("size")),
            metadata=_mapping(parts.get("metadata")),
            formats=tuple(PlaybackFormat.from_xml(one) for one in parts.get("playback", ()) if one.tag == "format"),
            data=tuple(PlaybackFormat.from_xml(one) for one in parts.get("data", ()) if one.tag == "format"),
            parent_id=wire.to_text(breakout.get("parentId")),
            breakout_rooms=tuple(wire.to_text(one.text) for one in rooms if one.tag == "breakoutRoom"),
            sequence=wire.to_number(breakout.get("sequence")),
            free_join=wire.to_truth(breakout.get("freeJoin")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTrack:
    """Subtitles or captions of a recording.

    ``href`` holds a token for one use and one hour: ask again rather than keep it.  ``lang`` is told as ``en-US``,
    though it is sent as ``en_US``.  ``source`` says how it was made, ``upload`` for instance.
    """

    href: SignedURL = field(repr=False)
    kind: str
    lang: str
    label: str
    source: str

    @classmethod
    def from_json(cls, data: Any) -> Self:
        found = data if isinstance(data, Mapping) else {}
        href = web_address(json_text(found.get("href")))
        if not href:
            raise UnreadableResponse("A text track without an address came.", call="getRecordingTextTracks")
        return cls(
            href=SignedURL(href),
            kind=json_text(found.get("kind")),
            lang=json_text(found.get("lang")),
            label=json_text(found.get("label")),
            source=json_text(found.get("source")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedHook:
    """The answer of hooks/create.

    ``already_existed``: this address was registered before (``duplicateWarning``), perhaps for another meeting and
    other events, and stays as it was; the server then leaves out the rest.
    """

    hook_id: str
    permanent: bool
    raw_data: bool
    already_existed: bool

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        return cls(
            hook_id=_hook_id(found, "hooks/create"),
            permanent=wire.to_truth(found.get("permanentHook")),
            raw_data=wire.to_truth(found.get("rawData")),
            already_existed=wire.to_text(found.get("messageKey")) == "duplicateWarning",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Hook:
    """A registered hook.

    Without ``meeting_id`` it hears of all meetings, without ``event_ids`` of all that happens.  A permanent one
    stands in the server's configuration and cannot be removed.
    """

    hook_id: str
    #: May hold what proves a callback to be genuine.
    callback_url: str = field(repr=False)
    meeting_id: str
    event_ids: tuple[str, ...]
    permanent: bool
    raw_data: bool

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = texts(element)
        events = wire.to_text(found.get("eventID")).split(",")
        return cls(
            hook_id=_hook_id(found, "hooks/list"),
            callback_url=web_address(found.get("callbackURL")),
            meeting_id=wire.to_text(found.get("meetingID")),
            event_ids=tuple(event.strip() for event in events if event.strip()),
            permanent=wire.to_truth(found.get("permanentHook")),
            raw_data=wire.to_truth(found.get("rawData")),
        )


def _hook_id(found: Mapping[str, str | None], call: str) -> str:
    hook_id = wire.to_text(found.get("hookID"))
    if not hook_id:
        raise UnreadableResponse("A hook without hookID came.", call=call)
    return hook_id


def web_address(text: str | None) -> str:
    """Return an http(s) address, or nothing: what is put into ``href`` must not be a script."""
    address = text.strip() if text else ""
    return address if _begins_as_web_address(address) else ""
