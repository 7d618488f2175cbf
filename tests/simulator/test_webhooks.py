"""bbb-webhooks: who is told what, in which order, and what happens when nobody answers."""

import json
import threading
from urllib.parse import parse_qs

import pytest

from django_bbb.simulator import EventKind, WebhookOptions
from django_bbb.simulator.events import Event

FAST = (0.0, 0.0, 0.0)


@pytest.fixture
def make(make_simulator):
    """Start a simulator whose hooks are tried three times at once."""
    return lambda **options: make_simulator(webhooks=WebhookOptions(**{"retry_schedule": FAST, **options}))


@pytest.fixture
def simulator(make):
    return make()


def hook(client, url, **parameters):
    query = "&".join([f"callbackURL={url}", *[f"{name}={value}" for name, value in parameters.items()]])
    return client.ask("hooks/create", query).get("hookID")


def documents(receiver):
    """Return the events that have arrived, one for each request."""
    found = []
    for request in receiver.all():
        (event,) = json.loads(parse_qs(request.body.decode())["event"][0])
        found.append(event["data"])
    return found


def names(receiver):
    return [one["id"] for one in documents(receiver)]


def test_hook_is_told_everything_in_the_order_in_which_it_happens(simulator, client, receiver):
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra", record=True)
    simulator.join("m-1", "Emmy", role="moderator")
    simulator.set_recording("m-1", True)
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    told = names(receiver)
    assert told[:6] == [
        "meeting-created",
        "user-joined",
        "user-presenter-assigned",
        "meeting-recording-started",
        "user-left",
        "meeting-ended",
    ]
    of_format = ["rap-process-started", "rap-process-ended", "rap-publish-started", "rap-publish-ended"]
    assert told[6:] == ["rap-archive-started", "rap-archive-ended", *of_format, *of_format]


def test_what_a_hook_is_told_of_a_meeting(simulator, client, receiver):
    hook(client, receiver.url)
    meeting = simulator.create_meeting("m-1", name="Algebra", record=True, metadata={"course": "7"}, duration=30)
    assert simulator.wait_for_callbacks()

    (created,) = documents(receiver)

    assert list(created) == ["type", "id", "attributes", "event"]
    assert created["type"] == "event"
    assert created["event"] == {"ts": meeting.history[0].at}
    assert list(created["attributes"]["meeting"].items()) == [
        ("internal-meeting-id", meeting.internal_id),
        ("external-meeting-id", "m-1"),
        ("name", "Algebra"),
        ("is-breakout", False),
        ("parent-id", "bbb-none"),
        ("duration", 30),
        ("create-time", meeting.create_time),
        ("create-date", created["attributes"]["meeting"]["create-date"]),
        ("moderator-pass", meeting.moderator_password),
        ("viewer-pass", meeting.attendee_password),
        ("record", True),
        ("voice-conf", meeting.voice_bridge),
        ("dial-number", "613-555-1234"),
        ("max-users", 0),
        ("metadata", {"course": "7"}),
        ("audioBridge", "bbb-webrtc-sfu"),
        ("cameraBridge", "bbb-webrtc-sfu"),
        ("screenShareBridge", "bbb-webrtc-sfu"),
    ]


#: What is told beside the ids: the facts of the event, and the attributes they become.
TOLD = [
    (
        EventKind.VOICE_ENABLED,
        {"listening_only": False},
        {"listening-only": False, "sharing-mic": True, "muted": True},
    ),
    (EventKind.VOICE_ENABLED, {"listening_only": True}, {"listening-only": True, "sharing-mic": False, "muted": True}),
    (
        EventKind.VOICE_DISABLED,
        {"listening_only": True},
        {"listening-only": False, "sharing-mic": False, "muted": True},
    ),
    (EventKind.MUTED, {}, {"muted": True}),
    (EventKind.UNMUTED, {}, {"muted": False}),
    (EventKind.WEBCAM_STARTED, {"stream": "s-1"}, {"stream": "s-1"}),
    (EventKind.WEBCAM_ENDED, {"stream": "s-1"}, {"stream": "s-1"}),
    (EventKind.PRESENTER_ASSIGNED, {}, {}),
    (EventKind.PRESENTER_UNASSIGNED, {}, {}),
    (EventKind.EMOJI_CHANGED, {"emoji": "applause"}, {"emoji": "applause"}),
    (EventKind.RAISE_HAND_CHANGED, {"raised": True}, {"raise-hand": True}),
    (EventKind.SCREENSHARE_STARTED, {}, {}),
    (EventKind.SCREENSHARE_STOPPED, {}, {}),
]


