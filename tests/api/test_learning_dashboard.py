"""The learning dashboard as values: all of it, none of it, and nonsense in its place."""

import contextlib
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_bbb.api import (
    BBBError,
    BigBlueButtonClient,
    DashboardPoll,
    DashboardUser,
    LearningDashboard,
    Listing,
    Period,
    Reaction,
    Reply,
    ShownSlide,
    SignedURL,
)

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = 1767225600000

DATA = {
    "intId": "i-1",
    "extId": "m-1",
    "name": "Maths",
    "downloadSessionDataEnabled": True,
    "users": {
        "outer-k-1": {
            "userKey": "k-1",
            "extId": "u-1",
            "intIds": {
                "w_1": {
                    "intId": "w_1",
                    "sessions": [
                        {"registeredOn": NOW, "leftOn": NOW + 1000},
                        {"registeredOn": NOW + 2000, "leftOn": 0},
                    ],
                    "userLeftFlag": False,
                },
            },
            "name": "Anna",
            "isModerator": True,
            "isDialIn": False,
            "currentIntId": "w_1",
            "answers": {"p-1": ["A", "B"], "p-2": "C"},
            "genericData": {"plugin": [{"columnTitle": "x", "value": "y"}]},
            "talk": {"totalTime": 90_500, "lastTalkStartedOn": NOW},
            "emojis": [{"name": "raiseHand", "sentOn": NOW}],
            "reactions": [{"name": "heart", "sentOn": NOW}],
            "raiseHand": [NOW, 0],
            "away": [{"startedOn": NOW, "stoppedOn": 0}],
            "webcams": [{"startedOn": NOW, "stoppedOn": NOW + 1000}],
            "totalOfMessages": 7,
        }
    },
    "polls": {
        "outer-p-1": {
            "pollId": "p-1",
            "pollType": "CUSTOM",
            "anonymous": False,
            "multiple": True,
            "quiz": True,
            "question": "Which?",
            "options": ["A", "B"],
            "correctOption": "A",
            "anonymousAnswers": ["B"],
            "createdOn": NOW,
        }
    },
    "screenshares": [{"startedOn": NOW, "stoppedOn": 0}],
    "presentationSlides": [{"presentationId": "s-1", "presentationName": "a.pdf", "pageNum": 2, "setOn": NOW}],
    "createdOn": NOW,
    "endedOn": 0,
    "aNewKey": {},
}


def test_dashboard_is_read():
    assert LearningDashboard.from_json(DATA) == LearningDashboard(
        meeting_id="m-1",
        internal_meeting_id="i-1",
        name="Maths",
        created_on=MOMENT,
        ended_on=None,
        users=(
            DashboardUser(
                user_key="k-1",
                user_id="u-1",
                name="Anna",
                is_moderator=True,
                is_dial_in=False,
                sessions=(
                    Period(started_on=MOMENT, stopped_on=MOMENT + timedelta(seconds=1)),
                    Period(started_on=MOMENT + timedelta(seconds=2), stopped_on=None),
                ),
                answers={"p-1": ("A", "B"), "p-2": ("C",)},
                talk_time=timedelta(seconds=90.5),
                last_talk_started_on=MOMENT,
                emojis=(Reaction(name="raiseHand", sent_on=MOMENT),),
                reactions=(Reaction(name="heart", sent_on=MOMENT),),
                raised_hand_on=(MOMENT,),
                away=(Period(started_on=MOMENT, stopped_on=None),),
                webcams=(Period(started_on=MOMENT, stopped_on=MOMENT + timedelta(seconds=1)),),
                total_of_messages=7,
            ),
        ),
        polls=(
            DashboardPoll(
                poll_id="p-1",
                type="CUSTOM",
                question="Which?",
                is_anonymous=False,
                is_multiple=True,
                is_quiz=True,
                options=("A", "B"),
                correct_option="A",
                anonymous_answers=("B",),
                created_on=MOMENT,
            ),
        ),
        screenshares=(Period(started_on=MOMENT, stopped_on=None),),
        slides=(ShownSlide(presentation_id="s-1", presentation_name="a.pdf", page=2, set_on=MOMENT),),
    )


