"""Callbacks, byte for byte as the real senders send them."""

import base64
import hashlib
import hmac
import json
import threading

import pytest


def hold_class(simulator, *, recorded=True, **settings):
    simulator.create_meeting("m-1", name="Algebra", record=True, **settings)
    simulator.join("m-1", "Emmy")
    if recorded:
        simulator.set_recording("m-1", True)
    simulator.end_meeting("m-1")


@pytest.mark.parametrize(("recorded", "marks"), [(True, "true"), (False, "false")])
def test_end_callback_is_the_request_the_server_makes(simulator, receiver, recorded, marks):
    hold_class(simulator, recorded=recorded, metadata={"endcallbackurl": f"{receiver.url}/end/?token=abc"})

    assert simulator.wait_for_callbacks()

    (request,) = receiver.all()
    assert request.method == "GET"
    assert request.target == f"/end/?token=abc&recordingmarks={marks}&meetingID=m-1"
    assert request.headers == {
        "HOST": receiver.url.removeprefix("http://"),
        "USER_AGENT": "Mozilla",
        "ACCEPT_LANGUAGE": "en-US,en;q=0.8",
        "CONTENT_TYPE": "",
    }


def test_old_servers_look_before_they_tell(make_simulator, receiver):  # threats.md 17
    simulator = make_simulator(end_callbacks="2.2", callback_retries=(0.0, 0.0))
    receiver.statuses += ["500 Broken", "202 Accepted", "200 OK"]

    hold_class(simulator, metadata={"endcallbackurl": f"{receiver.url}/end"})

    assert simulator.wait_for_callbacks()
    assert [request.target for request in receiver.all()] == ["/end?recordingmarks=true&meetingID=m-1"] * 3
    assert [attempt.status for attempt in simulator.callbacks] == [500, 202, 200]  # exactly 200 will do


def test_servers_until_2026_follow_redirects(make_simulator, receiver):
    simulator = make_simulator(end_callbacks="3.0")
    receiver.statuses += ["302 Found"]

    hold_class(simulator, metadata={"endcallbackurl": f"{receiver.url}/end"})

    assert simulator.wait_for_callbacks()
    told, elsewhere = receiver.all()
    assert (told.target, elsewhere.target) == ("/end?recordingmarks=true&meetingID=m-1", "/elsewhere")
    assert told.headers["USER_AGENT"].startswith("Apache-HttpAsyncClient")


@pytest.mark.parametrize(
    ("registered", "called"),
    [
        ("/end", "/end?recordingmarks=false&meetingID=m-1"),
        ("", "/?recordingmarks=false&meetingID=m-1"),
        ("/e%2Fd?a=b:c%20d&e&f=", "/e%2Fd?a=b%3Ac+d&e&f=&recordingmarks=false&meetingID=m-1"),
        ("/end?meetingID=x#part", "/end?meetingID=x&recordingmarks=false&meetingID=m-1"),
    ],
)
def test_end_callback_keeps_what_was_registered(simulator, receiver, registered, called):
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url + registered})

    assert simulator.wait_for_callbacks()

    assert [request.target for request in receiver.all()] == [called]


def test_meeting_id_is_encoded_as_java_does(simulator, receiver):
    simulator.create_meeting("a b~*é/&", name="Algebra", metadata={"endcallbackurl": receiver.url})
    simulator.end_meeting("a b~*é/&")

    assert simulator.wait_for_callbacks()

    assert receiver.all()[0].target.endswith("&meetingID=a+b%7E*%C3%A9%2F%26")


def test_meeting_ended_url_is_called_exactly_as_registered_after_the_other(simulator, client, receiver):
    client.ask(
        "create",
        f"name=Algebra&meetingID=m-1&meta_endCallbackUrl={receiver.url}/a&meetingEndedURL={receiver.url}/b?x=1:2",
    )
    client.ask("end", "meetingID=m-1")

    assert simulator.wait_for_callbacks()

    targets = [request.target for request in receiver.all()]
    assert targets == ["/a?recordingmarks=false&meetingID=m-1", "/b?x=1:2"]


