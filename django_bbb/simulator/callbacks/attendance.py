"""What people did in a meeting, in the words of the gem bbbevents (`recording.rb`, `events.rb`, `attendee.rb`).

Times are whole seconds.  Whoever came in twice under one external id is one attendee.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ..events import Event, EventKind
from ..meetings import Meeting, Person, Role

#: Between two words of a name, as ActiveSupport's `underscore` sees it.
_WORD_END: Final = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])")
_NO_EMOJI = frozenset({"", "none"})


def report(meeting: Meeting) -> dict[str, Any]:
    """Return the payload of the analytics callback, all keys in snake case."""
    attendance = Attendance()
    for event in meeting.history:
        attendance.note(event)
    joins = [time for attendee in attendance.attendees.values() for time in attendee.joins]
    start = min(joins, default=meeting.create_time // 1000)
    finish = max([event.at // 1000 for event in meeting.history], default=start)
    for poll in attendance.polls.values():
        poll["votes"] = {snake_case(person): choice for person, choice in poll["votes"].items()}
    return {
        "version": "1.0",
        "meeting_id": meeting.meeting_id,
        "internal_meeting_id": meeting.internal_id,
        "data": {
            "metadata": _metadata(meeting),
            "duration": finish - start,
            "start": _text(start),
            "finish": _text(finish),
            "attendees": [one.as_json(finish) for one in attendance.attendees.values()],
            "files": list(dict.fromkeys([*meeting.settings.documents, *attendance.files])),
            "polls": list(attendance.polls.values()),
        },
    }


@dataclass
class Attendee:
    """Everything one external id did."""

    user_id: str
    name: str
    moderator: bool = False
    joins: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    #: Since when the microphone is on, or 0.
    talking_since: int = 0
    engagement: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(["chats", "talks", "raisehand", "emojis", "poll_votes", "talk_time"], 0)
    )
    #: Times of coming and going, by internal id.
    sessions: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def as_json(self, finish: int) -> dict[str, Any]:
        leaves = [*self.leaves, finish] if len(self.joins) > len(self.leaves) else self.leaves
        spans = [
            (joins[i], lefts[i] if i < len(lefts) else finish)
            for joins, lefts in self.sessions.values()
            for i in range(len(joins))
        ]
        return {
            "ext_user_id": self.user_id,
            "name": self.name,
            "moderator": self.moderator,
            "joins": [_text(time) for time in self.joins],
            "leaves": [_text(time) for time in leaves],
            "duration": _covered(spans),
            "recent_talking_time": _text(self.talking_since) if self.talking_since else "",
            "engagement": self.engagement,
            "sessions": [self._session(internal_id) for internal_id in self.sessions],
        }

    def _session(self, internal_id: str) -> dict[str, Any]:
        joins, lefts = self.sessions[internal_id]
        who = {"userid": internal_id, "ext_userid": self.user_id}
        return {
            "joins": [{"timestamp": _text(time), **who, "event": "join"} for time in joins],
            "lefts": [{"timestamp": _text(time), **who, "event": "left"} for time in lefts],
        }


class Attendance:
    """Reads what happened, from the first event to the last."""

    def __init__(self) -> None:
        self.attendees: dict[str, Attendee] = {}
        self.polls: dict[object, dict[str, Any]] = {}
        self.files: list[str] = []

    def note(self, event: Event) -> None:
        if event.kind in _READERS:
            _READERS[event.kind](self, event)

    def _joined(self, event: Event) -> None:
        person, time = _who(event), event.at // 1000
        attendee = self.attendees.setdefault(person.user_id, Attendee(person.user_id, person.name))
        attendee.name = person.name
        attendee.moderator = attendee.moderator or person.role is Role.MODERATOR
        attendee.joins.append(time)
        attendee.sessions.setdefault(person.internal_user_id, ([], []))[0].append(time)

    def _left(self, event: Event) -> None:
        if attendee := self._attendee(event):
            attendee.leaves.append(event.at // 1000)
            attendee.sessions[_who(event).internal_user_id][1].append(event.at // 1000)
            self._silent(event)

    def _talks(self, event: Event) -> None:
        if attendee := self._attendee(event):
            attendee.engagement["talks"] += 1
            attendee.talking_since = event.at // 1000

    def _silent(self, event: Event) -> None:
        attendee = self._attendee(event)
        if attendee and attendee.talking_since:
            attendee.engagement["talk_time"] += event.at // 1000 - attendee.talking_since
            attendee.talking_since = 0

    def _chats(self, event: Event) -> None:
        self._count(event, "chats")

    def _raises_hand(self, event: Event) -> None:
        if event.facts.get("raised"):
            self._count(event, "raisehand")

    def _shows_emoji(self, event: Event) -> None:
        if event.facts.get("emoji", "") not in _NO_EMOJI:
            self._count(event, "emojis")

    def _shows_slides(self, event: Event) -> None:
        self.files.append(str(event.facts.get("file_name", "")))

    def _asks(self, event: Event) -> None:
        facts = event.facts
        self.polls[facts.get("poll_id")] = {
            "id": facts.get("poll_id", ""),
            "type": facts.get("type", ""),
            "question": facts.get("question", ""),
            "published": False,
            "options": list(_items(facts.get("options"))),
            "start": _text(event.at // 1000),
            "votes": {},
        }

    def _votes(self, event: Event) -> None:
        self._count(event, "poll_votes")
        poll = self.polls.get(event.facts.get("poll_id"))
        if poll is None or event.person is None:
            return
        # One entry a person: of several answers the last remains.
        for index in _items(event.facts.get("answers")):
            if 0 <= index < len(poll["options"]):
                poll["votes"][event.person.user_id] = poll["options"][index]

    def _count(self, event: Event, what: str) -> None:
        if attendee := self._attendee(event):
            attendee.engagement[what] += 1

    def _attendee(self, event: Event) -> Attendee | None:
        return self.attendees.get(event.person.user_id) if event.person else None


_READERS: Final[Mapping[EventKind, Callable[[Attendance, Event], None]]] = {
    EventKind.USER_JOINED: Attendance._joined,
    EventKind.USER_LEFT: Attendance._left,
    EventKind.UNMUTED: Attendance._talks,
    EventKind.MUTED: Attendance._silent,
    EventKind.VOICE_DISABLED: Attendance._silent,
    EventKind.CHAT_MESSAGE_SENT: Attendance._chats,
    EventKind.RAISE_HAND_CHANGED: Attendance._raises_hand,
    EventKind.EMOJI_CHANGED: Attendance._shows_emoji,
    EventKind.PRESENTATION_CHANGED: Attendance._shows_slides,
    EventKind.POLL_STARTED: Attendance._asks,
    EventKind.POLL_RESPONDED: Attendance._votes,
}


def snake_case(text: str) -> str:
    """Return a key as the script leaves it; external user ids are not spared."""
    return _WORD_END.sub("_", text.replace("::", "/")).replace("-", "_").lower()


def _metadata(meeting: Meeting) -> dict[str, str]:
    """Return the metadata without what the script keeps to itself."""
    own = {"meeting_name": meeting.name, "is_breakout": "true" if meeting.settings.is_breakout else "false"}
    custom = {snake_case(key): value for key, value in meeting.settings.metadata.items()}
    hidden = {key for key in custom if key.startswith("gl_") or key == "meeting_id"}
    return own | {key: value for key, value in custom.items() if key not in hidden}


def _who(event: Event) -> Person:
    if event.person is None:
        raise ValueError(f"{event.kind} is told of nobody.")
    return event.person


def _items(value: object) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """Return the seconds that at least one of the spans covers."""
    total, until = 0, 0
    for begin, end in sorted(spans):
        total += max(0, end - max(begin, until))
        until = max(until, end)
    return total


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
