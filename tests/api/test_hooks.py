"""Calls of bbb-webhooks over a transport that knows one answer."""

import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from django_bbb.api import (
    BigBlueButtonClient,
    CreatedHook,
    Hook,
    HookNotFound,
    InvalidParameters,
    ServerError,
    UnreadableResponse,
    UnsupportedCall,
)

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"
ADDRESS = "https://lms.example.org/hooks/SENTINEL-token/"


def failed(key: str) -> bytes:
    return (
        f"<response><returncode>FAILED</returncode><messageKey>{key}</messageKey><message>x</message></response>"
    ).encode()


def test_hook_is_created(canned, success):
    transport = canned(success("<hookID>h-1</hookID><permanentHook>false</permanentHook><rawData>true</rawData>"))

    hook = BigBlueButtonClient(URL, SECRET, transport=transport).hooks.create_hook(
        callback_url=ADDRESS, meeting_id="m-1", event_id=["meeting-ended", "user-joined"], get_raw=True
    )

    assert hook == CreatedHook(hook_id="h-1", permanent=False, raw_data=True, already_existed=False)
    assert transport.methods == ["GET"]
    assert urlsplit(transport.urls[0]).path == "/bigbluebutton/api/hooks/create"
    assert parse_qsl(urlsplit(transport.urls[0]).query)[:-1] == [
        ("callbackURL", ADDRESS),
        ("meetingID", "m-1"),
        ("eventID", "meeting-ended,user-joined"),
        ("getRaw", "true"),
    ]


def test_address_that_is_registered_already_is_no_error(client_hearing, success):
    body = success("<hookID>h-1</hookID><messageKey>duplicateWarning</messageKey><message>x</message>")

    hook = client_hearing(body).hooks.create_hook(callback_url=ADDRESS)

    assert hook == CreatedHook(hook_id="h-1", permanent=False, raw_data=False, already_existed=True)


def test_created_hook_without_id_is_unreadable(client_hearing, success):
    with pytest.raises(UnreadableResponse, match="answered hooks/create with something incomplete"):
        client_hearing(success("<hookID/>")).hooks.create_hook(callback_url=ADDRESS)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_hooks_are_as_many_as_there_are(client_hearing, success, number):
    one = (
        f"<hook><hookID>h-1</hookID><callbackURL><![CDATA[{ADDRESS}]]></callbackURL>"
        "<meetingID><![CDATA[m-1]]></meetingID><eventID>meeting-ended, user-joined,</eventID>"
        "<permanentHook>true</permanentHook><rawData>true</rawData></hook>"
    )

    found = client_hearing(success(f"<hooks>{one * number}</hooks>")).hooks.list_hooks()

    expected = Hook(
        hook_id="h-1",
        callback_url=ADDRESS,
        meeting_id="m-1",
        event_ids=("meeting-ended", "user-joined"),
        permanent=True,
        raw_data=True,
    )
    assert found == (expected,) * number
    assert "SENTINEL" not in repr(found)


def test_hook_with_nothing_but_its_id_is_read_and_one_without_is_left_out(client_hearing, success):  # threats.md 73
    body = success("<hooks><hook><hookID>h-1</hookID><eventID/></hook><hook/></hooks>")

    found = client_hearing(body).hooks.list_hooks()

    assert (found[0].callback_url, found[0].meeting_id, found[0].event_ids, found.skipped) == ("", "", (), 1)
    assert found[0].permanent is found[0].raw_data is False


def test_hooks_of_one_meeting_are_asked_for(canned, success):
    transport = canned(success("<hooks/>"))

    BigBlueButtonClient(URL, SECRET, transport=transport).hooks.list_hooks(meeting_id="m-1")

    assert transport.urls[0].startswith(f"{URL}hooks/list?meetingID=m-1&checksum=")


def test_hook_is_destroyed(canned, success):
    transport = canned(success("<removed>true</removed>"))

    assert BigBlueButtonClient(URL, SECRET, transport=transport).hooks.destroy_hook(hook_id="h-1") is None

    assert transport.urls[0].startswith(f"{URL}hooks/destroy?hookID=h-1&checksum=")


@pytest.mark.parametrize(
    ("key", "kind"),
    [("destroyMissingHook", HookNotFound), ("destroyHookError", ServerError), ("missingParamHookID", ServerError)],
)
def test_hook_that_cannot_be_destroyed_is_an_error(client_hearing, key, kind):
    with pytest.raises(ServerError) as caught:
        client_hearing(failed(key)).hooks.destroy_hook(hook_id="h-1")

    assert type(caught.value) is kind
    assert (caught.value.call, caught.value.message_key) == ("hooks/destroy", key)


def test_hook_needs_an_address(client_hearing):
    with pytest.raises(InvalidParameters) as caught:
        client_hearing().hooks.create_hook(callback_url="lms.example.org")

    assert caught.value.call == "hooks/create"


@pytest.mark.parametrize(
    ("call", "arguments"),
    [("create_hook", {"callback_url": ADDRESS}), ("list_hooks", {}), ("destroy_hook", {"hook_id": "h-1"})],
)
def test_server_without_webhooks_does_not_know_the_call(client_hearing, call, arguments):
    with pytest.raises(UnsupportedCall):
        getattr(client_hearing(b"<html>", status=404).hooks, call)(**arguments)


@pytest.mark.parametrize(
    ("options", "hooks", "others"),
    [
        ({}, "sha256", "sha256"),
        ({"algorithm": "sha512"}, "sha512", "sha512"),
        ({"hooks_algorithm": "sha1"}, "sha1", "sha256"),
        ({"algorithm": "sha512", "hooks_algorithm": "sha1"}, "sha1", "sha512"),
    ],
)
def test_hooks_may_have_an_algorithm_of_their_own(canned, success, options, hooks, others):  # threats.md 61
    transport = canned(success("<hooks/><meetings/>"))
    client = BigBlueButtonClient(URL, SECRET, transport=transport, **options).with_deadline(60)

    client.hooks.list_hooks()
    client.meetings.get_meetings()

    assert [url.rpartition("checksum=")[2] for url in transport.urls] == [
        hashlib.new(hooks, f"hooks/list{SECRET}".encode()).hexdigest(),
        hashlib.new(others, f"getMeetings{SECRET}".encode()).hexdigest(),
    ]


def test_unknown_algorithm_of_hooks_is_refused():
    with pytest.raises(ValueError, match="md5"):
        BigBlueButtonClient(URL, SECRET, hooks_algorithm="md5")
