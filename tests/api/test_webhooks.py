"""bbb-webhooks: bodies and addresses as Node makes them, checksums by openssl, or by hashlib over a body of ours."""

import dataclasses
import hashlib
import json
import logging
import pprint
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_type_hints
from urllib.parse import urlencode

import pytest

from django_bbb import api
from django_bbb.api import (
    ChatMessageSent,
    MeetingCreated,
    MeetingEnded,
    MeetingRecordingChanged,
    PadContent,
    PollAnswer,
    PollResponded,
    PollStarted,
    PresentationChanged,
    RecordingArchived,
    RecordingChanged,
    RecordingPublished,
    RecordingStep,
    ScreenshareChanged,
    Secret,
    TranscriptUpdated,
    UnreadableCallback,
    UntrustedCallback,
    UserCameraChanged,
    UserEmojiChanged,
    UserEvent,
    UserHandChanged,
    UserJoined,
    UserLeft,
    UserMuteChanged,
    UserPresenterChanged,
    UserVoiceChanged,
    WebhookEvent,
)
from django_bbb.api.callbacks import EVENTS, MOST_WEBHOOK_BYTES, webhook_events

MEETING = "m-abcdefgh"
RECORD = "0123456789abcdef0123456789abcdef01234567-1767225600000"
DOMAIN = "bbb.example.org"
LONG = Secret("a-secret-with-more-than-thirty-two-bytes")
SHORT = Secret("short")
URL = "https://lms.example.org/hooks/tok/"
WITH_QUERY = "https://lms.example.org/hooks/?token=tok&x=%C3%A9"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"
HAPPENED = datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)
DELIVERED = datetime(2026, 1, 1, 0, 0, 0, 456_000, tzinfo=UTC)

#: Made with Node's URLSearchParams, as bbb-webhooks does from 3.0 on.
BODY = (
    b"domain=bbb.example.org&event=%5B%7B%22data%22%3A%7B%22type%22%3A%22event%22%2C%22id%22%3A%22user-joined%22%2"
    b"C%22attributes%22%3A%7B%22meeting%22%3A%7B%22internal-meeting-id%22%3A%220123456789abcdef0123456789abcdef012"
    b"34567-1767225600000%22%2C%22external-meeting-id%22%3A%22m-abcdefgh%22%7D%2C%22user%22%3A%7B%22internal-user-"
    b"id%22%3A%22w_1%22%2C%22external-user-id%22%3A%2242%22%2C%22name%22%3A%22Zo%C3%AB+%F0%9F%98%80+%5C%22Q%5C%22+"
    b"%5C%5C+%2F+%E2%80%A8%7F%5Cu0001%5Ct%7E*%27%28%29%22%2C%22role%22%3A%22VIEWER%22%7D%7D%2C%22event%22%3A%7B%22"
    b"ts%22%3A1767225600123%7D%7D%7D%5D&timestamp=1767225600456"
)
#: Made with Node's querystring: the same event, as 2.x sends it.
BODY_OF_2 = (
    b"event=%5B%7B%22data%22%3A%7B%22type%22%3A%22event%22%2C%22id%22%3A%22user-joined%22%2C%22attributes%22%3A%7B"
    b"%22meeting%22%3A%7B%22internal-meeting-id%22%3A%220123456789abcdef0123456789abcdef01234567-1767225600000%22%"
    b"2C%22external-meeting-id%22%3A%22m-abcdefgh%22%7D%2C%22user%22%3A%7B%22internal-user-id%22%3A%22w_1%22%2C%22"
    b"external-user-id%22%3A%2242%22%2C%22name%22%3A%22Zo%C3%AB%20%F0%9F%98%80%20%5C%22Q%5C%22%20%5C%5C%20%2F%20%E"
    b"2%80%A8%7F%5Cu0001%5Ct~*'()%22%2C%22role%22%3A%22VIEWER%22%7D%7D%2C%22event%22%3A%7B%22ts%22%3A1767225600123"
    b"%7D%7D%7D%5D&timestamp=1767225600456&domain=bbb.example.org"
)
#: Made with `openssl dgst` over address, body and secret (3.4 and later).
SIGNED = {
    "sha1": "56a709a3d8fc41f5489c611a153633e7f2084a29",
    "sha256": "7dd46d5cb51f76ef432819f595d2dfe371c5d242497d383d9ab42b967b152867",
    "sha384": "7a8061bfff06506d19ec3246f958a8984468a252c44441ae0dee7dc88488071498fa2778a3cd35e04a83fe049faabf13",
    "sha512": (
        "d9e04332db648c4113085735b1ad796c0294124af02b95f7199bf8769b129343"
        "c46a38be9070519423f1c48863fa059484cea80bd239ae700029573feb165b6b"
    ),
}
SIGNED_BY_SHORT = "8ca96ef69142a838ae2ce06a5193139c8848cf4ef5f65d7da51fa0a20b457028"
SIGNED_WITH_QUERY = "3808a73be3dbafdb0fb6a8669a4f9ed2ec3a8832a60cb87aa6f8da30ca6ee86f"
#: Over address, Node's JSON.stringify({event, timestamp, domain}) and secret (2.x); it knew sha1 alone.
SIGNED_BY_2 = "0fee17aa29036a5d16cb82517dd4d7092c349747"
SIGNED_LIKE_2_WITH_SHA256 = "2dc16524ccacc771ed947ce3725f444570044c6af478922cb1ab1870d4054773"
#: Over address, "{}" and secret (3.0 to 3.3).
SIGNED_BY_3_0 = {
    "sha1": "995611f270143c27e0cc15a6cd70830f07a4d798",
    "sha256": "39ffe77bf58be96247cff217bf6631f76c56258641f2158308bb6c4eebd7f508",
}

