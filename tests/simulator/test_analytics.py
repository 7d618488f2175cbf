"""The report on a meeting, as its receiver gets it."""

import base64
import hashlib
import hmac
import json

import pytest

from django_bbb.simulator import EventKind


@pytest.fixture
def simulator(make_simulator):
    return make_simulator(callback_retries=(0, 0, 0))


def meeting(simulator, receiver, **settings):
    metadata = {"analytics-callback-url": f"{receiver.url}/report?x=1", **settings.pop("metadata", {})}
    chosen = {"meeting_keep_events": True, **settings}
    return simulator.create_meeting("m-1", name="Algebra & <Co>", metadata=metadata, **chosen)


@pytest.fixture
def report(simulator, receiver):
    """End the meeting and return what was reported of it."""

    def report():
        simulator.end_meeting("m-1")
        assert simulator.wait_for_callbacks()
        (request,) = receiver.all()
        return json.loads(request.body)

    return report


def test_request_is_the_one_the_script_makes(simulator, receiver):
    meeting(simulator, receiver)
    simulator.end_meeting("m-1")
    now = simulator._scheduler.time()

    assert simulator.wait_for_callbacks()

    (request,) = receiver.all()
    scheme, _, token = request.headers.pop("AUTHORIZATION").partition(" ")
    assert (request.method, request.target) == ("POST", "/report?x=1")
    assert request.headers == {
        "HOST": receiver.url.removeprefix("http://"),
        "CONTENT_TYPE": "application/json",
        "USER_AGENT": "BigBlueButton Analytics Callback",
        "ACCEPT_ENCODING": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "ACCEPT": "*/*",
        "CONNECTION": "close",
    }
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert scheme == "Bearer"
    assert header == b'{"typ":"JWT","alg":"HS512"}'
    assert list(json.loads(claims)) == ["exp"]
    assert abs(json.loads(claims)["exp"] - now - 86_400) < 60
    assert signature == hmac.digest(b"secret", token.rpartition(".")[0].encode(), hashlib.sha512)
    # ActiveSupport's JSON: no spaces, and nothing that HTML could mistake for its own.
    assert b'"meeting_name":"Algebra \\u0026 \\u003cCo\\u003e"' in request.body


def test_report_says_what_people_did(simulator, receiver, report):
    made = meeting(simulator, receiver, metadata={"course-id": "7", "gl-listed": "true"}, documents=("a.pdf",))
    emmy = simulator.join("m-1", "Emmy", role="moderator", user_id="u-1")
    david = simulator.join("m-1", "David", user_id="Ab-12")
    does = simulator._events.tell
    for kind, person, facts in [
        (EventKind.CHAT_MESSAGE_SENT, emmy, {"message": "Hello", "sender_name": "Emmy"}),
        (EventKind.RAISE_HAND_CHANGED, david, {"raised": True}),
        (EventKind.RAISE_HAND_CHANGED, david, {"raised": False}),
        (EventKind.EMOJI_CHANGED, david, {"emoji": "applause"}),
        (EventKind.EMOJI_CHANGED, david, {"emoji": "none"}),
        (
            EventKind.POLL_STARTED,
            emmy,
            {"poll_id": "p/1", "type": "CUSTOM", "question": "Well?", "options": ["Yes", "No"]},
        ),
        (EventKind.POLL_RESPONDED, david, {"poll_id": "p/1", "answers": [1]}),
        (EventKind.PRESENTATION_CHANGED, emmy, {"presentation_id": "x", "file_name": "b.pdf"}),
        (EventKind.PRESENTATION_CHANGED, emmy, {"presentation_id": "y", "file_name": "a.pdf"}),
    ]:
        does(kind, meeting=made, person=person, **facts)

    data = report()

    assert list(data) == ["version", "meeting_id", "internal_meeting_id", "data"]
    assert (data["version"], data["meeting_id"], data["internal_meeting_id"]) == ("1.0", "m-1", made.internal_id)
    found = data["data"]
    assert list(found) == ["metadata", "duration", "start", "finish", "attendees", "files", "polls"]
    assert found["metadata"] == {
        "meeting_name": "Algebra & <Co>",
        "is_breakout": "false",
        "analytics_callback_url": f"{receiver.url}/report?x=1",
        "course_id": "7",
    }
    assert found["files"] == ["a.pdf", "b.pdf"]
    of_emmy, of_david = found["attendees"]
    assert list(of_emmy) == [
        "ext_user_id",
        "name",
        "moderator",
        "joins",
        "leaves",
        "duration",
        "recent_talking_time",
        "engagement",
        "sessions",
    ]
    assert (of_emmy["ext_user_id"], of_emmy["name"], of_emmy["moderator"]) == ("u-1", "Emmy", True)
    assert (of_david["ext_user_id"], of_david["moderator"]) == ("Ab-12", False)
    assert of_emmy["engagement"] == {
        "chats": 1,
        "talks": 0,
        "raisehand": 0,
        "emojis": 0,
        "poll_votes": 0,
        "talk_time": 0,
    }
    assert of_david["engagement"] | {"raisehand": 1, "emojis": 1, "poll_votes": 1} == of_david["engagement"]
    (poll,) = found["polls"]
    assert list(poll) == ["id", "type", "question", "published", "options", "start", "votes"]
    # The keys of the votes are put in snake case like all others.
    assert poll["votes"] == {"ab_12": "No"}