def test_dashboard_with_nothing_is_read():  # pitfalls.md 2
    dashboard = LearningDashboard.from_json({})

    assert dashboard.users == dashboard.polls == dashboard.screenshares == dashboard.slides == ()
    assert dashboard.created_on is dashboard.ended_on is None
    assert (dashboard.meeting_id, dashboard.name) == ("", "")


def test_people_and_polls_with_nothing_go_by_their_keys():  # pitfalls.md 2
    dashboard = LearningDashboard.from_json({"users": {"k-1": {}}, "polls": {"p-1": None}})

    assert (dashboard.users[0].user_key, dashboard.polls[0].poll_id) == ("k-1", "p-1")
    assert dashboard.users[0].talk_time == timedelta()
    assert dashboard.users[0].sessions == ()


def test_session_of_an_older_server_is_read():
    dashboard = LearningDashboard.from_json(
        {"users": {"k": {"intIds": {"w_1": {"intId": "w_1", "registeredOn": NOW, "leftOn": 0}}}}}
    )

    assert dashboard.users[0].sessions == (Period(started_on=MOMENT, stopped_on=None),)


NONSENSE = [None, True, -1, 1.5, float("nan"), float("inf"), 10**400, "x", "\ud800\0", [], [None], [[]], {}, {"a": []}]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
def test_nonsense_in_any_place_is_passed_over(nonsense):  # threats.md 73
    def spoilt(data, here):
        if isinstance(data, dict):
            for key in data:
                yield {**data, key: nonsense}
                yield from ({**data, key: one} for one in spoilt(data[key], here))
        if isinstance(data, list):
            yield from ([one] for one in spoilt(data[0], here))

    whole = LearningDashboard.from_json(DATA)
    for data in spoilt(DATA, nonsense):
        dashboard = LearningDashboard.from_json(data)

        repr(dashboard).encode()
        changed = [one.name for one in fields(whole) if getattr(dashboard, one.name) != getattr(whole, one.name)]
        assert len(changed) <= 1  # the place that is spoilt, and all others are read as ever


@pytest.mark.parametrize(
    ("value", "text"), [("a\0b", "ab"), ("\ud83d", "?"), (" a ", "a"), (5, "5"), (True, ""), (10**30, ""), (None, "")]
)
def test_text_can_be_stored_and_shown(value, text):
    assert LearningDashboard.from_json({"name": value}).name == text


@pytest.mark.parametrize("value", [NOW, float(NOW), str(NOW)])
def test_moments_may_be_told_in_several_ways(value):
    assert LearningDashboard.from_json({"createdOn": value}).created_on == MOMENT


@pytest.mark.parametrize(
    ("value", "truth"), [(True, True), ("true", True), (False, False), ("false", False), (1, False), ([], False)]
)
def test_only_true_is_true(value, truth):  # pitfalls.md 13
    assert LearningDashboard.from_json({"users": {"k": {"isModerator": value}}}).users[0].is_moderator is truth


def answers() -> st.SearchStrategy[bytes]:
    """Return bodies that are nearly answers."""
    names = st.sampled_from(["tracks", "href", "url", "data", "users", "polls", "talk", "intIds", "message", "status"])
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=20,
    )
    known = st.sampled_from(["SUCCESS", "FAILED", "", None, 5])
    insides = st.builds(lambda code, rest: {**rest, "returncode": code}, known, st.dictionaries(names, values))
    return insides.map(lambda inside: json.dumps({"response": inside}).encode())


@given(answers() | st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@settings(deadline=None, database=None)
def test_no_json_breaks_out_of_the_error_tree(body):  # threats.md 64
    class Server:
        def send(self, method, url, *, body=b"", content_type=""):
            return Reply(200, answer)

    answer = body
    client = BigBlueButtonClient("https://bbb.example.org", "secret", transport=Server())

    for kind, ask in (
        (Listing, lambda: client.recordings.get_recording_text_tracks(record_id="r-1")),
        (SignedURL, lambda: client.meetings.get_join_url(session_token="t")),
        (LearningDashboard, lambda: client.meetings.learning_dashboard(session_token="t")),
        (type(None), lambda: client.meetings.feedback(session_token="t")),
    ):
        with contextlib.suppress(BBBError):
            assert isinstance(ask(), kind)