NAME = 'Zoë 😀 "Q" \\ / \u2028\x7f\x01\t~*\'()'


def asked(checksum: str, *, url: str = URL) -> str:
    """Return the address as bbb-webhooks requests it."""
    return f"{url}{'&' if '?' in url else '?'}checksum={checksum}"


def events(body: bytes = BODY, **options: Any) -> tuple[WebhookEvent, ...]:
    options = {"url": asked(SIGNED["sha256"]), "content_type": FORM, "secrets": (LONG,), **options}
    return webhook_events(body, **options)


def form(event: object, *, timestamp: object = 1767225600456, domain: str = DOMAIN) -> bytes:
    text = event if isinstance(event, str) else json.dumps(event)
    return urlencode({"domain": domain, "event": text, "timestamp": timestamp}).encode()


def hand_signed(body: bytes, *, url: str = URL, secret: Secret = LONG) -> str:
    return hashlib.sha256(url.encode() + body + secret.reveal().encode()).hexdigest()


def sent(body: bytes) -> tuple[WebhookEvent, ...]:
    """Return what a body says that its server has signed."""
    return events(body, url=asked(hand_signed(body)))


def mapped(name: str, attributes: Mapping[str, Any], **data: Any) -> dict[str, Any]:
    """Return an event as bbb-webhooks writes it."""
    return {"data": {"type": "event", "id": name, "attributes": attributes, "event": {"ts": 1767225600123}, **data}}


def one(name: str, attributes: Mapping[str, Any], **data: Any) -> WebhookEvent:
    return sent(form([mapped(name, attributes, **data)]))[0]


# --- from 3.4 on: address and body --------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", SIGNED)
def test_signed_body_is_accepted_with_each_algorithm(algorithm):  # threats.md 61
    found = events(url=asked(SIGNED[algorithm]))

    assert [type(event) for event in found] == [UserJoined]
    assert (found[0].id, found[0].meeting_id, found[0].internal_meeting_id) == ("user-joined", MEETING, RECORD)
    assert (found[0].timestamp, found[0].domain) == (HAPPENED, DOMAIN)
    assert found[0].name == NAME


@pytest.mark.parametrize("algorithm", SIGNED)
def test_algorithm_must_be_allowed(algorithm):  # threats.md 5, 61
    with pytest.raises(UntrustedCallback, match="algorithm"):
        events(url=asked(SIGNED[algorithm]), algorithms=[other for other in SIGNED if other != algorithm])


@pytest.mark.parametrize("secrets", [(LONG, SHORT), (SHORT, LONG)])
@pytest.mark.parametrize("checksum", [SIGNED["sha256"], SIGNED_BY_SHORT], ids=["long", "short"])
def test_either_secret_is_accepted_while_rotating(secrets, checksum):
    assert events(url=asked(checksum), secrets=secrets)


def test_secrets_may_be_any_iterable():
    assert events(secrets=(secret for secret in (SHORT, LONG)))


def test_same_event_is_read_as_often_as_it_comes():  # threats.md 10: the effect has to bear it
    assert events() == events()


def test_wrong_secret_is_refused():
    with pytest.raises(UntrustedCallback) as caught:
        events(secrets=(SHORT, Secret("another")))

    assert caught.value.status == 401  # bbb-webhooks takes it for an answer and does not try again
    assert not isinstance(caught.value, UnreadableCallback)


@pytest.mark.parametrize("blank", ["", " ", "\t\n "])
def test_blank_secret_verifies_nothing(blank):  # pitfalls.md 18, threats.md 7
    checksum = hand_signed(BODY, secret=Secret(blank))

    with pytest.raises(UntrustedCallback):
        events(url=asked(checksum), secrets=(Secret(blank),))


