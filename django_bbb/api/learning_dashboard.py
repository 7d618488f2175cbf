"""What the learning dashboard knows of a class, as frozen values.

The names are those of ``LearningDashboardActor.scala``.  Anything may be missing, and what a newer server adds is
passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from .json_answers import (
    json_count,
    json_items,
    json_mapping,
    json_mappings,
    json_milliseconds,
    json_moment,
    json_text,
    json_texts,
    json_truth,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From when to when; ``stopped_on`` is None while it lasts."""

    started_on: datetime | None
    stopped_on: datetime | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        # Sessions count from registeredOn to leftOn, all else from startedOn to stoppedOn.
        return cls(
            started_on=json_moment(data.get("startedOn", data.get("registeredOn"))),
            stopped_on=json_moment(data.get("stoppedOn", data.get("leftOn"))),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """An emoji somebody sent."""

    name: str
    sent_on: datetime | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(name=json_text(data.get("name")), sent_on=json_moment(data.get("sentOn")))


@dataclass(frozen=True, kw_only=True, slots=True)
class DashboardUser:
    """One person; ``user_id`` is the one given to join.  ``answers`` has what was chosen, by the id of the poll."""

    user_key: str
    user_id: str
    name: str
    is_moderator: bool
    is_dial_in: bool
    sessions: tuple[Period, ...]
    answers: Mapping[str, tuple[str, ...]]
    talk_time: timedelta
    last_talk_started_on: datetime | None
    emojis: tuple[Reaction, ...]
    reactions: tuple[Reaction, ...]
    raised_hand_on: tuple[datetime, ...]
    away: tuple[Period, ...]
    webcams: tuple[Period, ...]
    total_of_messages: int

    @classmethod
    def from_json(cls, user_key: str, data: Mapping[str, Any]) -> Self:
        talk = json_mapping(data.get("talk"))
        raised = (json_moment(one) for one in json_items(data.get("raiseHand")))
        return cls(
            user_key=json_text(data.get("userKey")) or user_key,
            user_id=json_text(data.get("extId")),
            name=json_text(data.get("name")),
            is_moderator=json_truth(data.get("isModerator")),
            is_dial_in=json_truth(data.get("isDialIn")),
            sessions=tuple(_sessions(json_mapping(data.get("intIds")))),
            answers={json_text(key): json_texts(value) for key, value in json_mapping(data.get("answers")).items()},
            talk_time=json_milliseconds(talk.get("totalTime")),
            last_talk_started_on=json_moment(talk.get("lastTalkStartedOn")),
            emojis=_reactions(data.get("emojis")),
            reactions=_reactions(data.get("reactions")),
            raised_hand_on=tuple(moment for moment in raised if moment),
            away=_periods(data.get("away")),
            webcams=_periods(data.get("webcams")),
            total_of_messages=json_count(data.get("totalOfMessages")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DashboardPoll:
    """A poll or a quiz; who answered what stands with the people, unless it is anonymous."""

    poll_id: str
    type: str
    question: str
    is_anonymous: bool
    is_multiple: bool
    is_quiz: bool
    options: tuple[str, ...]
    correct_option: str
    anonymous_answers: tuple[str, ...]
    created_on: datetime | None

    @classmethod
    def from_json(cls, poll_id: str, data: Mapping[str, Any]) -> Self:
        return cls(
            poll_id=json_text(data.get("pollId")) or poll_id,
            type=json_text(data.get("pollType")),
            question=json_text(data.get("question")),
            is_anonymous=json_truth(data.get("anonymous")),
            is_multiple=json_truth(data.get("multiple")),
            is_quiz=json_truth(data.get("quiz")),
            options=json_texts(data.get("options")),
            correct_option=json_text(data.get("correctOption")),
            anonymous_answers=json_texts(data.get("anonymousAnswers")),
            created_on=json_moment(data.get("createdOn")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSlide:
    """A page of a presentation, and when it was shown."""

    presentation_id: str
    presentation_name: str
    page: int
    set_on: datetime | None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            presentation_id=json_text(data.get("presentationId")),
            presentation_name=json_text(data.get("presentationName")),
            page=json_count(data.get("pageNum")),
            set_on=json_moment(data.get("setOn")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LearningDashboard:
    """A class as its learning dashboard shows it; ``ended_on`` is None while it runs."""

    meeting_id: str
    internal_meeting_id: str
    name: str
    created_on: datetime | None
    ended_on: datetime | None
    users: tuple[DashboardUser, ...]
    polls: tuple[DashboardPoll, ...]
    screenshares: tuple[Period, ...]
    slides: tuple[ShownSlide, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        users, polls = json_mapping(data.get("users")), json_mapping(data.get("polls"))
        return cls(
            meeting_id=json_text(data.get("extId")),
            internal_meeting_id=json_text(data.get("intId")),
            name=json_text(data.get("name")),
            created_on=json_moment(data.get("createdOn")),
            ended_on=json_moment(data.get("endedOn")),
            users=tuple(DashboardUser.from_json(json_text(key), json_mapping(one)) for key, one in users.items()),
            polls=tuple(DashboardPoll.from_json(json_text(key), json_mapping(one)) for key, one in polls.items()),
            screenshares=_periods(data.get("screenshares")),
            slides=tuple(ShownSlide.from_json(one) for one in json_mappings(data.get("presentationSlides"))),
        )


def _periods(value: Any) -> tuple[Period, ...]:
    return tuple(Period.from_json(one) for one in json_mappings(value))


def _reactions(value: Any) -> tuple[Reaction, ...]:
    return tuple(Reaction.from_json(one) for one in json_mappings(value))


def _sessions(internal_ids: Mapping[str, Any]) -> list[Period]:
    """Return when somebody was inside; servers before 2.7 tell one session of an internal id, newer ones a list."""
    found: list[Period] = []
    for one in map(json_mapping, internal_ids.values()):
        found += _periods(one["sessions"]) if "sessions" in one else _periods([one])
    return found