@pytest.fixture
def tell(simulator, client, receiver):
    """Tell an event of somebody in a meeting, and return what the hook hears of it."""
    meeting = simulator.create_meeting("m-1", name="Algebra")
    person = simulator.join("m-1", "Emmy", user_id="u-1", custom_data={"team": "red"})
    hook(client, receiver.url)

    def tell(kind, **facts):
        simulator._events.tell(kind, meeting=meeting, person=person, **facts)
        assert simulator.wait_for_callbacks()
        (document,) = documents(receiver)
        assert document["id"] == kind.value
        attributes = document["attributes"]
        ids = {"internal-meeting-id": meeting.internal_id, "external-meeting-id": "m-1"}
        assert attributes["meeting"].items() >= ids.items()
        return attributes, person

    return tell


@pytest.mark.parametrize(("kind", "facts", "said"), TOLD)
def test_what_a_hook_is_told_of_somebody(tell, kind, facts, said):
    attributes, person = tell(kind, **facts)

    ids = {"internal-user-id": person.internal_user_id, "external-user-id": "u-1"}
    assert list(attributes) == ["meeting", "user"]
    assert attributes["user"] == ids | said


def test_what_a_hook_is_told_of_coming_and_going(tell):
    attributes, person = tell(EventKind.USER_JOINED)

    assert list(attributes["user"].items()) == [
        ("internal-user-id", person.internal_user_id),
        ("external-user-id", "u-1"),
        ("name", "Emmy"),
        ("role", "VIEWER"),
        ("presenter", False),
        ("userdata", {"team": "red"}),
        ("guest", False),
        ("ip-address", "127.0.0.1"),
        ("user-agent", ""),
        ("referer", ""),
        ("session-token", person.session_token),
    ]
    attributes, _ = tell(EventKind.USER_LEFT)
    assert list(attributes["user"])[2:] == ["name", "guest"]


def test_what_a_hook_is_told_of_the_chat(tell):
    attributes, _ = tell(EventKind.CHAT_MESSAGE_SENT, message="Hello & <you>", sender_name="Emmy")

    message = attributes["chat-message"]
    assert list(attributes) == ["meeting", "chat-message", "chat-id"]
    assert attributes["chat-id"] == "MAIN-PUBLIC-GROUP-CHAT"
    assert list(message) == ["id", "message", "sender"]
    assert message["message"] == "Hello & <you>"
    assert list(message["sender"]) == ["internal-user-id", "external-user-id", "name", "time"]
    assert message["sender"]["external-user-id"] == "u-1"
    assert message["sender"]["name"] == "Emmy"


def test_what_a_hook_is_told_of_slides(tell):
    attributes, _ = tell(EventKind.PRESENTATION_CHANGED, presentation_id="p-1", file_name="a.pdf")

    assert attributes["meeting"]["presentation-id"] == "p-1"
    assert list(attributes) == ["meeting"]


def test_what_a_hook_is_told_of_polls(tell):
    started, _ = tell(EventKind.POLL_STARTED, poll_id="p/1", type="CUSTOM", question="Well?", options=["Yes", "No"])
    answered, _ = tell(EventKind.POLL_RESPONDED, poll_id="p/1", answers=[1])

    assert list(started) == ["meeting", "user", "poll"]
    assert started["poll"] == {
        "id": "p/1",
        "question": "Well?",
        "answers": [{"id": 0, "key": "Yes"}, {"id": 1, "key": "No"}],
    }
    assert answered["poll"] == {"id": "p/1", "answerIds": [1]}


