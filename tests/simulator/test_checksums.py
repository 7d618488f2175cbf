"""Literal vectors, made with sha1sum and its sisters: they do not depend on anybody's code."""

import pytest

from django_bbb.simulator.checksums import ChecksumRefused, signed_part, verify_checksum

# The example of BigBlueButton's API documentation.
QUERY = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444"
SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
DIGESTS = {
    "sha1": "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17",
    "sha256": "da9185f7f333cfdfcd6eeac32dca3777510c4c436020d8b887ba5515bd1d189e",
    "sha384": "891ac633df39d0a1b4f8d597f3e190833216c4b29c4fb51ea3ca72757eeb958d6e7b49a845cf29f5c6019c7d29d029d1",
    "sha512": "de73ad61d11a5c801b68d4bd6ec5248546085cefb0b25c85f3c46249ea93a3a4"
    "b120f92c0a8a58d7512cb77821884951a3b01245f3435dbbef49fff3cc3988b4",
}


@pytest.mark.parametrize("algorithm", DIGESTS)
def test_documented_vector_is_accepted_in_every_algorithm(algorithm):
    digest = DIGESTS[algorithm]

    verify_checksum("create", f"{QUERY}&checksum={digest}", digest, secret=SECRET)


@pytest.mark.parametrize("digest", DIGESTS.values())
def test_one_wrong_digit_is_refused(digest):
    wrong = ("0" if digest[0] != "0" else "1") + digest[1:]

    with pytest.raises(ChecksumRefused, match="wrong"):
        verify_checksum("create", f"{QUERY}&checksum={wrong}", wrong, secret=SECRET)


@pytest.mark.parametrize("checksum", ["", None])
def test_missing_checksum_is_refused(checksum):
    with pytest.raises(ChecksumRefused, match="missing"):
        verify_checksum("create", QUERY, checksum, secret=SECRET)


def test_checksum_of_an_unknown_length_is_refused():
    with pytest.raises(ChecksumRefused, match="wrong"):
        verify_checksum("create", QUERY, "abc", secret=SECRET)


def test_algorithm_that_is_not_allowed_is_refused():
    digest = DIGESTS["sha1"]

    with pytest.raises(ChecksumRefused, match="algorithm not allowed"):
        verify_checksum("create", QUERY, digest, secret=SECRET, algorithms={"sha256"})


def test_upper_case_is_accepted():
    digest = DIGESTS["sha256"].upper()

    verify_checksum("create", f"{QUERY}&checksum={digest}", digest, secret=SECRET)


@pytest.mark.parametrize(
    ("query", "signed"),
    [
        ("a=1&checksum=abc", "a=1"),
        ("checksum=abc&a=1", "a=1"),
        ("a=1&checksum=abc&b=2", "a=1&b=2"),
        ("checksum=abc", ""),
        ("&checksum=abc", ""),
        ("a=%20+~*/&checksum=abc", "a=%20+~*/"),
        ("a=1&checksum=other", "a=1&checksum=other"),
        (" a=1\n&checksum=abc", "a=1"),
    ],
)
def test_only_the_checksum_is_taken_out_of_the_query(query, signed):
    assert signed_part(query, "abc") == signed
