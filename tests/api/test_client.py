"""The client over a transport that knows one answer."""

import pickle
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

import django_bbb.api
from django_bbb.api import (
    BigBlueButtonClient,
    ChecksumError,
    InvalidParameters,
    NonUniqueVoiceBridge,
    NoReply,
    Secret,
    ServerError,
    ServerUnreachable,
    Timeout,
    UnreadableResponse,
    normalized,
)

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"
PASSWORD = "SENTINEL-password"

CREATED = (
    "<meetingID>m-1</meetingID><internalMeetingID>i-1</internalMeetingID><createTime>1767225600000</createTime>"
    "<duration>0</duration><messageKey/><message/>"
)


def failed(key: str, message: str = "Some words.") -> bytes:
    return (
        f"<response><returncode>FAILED</returncode><messageKey>{key}</messageKey>"
        f"<message>{message}</message></response>"
    ).encode()


# --- addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://bbb.example.org", URL),
        ("https://bbb.example.org/", URL),
        ("https://bbb.example.org/bigbluebutton", URL),
        ("https://bbb.example.org/bigbluebutton/", URL),
        ("https://bbb.example.org/bigbluebutton/api", URL),
        ("https://bbb.example.org/bigbluebutton/api/", URL),
        ("  https://bbb.example.org/bigbluebutton/api///\n", URL),
        ("HTTPS://bbb.example.org/", URL),
        ("https://lb.example.org/scalelite/api/", "https://lb.example.org/scalelite/api/"),
        ("https://lb.example.org/scalelite/api", "https://lb.example.org/scalelite/api/"),
        ("https://lb.example.org/tenant/bigbluebutton", "https://lb.example.org/tenant/bigbluebutton/api/"),
        ("https://lb.example.org/pia", "https://lb.example.org/pia/"),
        ("https://lb.example.org/mybigbluebutton", "https://lb.example.org/mybigbluebutton/"),
        ("https://lb.example.org/BigBlueButton/API", "https://lb.example.org/BigBlueButton/API/"),
        ("http://127.0.0.1:8124/bigbluebutton/api/", "http://127.0.0.1:8124/bigbluebutton/api/"),
        ("http://[::1]:8124", "http://[::1]:8124/bigbluebutton/api/"),
    ],
)
def test_address_is_normalised_without_guessing(given, expected):  # pitfalls.md 5
    assert normalized(given) == expected
    assert normalized(expected) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "bbb.example.org",
        "//bbb.example.org/",
        "/bigbluebutton/api/",
        "ftp://bbb.example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///bigbluebutton",
        "https://:443/",
        "https://user@bbb.example.org/",
        "https://user:SENTINEL@bbb.example.org/",
        "https://:SENTINEL@bbb.example.org/",
        "https://@bbb.example.org/",
        "https://bbb.example.org/?a=b",
        "https://bbb.example.org/#a",
        "https://bbb.example.org:port/",
        "https://bbb.example.org:65536/",
        "https://[::1/",
    ],
)
def test_other_address_is_refused(wrong):  # threats.md 52
    with pytest.raises(ValueError, match=r"^The address of a BigBlueButton server") as caught:
        normalized(wrong)

    assert "SENTINEL" not in str(caught.value)
    assert caught.value.__cause__ is None


# --- the client itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", ["", "  ", "\n", Secret(""), Secret(" ")])
def test_blank_secret_is_refused(blank):  # pitfalls.md 18
    with pytest.raises(ValueError, match=r"The secret of bbb\.example\.org is blank"):
        BigBlueButtonClient(URL, blank)


@pytest.mark.parametrize("secret", [SECRET, Secret(SECRET)])
def test_secret_may_be_a_text_or_wrapped_and_is_never_shown(secret, canned):  # pitfalls.md 9, threats.md 75
    client = BigBlueButtonClient(URL, secret, transport=canned())

    assert repr(client) == f"<BigBlueButtonClient {URL}>"
    assert SECRET not in f"{client} {vars(client)}"
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_client_is_called_by_its_host_unless_it_has_a_name(client_hearing):
    assert client_hearing().name == "bbb.example.org"
    assert client_hearing(name="Room server").name == "Room server"


