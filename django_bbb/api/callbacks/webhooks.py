"""What the optional bbb-webhooks sends (``src/out/webhooks/callback-emitter.js``), by whichever proof it has."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from ..checksum import HashAlgorithm, checksum, is_same
from ..errors import UnreadableCallback, UntrustedCallback
from ..redaction import Secret
from . import bodies, tokens, values
from .events import WebhookEvent, read_event

#: Room for a long text in the shared notes, percent-encoded; read no further before it is verified.
MOST_WEBHOOK_BYTES = 1024 * 1024

_BY_LENGTH = {40: HashAlgorithm.SHA1, 64: HashAlgorithm.SHA256, 96: HashAlgorithm.SHA384, 128: HashAlgorithm.SHA512}
_is_hex = re.compile(r"[0-9a-f]+").fullmatch  # Node writes lower case
_is_timestamp = re.compile(r"[1-9][0-9]{0,14}").fullmatch  # as JavaScript writes milliseconds


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A body and the three fields in it, none of them trusted yet."""

    text: str
    domain: str
    event: str
    timestamp: str
    delivered_at: datetime

    @classmethod
    def from_form(cls, text: str) -> "_Delivery":
        pairs = bodies.read_form(text)
        fields = dict(pairs)
        if len(fields) != len(pairs) or not {"domain", "event", "timestamp"} <= fields.keys():
            raise UnreadableCallback("There must be one domain, one event and one timestamp.")
        timestamp = fields["timestamp"]
        delivered_at = values.epoch_time(timestamp) if _is_timestamp(timestamp) else None
        if delivered_at is None:
            raise UnreadableCallback("The timestamp must be milliseconds.")
        return cls(text, fields["domain"], fields["event"], timestamp, delivered_at)

    def signed_texts(self, *, algorithm: HashAlgorithm, accept_unsafe: bool) -> Iterator[str]:
        """Yield what may have been signed between the address and the secret, newest version first."""
        yield self.text  # from 3.4 on
        if algorithm == HashAlgorithm.SHA1:  # 2.x knew no other
            yield self._as_javascript()
        if accept_unsafe:  # 3.0 to 3.3: JSON.stringify() of an object that shows nothing of itself
            yield "{}"

    def _as_javascript(self) -> str:
        # Python escapes in JSON what JavaScript escapes, the same way, unless it is to be ASCII.
        event, domain = (json.dumps(one, ensure_ascii=False) for one in (self.event, self.domain))
        return f'{{"event":{event},"timestamp":{self.timestamp},"domain":{domain}}}'

    def events(self) -> tuple[WebhookEvent, ...]:
        messages = bodies.read_json(self.event)
        found = values.documents(messages)
        if not found or len(found) != len(messages):
            raise UnreadableCallback("The event must be a list of objects.")
        return tuple(read_event(one, domain=self.domain, delivered_at=self.delivered_at) for one in found)


def webhook_events(
    body: bytes,
    *,
    url: str,
    content_type: str,
    secrets: Iterable[Secret],
    algorithms: Sequence[str] = ("sha1", "sha256", "sha384", "sha512"),
    accept_unsafe: bool = False,
    authorization: str = "",
    bearer: bool = False,
    most_bytes: int = MOST_WEBHOOK_BYTES,
) -> tuple[WebhookEvent, ...]:
    """Return the events bbb-webhooks sends, or raise `UntrustedCallback`.

    ``body`` is the raw request body, ``url`` the whole address as it was requested: the one the hook was created
    with, and the ``checksum`` bbb-webhooks adds to its query.  Take scheme and host from your own configuration where
    a proxy changes them.  ``algorithms`` are the ones this server may use (its ``hookChecksumAlgorithm``).

    Servers sign in three ways: from 3.4 on the address and the body; 2.x the address and the three fields, always
    with sha1; **3.0 to 3.3 the address alone**, so that whoever has seen one request can send any body.
    ``accept_unsafe`` takes that too: only with an address nobody else knows.  Servers that are set up for it
    (``auth2_0``) send their secret itself: with ``bearer`` it is looked for in ``authorization``, and nowhere else;
    it does not sign the body either.

    An event that has been sent can be sent again, by anybody who saw it: there is no nonce, and a retry looks the
    same.  So let a second one change nothing.  Answer 200 or 401, never 400: whatever else it hears, bbb-webhooks
    tries again for five minutes and then forgets the hook.
    """
    _, text = bodies.read_body(body, content_type=content_type, kinds=(bodies.FORM,), most_bytes=most_bytes)
    delivery = _Delivery.from_form(text)
    if bearer:
        _verify_bearer(authorization, secrets=secrets)
    else:
        _verify_checksum(delivery, url=url, secrets=secrets, algorithms=algorithms, accept_unsafe=accept_unsafe)
    return delivery.events()


def _verify_bearer(authorization: str, *, secrets: Iterable[Secret]) -> None:
    theirs = _fingerprint(tokens.bearer(authorization))
    if not any(secret and is_same(_fingerprint(secret.reveal()), theirs) for secret in secrets):
        raise UntrustedCallback("The bearer is no secret of this server.")


def _fingerprint(text: str) -> str:
    # Of equal length, so that comparing them does not tell how long the secret is.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _verify_checksum(
    delivery: _Delivery, *, url: str, secrets: Iterable[Secret], algorithms: Sequence[str], accept_unsafe: bool
) -> None:
    address, theirs = _without_checksum(url)
    algorithm = _BY_LENGTH.get(len(theirs))
    if algorithm is None or algorithm not in algorithms:
        raise UntrustedCallback("The checksum is none of an algorithm this server may use.")
    signed = tuple(delivery.signed_texts(algorithm=algorithm, accept_unsafe=accept_unsafe))
    for secret in filter(None, secrets):
        ours = (checksum(address, text, secret=secret.reveal(), algorithm=algorithm) for text in signed)
        if any(is_same(one, theirs) for one in ours):
            return
    raise UntrustedCallback("No secret of this server has signed the event.")


def _without_checksum(url: str) -> tuple[str, str]:
    """Return the address a hook was created with, and the checksum that was added to it."""
    address, _, query = url.partition("?")
    parts = query.split("&")
    found = [part for part in parts if unquote_plus(part.partition("=")[0]) == "checksum"]
    digest = found[0].removeprefix("checksum=") if len(found) == 1 else ""
    if not _is_hex(digest) or not url.isascii():
        raise UntrustedCallback("There must be exactly one checksum in the address.")
    parts.remove(found[0])
    # A sender appends it with "&" to any "?", also to one with nothing behind it.
    return (f"{address}?{'&'.join(parts)}" if parts else address), digest
