"""The JSON web tokens of callbacks, byte for byte as Ruby's jwt gem writes them."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Literal

Algorithm = Literal["HS256", "HS384", "HS512"]

_DIGESTS: dict[Algorithm, str] = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def signed_parameters(*, meeting_id: str, record_id: str, secret: str, algorithm: Algorithm = "HS256") -> str:
    """Return the token that names a recording (`post_publish_recording_ready_callback.rb`).

    No `typ`, no expiry, two claims: every announcement of the same recording is the same text.
    """
    claims = {"meeting_id": meeting_id, "record_id": record_id}
    return signed({"alg": algorithm}, claims, secret=secret, algorithm=algorithm)


def analytics_token(*, expires: int, secret: str) -> str:
    """Return the token that goes with a report: it says nothing but when it ends, in seconds since 1970."""
    return signed({"typ": "JWT", "alg": "HS512"}, {"exp": expires}, secret=secret, algorithm="HS512")


def signed(
    header: Mapping[str, str], claims: Mapping[str, object], *, secret: str, algorithm: Algorithm | None
) -> str:
    """Return a compact token; without an algorithm it has no signature."""
    text = f"{_encode(_json(header))}.{_encode(_json(claims))}"
    if algorithm is None:
        return f"{text}."
    return f"{text}.{_encode(hmac.digest(secret.encode(), text.encode(), _DIGESTS[algorithm]))}"


def read_unverified(token: str) -> tuple[dict[str, str], dict[str, object], str]:
    """Return header, claims and signature of a token of our own."""
    header, claims, signature = token.split(".")
    return json.loads(_decode(header)), json.loads(_decode(claims)), signature


def with_claims(token: str, claims: Mapping[str, object]) -> str:
    """Return the token with other claims under the old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{_encode(_json(claims))}.{signature}"


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
