"""Literal digests, made with `openssl dgst`, so that a mistake of ours cannot confirm itself."""

import pytest

from django_bbb.api import BigBlueButtonClient, HashAlgorithm, checksum
from django_bbb.api.checksum import is_same
from django_bbb.api.parameters import CreateParameters

DOCUMENTED_QUERY = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
DOCUMENTED_SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
DOCUMENTED = {
    HashAlgorithm.SHA1: "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17",
    HashAlgorithm.SHA256: "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e",
    HashAlgorithm.SHA384: (
        "891ac633df39d0a1b4f8d597f3e190833216c4b29c4fb51ea3ca72757eeb958d6e7b49a845cf29f5c6019c7d29d029d1"
    ),
    HashAlgorithm.SHA512: (
        "de73ad61d11a5c801b68d4bd6ec5248546085cefb0b25c85f3c46249ea93a3a4"
        "b120f92c0a8a58d7512cb77821884951a3b01245f3435dbbef49fff3cc3988b4"
    ),
}


@pytest.mark.parametrize("algorithm", HashAlgorithm)
def test_documented_call_has_its_documented_checksum(algorithm):  # threats.md 61
    digest = checksum("create", DOCUMENTED_QUERY, secret=DOCUMENTED_SECRET, algorithm=algorithm)

    assert digest == DOCUMENTED[algorithm]


def test_call_with_a_path_and_secret_with_an_umlaut_are_hashed_as_utf_8():
    digest = checksum("hooks/list", "meetingID=m-1", secret="geheïm", algorithm=HashAlgorithm.SHA256)

    assert digest == "7bbe99bb98ae4e5089b13d6ed886f35879cfac5c6f5cce017f44644c43b7e9d9"


@pytest.mark.parametrize("algorithm", HashAlgorithm)
def test_client_signs_the_documented_call_with_each_algorithm(algorithm):  # threats.md 61
    client = BigBlueButtonClient("https://bbb.example.org", DOCUMENTED_SECRET, algorithm=algorithm.value)

    url = client._connection.sign(
        "create",
        {"name": "Test Meeting", "meeting_id": "abc123", "attendee_pw": "111222", "moderator_pw": "333444"},
        CreateParameters,
    )

    expected = f"create?{DOCUMENTED_QUERY}&checksum={DOCUMENTED[algorithm]}"
    assert str(url) == f"https://bbb.example.org/bigbluebutton/api/{expected}"


def test_client_uses_sha256_unless_told():  # threats.md 61
    url = BigBlueButtonClient("https://bbb.example.org", "secret").meetings.join_url(full_name="A", meeting_id="m-1")

    assert len(url.rpartition("checksum=")[2]) == 64


def test_unknown_algorithm_is_refused():
    with pytest.raises(ValueError, match="md5"):
        BigBlueButtonClient("https://bbb.example.org", "secret", algorithm="md5")


@pytest.mark.parametrize(("theirs", "same"), [("abc", True), ("abd", False), ("äbc", False), ("\udcffbc", False)])
def test_digests_are_compared_whatever_came(theirs, same):
    assert is_same("abc", theirs) is same
