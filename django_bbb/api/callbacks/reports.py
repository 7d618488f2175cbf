"""What happened in a meeting, told once when it is over (``post_events_analytics_callback.rb``, gem bbbevents)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from ..errors import UnreadableCallback, UntrustedCallback
from ..redaction import Secret
from . import bodies, tokens, values

#: A long meeting with hundreds of people stays well below; read no further before it is verified.
MOST_ANALYTICS_BYTES = 4 * 1024 * 1024

_LONGEST_ID = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalyticsEngagement:
    """What somebody did in a meeting, counted; ``talk_time`` is how long their microphone carried a voice."""

    chats: int
    talks: int
    raisehand: int
    emojis: int
    poll_votes: int
    talk_time: timedelta

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        return cls(
            chats=values.count(found.get("chats")),
            talks=values.count(found.get("talks")),
            raisehand=values.count(found.get("raisehand")),
            emojis=values.count(found.get("emojis")),
            poll_votes=values.count(found.get("poll_votes")),
            talk_time=values.seconds(found.get("talk_time")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalyticsAttendee:
    """Somebody who was in a meeting: one for each id given to join, however often they came and went.

    ``name`` is the last one they used, ``moderator`` whether they ever were one.  In ``duration`` the time of two
    sessions at once counts once.
    """

    ext_user_id: str
    name: str
    moderator: bool
    joins: tuple[datetime, ...]
    leaves: tuple[datetime, ...]
    duration: timedelta
    recent_talking_time: datetime | None
    engagement: AnalyticsEngagement

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        return cls(
            ext_user_id=values.text(found.get("ext_user_id")),
            name=values.text(found.get("name")),
            moderator=values.truth(found.get("moderator")),
            joins=values.iso_times(found.get("joins")),
            leaves=values.iso_times(found.get("leaves")),
            duration=values.seconds(found.get("duration")),
            recent_talking_time=values.iso_time(found.get("recent_talking_time")),
            engagement=AnalyticsEngagement.from_json(values.document(found.get("engagement"))),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalyticsPoll:
    """A poll of a meeting.

    ``votes`` goes from people to the option they chose.  Its keys are their ids as the script left them: in lower
    case, and with ``_`` for ``-`` (``Ab-12`` is ``ab_12`` here, and ``Ab-12`` in `AnalyticsAttendee`).
    """

    id: str
    type: str
    question: str
    published: bool
    options: tuple[str, ...]
    start: datetime | None
    votes: Mapping[str, str]

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        return cls(
            id=values.text(found.get("id")),
            type=values.text(found.get("type")),
            question=values.text(found.get("question")),
            published=values.truth(found.get("published")),
            options=values.texts(found.get("options")),
            start=values.iso_time(found.get("start")),
            votes=values.mapping(found.get("votes")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalyticsReport:
    """What happened in one run of a meeting.

    ``duration`` goes from the first person's arrival to the last event, ``files`` are the names of the slides as
    they were uploaded.  ``metadata`` has the project's own ``meta_`` parameters, with ``_`` for ``-`` in their
    names; ``metadata["is_breakout"]`` is a text.  ``customer`` comes from Scalelite.
    """

    version: str
    meeting_id: str
    internal_meeting_id: str
    metadata: Mapping[str, str]
    duration: timedelta
    start: datetime | None
    finish: datetime | None
    attendees: tuple[AnalyticsAttendee, ...]
    files: tuple[str, ...]
    polls: tuple[AnalyticsPoll, ...]
    customer: str

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        meeting_id, data = values.text(found.get("meeting_id")), found.get("data")
        if not 0 < len(meeting_id) <= _LONGEST_ID or not isinstance(data, dict):
            raise UnreadableCallback("The report is about no meeting.")
        return cls(
            version=values.text(found.get("version")),
            meeting_id=meeting_id,
            internal_meeting_id=values.text(found.get("internal_meeting_id")),
            metadata=values.mapping(data.get("metadata")),
            duration=values.seconds(data.get("duration")),
            start=values.iso_time(data.get("start")),
            finish=values.iso_time(data.get("finish")),
            attendees=tuple(AnalyticsAttendee.from_json(one) for one in values.documents(data.get("attendees"))),
            files=values.texts(data.get("files")),
            polls=tuple(AnalyticsPoll.from_json(one) for one in values.documents(data.get("polls"))),
            customer=values.text(found.get("customer")),
        )


def analytics(
    body: bytes,
    *,
    authorization: str,
    content_type: str = bodies.JSON,
    secrets: Iterable[Secret],
    algorithms: Sequence[str] = ("HS512",),
    most_bytes: int = MOST_ANALYTICS_BYTES,
) -> AnalyticsReport:
    """Return the report an analytics callback brings, or raise `UntrustedCallback`.

    ``authorization`` is the header of that name: ``Bearer`` and a token that only says when it ends, 24 hours
    after it was made.  **It does not sign the body**: whoever has seen one can send another body, about another
    meeting, for as long as it lasts.  So have a token of your own for the meeting in the address it is sent to,
    compare its meeting with ``meeting_id``, and let a second report change nothing.

    ``algorithms`` are the ones this server may use: HS512 from BigBlueButton and Scalelite, HS256 from bbblb.
    ``most_bytes`` is the largest body that is read.
    """
    _, text = bodies.read_body(body, content_type=content_type, kinds=(bodies.JSON,), most_bytes=most_bytes)
    claims = tokens.verified(tokens.bearer(authorization), secrets=secrets, algorithms=algorithms, required=("exp",))
    # The same secret signs recording-ready callbacks, which newer servers may let end as well.
    if "record_id" in claims:
        raise UntrustedCallback("The token is one for a recording.")
    return AnalyticsReport.from_json(values.document(bodies.read_json(text)))