def test_what_a_hook_is_told_of_a_recording(simulator, client, receiver):
    hook(client, receiver.url, eventID="rap-archive-ended,rap-process-ended,rap-publish-ended")
    simulator.create_meeting("m-1", name="Algebra", record=True, metadata={"course": "7"})
    simulator.join("m-1", "Emmy")
    simulator.set_recording("m-1", True)
    simulator.advance(90)
    simulator.end_meeting("m-1")
    assert simulator.wait_for_callbacks()

    archived, processed, published = (one["attributes"] for one in documents(receiver)[:3])
    (recording,) = simulator.recordings.values()
    ids = {"internal-meeting-id": recording.record_id, "external-meeting-id": "m-1"}

    assert list(archived) == ["meeting", "record-id", "success", "step-time", "recorded", "duration"]
    assert archived["meeting"] == ids
    assert (archived["record-id"], archived["success"], archived["recorded"]) == (recording.record_id, True, True)
    assert archived["duration"] == 1000 * recording.seconds
    assert list(processed) == ["meeting", "record-id", "success", "step-time", "workflow"]
    assert (processed["success"], processed["workflow"]) == (True, "presentation")
    assert processed["step-time"] == recording.formats[0].processing_time
    assert list(published["recording"]) == [
        "name",
        "is-breakout",
        "start-time",
        "end-time",
        "size",
        "raw-size",
        "metadata",
        "playback",
        "download",
    ]
    assert published["recording"]["metadata"] == {
        "course": "7",
        "meetingName": "Algebra",
        "meetingId": "m-1",
        "isBreakout": "false",
    }
    assert published["recording"]["playback"] == {
        "format": "presentation",
        "link": f"{simulator.address}/playback/presentation/{recording.record_id}",
        "processing_time": str(recording.formats[0].processing_time),
        "duration": str(1000 * recording.seconds),
        "size": str(recording.formats[0].size),
    }


def test_old_generation_says_less(make, make_client, receiver):
    simulator = make(generation="3.0")
    hook(make_client(simulator), receiver.url)
    simulator.create_meeting("m-1", name="Algebra")
    simulator.join("m-1", "Emmy")
    assert simulator.wait_for_callbacks()

    created, joined = (one["attributes"] for one in documents(receiver))

    assert list(created["meeting"])[-1] == "metadata"
    assert list(joined["user"])[-1] == "userdata"


# Scope


def test_hook_of_a_meeting_hears_of_it_alone_and_goes_with_it(simulator, client, receiver):
    hook(client, receiver.url, meetingID="m-1")
    for meeting_id in ("m-1", "m-2"):
        simulator.create_meeting(meeting_id, name="Algebra")
        simulator.end_meeting(meeting_id)

    assert simulator.wait_for_callbacks()

    assert [one["attributes"]["meeting"]["external-meeting-id"] for one in documents(receiver)] == ["m-1", "m-1"]
    assert simulator.hooks == []


def test_of_two_hooks_of_one_meeting_the_second_hears_nothing(simulator, client, receiver):
    hook(client, f"{receiver.url}/first", meetingID="m-1")
    hook(client, f"{receiver.url}/second", meetingID="m-1")
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    assert [request.target.partition("?")[0] for request in receiver.all()] == ["/first"]


def test_from_3_0_to_3_3_hooks_of_a_meeting_hear_of_all(make, make_client, receiver):
    simulator = make(generation="3.0")
    hook(make_client(simulator), receiver.url, meetingID="m-1")
    simulator.create_meeting("m-2", name="Algebra")

    assert simulator.wait_for_callbacks()

    assert names(receiver) == ["meeting-created"]


def test_hook_hears_only_the_events_it_asked_for_in_any_spelling(simulator, client, receiver):
    hook(client, receiver.url, eventID="User-Left,MEETING-ENDED")
    simulator.create_meeting("m-1", name="Algebra")
    simulator.join("m-1", "Emmy")
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    assert names(receiver) == ["user-left", "meeting-ended"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"include_events": ["meeting-ended"]}, ["meeting-ended"]),
        ({"exclude_events": ["meeting-ended"]}, ["meeting-created"]),
    ],
)
def test_server_may_keep_events_to_itself(make, make_client, receiver, options, told):
    simulator = make(**options)
    hook(make_client(simulator), receiver.url)
    simulator.create_meeting("m-1", name="Algebra")
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    assert names(receiver) == told


# Raw messages


def raw(receiver):
    return [json.loads(parse_qs(request.body.decode())["event"][0])[0] for request in receiver.all()]