def test_event_is_refused_without_any_secret():
    with pytest.raises(UntrustedCallback):
        events(secrets=())


@pytest.mark.parametrize("position", [0, 30, 200, 400, len(BODY) - 1])
@pytest.mark.parametrize("algorithm", SIGNED)
def test_body_with_one_other_byte_is_refused(position, algorithm):
    changed = bytearray(BODY)
    changed[position] ^= 1

    with pytest.raises(UntrustedCallback):
        events(bytes(changed), url=asked(SIGNED[algorithm]))


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b"+", b"%20"),
        BODY.replace(b"%22", b'"'),
        BODY.replace(b"%7B", b"%7b"),
        BODY + b"&x=1",
        b"&".join(reversed(BODY.split(b"&"))),
    ],
)
def test_body_that_says_the_same_in_other_bytes_is_refused(body):
    with pytest.raises(UntrustedCallback):
        events(body)


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL.replace("lms.", "www."),
        URL.replace("tok", "other"),
        URL[:-1],
        f"{URL}?x=1",
        f"{URL}?",
    ],
)
def test_checksum_for_another_address_is_refused(url):  # threats.md 8
    with pytest.raises(UntrustedCallback):
        events(url=asked(SIGNED["sha256"], url=url))


# --- 2.x: address and the three fields, as JSON -------------------------------------------------------


@pytest.mark.parametrize("body", [BODY, BODY_OF_2], ids=["sorted", "in its own order"])
def test_fields_signed_as_javascript_writes_them_are_accepted(body):
    found = events(body, url=asked(SIGNED_BY_2))

    assert found == events()


def test_every_escape_of_javascript_is_the_same_here():
    """Node's digest over all characters that JSON.stringify may escape, in the name of the server."""
    domain = "".join(map(chr, [*range(1, 0x21), 0x22, 0x27, 0x2F, 0x5C, 0x7F, 0x80, 0x2028, 0x2029, 0xFEFF, 0x1F600]))

    found = events(form([{"data": {"id": "x"}}], domain=domain), url=asked("8f49ca75f270c725c934324ad842a1f1e09210ed"))

    assert found[0].domain == domain


def test_fields_signed_as_json_are_refused_with_another_algorithm_than_sha1():
    with pytest.raises(UntrustedCallback):
        events(url=asked(SIGNED_LIKE_2_WITH_SHA256))


def test_fields_signed_as_json_are_refused_where_sha1_is():  # threats.md 61
    with pytest.raises(UntrustedCallback):
        events(url=asked(SIGNED_BY_2), algorithms=("sha256", "sha384", "sha512"))


@pytest.mark.parametrize("field", ["domain", "event", "timestamp"])
def test_changed_field_signed_as_json_is_refused(field):
    changed = BODY.replace(b"example", b"attacker") if field == "domain" else BODY
    changed = changed.replace(b"VIEWER", b"MODERATOR") if field == "event" else changed
    changed = changed[:-1] + b"7" if field == "timestamp" else changed

    assert changed != BODY
    with pytest.raises(UntrustedCallback):
        events(changed, url=asked(SIGNED_BY_2))


# --- 3.0 to 3.3: the address alone --------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", SIGNED_BY_3_0)
def test_checksum_that_covers_no_body_is_refused_by_default(algorithm):  # callbacks.md 5
    with pytest.raises(UntrustedCallback):
        events(url=asked(SIGNED_BY_3_0[algorithm]))


@pytest.mark.parametrize("algorithm", SIGNED_BY_3_0)
def test_checksum_that_covers_no_body_is_accepted_where_that_is_wanted(algorithm):
    found = events(url=asked(SIGNED_BY_3_0[algorithm]), accept_unsafe=True)
    other = events(form([{"data": {"id": "forged"}}]), url=asked(SIGNED_BY_3_0[algorithm]), accept_unsafe=True)

    assert found == events()
    assert other[0].id == "forged"  # which is why it is not the default


def test_unsafe_checksum_must_be_of_the_secret_the_address_and_the_algorithm():
    url = asked(SIGNED_BY_3_0["sha256"])

    for options in ({"secrets": (SHORT,)}, {"algorithms": ("sha1",)}, {"url": url.replace("tok", "other")}):
        with pytest.raises(UntrustedCallback):
            events(**{"url": url, "accept_unsafe": True, **options})


def test_safe_checksums_are_accepted_where_the_unsafe_one_is():
    assert events(accept_unsafe=True) == events(url=asked(SIGNED_BY_2), accept_unsafe=True) == events()


