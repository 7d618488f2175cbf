"""The callback when a format of a recording is ready.

`post_publish_recording_ready_callback.rb` (record-and-playback), and Scalelite's
`recording_ready_notifier_service.rb`: once per secret, until somebody says yes or knows nothing of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..recordings import Recording
from ..tokens import Algorithm, signed_parameters
from .callback import WHEN_SENT, Callback, Headers

#: Scalelite asks no further after these.
_FINAL = frozenset({404, 410})


@dataclass(frozen=True, kw_only=True)
class RecordingReadyOptions:
    """How recordings are announced; the defaults are BigBlueButton's own."""

    #: Tried one after another; empty means the server's secret.
    secrets: Sequence[str] = field(default=(), repr=False)
    #: HS512 comes from Scalelite where SHA512 alone is enabled.
    algorithm: Algorithm = "HS256"
    #: JSON comes from one balancer.
    body: Literal["form", "json"] = "form"


def recording_ready(recording: Recording, *, secret: str, options: RecordingReadyOptions) -> list[Callback]:
    """Return the announcement of a recording, or nothing; each secret is tried once, and nothing is tried again."""
    if not recording.ready_url:
        return []
    callback = None
    for one in reversed(tuple(options.secrets) or (secret,)):
        token = signed_parameters(
            meeting_id=recording.meeting_id, record_id=recording.record_id, secret=one, algorithm=options.algorithm
        )
        callback = announcement(recording.meeting_id, recording.ready_url, token, options.body, callback)
    return [callback] if callback is not None else []


def announcement(
    meeting_id: str, url: str, token: str, form: Literal["form", "json"], fallback: Callback | None = None
) -> Callback:
    """Return the request that carries a token."""
    is_form = form == "form"
    return Callback(
        kind="recording-ready",
        meeting_id=meeting_id,
        method="POST",
        url=url,
        headers=_headers("application/x-www-form-urlencoded" if is_form else "application/json"),
        body=f"signed_parameters={token}".encode() if is_form else json.dumps({"signed_parameters": token}).encode(),
        final=_FINAL,
        fallback=fallback,
    )


def _headers(content_type: str) -> Headers:
    """Return, beside the content type, what Ruby's Net::HTTP says by itself."""
    return {
        "Accept-Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
        "Accept": "*/*",
        "User-Agent": "Ruby",
        "Content-Type": content_type,
        "Connection": "close",
        "Host": WHEN_SENT,
        "Content-Length": WHEN_SENT,
    }