def test_client_with_another_deadline_keeps_everything_else(canned, success):
    transport = canned(success("<running>true</running>"))
    client = BigBlueButtonClient(URL, SECRET, algorithm="sha1", transport=transport, name="Room server")

    other = client.with_deadline(60)

    assert other.meetings.is_meeting_running(meeting_id="m-1") is True
    assert client.meetings.is_meeting_running(meeting_id="m-1") is True
    assert (other.url, other.name) == (client.url, client.name)
    assert transport.urls[0] == transport.urls[1]


def test_call_without_parameters_is_signed_all_the_same(canned, success):
    transport = canned(success("<meetings/>"))

    BigBlueButtonClient("https://bbb.example.org", "geheim", transport=transport).meetings.get_meetings()

    # printf getMeetingsgeheim | sha256sum
    digest = "6481da1b2107447154f150c5867ee9ed669fd14322aebf5089299c1a4a1eaf6f"
    assert transport.urls == [f"{URL}getMeetings?checksum={digest}"]
    assert transport.methods == ["GET"]


def test_arguments_are_checked_before_anything_is_sent(canned):
    transport = canned()
    client = BigBlueButtonClient(URL, SECRET, transport=transport)

    with pytest.raises(InvalidParameters) as caught:
        client.meetings.create_meeting(name="A", record="yes", moderator_pw="x")

    assert caught.value.problems == (
        "name must have 2 to 256 characters, not 1.",
        "record must be True or False.",
        "moderator_pw must have 2 to 64 characters, not 1.",
        "meeting_id is missing.",
    )
    assert (caught.value.server, caught.value.call) == ("bbb.example.org", "create")
    assert transport.urls == []


def test_unknown_argument_names_the_nearest(client_hearing):
    with pytest.raises(TypeError, match="Did you mean 'auto_start_recording'"):
        client_hearing().meetings.create_meeting(name="AB", meeting_id="m-1", autostart_recording=True)


# --- the index ----------------------------------------------------------------------------------------


def test_server_info_asks_the_index_and_signs_nothing(canned, success):
    transport = canned(success("<version>2.0</version><bbbVersion>3.0.33</bbbVersion>"))

    info = BigBlueButtonClient(URL, SECRET, transport=transport).get_server_info()

    assert info.bbb_version == "3.0.33"
    # bbblb redirects who asks without the slash, and redirects are not followed.
    assert transport.urls == ["https://bbb.example.org/bigbluebutton/api/"]


def test_connection_is_checked_with_a_signed_call_as_well(canned, success):
    transport = canned(success("<version>2.0</version><running>false</running>"))

    info = BigBlueButtonClient(URL, SECRET, transport=transport).check_connection()

    assert info.api_version == "2.0"
    assert [urlsplit(url).path for url in transport.urls] == [
        "/bigbluebutton/api/",
        "/bigbluebutton/api/isMeetingRunning",
    ]
    assert "checksum=" in transport.urls[1]


def test_wrong_secret_is_found_by_checking_the_connection(success):
    class Server:
        def send(self, method, url, *, body=b"", content_type=""):
            text = failed("checksumError") if "?" in url else success("<version>2.0</version>")
            return django_bbb.api.Reply(200, text)

    with pytest.raises(ChecksumError, match="wrong secret or algorithm"):
        BigBlueButtonClient(URL, SECRET, transport=Server()).check_connection()


# --- answers that are refusals ------------------------------------------------------------------------


def test_failed_is_an_error_with_all_the_server_said(client_hearing):  # pitfalls.md 1
    client = client_hearing(failed(" aNewKey\n", "\n Some\n words. "), name="Room server")

    with pytest.raises(ServerError) as caught:
        client.meetings.create_meeting(name="AB", meeting_id="m-1")

    assert type(caught.value) is ServerError
    assert str(caught.value) == "Room server refused create: aNewKey: Some words."
    assert (caught.value.message_key, caught.value.message) == ("aNewKey", "Some words.")
    assert (caught.value.server, caught.value.call) == ("Room server", "create")


