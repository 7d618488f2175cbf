"""What is signed, and where it goes."""

import hashlib

import pytest

from django_bbb.api import Secret
from django_bbb.api.checksum import HashAlgorithm
from django_bbb.api.signing import BY_POST, FORM, LongRequests, Signer

BASE = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
LONG = "welcome=" + "x" * 3000


def signer(**options):
    return Signer(base=BASE, secret=Secret(SECRET), algorithm=HashAlgorithm.SHA1, **options)


def digest(text):
    """The server's formula, by hand."""
    return hashlib.sha1((text + SECRET).encode()).hexdigest()


def test_the_documented_vector():
    pairs = ["name=Test+Meeting", "meetingID=abc123", "attendeePW=111222", "moderatorPW=333444"]

    url = signer().url("create", pairs)

    # Literal, from BigBlueButton's documentation.
    assert url == f"{BASE}create?{'&'.join(pairs)}&checksum=1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"


def test_a_call_without_arguments_has_only_its_checksum():
    assert signer().url("getMeetings", []) == f"{BASE}getMeetings?checksum={digest('getMeetings')}"


def test_a_short_call_is_a_get():
    request = signer().request("create", ["name=x"])

    assert (request.method, request.body, request.content_type) == ("GET", b"", "")


@pytest.mark.parametrize(("length", "method"), [(1999, "GET"), (2000, "POST")])
def test_it_is_one_up_to_the_limit(length, method):
    # With the ampersand before the checksum it is 2 000 characters, or one more.
    assert signer().request("create", ["n=" + "x" * (length - 2)]).method == method


def test_the_limit_is_the_servers_to_set():
    assert signer(most_in_query=20).request("create", ["name=" + "x" * 30]).method == "POST"


def test_what_fits_is_signed_in_the_query_and_the_rest_goes_into_a_form():
    request = signer().request("create", ["name=x", LONG, "meetingID=m-1"])

    expected = digest("createname=x&meetingID=m-1")
    assert request.url == f"{BASE}create?name=x&meetingID=m-1&checksum={expected}"
    assert (request.method, request.body, request.content_type) == ("POST", LONG.encode(), FORM)


def test_where_nothing_fits_the_query_is_the_checksum_alone():
    request = signer().request("create", [LONG])

    assert request.url == f"{BASE}create?checksum={digest('create')}"
    assert request.body == LONG.encode()


def test_from_3_0_on_all_may_go_into_a_form_signed_over_nothing():
    request = signer(long_requests=LongRequests.FORM).request("create", ["name=x", LONG])

    assert request.url == f"{BASE}create"
    assert request.body == f"name=x&{LONG}&checksum={digest('create')}".encode()


def test_up_to_2_7_it_is_signed_sorted_and_as_java_encodes():
    request = signer(long_requests=LongRequests.SORTED_FORM).request("create", ["name=a~b%2Ac", LONG, "duration=5"])

    # Sent as it is signed: bbblb takes the bytes that came, where BigBlueButton sorts and encodes them itself.
    signed = f"duration=5&name=a%7Eb*c&{LONG}"
    assert request.body == f"{signed}&checksum={digest(f'create{signed}')}".encode()


def test_pairs_that_came_together_are_sorted_one_by_one():
    request = signer(long_requests=LongRequests.SORTED_FORM).request("create", ["name=x", "meta_z=1&meta_a=2", LONG])

    signed = f"meta_a=2&meta_z=1&name=x&{LONG}"
    assert request.body == f"{signed}&checksum={digest(f'create{signed}')}".encode()


@pytest.mark.parametrize("call", ["join", "publishRecordings", "deleteRecordings", "sendChatMessage", "hooks/create"])
def test_a_call_that_is_get_only_stays_one(call):
    assert call not in BY_POST
    assert signer().request(call, [LONG]).method == "GET"


def test_nothing_of_it_shows_in_a_repr():
    request = signer(long_requests=LongRequests.FORM).request("create", ["name=x", LONG])

    shown = repr(request) + repr(signer())
    assert SECRET not in shown
    assert digest("create") not in shown
