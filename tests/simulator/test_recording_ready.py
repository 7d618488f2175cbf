"""The other forms in which recordings are announced."""

import base64
import hashlib
import hmac
import json

import pytest

from django_bbb.simulator import RecordingReadyOptions


@pytest.fixture
def announce(make_simulator, receiver):
    """Announce a recording, and return the simulator that did."""

    def announce(**options):
        simulator = make_simulator(recording_ready=RecordingReadyOptions(**options))
        simulator.announce(simulator.add_recording("m-1", metadata={"bbb-recording-ready-url": receiver.url}))
        assert simulator.wait_for_callbacks()
        return simulator

    return announce


def token(request):
    return request.body.decode().removeprefix("signed_parameters=")


def is_signed_with(text, secret, digest=hashlib.sha256):
    signed, _, signature = text.rpartition(".")
    expected = hmac.digest(secret, signed.encode(), digest)
    return base64.urlsafe_b64encode(expected).rstrip(b"=").decode() == signature


def test_balancer_with_sha512_alone_signs_with_hs512(announce, receiver):
    announce(algorithm="HS512")

    (request,) = receiver.all()

    assert base64.urlsafe_b64decode(token(request).partition(".")[0] + "==") == b'{"alg":"HS512"}'
    assert is_signed_with(token(request), b"secret", hashlib.sha512)


def test_one_balancer_sends_json(announce, receiver):
    announce(body="json")

    (request,) = receiver.all()

    assert request.headers["CONTENT_TYPE"] == "application/json"
    assert list(json.loads(request.body)) == ["signed_parameters"]
    assert is_signed_with(json.loads(request.body)["signed_parameters"], b"secret")


def test_secrets_are_tried_one_after_another_until_one_is_right(announce, receiver):
    receiver.statuses = ["401 Unauthorized", "200 OK"]

    simulator = announce(secrets=["first", "second", "third"])

    first, second = receiver.all()
    assert is_signed_with(token(first), b"first")
    assert is_signed_with(token(second), b"second")
    assert [(one.status, one.given_up) for one in simulator.callbacks] == [(401, False), (200, False)]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_no_further_secret_is_tried_where_the_recording_is_unknown(announce, receiver, status):
    receiver.statuses = [status]

    simulator = announce(secrets=["first", "second"])

    assert len(receiver.all()) == 1
    assert [(one.status, one.given_up) for one in simulator.callbacks] == [(int(status[:3]), True)]


def test_after_the_last_secret_it_is_given_up(announce, receiver):
    receiver.statuses = ["401 Unauthorized"] * 9

    simulator = announce(secrets=["first", "second"])

    assert [one.given_up for one in simulator.callbacks] == [False, True]


def test_breakout_recording_is_announced_where_its_parent_said(simulator, client, receiver):
    simulator.create_meeting("m-1", name="Algebra", metadata={"bbb-recording-ready-url": f"{receiver.url}/ready"})
    client.ask("create", "name=Room&meetingID=m-2&isBreakout=true&parentMeetingID=m-1&sequence=1&record=true")
    simulator.join("m-2", "Emmy")
    simulator.set_recording("m-2", True)
    simulator.end_meeting("m-2")

    assert simulator.wait_for_callbacks()

    claims = json.loads(base64.urlsafe_b64decode(token(receiver.all()[0]).split(".")[1] + "=="))
    assert claims["meeting_id"] == "m-2"