def test_raw_hook_gets_the_inner_messages(simulator, client, receiver):
    hook(client, receiver.url, getRaw="true")
    meeting = simulator.create_meeting("m-1", name="Algebra", record=True)
    person = simulator.join("m-1", "Emmy", user_id="u-1")
    simulator.set_recording("m-1", True)
    simulator.end_meeting("m-1")
    assert simulator.wait_for_callbacks()

    created, joined, recorded, left, ended, archived = raw(receiver)[:6]

    assert created["envelope"]["name"] == created["core"]["header"]["name"] == "MeetingCreatedEvtMsg"
    assert created["core"]["body"]["props"]["meetingProp"]["extId"] == "m-1"
    assert joined["core"]["header"]["userId"] == person.internal_user_id
    assert joined["core"]["body"]["extId"] == "u-1"
    assert recorded["core"]["body"] == {"recording": True}
    assert left["envelope"]["name"] == "UserLeftMeetingEvtMsg"
    assert ended["core"]["body"] == {"meetingId": meeting.internal_id}
    assert archived["header"]["name"] == "archive_started"
    assert archived["payload"]["external_meeting_id"] == "m-1"


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_event_has_its_message_and_its_document(simulator, kind):
    from django_bbb.simulator.callbacks.raw_messages import raw_message
    from django_bbb.simulator.callbacks.webhook_events import webhook_event

    meeting = simulator.create_meeting("m-1", name="Algebra")
    person = simulator.join("m-1", "Emmy")
    if kind.value.startswith("rap-"):
        facts = {"success": True, "step_time": 5, "recorded": True, "duration": 6, "workflow": "video"}
        event = Event(kind=kind, at=7, recording=simulator.add_recording("m-1"), facts=facts)
    else:
        event = Event(kind=kind, at=7, meeting=meeting, person=person)

    assert webhook_event(event, address="", generation="3.4")["data"]["id"] == kind.value
    assert {"envelope", "core"} == set(raw_message(event)) or {"header", "payload"} == set(raw_message(event))


# Delivery


@pytest.mark.parametrize("status", ["204 No Content", "401 Unauthorized"])
def test_delivered_means_2xx_or_401(simulator, client, receiver, status):
    receiver.statuses = [status]
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    assert [(one.status, one.given_up) for one in simulator.callbacks] == [(int(status[:3]), False)]
    assert len(simulator.hooks) == 1


def test_same_bytes_are_tried_again_and_the_others_wait_their_turn(simulator, client, receiver):
    receiver.statuses = ["500 Error", "404 Not Found"]
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")
    simulator.end_meeting("m-1")

    assert simulator.wait_for_callbacks()

    requests = receiver.all()
    assert requests[0] == requests[1] == requests[2] != requests[3]
    assert [(one.kind, one.attempt, one.status) for one in simulator.callbacks] == [
        ("webhook", 1, 500),
        ("webhook", 2, 404),
        ("webhook", 3, 200),
        ("webhook", 1, 200),
    ]


def test_hook_whose_receiver_is_gone_is_removed_with_all_that_waits(simulator, client, receiver):
    receiver.statuses = ["500 Error"] * 3
    receiver.answering.clear()
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")
    simulator.join("m-1", "Emmy")
    simulator.end_meeting("m-1")
    receiver.answering.set()

    assert simulator.wait_for_callbacks()

    assert [(one.attempt, one.given_up) for one in simulator.callbacks] == [(1, False), (2, False), (3, True)]
    assert simulator.hooks == []
    assert len(receiver.all()) == 3
    assert simulator._callbacks.wait_until_quiet(timeout=0)


def test_intervals_are_those_of_the_real_server(make_simulator, make_client, receiver):
    simulator = make_simulator()
    hook(make_client(simulator), receiver.url)
    receiver.statuses = ["500 Error"] * 13
    simulator.create_meeting("m-1", name="Algebra", expire_if_nobody_joins=0)
    simulator.advance(0)

    for seconds in (0.1, 0.5, 1, 2, 4, 8, 10, 30, 60, 60, 60, 60):
        before = len(simulator.callbacks)
        simulator.advance(seconds * 0.1)
        assert len(simulator.callbacks) == before or seconds < 1
        simulator.advance(seconds)

    assert simulator.wait_for_callbacks()
    assert len(simulator.callbacks) == 13
    assert simulator.hooks == []