# --- the checksum in the address ----------------------------------------------------------------------


def test_checksum_may_be_the_only_parameter_or_the_last():
    last = events(url=asked(SIGNED_WITH_QUERY, url=WITH_QUERY))

    assert last == events()


def test_checksum_may_have_been_moved_to_the_front():
    address, _, query = WITH_QUERY.partition("?")

    assert events(url=f"{address}?checksum={SIGNED_WITH_QUERY}&{query}") == events()


def test_address_may_end_in_a_question_mark():
    url = f"{URL}?"

    assert events(url=asked(hand_signed(BODY, url=url), url=url)) == events()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?checksum=",
        "?checksum",
        "?x=1",
        "?checksum={0}&checksum={0}",
        "?checksum={0}&check%73um={0}",
        "?check%73um={0}",
        "?Checksum={0}",
        "?xchecksum={0}",
        "?checksum=%20{0}",
        "?checksum={0}#checksum={0}",
        "?checksum={1}",
        "?checksum={2}",
        "?checksum={0}0",
        "?checksum={3}",
        "?checksum={0}\u00e9",
        "?checksum={0}&\ud800",
    ],
    ids=ascii,
)
def test_there_must_be_exactly_one_checksum_in_lower_case_hex(query):  # threats.md 14
    digest = SIGNED["sha256"]

    with pytest.raises(UntrustedCallback) as caught:
        events(url=URL + query.format(digest, digest.upper(), digest[:-1], "\u0661" * 64))

    assert digest not in repr(caught.value)


@pytest.mark.parametrize("other", ["checksum=00", "check%73um=00", "checksum"])
def test_second_checksum_is_refused_although_the_first_covers_it(other):  # threats.md 14
    checksum = hand_signed(BODY, url=f"{URL}?{other}")

    with pytest.raises(UntrustedCallback, match="exactly one"):
        events(url=f"{URL}?checksum={checksum}&{other}")


def test_checksum_is_not_looked_for_in_the_body():  # threats.md 14
    body = BODY + b"&checksum=" + hand_signed(BODY).encode()

    with pytest.raises(UntrustedCallback):
        events(body, url=URL)


def test_refusal_does_not_show_the_secret_or_the_address(caplog):  # threats.md 75
    caplog.set_level(logging.DEBUG)

    with pytest.raises(UntrustedCallback) as caught:
        events(url=asked(SIGNED_BY_2, url=WITH_QUERY))

    for hidden in (LONG.reveal(), "lms.example.org", "tok", SIGNED_BY_2):
        assert hidden not in repr(caught.value) + caplog.text


# --- the secret itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("secrets", [(LONG,), (LONG, SHORT), (SHORT, LONG)])
def test_secret_as_bearer_is_accepted_where_that_is_wanted(scheme, secrets):
    found = events(url=URL, authorization=f"{scheme} {LONG.reveal()}", secrets=secrets, bearer=True)

    assert found == events()


def test_secret_as_bearer_is_refused_by_default():
    with pytest.raises(UntrustedCallback):
        events(url=URL, authorization=f"Bearer {LONG.reveal()}")


def test_checksum_is_no_proof_where_the_bearer_is():
    with pytest.raises(UntrustedCallback, match="no bearer"):
        events(bearer=True)


@pytest.mark.parametrize(
    "authorization", ["Bearer another", "Bearer", "", "Basic {}", "{}", "Bearer {}x", "Bearer \ud800"]
)
def test_other_bearer_is_refused(authorization):
    with pytest.raises(UntrustedCallback):
        events(authorization=authorization.format(LONG.reveal()), bearer=True)


@pytest.mark.parametrize("blank", ["", " "])
def test_blank_secret_is_no_bearer(blank):  # threats.md 7
    with pytest.raises(UntrustedCallback):
        events(authorization=f"Bearer {blank}", secrets=(Secret(blank),), bearer=True)


# --- not of the right shape ---------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_other_content_type_is_refused_unread(content_type):  # threats.md 14
    with pytest.raises(UnreadableCallback, match="content type"):
        events(content_type=content_type)


def test_body_of_the_largest_size_is_read_and_a_larger_one_is_not():  # threats.md 13
    start = form(json.dumps([{"data": {"id": "x"}}]))
    filled = start + b"&x=" + b"y" * (MOST_WEBHOOK_BYTES - len(start) - 3)

    assert sent(filled)[0].id == "x"
    with pytest.raises(UnreadableCallback, match="too large"):
        sent(filled + b"y")