@pytest.mark.parametrize(
    "errors",
    [
        "<error><key>nonUniqueVoiceBridge</key><message>The number is taken.</message></error>",
        '<error key="nonUniqueVoiceBridge" message="The number is taken."/>',
        "<error><key>nonUniqueVoiceBridge</key><message>The number is taken.</message></error><error/>",
    ],
)
def test_list_of_errors_is_understood_as_well(client_hearing, errors):  # pitfalls.md 1
    body = f"<response><returncode>FAILED</returncode><errors>{errors}</errors></response>".encode()

    with pytest.raises(NonUniqueVoiceBridge) as caught:
        client_hearing(body).meetings.create_meeting(name="AB", meeting_id="m-1", voice_bridge="70100")

    assert caught.value.message_key == "nonUniqueVoiceBridge"
    assert caught.value.message == "The number is taken."


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("", ""),
        ("<errors/>", ""),
        ("<message>No such meeting</message>", "No such meeting"),
        ("<errors><error/></errors>", ""),
        ("<messageKey/><message>Words</message><errors><error><key>other</key></error></errors>", "Words"),
    ],
)
def test_failed_without_a_key_is_an_error_as_well(client_hearing, inside, message):
    body = f"<response><returncode>FAILED</returncode>{inside}</response>".encode()

    with pytest.raises(ServerError) as caught:
        client_hearing(body).meetings.end_meeting(meeting_id="m-1")

    assert type(caught.value) is ServerError
    assert (caught.value.message_key, caught.value.message) == ("", message)


@pytest.mark.parametrize("returncode", ["", "<returncode/>", "<returncode>OK</returncode>", "<x>SUCCESS</x>"])
def test_answer_without_a_returncode_is_unreadable(client_hearing, returncode):
    body = f"<response>{returncode}<running>true</running></response>".encode()

    with pytest.raises(UnreadableResponse, match=r"bbb\.example\.org answered isMeetingRunning without a returncode"):
        client_hearing(body).meetings.is_meeting_running(meeting_id="m-1")


def test_returncode_may_be_padded(client_hearing):
    body = b"<response><returncode>\n  SUCCESS\n</returncode><running>\n true </running></response>"

    assert client_hearing(body).meetings.is_meeting_running(meeting_id="m-1") is True


# --- answers that are none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty page"),
        (b"<html><title>Welcome</title></html>", "<html>"),
        (b"<!DOCTYPE html><p>Log in", "an HTML page"),
        (b'{"response":{"returncode":"FAILED"}}', "JSON"),
        (b"<response><returncode>SUCC", "cut-off XML"),
    ],
)
def test_other_things_with_status_200_are_unreadable(client_hearing, body, what):  # pitfalls.md 8, threats.md 64
    with pytest.raises(UnreadableResponse) as caught:
        client_hearing(body).meetings.get_meetings()

    assert what in str(caught.value)
    assert (caught.value.server, caught.value.call) == ("bbb.example.org", "getMeetings")


@pytest.mark.parametrize("status", [204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 413, 414, 429, 500, 501])
def test_other_status_is_unreadable_and_says_what_came(client_hearing, status, success):  # threats.md 51, 64
    with pytest.raises(UnreadableResponse) as caught:
        client_hearing(b"<html>", status=status).meetings.get_meetings()

    assert f"bbb.example.org answered getMeetings with HTTP {status} and an HTML page." in str(caught.value)
    with pytest.raises(UnreadableResponse):
        client_hearing(success("<meetings/>"), status=status).meetings.get_meetings()


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (301, "Use the address it redirects to."),
        (302, "Use the address it redirects to."),
        (404, "Check the address: it usually ends in /bigbluebutton/api/."),
        (413, "Send less at once, or raise the limit of the proxy before it."),
        (414, "Send less at once."),
        (500, "Check the address and the server."),
    ],
)
def test_other_status_comes_with_advice(client_hearing, status, advice):
    with pytest.raises(UnreadableResponse) as caught:
        client_hearing(status=status).meetings.get_meetings()

    assert str(caught.value).endswith(advice)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_proxy_without_its_server_is_unreachable(client_hearing, status):  # pitfalls.md 8, threats.md 64
    with pytest.raises(ServerUnreachable) as caught:
        client_hearing(b"<html>", status=status).meetings.get_meetings()

    assert type(caught.value) is ServerUnreachable
    assert caught.value.sent is True
    assert f"HTTP {status}: BigBlueButton is not running behind it. Try again" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "arguments", "inside"),
    [
        ("create", {"name": "AB", "meeting_id": "m-1"}, "<meetingID>m-1</meetingID>"),
        ("getMeetingInfo", {"meeting_id": "m-1"}, "<meetingName>x</meetingName>"),
        ("getMeetings", {}, "<meetings><meeting/></meetings>"),
        ("getRecordings", {}, "<recordings><recording/></recordings>"),
    ],
)
def test_answer_that_lacks_what_matters_names_server_and_call(client_hearing, success, call, arguments, inside):
    client = client_hearing(success(inside), name="Room server")
    method = {
        "create": client.meetings.create_meeting,
        "getMeetingInfo": client.meetings.get_meeting_info,
        "getMeetings": client.meetings.get_meetings,
        "getRecordings": client.recordings.get_recordings,
    }[call]

    with pytest.raises(UnreadableResponse) as caught:
        method(**arguments)

    assert str(caught.value).startswith(f"Room server answered {call} with something incomplete: ")
    assert (caught.value.server, caught.value.call) == ("Room server", call)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