def test_permanent_hook_is_tried_for_ever(make, make_client, receiver):
    simulator = make(permanent_urls=[receiver.url], retry_schedule=(0.0, 0.0))
    receiver.statuses = ["500 Error"] * 4
    simulator.create_meeting("m-1", name="Algebra")
    simulator.advance(0)

    counts = []
    for seconds in (59, 2, 60, 60):
        simulator.advance(seconds)
        counts.append(len(receiver.all()))

    assert counts == [2, 1, 1, 1]
    assert simulator.wait_for_callbacks()
    assert [one.permanent for one in simulator.hooks] == [True]


def test_redirects_are_followed(simulator, client, receiver):
    receiver.statuses = ["307 Temporary Redirect"]
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    first, second = receiver.all()
    assert second.target == "/elsewhere"
    assert (second.method, second.body) == ("POST", first.body)


def test_post_becomes_a_get_where_the_web_says_so(simulator, client, receiver):
    receiver.statuses = ["302 Found"]
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    _, second = receiver.all()
    assert (second.method, second.target, second.body) == ("GET", "/elsewhere", b"")


def test_eleventh_redirect_is_too_much(simulator, client, receiver):
    receiver.statuses = ["307 Temporary Redirect"] * 11
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    assert [(one.status, one.error) for one in simulator.callbacks] == [(None, "TooManyRedirects"), (200, "")]


def test_old_generation_follows_no_redirect(make, make_client, receiver):
    simulator = make(generation="2")
    receiver.statuses = ["307 Temporary Redirect"]
    hook(make_client(simulator), receiver.url)
    simulator.create_meeting("m-1", name="Algebra")

    assert simulator.wait_for_callbacks()

    assert [one.status for one in simulator.callbacks] == [307, 200]


def test_slow_receiver_delays_only_itself(simulator, client, receiver, make_receiver):
    slow = make_receiver()
    slow.answering.clear()
    hook(client, slow.url)
    hook(client, receiver.url)

    simulator.create_meeting("m-1", name="Algebra")

    assert receiver.arrived.get(timeout=10)
    slow.answering.set()
    assert simulator.wait_for_callbacks()
    assert len(slow.all()) == 1


def test_time_in_the_body_is_that_of_the_delivery(simulator, client, receiver):
    receiver.answering.clear()
    hook(client, receiver.url)
    simulator.create_meeting("m-1", name="Algebra")
    first = receiver.arrived.get(timeout=10)
    simulator.create_meeting("m-2", name="Geometry")
    simulator._scheduler.advance(3600)
    receiver.answering.set()

    assert simulator.wait_for_callbacks()

    second = receiver.all()[0]
    times = [int(parse_qs(one.body.decode())["timestamp"][0]) for one in (first, second)]
    event = json.loads(parse_qs(second.body.decode())["event"][0])[0]["data"]["event"]["ts"]
    assert times[1] - times[0] >= 3_600_000
    assert times[1] - event >= 3_600_000


def test_threads_end_with_their_hooks_and_with_the_server(simulator, client, receiver):
    hook_ids = (hook(client, receiver.url), hook(client, f"{receiver.url}/other"))
    hook_id, _other = hook_ids

    def threads():
        return [one for one in threading.enumerate() if one.name.endswith(hook_ids)]

    assert threads() == []
    simulator.create_meeting("m-1", name="Algebra")
    assert simulator.wait_for_callbacks()
    assert len(threads()) == 2

    (of_first,) = [one for one in threads() if hook_id in one.name]
    client.ask("hooks/destroy", f"hookID={hook_id}")
    of_first.join(timeout=10)
    assert not of_first.is_alive()

    simulator.stop()
    assert threads() == []


def test_what_happens_while_the_server_stops_begins_no_thread(simulator, client, receiver):
    hook_id = hook(client, receiver.url)
    simulator.stop()

    simulator.create_meeting("m-1", name="Algebra")

    assert [one for one in threading.enumerate() if one.name.endswith(hook_id)] == []


def test_secrets_stand_in_no_repr(make, make_client, receiver):
    simulator = make(bearer=True)
    url = f"{receiver.url}/hooks/a-token-of-mine/"
    hook(make_client(simulator), url)
    simulator.create_meeting("m-1", name="Algebra")
    assert simulator.wait_for_callbacks()

    shown = repr(simulator.callbacks) + repr(simulator.hooks) + repr(simulator.callbacks[0].callback)

    assert "a-token-of-mine" not in shown
    assert "Bearer" not in shown