def test_largest_size_can_be_chosen():
    assert events(most_bytes=len(BODY))
    with pytest.raises(UnreadableCallback, match="too large"):
        events(most_bytes=len(BODY) - 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"domain=%FF&event=[]&timestamp=1",
        b"domain",
        b"{}",
        BODY.replace(b"domain=", b"host="),
        BODY.replace(b"event=", b"events="),
        BODY.replace(b"timestamp=", b"time="),
        BODY + b"&domain=attacker.example",  # pitfalls.md 19
        BODY + b"&event=%5B%5D",
        BODY + b"&timestamp=1",
        BODY + b"&x=1&x=2",
        BODY + b"".join(b"&x%d=1" % number for number in range(30)),
        BODY + b"&nothing",
        BODY[:-13],
        form([{}], timestamp=""),
        form([{}], timestamp=0),
        form([{}], timestamp=-5),
        form([{}], timestamp="01"),
        form([{}], timestamp="1.5"),
        form([{}], timestamp="1,234"),
        form([{}], timestamp="\u0661"),
        form([{}], timestamp="1 "),
        form([{}], timestamp="9" * 15),
        form([{}], timestamp="9" * 5000),
    ],
    ids=lambda body: ascii(body[-25:]),
)
def test_form_must_have_one_of_each_field(body):  # threats.md 14
    with pytest.raises(UnreadableCallback, match=r"content type|one domain|milliseconds") as caught:
        sent(body)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "5",
        '"text"',
        "{}",
        "[]",
        "[[]]",
        "[null]",
        "[{}, 5]",
        "[{}",
        '[{"data": 1, "data": 2}]',
        '[{"data": {"id": "a", "id": "b"}}]',
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" + '{"a":' * 900 + "1" + "}" * 900 + "]",
        "[" + "[" * 900 + "]" * 900 + "]",
        '[{"data": ' + "9" * 5000 + "}]",
        '[{"data": NaN}]',
        '[{"data": 1e999}]',
        "\ufeff[{}]",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_event_must_be_a_list_of_objects(text):  # threats.md 15
    with pytest.raises(UnreadableCallback):
        sent(form(text))


def test_event_is_not_parsed_without_a_proof():
    with pytest.raises(UntrustedCallback) as caught:
        events(form("["))

    assert not isinstance(caught.value, UnreadableCallback)


# --- what happened ------------------------------------------------------------------------------------

IDS = {"internal-meeting-id": RECORD, "external-meeting-id": MEETING}
USER = {"internal-user-id": "w_1", "external-user-id": "42"}
WHO = {"user_id": "42", "internal_user_id": "w_1"}
STEP = {"record_id": RECORD, "success": None, "step_time": None, "workflow": ""}
DONE = {"record_id": RECORD, "success": True, "step_time": timedelta(seconds=1.5), "workflow": "presentation"}
ENDED = {"record-id": RECORD, "success": True, "step-time": 1500, "workflow": "presentation"}
CREATED = {
    **IDS,
    "name": "Algebra",
    "is-breakout": False,
    "parent-id": "bbb-none",
    "duration": 90,
    "create-time": 1767225600000,
    "create-date": "Thu Jan 01 00:00:00 UTC 2026",
    "moderator-pass": "SENTINEL-mp",
    "viewer-pass": "SENTINEL-ap",
    "record": True,
    "voice-conf": "79052",
    "dial-number": "613-555-1234",
    "max-users": 30,
    "metadata": {"course": "7"},
    "audioBridge": "livekit",
    "cameraBridge": "bbb-webrtc-sfu",
    "screenShareBridge": "livekit",
}
JOINED = {
    **USER,
    "name": "Zoë",
    "role": "MODERATOR",
    "presenter": "false",
    "guest": False,
    "userdata": {"bbb_custom": "1"},
    "listening-only": True,
    "ip-address": "192.0.2.1",
    "user-agent": "Firefox",
    "referer": "https://lms.example.org/",
    "session-token": "SENTINEL-token",
}
VOICE = {"listening-only": False, "sharing-mic": True, "muted": False}
CHAT = {
    "id": "1-a",
    "message": " Hello \n",
    "sender": {**USER, "name": "Zoë", "time": 1767225600123},
}
NOTES = {"id": "g.1$notes", "external-pad-id": "notes", "rev": 7, "start": 1, "end": 3, "text": " a\n"}
PUBLISHED = {
    "name": "Algebra",
    "is-breakout": "false",
    "start-time": "1767225600123",
    "end-time": 1767225600456,
    "size": "1,234",
    "raw-size": 5678,
    "metadata": {"meetingName": "Algebra"},
    "playback": {"format": "presentation", "duration": 5},
    "download": {},
}

