"""The request of bbb-webhooks, in the forms of three generations (`callback-emitter.js`)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..hooks import Generation, WebhookOptions
from .callback import SUCCESS, WHEN_SENT, Callback, Headers
from .forms import form_body, strict_body

#: A receiver that refuses us is left alone: 401 counts as delivered.
_ACCEPTED = frozenset({*SUCCESS, 401})

#: The order of the fields in the bodies of 2.x.
_OLD_ORDER = ("event", "timestamp", "domain")


def webhook(
    url: str, event_text: str, *, timestamp: int, domain: str, secret: str, options: WebhookOptions
) -> Callback:
    """Return the callback that brings an event, a JSON array, to the address of a hook."""
    fields = {"domain": domain, "event": event_text, "timestamp": str(timestamp)}
    is_old = options.generation == "2"
    body = strict_body({name: fields[name] for name in _OLD_ORDER}) if is_old else form_body(fields)
    bearer = f"Bearer {secret}" if options.bearer else ""
    checksum = ""
    if not options.bearer:
        signed = url.encode() + signed_body(options.generation, fields, body) + secret.encode()
        separator = "&" if "?" in url.partition("#")[0] else "?"
        checksum = f"{separator}checksum={hashlib.new(options.algorithm, signed).hexdigest()}"
    return Callback(
        kind="webhook",
        meeting_id="",
        method="POST",
        url=url + checksum,
        headers=_headers(bearer, is_old=is_old),
        body=body,
        schedule=tuple(options.retry_schedule),
        accepts=_ACCEPTED,
        # The library of the old ones leaves a POST that is redirected as it is.
        redirects=0 if is_old else 10,
        timeout=options.timeout,
    )


def signed_body(generation: Generation, fields: Mapping[str, str], body: bytes) -> bytes:
    """Return what the checksum says of the body."""
    match generation:
        case "2":
            data: dict[str, Any] = {
                "event": fields["event"],
                "timestamp": int(fields["timestamp"]),
                "domain": fields["domain"],
            }
            return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        case "3.0":
            # `JSON.stringify` of a URLSearchParams, which has no fields of its own.
            return b"{}"
        case _:
            return body


def _headers(authorization: str, *, is_old: bool) -> Headers:
    """Return what the two libraries say by themselves: `request` once, `node-fetch` from 3.0 on."""
    proof = {"authorization": authorization} if authorization else {}
    if is_old:
        return {
            "host": WHEN_SENT,
            **proof,
            "content-type": "application/x-www-form-urlencoded",
            "content-length": WHEN_SENT,
            "Connection": "close",
        }
    return {
        "accept": "*/*",
        **proof,
        "content-length": WHEN_SENT,
        "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        "user-agent": "node-fetch",
        "Host": WHEN_SENT,
        "Connection": "close",
    }
