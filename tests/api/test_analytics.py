"""Analytics callbacks: tokens are literal, or put together here without PyJWT."""

import base64
import dataclasses
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_bbb.api import (
    AnalyticsAttendee,
    AnalyticsEngagement,
    AnalyticsPoll,
    AnalyticsReport,
    Secret,
    UnreadableCallback,
    UntrustedCallback,
)
from django_bbb.api.callbacks import MOST_ANALYTICS_BYTES, analytics

MEETING = "m-abcdefgh"
RECORD = "0123456789abcdef0123456789abcdef01234567-1767225600000"
LONG = Secret("a-secret-with-more-than-thirty-two-bytes")
SHORT = Secret("short")

#: Made with `openssl dgst -hmac`; they end in 2100.
SIGNED_BY_LONG = (
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDB9."
    "JnBRRLI_-ATp9iZOv6uutQwmFFB1tOcoi1kGvviW8LNrbbBvErrqWZ5HzlZkAqgMG8zEYgMhnR2flzSefguiWQ"
)
SIGNED_BY_SHORT = (
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDB9."
    "f2fU8lZWwrdD8iZK-hvAaeT7QDvU8tZHdRaZvlP9WrCKCjCqTatYUHy4QDsjW5VsfAre6apT4YVeNSdLqZYAQQ"
)
SIGNED_WITH_HS256 = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDB9.shNrxA4x2VlIpr6r_DivcG-i6BYk9_1dblmV6jdCTww"
)
#: Ended on the first of January 2026.
EXPIRED = (
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NjcyMjU2MDB9."
    "6Q0RU4fbLHL9c1ShAeKztf_Ceb6c9clm477uBG3V9l9vfyuA-NRACEFpPZciyRoPlNz7wtN1pQU5J8IMHvGOaQ"
)
#: Claims nothing.
ENDLESS = (
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.e30."
    "nfzljIfnC77CtfhaLZoJupmPZDEdDsz22dGcKgkSOGfFZveNtePeFfIVFWDKQ0tbAdehr4W6Ltv3_wp662dNEA"
)

FULL = {
    "version": "1.0",
    "meeting_id": MEETING,
    "internal_meeting_id": RECORD,
    "data": {
        "metadata": {"meeting_name": "Algebra", "is_breakout": "false", "course_id": "7"},
        "duration": 3600,
        "start": "2026-01-31T10:00:00.000+00:00",
        "finish": "2026-01-31T12:00:00.500+01:00",
        "attendees": [
            {
                "ext_user_id": "Ab-12",
                "name": "Zoë 😀",
                "moderator": True,
                "joins": ["2026-01-31T10:00:00.000+00:00", "2026-01-31T10:30:00.000Z"],
                "leaves": ["2026-01-31T10:20:00.000+00:00", "2026-01-31T11:00:00.000+00:00"],
                "duration": 3000.5,
                "recent_talking_time": "2026-01-31T10:59:00.000+00:00",
                "engagement": {
                    "chats": 1,
                    "talks": 2,
                    "raisehand": 3,
                    "emojis": 4,
                    "poll_votes": 5,
                    "talk_time": 61,
                },
                "sessions": [{"joins": [{"userid": "w_1", "event": "join"}], "lefts": []}],
            }
        ],
        "files": ["default.pdf", "Über uns.pptx"],
        "polls": [
            {
                "id": "p/1",
                "type": "YN",
                "question": "Well?",
                "published": True,
                "options": ["Yes", "No"],
                "start": "2026-01-31T10:10:00.000+00:00",
                "votes": {"ab_12": "Yes"},
            }
        ],
    },
    "customer": "north",
}