#: Event, class, attributes beyond the two meeting ids, and what is read of them.
EXAMPLES: list[tuple[str, type[WebhookEvent], dict[str, Any], dict[str, Any]]] = [
    (
        "meeting-created",
        MeetingCreated,
        {"meeting": CREATED},
        {
            "name": "Algebra",
            "is_breakout": False,
            "parent_id": "bbb-none",
            "duration": timedelta(minutes=90),
            "create_time": datetime(2026, 1, 1, tzinfo=UTC),
            "record": True,
            "voice_bridge": "79052",
            "dial_number": "613-555-1234",
            "max_users": 30,
            "metadata": {"course": "7"},
            "audio_bridge": "livekit",
            "camera_bridge": "bbb-webrtc-sfu",
            "screen_share_bridge": "livekit",
        },
    ),
    ("meeting-ended", MeetingEnded, {}, {}),
    ("meeting-recording-started", MeetingRecordingChanged, {}, {}),
    ("meeting-recording-stopped", MeetingRecordingChanged, {}, {}),
    ("meeting-recording-unhandled", MeetingRecordingChanged, {}, {}),
    ("meeting-screenshare-started", ScreenshareChanged, {"user": USER}, WHO),
    ("meeting-screenshare-stopped", ScreenshareChanged, {}, {"user_id": "", "internal_user_id": ""}),  # before 3.0
    (
        "meeting-presentation-changed",
        PresentationChanged,
        {"meeting": {**IDS, "presentation-id": "p-1"}},
        {"presentation_id": "p-1"},
    ),
    (
        "user-joined",
        UserJoined,
        {"user": JOINED},
        {
            **WHO,
            "name": "Zoë",
            "role": "MODERATOR",
            "presenter": False,
            "guest": False,
            "userdata": {"bbb_custom": "1"},
            "listening_only": True,
            "ip_address": "192.0.2.1",
            "user_agent": "Firefox",
            "referer": "https://lms.example.org/",
        },
    ),
    ("user-left", UserLeft, {"user": {**USER, "name": "Zoë", "guest": True}}, {**WHO, "name": "Zoë", "guest": True}),
    (
        "user-audio-voice-enabled",
        UserVoiceChanged,
        {"user": {**USER, **VOICE}},
        {**WHO, "listening_only": False, "sharing_mic": True, "muted": False},
    ),
    (
        "user-audio-voice-disabled",
        UserVoiceChanged,
        {"user": {**USER, "listening-only": False, "sharing-mic": False}},
        {**WHO, "listening_only": False, "sharing_mic": False, "muted": None},
    ),
    ("user-audio-muted", UserMuteChanged, {"user": {**USER, "muted": True}}, {**WHO, "muted": True}),
    ("user-audio-unmuted", UserMuteChanged, {"user": {**USER, "muted": False}}, {**WHO, "muted": False}),
    ("user-audio-unhandled", UserMuteChanged, {"user": USER}, {**WHO, "muted": None}),
    ("user-cam-broadcast-start", UserCameraChanged, {"user": {**USER, "stream": "s"}}, {**WHO, "stream": "s"}),
    ("user-cam-broadcast-end", UserCameraChanged, {"user": {**USER, "stream": "s"}}, {**WHO, "stream": "s"}),
    ("user-presenter-assigned", UserPresenterChanged, {"user": USER}, WHO),
    ("user-presenter-unassigned", UserPresenterChanged, {"user": USER}, WHO),
    ("user-emoji-changed", UserEmojiChanged, {"user": {**USER, "emoji": "🙁"}}, {**WHO, "emoji": "🙁"}),
    ("user-raise-hand-changed", UserHandChanged, {"user": {**USER, "raise-hand": True}}, {**WHO, "raise_hand": True}),
    ("user-raise-hand-changed", UserHandChanged, {"user": {**USER, "raiseHand": True}}, {**WHO, "raise_hand": True}),
    (
        "user-raise-hand-changed",
        UserHandChanged,
        {"user": {**USER, "raise-hand": False}},
        {**WHO, "raise_hand": False},
    ),
    (
        "transcript-updated",
        TranscriptUpdated,
        {"transcript": {"id": "t-1", "transcript": "Hello", "locale": "en-US", "final": True}},
        {"transcript_id": "t-1", "transcript": "Hello", "locale": "en-US", "final": True},
    ),
    (
        "chat-group-message-sent",
        ChatMessageSent,
        {"chat-message": CHAT, "chat-id": "MAIN-PUBLIC-GROUP-CHAT"},
        {
            "chat_id": "MAIN-PUBLIC-GROUP-CHAT",
            "message_id": "1-a",
            "message": " Hello \n",
            "sender_id": "42",
            "internal_sender_id": "w_1",
            "sender_name": "Zoë",
            "sent_at": HAPPENED,
        },
    ),
    (
        "poll-started",
        PollStarted,
        {
            "user": USER,
            "poll": {"id": "p/1", "question": "Well?", "answers": [{"id": 0, "key": "A"}, 5, {"id": 1, "key": "B"}]},
        },
        {
            **WHO,
            "poll_id": "p/1",
            "question": "Well?",
            "answers": (PollAnswer(id=0, key="A"), PollAnswer(id=1, key="B")),
        },
    ),
    (
        "poll-responded",
        PollResponded,
        {"user": USER, "poll": {"id": "p/1", "answerIds": [0, 2, None, "x"]}},
        {**WHO, "poll_id": "p/1", "answer_ids": (0, 2)},
    ),
    (
        "pad-content",
        PadContent,
        {"pad": NOTES},
        {"pad_id": "g.1$notes", "external_pad_id": "notes", "rev": 7, "start": 1, "end": 3, "text": " a\n"},
    ),
    *(
        (f"rap-{step}-started", RecordingStep, {"record-id": RECORD}, STEP)
        for step in ("archive", "sanity", "post-archive", "process", "post-process", "publish", "post-publish")
    ),
    *(
        (f"rap-{step}-ended", RecordingStep, ENDED, DONE)
        for step in ("sanity", "post-archive", "process", "post-process", "post-publish")
    ),
    (
        "rap-archive-ended",
        RecordingArchived,
        {**ENDED, "recorded": True, "duration": 60_000},
        {**DONE, "recorded": True, "duration": timedelta(minutes=1)},
    ),
    (
        "rap-publish-ended",
        RecordingPublished,
        {**ENDED, "recording": PUBLISHED},
        {
            **DONE,
            "name": "Algebra",
            "is_breakout": False,
            "start_time": HAPPENED,
            "end_time": DELIVERED,
            "size": 1234,
            "raw_size": 5678,
            "metadata": {"meetingName": "Algebra"},
            "playback": {"format": "presentation", "duration": 5},
            "download": {},
        },
    ),
    *(
        (name, RecordingChanged, {"record-id": RECORD, "format": "video"}, {"record_id": RECORD, "format": "video"})
        for name in ("rap-published", "rap-unpublished", "rap-deleted")
    ),
]


