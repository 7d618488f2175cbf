"""Recording-ready callbacks: tokens are literal, or put together here without PyJWT."""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
import warnings
from urllib.parse import quote_plus

import pytest

from django_bbb.api import OversizedCallback, RecordingReady, Secret, UnreadableCallback, UntrustedCallback
from django_bbb.api.callbacks import MOST_BYTES, recording_ready

MEETING = "m-abcdefgh"
RECORD = "0123456789abcdef0123456789abcdef01234567-1767225600000"
READY = RecordingReady(meeting_id=MEETING, record_id=RECORD)
LONG = Secret("a-secret-with-more-than-thirty-two-bytes")
SHORT = Secret("short")
FORM = "application/x-www-form-urlencoded"

#: Made with `openssl dgst -hmac`.
_HS256 = (
    "eyJhbGciOiJIUzI1NiJ9.eyJtZWV0aW5nX2lkIjoibS1hYmNkZWZnaCIsInJlY29yZF9pZCI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2"
    "Nzg5YWJjZGVmMDEyMzQ1NjctMTc2NzIyNTYwMDAwMCJ9."
)
SIGNED_BY_LONG = _HS256 + "4dzB2-uUlvpTkUrKdWSEcKxNPiJcIKxfICd84MbaABs"
SIGNED_BY_SHORT = _HS256 + "Mn6oa2CxsmUGvO_1ST6nprCw2lnvn8KE4Us_5urWTzI"
SIGNED_WITH_HS512 = (
    "eyJhbGciOiJIUzUxMiJ9.eyJtZWV0aW5nX2lkIjoibS1hYmNkZWZnaCIsInJlY29yZF9pZCI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2"
    "Nzg5YWJjZGVmMDEyMzQ1NjctMTc2NzIyNTYwMDAwMCJ9."
    "T-5XIy0Eg91dlzxohU62o6gT6qYzHpxF_39SqwLCg04UexNs2WQzRjeIQdhFOMkY0j7WF5hvP-KqkKeDcRWh-A"
)


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(claims: object, *, secret: str = LONG.reveal(), header: object = None, digest: str = "sha256") -> str:
    """Return a token with these claims (bytes stay as they are), signed by hand."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{part(json.dumps(header or {'alg': 'HS256'}).encode())}.{part(payload)}"
    return f"{signed}.{part(hmac.digest(secret.encode(), signed.encode(), digest))}"


def form(signed: str) -> bytes:
    return f"signed_parameters={quote_plus(signed)}".encode()


def ready(body: bytes, *, content_type: str = FORM, secrets=(LONG,), **options) -> RecordingReady:
    return recording_ready(body, content_type=content_type, secrets=secrets, **options)


# --- what is accepted ---------------------------------------------------------------------------------


def test_form_signed_by_the_server_is_accepted():
    assert ready(form(SIGNED_BY_LONG)) == READY


def test_json_from_a_balancer_is_accepted():  # pitfalls.md 21, threats.md 14
    body = json.dumps({"signed_parameters": SIGNED_BY_LONG, "type": "video"}).encode()

    assert ready(body, content_type="application/json; charset=utf-8") == READY


def test_content_type_may_be_written_in_capitals_with_a_charset():
    assert ready(form(SIGNED_BY_LONG), content_type="Application/X-WWW-Form-Urlencoded ; charset=UTF-8") == READY


@pytest.mark.parametrize("secrets", [(LONG, SHORT), (SHORT, LONG)])
@pytest.mark.parametrize("signed", [SIGNED_BY_LONG, SIGNED_BY_SHORT])
def test_either_secret_is_accepted_while_rotating(secrets, signed):
    assert ready(form(signed), secrets=secrets) == READY


def test_secrets_may_be_any_iterable():
    assert ready(form(SIGNED_BY_LONG), secrets=(one for one in (SHORT, LONG))) == READY


def test_hs512_is_accepted_where_it_is_allowed():  # pitfalls.md 21, threats.md 5
    assert ready(form(SIGNED_WITH_HS512), algorithms=("HS256", "HS512")) == READY


def test_unknown_claims_and_fields_are_ignored():  # threats.md 11
    signed = token({"meeting_id": MEETING, "record_id": RECORD, "type": "video", "iss": "bbb"})

    assert ready(form(signed) + b"&type=video") == READY


@pytest.mark.parametrize("claim", ["aud", "iss", "jti", "sub"])
@pytest.mark.parametrize("value", ["x", 7, ["a", "b"], None])
def test_claims_that_mean_nothing_here_may_be_anything(claim, value):  # threats.md 11
    assert ready(form(token({"meeting_id": MEETING, "record_id": RECORD, claim: value}))) == READY


@pytest.mark.parametrize("times", [{"exp": -30}, {"exp": 300}, {"nbf": 30}, {"iat": 30}])
def test_times_within_the_leeway_are_accepted(times):  # threats.md 11
    now = int(time.time())
    claims = {"meeting_id": MEETING, "record_id": RECORD, **{name: now + by for name, by in times.items()}}

    assert ready(form(token(claims))) == READY


# --- no proof -----------------------------------------------------------------------------------------


def test_wrong_secret_is_refused():
    with pytest.raises(UntrustedCallback) as caught:
        ready(form(SIGNED_BY_LONG), secrets=(SHORT, Secret("another")))

    assert caught.value.status == 401  # pitfalls.md 21: senders stop at 404 and 410
    assert not isinstance(caught.value, UnreadableCallback)


@pytest.mark.parametrize("blank", ["", " ", "\t\n "])
def test_blank_secret_verifies_nothing(blank):  # pitfalls.md 18, threats.md 7
    signed = token({"meeting_id": MEETING, "record_id": RECORD}, secret=blank)

    with pytest.raises(UntrustedCallback):
        ready(form(signed), secrets=(Secret(blank),))


def test_token_is_refused_without_any_secret():
    with pytest.raises(UntrustedCallback):
        ready(form(SIGNED_BY_LONG), secrets=())


def test_secret_that_cannot_be_a_key_does_not_stop_the_next_one():  # threats.md 7
    key = Secret("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")

    assert ready(form(SIGNED_BY_LONG), secrets=(key, LONG)) == READY


def test_hs512_is_refused_unless_allowed():  # threats.md 5
    with pytest.raises(UntrustedCallback):
        ready(form(SIGNED_WITH_HS512))


def test_no_algorithm_allowed_means_none_accepted():
    with pytest.raises(UntrustedCallback):
        ready(form(SIGNED_BY_LONG), algorithms=())


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "RS256", "ES256", "HS384", "hs256"])
def test_other_algorithm_in_the_header_is_refused_although_the_secret_fits(algorithm):  # threats.md 5
    signed = token({"meeting_id": MEETING, "record_id": RECORD}, header={"alg": algorithm, "typ": "JWT"})

    with pytest.raises(UntrustedCallback):
        ready(form(signed))


@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_unsigned_token_is_refused(signature):  # threats.md 5
    head = part(b'{"alg":"none"}') + "." + part(json.dumps({"meeting_id": MEETING, "record_id": RECORD}).encode())

    with pytest.raises(UntrustedCallback):
        ready(form(f"{head}.{signature}"), algorithms=("none", "HS256"))


@pytest.mark.parametrize("field", ["jwk", "jku", "kid", "x5u", "crit"])
def test_key_offered_in_the_header_is_not_used(field):  # threats.md 6
    header = {"alg": "HS256", field: "https://attacker.example/key"}
    signed = token({"meeting_id": MEETING, "record_id": RECORD}, header=header, secret="the attacker's")

    with pytest.raises(UntrustedCallback):
        ready(form(signed))


@pytest.mark.parametrize("times", [{"exp": -90}, {"nbf": 90}, {"iat": 90}, {"exp": None}, {"nbf": "soon"}])
def test_times_beyond_the_leeway_are_refused(times):  # threats.md 11
    now = int(time.time())
    moved = {name: now + by if isinstance(by, int) else by or "never" for name, by in times.items()}

    with pytest.raises(UntrustedCallback):
        ready(form(token({"meeting_id": MEETING, "record_id": RECORD, **moved})))


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "x",
        "..",
        "a.b.c",
        SIGNED_BY_LONG + ".x",
        SIGNED_BY_LONG[:-8],
        SIGNED_BY_LONG.replace(".", ""),
        "é" * 20,
        "\ud800",
        "%",
        token(b"\xff\xfe"),
        token(b"not json"),
        token(b"[" * 5000),
    ],
    ids=ascii,
)
def test_malformed_token_is_refused(signed):  # pitfalls.md 17, threats.md 15
    body = json.dumps({"signed_parameters": signed}).encode()

    with pytest.raises(UntrustedCallback):
        ready(body, content_type="application/json")


# --- a proof of something else ------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [None, 5, True, [], [MEETING], {}, "", "m" * 257])
def test_meeting_id_must_be_a_text_of_some_length(wrong):  # threats.md 9
    with pytest.raises(UntrustedCallback, match="names no meeting"):
        ready(form(token({"meeting_id": wrong, "record_id": RECORD})))


@pytest.mark.parametrize(
    "wrong",
    [None, 5, [], [RECORD], {}, "", RECORD + "\n", " " + RECORD, RECORD.upper(), RECORD[:-1], RECORD + "0", "../x"],
)
def test_record_id_must_have_the_shape_of_one(wrong):  # threats.md 9
    with pytest.raises(UntrustedCallback, match="names no recording"):
        ready(form(token({"meeting_id": MEETING, "record_id": wrong})))


@pytest.mark.parametrize("claims", [{"exp": 4102444800}, {"meeting_id": MEETING}, {"record_id": RECORD}, {}])
def test_token_for_another_purpose_is_refused(claims):  # threats.md 9
    with pytest.raises(UntrustedCallback):
        ready(form(token(claims)))


@pytest.mark.parametrize("claims", [[], [MEETING, RECORD], "text", 5, None, True])
def test_claims_must_be_an_object(claims):  # threats.md 9
    with pytest.raises(UntrustedCallback):
        ready(form(token(claims)))


# --- not even of the right shape ----------------------------------------------------------------------

GOOD = form(SIGNED_BY_LONG)
OBJECT = json.dumps({"signed_parameters": SIGNED_BY_LONG}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"signed_parameters",
        b"other=1",
        GOOD + b"&" + GOOD,  # pitfalls.md 19
        GOOD + b"&signed_parameters=",
        GOOD + b"&signed%5Fparameters=x",
        GOOD + b"&x=1" * 30,
        GOOD + b"&nothing",
        b"signed_parameters=%FF",
        b"signed_parameters=\xff",
    ],
)
def test_form_must_have_exactly_one_token(body):  # threats.md 14
    with pytest.raises(UnreadableCallback) as caught:
        ready(body)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b"[1, 2]",
        b'["ab"]',
        json.dumps([["signed_parameters", SIGNED_BY_LONG]]).encode(),
        json.dumps([{"signed_parameters": SIGNED_BY_LONG}]).encode(),
        OBJECT[:-1] + b', "signed_parameters": "x"}',  # pitfalls.md 19
        b'{"signed_parameters": 5}',
        b'{"signed_parameters": null}',
        b'{"signed_parameters": ["x"]}',
        b'{"signed_parameters": {"signed_parameters": "x"}}',
        b'{"signed_parameters": ' + b"9" * 5000 + b"}",
        b"[" * 16_000,
        b'{"signed_parameters":' * 700,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"\xff",
        b"\xef\xbb\xbf" + OBJECT,
        OBJECT[:-2],
    ],
)
def test_json_must_be_an_object_with_exactly_one_token(body):  # threats.md 14, 15
    with pytest.raises(UnreadableCallback):
        ready(body, content_type="application/json")


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded-2", ";"]
)
def test_other_content_type_is_refused_unread(content_type):  # threats.md 14
    with pytest.raises(UnreadableCallback, match="content type"):
        ready(GOOD, content_type=content_type)


def test_body_of_the_largest_size_is_read_and_a_larger_one_is_not():  # threats.md 13
    filled = GOOD + b"&x=" + b"y" * (MOST_BYTES - len(GOOD) - 3)

    assert ready(filled) == READY
    with pytest.raises(OversizedCallback, match="too large") as caught:
        ready(filled + b"y")

    assert caught.value.status == 413


# --- keys PyJWT finds short ---------------------------------------------------------------------------


def test_short_secret_does_not_warn():  # threats.md 7
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        event = ready(form(SIGNED_BY_SHORT), secrets=(SHORT,))

    assert event == READY
    assert caught == []


@pytest.mark.parametrize("length", [1, 2, 3, 31, 32, 63, 64, 65, 127, 128, 129, 500])
@pytest.mark.parametrize(("algorithm", "digest"), [("HS256", "sha256"), ("HS512", "sha512")])
def test_secret_of_any_length_verifies(length, algorithm, digest):
    secret = hashlib.sha512(b"any").hexdigest()[:length].ljust(length, "x")
    claims = {"meeting_id": MEETING, "record_id": RECORD}
    signed = token(claims, secret=secret, header={"alg": algorithm}, digest=digest)

    assert ready(form(signed), secrets=(Secret(secret),), algorithms=(algorithm,)) == READY


def test_threads_do_not_take_the_filters_for_warnings_from_each_other():
    failures = []

    def verify() -> None:
        try:
            for _ in range(100):
                ready(form(SIGNED_BY_SHORT), secrets=(SHORT,))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=verify) for _ in range(8)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(usual)

    assert failures == []