def test_breakout_room_ends_without_callback(simulator, receiver):
    hold_class(
        simulator, recorded=False, is_breakout=True, metadata={"endcallbackurl": receiver.url}, parent_internal_id="x"
    )

    assert simulator.wait_for_callbacks()

    assert receiver.all() == []


def test_meeting_that_expires_calls_back_as_well(simulator, receiver):
    simulator.create_meeting("m-1", name="Algebra", metadata={"endcallbackurl": receiver.url})

    simulator.advance(301)

    assert simulator.wait_for_callbacks()
    assert len(receiver.all()) == 1


@pytest.mark.parametrize("status", ["500 Error", "403 Forbidden", "404 Not Found", "302 Found"])
def test_end_callback_is_tried_again_until_it_is_accepted(simulator, receiver, status):
    receiver.statuses = [status]
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})

    assert simulator.wait_for_callbacks()

    # Two requests, and both to the registered address: a redirect is not followed.
    assert [request.target.partition("?")[0] for request in receiver.all()] == ["/", "/"]
    assert [(one.attempt, one.status, one.given_up) for one in simulator.callbacks] == [
        (1, int(status[:3]), False),
        (2, 200, False),
    ]


def test_end_callback_is_given_up_after_the_last_attempt(simulator, receiver):
    receiver.statuses = ["500 Error"] * 9
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})

    assert simulator.wait_for_callbacks()

    assert [one.given_up for one in simulator.callbacks] == [False, False, True]


def test_retries_keep_to_the_schedule_of_the_real_server(make_simulator, receiver):
    simulator = make_simulator()
    receiver.statuses = ["500 Error"] * 9
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})

    arrived = []
    for seconds in (0, 29, 2, 58, 3, 117, 4, 295, 6):
        simulator.advance(seconds)
        arrived.append(len(receiver.all()))

    assert arrived == [1, 0, 1, 0, 1, 0, 1, 0, 1]
    assert simulator.wait_for_callbacks()


def test_receiver_that_is_not_there_is_noted(simulator, receiver):
    receiver.close()
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": f"{receiver.url}/end?token=abc"})

    assert simulator.wait_for_callbacks()

    assert [(one.status, one.error) for one in simulator.callbacks] == [(None, "ConnectionRefusedError")] * 3
    assert "abc" not in repr(simulator.callbacks)
    assert simulator.callbacks[0].raw_url().endswith("/end?token=abc&recordingmarks=false&meetingID=m-1")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "nonsense", "http://127.0.0.1:99999999/", "http://a b/c d", "http://["]
)
def test_address_that_cannot_be_used_is_dropped_for_good(simulator, url):
    hold_class(simulator, recorded=False, meeting_ended_url=url)

    assert simulator.wait_for_callbacks()

    assert [(one.error, one.given_up) for one in simulator.callbacks] == [("unusable address", True)]


@pytest.mark.parametrize("url", ["nonsense", "http://[", "http://a b/c d"])
def test_broken_end_callback_does_not_keep_the_meeting_from_ending(simulator, client, url):
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": url})

    assert simulator.wait_for_callbacks()

    assert simulator.meetings == {}
    assert [one.given_up for one in simulator.callbacks] == [True]


def test_recording_ready_comes_once_for_each_format_with_the_same_bytes(simulator, receiver):
    hold_class(simulator, metadata={"bbb-recording-ready-url": f"{receiver.url}/ready/?x=1"})

    assert simulator.wait_for_callbacks()

    first, second = receiver.all()
    assert first == second
    assert (first.method, first.target) == ("POST", "/ready/?x=1")
    assert first.headers == {
        "HOST": receiver.url.removeprefix("http://"),
        "ACCEPT_ENCODING": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "ACCEPT": "*/*",
        "USER_AGENT": "Ruby",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONNECTION": "close",
    }
    assert first.body == simulator.callbacks[0].body()
    token = first.body.decode().removeprefix("signed_parameters=")
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert header == b'{"alg":"HS256"}'
    assert json.loads(claims) == {"meeting_id": "m-1", "record_id": next(iter(simulator.recordings))}
    assert signature == hmac.digest(b"secret", token.rpartition(".")[0].encode(), hashlib.sha256)