@pytest.mark.parametrize(("name", "kind", "attributes", "read"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_event_is_read_as_its_class_says(name, kind, attributes, read):
    attributes = {"meeting": IDS, **attributes}

    event = one(name, attributes)

    assert event == kind(
        id=name,
        timestamp=HAPPENED,
        meeting_id=MEETING,
        internal_meeting_id=RECORD,
        domain=DOMAIN,
        attributes=attributes,
        **read,
    )


def test_every_event_has_a_class_and_an_example():
    assert {name: kind for name, kind, *_ in EXAMPLES} == EVENTS
    assert {kind for kind in EVENTS.values() if kind.__name__ not in api.__all__} == set()


def test_classes_for_the_same_people_can_be_told_by_their_base():
    assert isinstance(one("user-left", {}), UserEvent)
    assert isinstance(one("poll-started", {}), UserEvent)
    assert isinstance(one("rap-publish-ended", {}), RecordingStep)


def test_fields_are_read_as_what_their_types_promise():
    for kind in set(EVENTS.values()):
        for name, hint in get_type_hints(kind, include_extras=True).items():
            for at in getattr(hint, "__metadata__", ()):
                assert at.read is None or get_type_hints(at.read)["return"] == get_args(hint)[0], (kind, name)


@pytest.mark.parametrize("name", EVENTS)
def test_everything_in_an_event_may_be_missing(name):
    event = sent(form([{"data": {"id": name}}]))[0]

    assert type(event) is EVENTS[name]
    assert (event.id, event.timestamp, event.meeting_id, event.attributes) == (name, DELIVERED, "", {})


def test_recording_is_told_by_its_meeting_where_nothing_else_tells():  # callbacks.md 5
    events = [
        one(name, {"meeting": {"internal-meeting-id": RECORD}}) for name in ("rap-published", "rap-sanity-ended")
    ]

    assert [(event.record_id, event.meeting_id) for event in events] == [(RECORD, ""), (RECORD, "")]


def test_unknown_event_is_kept():
    attributes = {"meeting": IDS, "thing": {"a": [1, None]}}

    event = one("thing-happened", attributes)

    assert type(event) is WebhookEvent
    assert (event.id, event.meeting_id, event.attributes) == ("thing-happened", MEETING, attributes)


def test_every_event_of_a_body_is_returned():
    body = form([mapped("meeting-ended", {"meeting": IDS}), {}, mapped("user-left", {})])

    found = sent(body)

    assert [event.id for event in found] == ["meeting-ended", "", "user-left"]


def test_raw_message_is_kept_whole():
    message = {
        "envelope": {"name": "UserLeftMeetingEvtMsg", "routing": {"meetingId": RECORD}, "timestamp": 1767225600123},
        "core": {"header": {"name": "UserLeftMeetingEvtMsg", "meetingId": RECORD, "userId": "w_1"}, "body": {}},
    }

    event = sent(form([message]))[0]

    assert event == WebhookEvent(
        id="UserLeftMeetingEvtMsg",
        timestamp=HAPPENED,
        meeting_id="",
        internal_meeting_id=RECORD,
        domain=DOMAIN,
        attributes=message,
    )


def test_raw_message_of_the_recording_scripts_is_kept_whole():
    message = {
        "header": {"name": "archive_ended", "timestamp": 5},
        "payload": {"meeting_id": RECORD, "external_meeting_id": MEETING, "success": True},
    }

    event = sent(form([message]))[0]

    assert (type(event), event.id, event.timestamp) == (WebhookEvent, "archive_ended", DELIVERED)
    assert (event.meeting_id, event.internal_meeting_id, event.attributes) == (MEETING, RECORD, message)


def test_raw_message_does_not_pass_for_an_event():
    event = sent(form([{"envelope": {"name": "meeting-ended"}}]))[0]

    assert (type(event), event.id) == (WebhookEvent, "meeting-ended")


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": []}, {"data": {"id": 5}}, {"a": 1}, {"envelope": [5]}])
def test_object_that_is_no_event_is_kept_without_an_id(data):
    event = sent(form([data]))[0]

    assert (type(event), event.id, event.timestamp, event.attributes) == (WebhookEvent, "", DELIVERED, data)


ODD: list[Any] = [None, True, 0, -1, 1.5, -1e300, 1e300, 10**4000, "", "text", "9" * 30, "\0", "²", [], [None], [[]]]
ODD += [[{}], [5], {}, {"a": None}, {"id": {}}, {"": []}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_odd_value_anywhere_is_not_an_error(odd):
    """Each value of each example is replaced, one after the other."""

    def variants(value: Any) -> Any:
        yield odd
        if isinstance(value, dict):
            for name in value:
                yield from ({**value, name: inner} for inner in variants(value[name]))

    for name, kind, attributes, _ in EXAMPLES:
        messages = [mapped(name, {"meeting": IDS, **attributes}, event=odd)]
        messages += [mapped(name, one) for one in variants({"meeting": IDS, **attributes})]

        found = sent(form(messages, domain=""))

        assert {type(event) for event in found} == {kind}
        assert repr(found)
        assert [dataclasses.asdict(event) for event in found]


@pytest.mark.parametrize("timestamp", [None, "soon", 0, -5, 10**30, True, {}])
def test_event_without_a_time_has_that_of_its_delivery(timestamp):
    assert one("meeting-ended", {}, event={"ts": timestamp}).timestamp == DELIVERED


def test_texts_can_be_stored():
    """JavaScript cuts emoji in halves; PostgreSQL takes neither these nor NUL."""
    event = sent(
        form(r'[{"data": {"id": "pad-content", "attributes": {"pad": {"text": "\ud83d \ud83d\ude00\u0000"}}}}]')
    )[0]

    assert event.text == "\ufffd 😀"
    assert json.dumps(event.attributes, ensure_ascii=False).encode()


# --- what is not shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        mapped("meeting-created", {"meeting": CREATED}),
        mapped("user-joined", {"meeting": IDS, "user": JOINED}),
        mapped("some-new-event", {"list": [{"moderator-pass": "SENTINEL"}], "session-token": ["SENTINEL"]}),
        {"core": {"body": {"props": {"password": {"moderatorPass": "SENTINEL", "viewerPass": "SENTINEL"}}}}},
        {"payload": {"moderator_pass": "SENTINEL", "Viewer_Pass": "SENTINEL"}, "sessionToken": "SENTINEL"},
        {"core": {"header": {}, "body": {"authToken": "SENTINEL"}}},
    ],
    ids=["created", "joined", "unknown", "raw", "old raw", "raw token"],
)
def test_passwords_and_session_tokens_are_not_shown(message):  # threats.md 75, callbacks.md 5
    (event,) = sent(form([message]))

    shown = repr(event) + str(event) + f"{event.attributes}" + repr(event.attributes) + pprint.pformat(event)

    assert "SENTINEL" in json.dumps(event.attributes)  # who wants them can have them
    assert "SENTINEL" not in shown
    assert "***" in shown
