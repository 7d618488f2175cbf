"""Callbacks that the server did not send."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest

from django_bbb.simulator import Forgery, WebhookOptions


def parts(token):
    header, claims, signature = token.split(".")
    return (
        json.loads(base64.urlsafe_b64decode(header + "==")),
        json.loads(base64.urlsafe_b64decode(claims + "==")),
        signature,
    )


def signature(token, secret, digest):
    made = hmac.digest(secret, token.rpartition(".")[0].encode(), digest)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def sent(simulator, receiver, kind, about, how):
    """Forge a callback and return the request that arrived."""
    assert simulator.forge(kind, about, how=how) == 1
    assert simulator.wait_for_callbacks()
    assert [one.forged for one in simulator.callbacks][-1]
    return receiver.all()[-1]


@pytest.fixture
def recording(simulator, receiver):
    return simulator.add_recording("m-1", metadata={"bbb-recording-ready-url": f"{receiver.url}/ready"})


@pytest.fixture
def forged_token(simulator, receiver, recording):
    def forged_token(how):
        request = sent(simulator, receiver, "recording-ready", recording, how)
        return parse_qs(request.body.decode()).get("signed_parameters", [""])[0]

    return forged_token


def test_recording_signed_with_another_secret(forged_token, recording):
    token = forged_token("wrong-secret")

    header, claims, given = parts(token)
    assert header == {"alg": "HS256"}
    assert claims == {"meeting_id": "m-1", "record_id": recording.record_id}
    assert given != signature(token, b"secret", hashlib.sha256)


def test_recording_with_claims_changed_after_signing(forged_token, recording):
    token = forged_token("tampered")

    _, claims, given = parts(token)
    assert claims["record_id"] != recording.record_id
    assert given != signature(token, b"secret", hashlib.sha256)


def test_recording_that_says_it_needs_no_signature(forged_token):
    header, _, given = parts(forged_token("alg-none"))

    assert header == {"alg": "none"}
    assert given == ""


def test_recording_signed_by_an_algorithm_nobody_uses(forged_token):
    token = forged_token("wrong-algorithm")

    header, _, given = parts(token)
    assert header == {"alg": "HS384"}
    assert given == signature(token, b"secret", hashlib.sha384)


def test_recording_without_proof(forged_token):
    assert forged_token("missing") == ""


@pytest.fixture
def meeting(simulator, receiver):
    metadata = {
        "analytics-callback-url": f"{receiver.url}/report",
        "endcallbackurl": f"{receiver.url}/end/abcdefgh-0123/?x=1",
    }
    return simulator.create_meeting("m-1", name="Algebra", meeting_keep_events=True, metadata=metadata)


@pytest.mark.parametrize("how", ["wrong-secret", "tampered", "alg-none", "wrong-algorithm", "expired", "missing"])
def test_report_is_forged_in_its_header(simulator, receiver, meeting, how):
    request = sent(simulator, receiver, "analytics", "m-1", how)

    assert json.loads(request.body)["meeting_id"] == "m-1"
    if how == "missing":
        assert "AUTHORIZATION" not in request.headers
        return
    token = request.headers["AUTHORIZATION"].removeprefix("Bearer ")
    header, claims, given = parts(token)
    digest = hashlib.sha384 if how == "wrong-algorithm" else hashlib.sha512
    is_signed = given == signature(token, b"secret", digest)
    assert is_signed is (how in {"wrong-algorithm", "expired"})
    assert (claims["exp"] < 1_500_000_000) is (how == "expired")
    assert header["alg"] == {"alg-none": "none", "wrong-algorithm": "HS384"}.get(how, "HS512")


def test_meeting_goes_on_when_its_end_is_forged(simulator, receiver, meeting):
    request = sent(simulator, receiver, "meeting-ended", meeting, Forgery.WRONG_SECRET)

    assert request.target == "/end/3210-hgfedcba/?x=1&recordingmarks=false&meetingID=m-1"
    assert not meeting.ended


def test_meeting_id_is_not_taken_for_a_token(simulator, receiver):
    meeting_id = "a-meeting-id-that-is-longer-than-any-token"
    simulator.create_meeting(
        meeting_id, name="Algebra", metadata={"endcallbackurl": f"{receiver.url}/?token=12345678"}
    )

    request = sent(simulator, receiver, "meeting-ended", meeting_id, "wrong-secret")

    assert request.target == f"/?token=87654321&recordingmarks=false&meetingID={meeting_id}"


@pytest.mark.parametrize(
    ("how", "target"),
    [
        ("tampered", "/end/abcdefgh-0123/?x=1&recordingmarks=true&meetingID=m-1-not"),
        ("missing", "/end//?x=1&recordingmarks=false&meetingID=m-1"),
    ],
)
def test_end_is_forged_in_its_address(simulator, receiver, meeting, how, target):
    assert sent(simulator, receiver, "meeting-ended", "m-1", how).target == target


@pytest.fixture
def hooked(simulator, client, receiver):
    client.ask("hooks/create", f"callbackURL={receiver.url}/hook")
    simulator.create_meeting("m-1", name="Algebra")
    assert simulator.wait_for_callbacks()
    receiver.all()
    return f"{receiver.url}/hook"


def checksum(request, url):
    return hashlib.sha1(url.encode() + request.body + b"secret").hexdigest()


@pytest.mark.parametrize("how", ["wrong-secret", "tampered", "missing"])
def test_webhook_is_forged(simulator, receiver, hooked, how):
    request = sent(simulator, receiver, "webhook", "m-1", how)

    given = parse_qs(request.target.partition("?")[2]).get("checksum", [""])[0]
    assert len(given) == (0 if how == "missing" else 40)
    assert given != checksum(request, hooked)
    assert (b"not-m-1" in request.body) is (how == "tampered")


def test_refused_forgery_costs_no_hook(simulator, receiver, hooked):
    receiver.statuses = ["403 Forbidden"] * 20

    sent(simulator, receiver, "webhook", "m-1", "missing")

    assert len(simulator.hooks) == 1


def test_bearer_is_forged_too(make_simulator, make_client, receiver):
    simulator = make_simulator(webhooks=WebhookOptions(bearer=True))
    make_client(simulator).ask("hooks/create", f"callbackURL={receiver.url}/hook")
    simulator.create_meeting("m-1", name="Algebra")
    assert simulator.wait_for_callbacks()
    receiver.all()

    wrong = sent(simulator, receiver, "webhook", "m-1", "wrong-secret")
    missing = sent(simulator, receiver, "webhook", "m-1", "missing")

    assert wrong.headers["AUTHORIZATION"] not in {"Bearer secret", ""}
    assert "AUTHORIZATION" not in missing.headers


@pytest.mark.parametrize(
    ("kind", "how"), [("meeting-ended", "alg-none"), ("recording-ready", "expired"), ("webhook", "wrong-algorithm")]
)
def test_forgery_that_a_kind_does_not_know_is_refused(simulator, meeting, recording, kind, how, client, receiver):
    client.ask("hooks/create", f"callbackURL={receiver.url}/hook")

    with pytest.raises(ValueError, match="can be forged as"):
        simulator.forge(kind, "m-1", how=how)


@pytest.mark.parametrize("kind", ["recording-ready", "meeting-ended", "analytics", "webhook"])
def test_nothing_is_forged_about_what_is_not_there(simulator, kind):
    with pytest.raises(LookupError, match="m-9"):
        simulator.forge(kind, "m-9", how="missing")


def test_kind_and_thing_must_fit(simulator, meeting):
    with pytest.raises(ValueError, match="no callback of the kind"):
        simulator.forge("recording-ready", meeting, how="missing")
