"""The request of bbb-webhooks: bodies made with Node, checksums with openssl, both not by us."""

import pytest

from django_bbb.simulator.callbacks.webhook_request import webhook
from django_bbb.simulator.hooks import WebhookOptions

SECRET = "a-secret-with-more-than-thirty-two-bytes"
URL = "https://lms.example.org/hooks/tok/"
EVENT = (
    '[{"data":{"type":"event","id":"user-joined","attributes":{"meeting":{"internal-meeting-id":'
    '"0123456789abcdef0123456789abcdef01234567-1767225600000","external-meeting-id":"m-abcdefgh"},"user":'
    '{"internal-user-id":"w_1","external-user-id":"42","name":"Zoë 😀 \\"Q\\" \\\\ / \u2028\x7f\\u0001\\t~*\'()",'
    '"role":"VIEWER"}},"event":{"ts":1767225600123}}}]'
)
#: Made with Node's URLSearchParams.
BODY = (
    b"domain=bbb.example.org&event=%5B%7B%22data%22%3A%7B%22type%22%3A%22event%22%2C%22id%22%3A%22user-joined%22%2"
    b"C%22attributes%22%3A%7B%22meeting%22%3A%7B%22internal-meeting-id%22%3A%220123456789abcdef0123456789abcdef012"
    b"34567-1767225600000%22%2C%22external-meeting-id%22%3A%22m-abcdefgh%22%7D%2C%22user%22%3A%7B%22internal-user-"
    b"id%22%3A%22w_1%22%2C%22external-user-id%22%3A%2242%22%2C%22name%22%3A%22Zo%C3%AB+%F0%9F%98%80+%5C%22Q%5C%22+"
    b"%5C%5C+%2F+%E2%80%A8%7F%5Cu0001%5Ct%7E*%27%28%29%22%2C%22role%22%3A%22VIEWER%22%7D%7D%2C%22event%22%3A%7B%22"
    b"ts%22%3A1767225600123%7D%7D%7D%5D&timestamp=1767225600456"
)
SIGNED = {
    "sha1": "56a709a3d8fc41f5489c611a153633e7f2084a29",
    "sha256": "7dd46d5cb51f76ef432819f595d2dfe371c5d242497d383d9ab42b967b152867",
    "sha384": "7a8061bfff06506d19ec3246f958a8984468a252c44441ae0dee7dc88488071498fa2778a3cd35e04a83fe049faabf13",
    "sha512": (
        "d9e04332db648c4113085735b1ad796c0294124af02b95f7199bf8769b129343"
        "c46a38be9070519423f1c48863fa059484cea80bd239ae700029573feb165b6b"
    ),
}


def request(url=URL, **options):
    return webhook(
        url,
        EVENT,
        timestamp=1767225600456,
        domain="bbb.example.org",
        secret=SECRET,
        options=WebhookOptions(**options),
    )


@pytest.mark.parametrize("algorithm", SIGNED)
def test_body_and_checksum_are_those_of_node(algorithm):
    callback = request(algorithm=algorithm)

    assert callback.body == BODY
    assert callback.url == f"{URL}?checksum={SIGNED[algorithm]}"


def test_checksum_is_sha1_unless_told_otherwise():
    assert request().url == f"{URL}?checksum={SIGNED['sha1']}"


def test_query_that_is_there_is_kept_and_signed():
    callback = request("https://lms.example.org/hooks/?token=tok&x=%C3%A9", algorithm="sha256")

    assert callback.url == (
        "https://lms.example.org/hooks/?token=tok&x=%C3%A9"
        "&checksum=3808a73be3dbafdb0fb6a8669a4f9ed2ec3a8832a60cb87aa6f8da30ca6ee86f"
    )


@pytest.mark.parametrize(
    ("algorithm", "checksum"),
    [
        ("sha1", "995611f270143c27e0cc15a6cd70830f07a4d798"),
        ("sha256", "39ffe77bf58be96247cff217bf6631f76c56258641f2158308bb6c4eebd7f508"),
    ],
)
def test_from_3_0_to_3_3_the_body_is_not_signed(algorithm, checksum):
    callback = request(generation="3.0", algorithm=algorithm)

    assert callback.body == BODY
    assert callback.url == f"{URL}?checksum={checksum}"


def test_generation_2_signs_json_and_encodes_strictly():
    callback = request(generation="2")

    assert callback.url == f"{URL}?checksum=0fee17aa29036a5d16cb82517dd4d7092c349747"
    assert callback.body.startswith(b"event=%5B%7B%22data%22%3A")
    assert b"%E2%80%A8%7F%5Cu0001%5Ct~%2A%27%28%29%22" in callback.body
    assert callback.body.endswith(b"%5D&timestamp=1767225600456&domain=bbb.example.org")
    assert b"Zo%C3%AB%20%F0%9F%98%80%20" in callback.body


def test_bearer_is_the_secret_itself_and_there_is_no_checksum():
    callback = request(bearer=True)

    assert callback.url == URL
    assert callback.headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in repr(callback)


def test_headers_are_those_of_node_fetch():
    assert list(request().headers.items()) == [
        ("accept", "*/*"),
        ("content-length", None),
        ("content-type", "application/x-www-form-urlencoded;charset=UTF-8"),
        ("user-agent", "node-fetch"),
        ("Host", None),
        ("Connection", "close"),
    ]


@pytest.mark.parametrize(
    "options", [{"generation": "4"}, {"algorithm": "md5"}, {"generation": "2", "algorithm": "sha256"}]
)
def test_configuration_that_no_server_has_is_refused(options):
    with pytest.raises(ValueError, match=r"bbb-webhooks|algorithm"):
        WebhookOptions(**options)
