"""The JSON web token of the recording-ready callback, byte for byte as Ruby's jwt gem writes it.

Source: `post_publish_recording_ready_callback.rb` (record-and-playback).  No `typ`, no expiry, two
claims: every announcement of the same recording is the same text.
"""

import base64
import hashlib
import hmac
import json


def signed_parameters(*, meeting_id: str, record_id: str, secret: str) -> str:
    """Return the compact HS256 token that names a recording."""
    header = _encode(b'{"alg":"HS256"}')
    claims = {"meeting_id": meeting_id, "record_id": record_id}
    payload = _encode(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode())
    signature = hmac.digest(secret.encode(), f"{header}.{payload}".encode(), hashlib.sha256)
    return f"{header}.{payload}.{_encode(signature)}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