# --- no answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize(("timed_out", "kind"), [(True, Timeout), (False, ServerUnreachable)])
def test_no_reply_is_an_error_that_says_whether_the_call_was_sent(canned, sent, timed_out, kind):
    transport = canned(error=NoReply("did not answer", sent=sent, timed_out=timed_out))

    with pytest.raises(ServerUnreachable) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport).meetings.get_meetings()

    assert type(caught.value) is kind
    assert caught.value.sent is sent
    assert (caught.value.server, caught.value.call) == ("bbb.example.org", "getMeetings")
    assert str(caught.value) == "bbb.example.org did not answer (getMeetings). Try again, or look at the server."


def test_what_a_transport_raises_is_not_chained(canned):  # threats.md 76
    transport = canned(error=NoReply("failed", sent=True))

    with pytest.raises(ServerUnreachable) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport).meetings.get_meetings()

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


# --- all it can say -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (failed("checksumError"), 200),
        (failed("notFound"), 200),
        (failed("aNewKey"), 200),
        (b"<html>", 200),
        (b"<!DOCTYPE x><response/>", 200),
        (b"<response>", 200),
        (b"", 302),
        (b"", 500),
        (b"", 503),
        (b"<response><returncode>SUCCESS</returncode></response>", 200),
    ],
)
def test_no_error_shows_a_secret_a_password_or_a_signed_url(  # pitfalls.md 9, threats.md 75, 76
    canned, everything_said_by, caplog, body, status
):
    transport = canned(body, status=status)
    client = BigBlueButtonClient(URL, SECRET, transport=transport)
    caplog.set_level("DEBUG")

    with pytest.raises(django_bbb.api.BBBError) as caught:
        client.meetings.create_meeting(name="AB", meeting_id="m-1", moderator_pw=PASSWORD)

    said = everything_said_by(caught.value) + caplog.text
    digest = transport.urls[0].rpartition("=")[2]
    assert len(digest) == 64
    for hidden in ("SENTINEL", digest, "checksum=", "moderatorPW"):
        assert hidden not in said


def test_problems_do_not_show_values(client_hearing, everything_said_by):  # threats.md 75
    with pytest.raises(InvalidParameters) as caught:
        client_hearing().meetings.create_meeting(name="AB", meeting_id="m-1", moderator_pw=PASSWORD * 20)

    assert "SENTINEL" not in everything_said_by(caught.value)


# --- the package --------------------------------------------------------------------------------------


def test_public_names_exist_and_are_sorted():
    names = django_bbb.api.__all__

    assert names == sorted(names, key=lambda name: (name[0].islower(), name))
    assert all(hasattr(django_bbb.api, name) for name in names)


def test_package_works_without_django_and_celery():
    script = (
        "import sys, django_bbb.api\n"
        "import django_bbb.api.callbacks\n"
        "client = django_bbb.api.BigBlueButtonClient('https://bbb.example.org', 'secret')\n"
        "client.meetings.join_url(full_name='A', meeting_id='m-1')\n"
        "print(*({name.split('.')[0] for name in sys.modules} & {'django', 'celery', 'kombu'}))\n"
    )

    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_durations_and_moments_travel_both_ways(canned, success):
    transport = canned(success(CREATED.replace("<duration>0<", "<duration>90<")))
    client = BigBlueButtonClient(URL, SECRET, transport=transport)

    created = client.meetings.create_meeting(name="AB", meeting_id="m-1", duration=timedelta(minutes=90))
    url = client.meetings.join_url(full_name="A", meeting_id="m-1", create_time=created.create_time)

    assert created.duration == timedelta(minutes=90)
    assert "duration=90&" in transport.urls[0]
    assert "createTime=1767225600000&" in str(url)