def test_times_are_counted_by_the_second(simulator, receiver, report):
    made = meeting(simulator, receiver)
    emmy = simulator.join("m-1", "Emmy", user_id="u-1")
    simulator.advance(10)
    simulator._events.tell(EventKind.UNMUTED, meeting=made, person=emmy)
    simulator.advance(20)
    simulator._events.tell(EventKind.MUTED, meeting=made, person=emmy)
    simulator.advance(10)
    simulator._events.tell(EventKind.UNMUTED, meeting=made, person=emmy)
    simulator.advance(20)

    data = report()["data"]

    (attendee,) = data["attendees"]
    assert data["duration"] in {60, 61}
    assert attendee["duration"] == data["duration"]
    assert attendee["engagement"]["talks"] == 2
    # The second span is cut by the end.
    assert attendee["engagement"]["talk_time"] in range(39, 43)
    assert attendee["recent_talking_time"] == ""
    assert data["start"].endswith(".000+00:00")
    assert (attendee["joins"], attendee["leaves"]) == ([data["start"]], [data["finish"]])
    (session,) = attendee["sessions"]
    who = {"userid": emmy.internal_user_id, "ext_userid": "u-1"}
    assert session == {
        "joins": [{"timestamp": data["start"], **who, "event": "join"}],
        "lefts": [{"timestamp": data["finish"], **who, "event": "left"}],
    }


def test_two_sessions_of_one_person_count_once(simulator, receiver, report):
    meeting(simulator, receiver, expire_when_empty=0)
    first = simulator.join("m-1", "Emmy", user_id="u-1")
    simulator.advance(100)
    simulator.join("m-1", "Emmy on the phone", user_id="u-1", role="moderator")
    simulator.advance(100)
    simulator.leave(first)
    simulator.advance(100)

    (attendee,) = report()["data"]["attendees"]

    assert attendee["name"] == "Emmy on the phone"
    assert attendee["moderator"] is True
    assert (len(attendee["joins"]), len(attendee["leaves"]), len(attendee["sessions"])) == (2, 2, 2)
    assert attendee["duration"] in range(299, 303)


def test_meeting_without_people_is_reported_as_well(simulator, receiver, report):
    meeting(simulator, receiver)

    data = report()["data"]

    assert (data["attendees"], data["polls"], data["files"]) == ([], [], [])


@pytest.mark.parametrize("settings", [{"meeting_keep_events": False}, {"metadata": {"analytics-callback-url": ""}}])
def test_nobody_is_told_who_did_not_ask(simulator, receiver, settings):
    meeting(simulator, receiver, **settings)
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    assert receiver.all() == []


def test_create_call_asks_for_it(simulator, client, receiver):
    client.ask(
        "create", f"name=Algebra&meetingID=m-1&meetingKeepEvents=true&meta_analytics-callback-url={receiver.url}"
    )
    client.ask("end", "meetingID=m-1")

    assert simulator.wait_for_callbacks()

    assert [one.kind for one in simulator.callbacks] == ["analytics"]


def test_report_is_sent_once_whatever_the_answer(simulator, receiver):
    receiver.statuses = ["500 Error"]
    meeting(simulator, receiver)
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    assert [(one.kind, one.attempt, one.status, one.given_up) for one in simulator.callbacks] == [
        ("analytics", 1, 500, True)
    ]


def test_report_comes_when_recordings_do(make_simulator, receiver):
    simulator = make_simulator(recording_delay=60)
    meeting(simulator, receiver)
    simulator.end_meeting("m-1")

    simulator.advance(59)
    before = receiver.all()
    simulator.advance(2)

    assert before == []
    assert len(receiver.all()) == 1


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("Ab-12", "ab_12"),
        ("abCd", "ab_cd"),
        ("HTMLPage", "html_page"),
        ("a1B2", "a1_b2"),
        ("a::b", "a/b"),
        ("Ünï", "ünï"),
        ("plain_2", "plain_2"),
    ],
)
def test_keys_are_put_in_snake_case_as_active_support_does(key, left):
    from django_bbb.simulator.callbacks.attendance import snake_case

    assert snake_case(key) == left