READ = AnalyticsReport(
    version="1.0",
    meeting_id=MEETING,
    internal_meeting_id=RECORD,
    metadata={"meeting_name": "Algebra", "is_breakout": "false", "course_id": "7"},
    duration=timedelta(hours=1),
    start=datetime(2026, 1, 31, 10, tzinfo=UTC),
    finish=datetime(2026, 1, 31, 11, 0, 0, 500_000, tzinfo=UTC),
    attendees=(
        AnalyticsAttendee(
            ext_user_id="Ab-12",
            name="Zoë 😀",
            moderator=True,
            joins=(datetime(2026, 1, 31, 10, tzinfo=UTC), datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
            leaves=(datetime(2026, 1, 31, 10, 20, tzinfo=UTC), datetime(2026, 1, 31, 11, tzinfo=UTC)),
            duration=timedelta(seconds=3000.5),
            recent_talking_time=datetime(2026, 1, 31, 10, 59, tzinfo=UTC),
            engagement=AnalyticsEngagement(
                chats=1, talks=2, raisehand=3, emojis=4, poll_votes=5, talk_time=timedelta(seconds=61)
            ),
        ),
    ),
    files=("default.pdf", "Über uns.pptx"),
    polls=(
        AnalyticsPoll(
            id="p/1",
            type="YN",
            question="Well?",
            published=True,
            options=("Yes", "No"),
            start=datetime(2026, 1, 31, 10, 10, tzinfo=UTC),
            votes={"ab_12": "Yes"},
        ),
    ),
    customer="north",
)

LEAST = {"meeting_id": MEETING, "data": {}}
BODY = json.dumps(FULL).encode()


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(claims: object, *, secret: str = LONG.reveal(), header: object = None, digest: str = "sha512") -> str:
    """Return a token with these claims (bytes stay as they are), signed by hand."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signed = f"{part(json.dumps(header or {'alg': 'HS512'}).encode())}.{part(payload)}"
    return f"{signed}.{part(hmac.digest(secret.encode(), signed.encode(), digest))}"


def report(document: object = FULL, *, authorization: str = f"Bearer {SIGNED_BY_LONG}", **options) -> AnalyticsReport:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return analytics(body, authorization=authorization, **{"secrets": (LONG,), **options})


# --- what is accepted ---------------------------------------------------------------------------------


def test_report_signed_by_the_server_is_read():
    assert report() == READ


def test_content_type_may_be_written_in_capitals_with_a_charset():
    assert report(content_type="Application/JSON; charset=utf-8") == READ


@pytest.mark.parametrize("secrets", [(LONG, SHORT), (SHORT, LONG)])
@pytest.mark.parametrize("signed", [SIGNED_BY_LONG, SIGNED_BY_SHORT])
def test_either_secret_is_accepted_while_rotating(secrets, signed):
    assert report(authorization=f"Bearer {signed}", secrets=secrets) == READ


@pytest.mark.parametrize("authorization", ["bearer {}", "BEARER {}", "Bearer  {}", " Bearer {} "])
def test_scheme_may_be_written_in_any_case(authorization):  # threats.md, "Settled": bbblb writes lower case
    assert report(authorization=authorization.format(SIGNED_BY_LONG)) == READ


def test_hs256_is_accepted_where_it_is_allowed():  # threats.md 5, and "Settled" for bbblb
    assert report(authorization=f"bearer {SIGNED_WITH_HS256}", algorithms=("HS512", "HS256")) == READ


def test_same_report_is_read_as_often_as_it_comes():  # threats.md 10: the effect has to bear it
    assert report() == report() == READ


def test_token_says_nothing_about_the_body():  # threats.md 0.2
    other = report({"meeting_id": "m-other", "data": {}})

    assert other.meeting_id == "m-other"


@pytest.mark.parametrize("by", [-30, 30, 24 * 3600, 10**9, 10**30])
def test_token_lasts_until_its_end_and_a_minute_longer(by):  # threats.md 11
    signed = token({"exp": int(time.time()) + by})

    assert report(authorization=f"Bearer {signed}") == READ


# --- no proof -----------------------------------------------------------------------------------------


def test_wrong_secret_is_refused():
    with pytest.raises(UntrustedCallback) as caught:
        report(secrets=(SHORT, Secret("another")))

    assert caught.value.status == 401
    assert not isinstance(caught.value, UnreadableCallback)


@pytest.mark.parametrize("blank", ["", " ", "\t\n "])
def test_blank_secret_verifies_nothing(blank):  # pitfalls.md 18, threats.md 7
    signed = token({"exp": 4102444800}, secret=blank)

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}", secrets=(Secret(blank),))


def test_token_is_refused_without_any_secret():
    with pytest.raises(UntrustedCallback):
        report(secrets=())


def test_hs256_is_refused_unless_allowed():  # threats.md 5
    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {SIGNED_WITH_HS256}")


@pytest.mark.parametrize("algorithm", ["none", "None", "", None, "RS512", "HS384", "HS256", "hs512"])
def test_other_algorithm_in_the_header_is_refused_although_the_secret_fits(algorithm):  # threats.md 4, 5
    signed = token({"exp": 4102444800}, header={"alg": algorithm, "typ": "JWT"})

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


def test_unsigned_token_is_refused():  # threats.md 4
    unsigned = part(b'{"alg":"none"}') + "." + part(b'{"exp":4102444800}') + "."

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {unsigned}", algorithms=("none", "HS512"))


@pytest.mark.parametrize("field", ["jwk", "jku", "kid", "x5u"])
def test_key_offered_in_the_header_is_not_used(field):  # threats.md 6
    header = {"alg": "HS512", field: "https://attacker.example/key"}
    signed = token({"exp": 4102444800}, header=header, secret="the attacker's")

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


@pytest.mark.parametrize("signed", [EXPIRED, ENDLESS], ids=["expired", "without an end"])
def test_token_must_have_an_end_that_is_still_to_come(signed):  # callbacks.md 4
    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


def test_token_is_refused_more_than_a_minute_after_its_end():  # threats.md 11
    signed = token({"exp": int(time.time()) - 90})

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


@pytest.mark.parametrize("end", [None, "soon", [], {}, "", b'{"exp": NaN}', b'{"exp": 1e999}', b'{"exp": -1e999}'])
def test_end_that_is_none_is_refused(end):
    signed = token(end if isinstance(end, bytes) else {"exp": end})

    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


def test_token_for_a_recording_is_refused():  # threats.md 9, the other way round
    signed = token({"exp": 4102444800, "meeting_id": MEETING, "record_id": RECORD})

    with pytest.raises(UntrustedCallback, match="recording"):
        report(authorization=f"Bearer {signed}")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", SIGNED_BY_LONG, f"Basic {SIGNED_BY_LONG}", f"Bearer,{SIGNED_BY_LONG}", "\ud800 x"],
    ids=ascii,
)
def test_header_must_bear_a_token(authorization):
    with pytest.raises(UntrustedCallback, match="no bearer"):
        report(authorization=authorization)


@pytest.mark.parametrize(
    "signed",
    ["x", "..", "a.b.c", SIGNED_BY_LONG[:-8], f"{SIGNED_BY_LONG}.x", f"{SIGNED_BY_LONG} x", "é" * 20, "\ud800", "%"],
    ids=ascii,
)
def test_malformed_token_is_refused(signed):  # pitfalls.md 17, threats.md 15
    with pytest.raises(UntrustedCallback):
        report(authorization=f"Bearer {signed}")


def test_refusal_does_not_show_the_secret_or_the_token():  # threats.md 75
    with pytest.raises(UntrustedCallback) as caught:
        report(authorization=f"Bearer {SIGNED_BY_SHORT}")

    assert LONG.reveal() not in repr(caught.value)
    assert SIGNED_BY_SHORT not in repr(caught.value)


# --- not even of the right shape ----------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_other_content_type_is_refused_unread(content_type):  # threats.md 14
    with pytest.raises(UnreadableCallback, match="content type"):
        report(content_type=content_type)


def test_body_of_the_largest_size_is_read_and_a_larger_one_is_not():  # threats.md 13
    filled = BODY + b" " * (MOST_ANALYTICS_BYTES - len(BODY))

    assert report(filled) == READ
    with pytest.raises(UnreadableCallback, match="too large"):
        report(filled + b" ")


def test_largest_size_can_be_chosen():
    assert report(BODY, most_bytes=len(BODY)) == READ
    with pytest.raises(UnreadableCallback, match="too large"):
        report(BODY, most_bytes=len(BODY) - 1)


def test_size_is_looked_at_before_the_proof():  # threats.md 13
    with pytest.raises(UnreadableCallback, match="too large"):
        report(BODY, most_bytes=1, authorization="")


def test_body_is_not_parsed_without_a_proof():
    with pytest.raises(UntrustedCallback) as caught:
        report(b"{", authorization=f"Bearer {ENDLESS}")

    assert not isinstance(caught.value, UnreadableCallback)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY[:-2],
        b"\xff",
        b"\xef\xbb\xbf" + BODY,
        BODY.decode().encode("utf-16"),
        b"<xml/>",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b"{}",
        json.dumps([FULL]).encode(),
        BODY[:-1] + b', "meeting_id": "m-other"}',  # pitfalls.md 19
        b"[" * 100_000,
        b'{"data":' * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" * 900 + b"]" * 900,
        b'{"meeting_id": "m", "data": {"duration": ' + b"9" * 5000 + b"}}",
        b'{"meeting_id": "m", "data": {"duration": NaN}}',
        b'{"meeting_id": "m", "data": {"duration": -Infinity}}',
        b'{"meeting_id": "m", "data": {"duration": 1e999}}',
    ],
    ids=lambda body: ascii(body[:20]),
)
def test_body_must_be_a_json_object_with_nothing_twice(body):  # threats.md 15
    with pytest.raises(UnreadableCallback) as caught:
        report(body)

    assert caught.value.status == 400


@pytest.mark.parametrize("wrong", [None, 5, True, [], {}, "", "m" * 257])
def test_report_must_name_a_meeting(wrong):  # threats.md 9
    with pytest.raises(UnreadableCallback, match="no meeting"):
        report({**LEAST, "meeting_id": wrong})


@pytest.mark.parametrize("wrong", [None, 5, True, [], "text"])
def test_report_must_have_data(wrong):
    with pytest.raises(UnreadableCallback, match="no meeting"):
        report({**LEAST, "data": wrong})


# --- what may be missing or odd -----------------------------------------------------------------------

NOTHING = AnalyticsReport(
    version="",
    meeting_id=MEETING,
    internal_meeting_id="",
    metadata={},
    duration=timedelta(),
    start=None,
    finish=None,
    attendees=(),
    files=(),
    polls=(),
    customer="",
)
NOBODY = AnalyticsAttendee(
    ext_user_id="",
    name="",
    moderator=False,
    joins=(),
    leaves=(),
    duration=timedelta(),
    recent_talking_time=None,
    engagement=AnalyticsEngagement(chats=0, talks=0, raisehand=0, emojis=0, poll_votes=0, talk_time=timedelta()),
)
NO_POLL = AnalyticsPoll(id="", type="", question="", published=False, options=(), start=None, votes={})


def test_everything_but_the_meeting_may_be_missing():
    assert report(LEAST) == NOTHING


def test_everything_of_people_and_polls_may_be_missing():
    found = report({**LEAST, "data": {"attendees": [{}], "polls": [{}]}})

    assert (found.attendees, found.polls) == ((NOBODY,), (NO_POLL,))


def test_unknown_names_are_ignored():  # callbacks.md 4: Rails adds some
    data = {**FULL["data"], "new": [1]}
    found = report({**FULL, "data": data, "controller": "callbacks", "analytics": {"meeting_id": "m-other"}})

    assert found == READ


def test_person_who_never_spoke_has_no_talking_time():
    found = report({**LEAST, "data": {"attendees": [{"recent_talking_time": ""}]}})

    assert found.attendees[0].recent_talking_time is None


ODD: list[Any] = [None, True, False, 0, -1, 5, 1.5, -1e300, 1e300, 10**4000, "", "text", "1,234", "9" * 30, "\0", "²"]
ODD += [[], [None], [[]], ["text"], [{}], [5], {}, {"a": None}, {"a": {}}, {"": []}]
ODD += ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-31T10:00:00", ["2026-01-31T10:00:00"]]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_odd_value_anywhere_is_not_an_error(odd):
    """Each value of the full report is replaced, one after the other."""

    def variants(value: Any) -> Any:
        yield odd
        if isinstance(value, dict):
            for name in value:
                yield from ({**value, name: inner} for inner in variants(value[name]))
        if isinstance(value, list):
            yield from ([inner] for one in value[:1] for inner in variants(one))

    documents = [{**FULL, "data": data} for data in variants(FULL["data"]) if isinstance(data, dict)]
    documents += [{**FULL, name: odd} for name in ("version", "internal_meeting_id", "customer", "new")]

    for document in documents:
        found = report(document)

        assert found.meeting_id == MEETING
        assert repr(found)
        assert dataclasses.asdict(found)


def test_durations_that_are_none_are_zero():
    odd = [True, "5", -5, 1e300, 10**400, None, [5]]
    found = report({**LEAST, "data": {"attendees": [{"duration": one} for one in odd]}})

    assert {attendee.duration for attendee in found.attendees} == {timedelta()}


def test_moments_that_are_none_are_left_out():
    odd = ["", "yesterday", "2026-01-31T10:00:00", 5, None, "0001-01-01T00:00:00+14:00"]
    found = report({**LEAST, "data": {"start": odd[2], "attendees": [{"joins": [*odd, "2026-01-31T10:00:00Z"]}]}})

    assert found.start is None
    assert found.attendees[0].joins == (datetime(2026, 1, 31, 10, tzinfo=UTC),)


def test_texts_that_are_none_are_left_out():
    data = {
        "files": ["a.pdf", 5, None],
        "metadata": {"a": "b", "c": 5},
        "polls": [{"votes": {"x": "Yes", "y": ["No"]}}],
    }
    found = report({**LEAST, "data": data})

    assert (found.files, found.metadata, found.polls[0].votes) == (("a.pdf",), {"a": "b"}, {"x": "Yes"})


def test_texts_can_be_stored():
    """A name cut inside an emoji has half of it; PostgreSQL takes neither that nor NUL."""
    found = report(b'{"meeting_id": "m", "data": {"files": ["\\ud83d", "\\ud83d\\ude00", "a\\u0000b"]}}')

    assert found.files == ("\ufffd", "😀", "ab")
    assert "".join(found.files).encode()