def test_recording_ready_is_never_tried_again(simulator, receiver):
    receiver.statuses = ["500 Error", "410 Gone"]
    hold_class(simulator, metadata={"bbb-recording-ready-url": receiver.url})

    assert simulator.wait_for_callbacks()

    assert len(receiver.all()) == 2
    assert [(one.kind, one.attempt, one.status, one.given_up) for one in simulator.callbacks] == [
        ("recording-ready", 1, 500, True),
        ("recording-ready", 1, 410, True),
    ]


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (["canvas", "bn", "bbb"], "/bbb"),
        (["canvas", "bn"], "/bn"),
        (["canvas"], "/canvas"),
    ],
)
def test_first_of_three_names_says_where_to_announce(simulator, receiver, names, called):
    hold_class(simulator, metadata={f"{name}-recording-ready-url": f"{receiver.url}/{name}" for name in names})

    assert simulator.wait_for_callbacks()

    assert {request.target for request in receiver.all()} == {called}


def test_end_callback_comes_before_the_recording(simulator, receiver):
    hold_class(simulator, metadata={"endcallbackurl": receiver.url, "bbb-recording-ready-url": receiver.url})

    assert simulator.wait_for_callbacks()

    assert [request.method for request in receiver.all()] == ["GET", "POST", "POST"]


def test_rebuild_announces_once_more(simulator, receiver):
    recording = simulator.add_recording("m-1", metadata={"bbb-recording-ready-url": receiver.url})

    simulator.announce(recording)

    assert simulator.wait_for_callbacks()
    assert len(receiver.all()) == 1


def test_lost_callbacks_are_counted_and_never_sent(simulator, receiver):
    simulator.lose_callbacks = True
    hold_class(simulator, metadata={"endcallbackurl": receiver.url, "bbb-recording-ready-url": receiver.url})
    assert simulator.wait_for_callbacks()

    simulator.lose_callbacks = False
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})
    assert simulator.wait_for_callbacks()

    assert [(one.kind, one.lost) for one in simulator.callbacks] == [
        ("meeting-ended", True),
        ("recording-ready", True),
        ("recording-ready", True),
        ("meeting-ended", False),
    ]
    assert len(receiver.all()) == 1


def test_restart_sends_no_end_callbacks_and_forgets_those_that_wait(make_simulator, receiver):
    simulator = make_simulator(callback_retries=(0, 30))
    receiver.statuses = ["500 Error"]
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})
    receiver.arrived.get(timeout=10)
    simulator.create_meeting("m-2", name="Geometry", metadata={"endcallbackurl": receiver.url})

    simulator.restart()
    simulator.advance(31)

    assert simulator.wait_for_callbacks()
    assert receiver.all() == []


def test_stopping_does_not_wait_for_a_receiver_that_is_slow(simulator, receiver):
    receiver.answering.clear()
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})
    receiver.arrived.get(timeout=10)
    before = set(threading.enumerate())

    simulator.stop()

    # Other simulators may be running in this process.
    ended = {one.name for one in before - set(threading.enumerate())}
    assert ended >= {"bbb-simulator-http", "bbb-simulator-scheduler", "bbb-simulator-callbacks"}


def test_waiting_for_callbacks_ends_in_time(make_simulator, receiver):
    simulator = make_simulator(callback_retries=(0, 3600))
    receiver.statuses = ["500 Error"]
    hold_class(simulator, recorded=False, metadata={"endcallbackurl": receiver.url})

    assert not simulator.wait_for_callbacks(timeout=0.05)
