"""The tree of errors: which answer becomes which, what it says, and that it travels."""

import copy
import pickle

import pytest

from django_bbb import api
from django_bbb.api import (
    BBBError,
    ChecksumError,
    CreateTimeMismatch,
    GuestDenied,
    HookNotFound,
    IdNotUnique,
    InvalidParameters,
    InvalidPassword,
    MaxParticipantsReached,
    MeetingNotFound,
    NonUniqueVoiceBridge,
    OversizedCallback,
    RecordingNotFound,
    ServerBusy,
    ServerError,
    ServerUnreachable,
    Timeout,
    UnreadableCallback,
    UnreadableResponse,
    UnsupportedCall,
    UntrustedCallback,
)
from django_bbb.api.errors import BY_MESSAGE_KEY, server_error

ERRORS = [
    BBBError("text", server="s", call="c"),
    InvalidParameters(["one.", "two."], server="s", call="create"),
    ServerUnreachable("text", server="s", call="c", sent=False),
    Timeout("text", server="s", call="c"),
    UnreadableResponse("text", server="s", call="c"),
    *(
        kind("text", server="s", call="c", message_key="k", message="m")
        for kind in (
            ServerError,
            ChecksumError,
            MeetingNotFound,
            RecordingNotFound,
            HookNotFound,
            IdNotUnique,
            NonUniqueVoiceBridge,
            CreateTimeMismatch,
            InvalidPassword,
            MaxParticipantsReached,
            GuestDenied,
            UnsupportedCall,
            ServerBusy,
        )
    ),
    UntrustedCallback("text"),
    UnreadableCallback("text", server="s"),
    OversizedCallback("text", server="s"),
]


def failed(key: str, message: str = "Some words.", *, call: str = "create") -> ServerError:
    return server_error(call=call, server="bbb.example.org", message_key=key, message=message)


def test_every_error_of_the_package_is_tried_here():
    public = {one for one in vars(api).values() if isinstance(one, type) and issubclass(one, BBBError)}

    assert {type(error) for error in ERRORS} == public


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("travel", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_error_travels_with_its_attributes(error, travel):
    arrived = travel(error)

    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("checksumError", ChecksumError),
        ("idNotUnique", IdNotUnique),
        ("nonUniqueVoiceBridge", NonUniqueVoiceBridge),
        ("invalidMeetingIdentifier", MeetingNotFound),
        ("meetingForciblyEnded", MeetingNotFound),
        ("meetingNotFound", MeetingNotFound),
        ("mismatchCreateTimeParam", CreateTimeMismatch),
        ("invalidPassword", InvalidPassword),
        ("maxParticipantsReached", MaxParticipantsReached),
        ("guestDeniedAccess", GuestDenied),
        ("destroyMissingHook", HookNotFound),
        ("noRecordings", RecordingNotFound),
        ("unsupportedRequest", UnsupportedCall),
        ("internalError", ServerBusy),
        ("serverUnavailable", ServerBusy),
        ("serverTagUnavailable", ServerBusy),
        ("aNewKey", ServerError),
        ("", ServerError),
        ("CHECKSUMERROR", ServerError),
    ],
)
def test_message_key_chooses_the_error(key, kind):  # pitfalls.md 1
    error = failed(key)

    assert type(error) is kind
    assert (error.message_key, error.message) == (key, "Some words.")
    assert (error.server, error.call) == ("bbb.example.org", "create")


def test_every_error_has_the_three_things_callers_ask_for():
    for error in ERRORS:
        assert isinstance(error.message_key, str)
        assert isinstance(error.call, str)
        assert isinstance(error.server, str)


@pytest.mark.parametrize("key", sorted(BY_MESSAGE_KEY))
def test_error_of_a_known_key_says_what_to_do(key):
    text = str(failed(key, ""))

    assert text.startswith("bbb.example.org refused create: ")
    assert text.endswith(".")


@pytest.mark.parametrize("call", ["end", "getMeetingInfo", "insertDocument", "create"])
def test_not_found_of_a_meeting_call_is_a_meeting(call):
    assert type(failed("notFound", call=call)) is MeetingNotFound


@pytest.mark.parametrize(
    "call", ["getRecordings", "publishRecordings", "deleteRecordings", "updateRecordings", "getRecordingTextTracks"]
)
def test_not_found_of_a_recording_call_is_a_recording(call):
    assert type(failed("notFound", call=call)) is RecordingNotFound


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            failed("checksumError"),
            (
                "bbb.example.org refused create: wrong secret or algorithm. "
                "Compare the secret with `bbb-conf --secret` on the server."
            ),
        ),
        (failed("notFound"), "bbb.example.org refused create: the meeting has ended or was never created."),
        (
            failed("notFound", call="getRecordings"),
            "bbb.example.org refused getRecordings: the recording is gone or was never there.",
        ),
        (failed("aNewKey"), "bbb.example.org refused create: aNewKey: Some words."),
        (failed("", ""), "bbb.example.org refused create: no message key: ."),
    ],
)
def test_error_names_server_call_and_next_step(error, text):
    assert str(error) == text


def test_what_the_server_says_becomes_one_short_line():
    error = failed("key\nERROR forged" + "k" * 10_000, "one\r\n two\x85three " + "x" * 10_000)

    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 500
    assert error.message.startswith("one two three xxx")
    assert "\n" not in error.message_key


def test_server_that_repeats_the_signed_call_is_not_quoted():  # threats.md 76
    error = failed("aNewKey", "Bad call: /api/create?moderatorPW=SENTINEL&checksum=0123456789abcdef")

    assert "SENTINEL" not in f"{error} {error.message}"
    assert "0123456789" not in f"{error} {error.message}"


def test_problems_are_a_sentence_each():
    error = InvalidParameters(["name is missing.", "record must be True or False."], call="create")

    assert str(error) == "create: name is missing. record must be True or False."
    assert error.problems == ("name is missing.", "record must be True or False.")


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (InvalidParameters, ValueError),
        (Timeout, ServerUnreachable),
        (MeetingNotFound, ServerError),
        (UnreadableCallback, UntrustedCallback),
        (OversizedCallback, UnreadableCallback),
    ],
)
def test_error_can_be_caught_as_what_it_is(kind, base):
    assert issubclass(kind, base)


def test_callbacks_without_proof_are_answered_401_and_misshapen_ones_400():  # pitfalls.md 21
    assert UntrustedCallback("x").status == 401
    assert UnreadableCallback("x").status == 400
    assert OversizedCallback("x").status == 413


def test_call_may_have_been_carried_out_unless_said_otherwise():
    assert Timeout("x").sent is True
    assert (Timeout("x").server, Timeout("x").call, Timeout("x").message_key) == ("", "", "")
