"""Callbacks that the server did not send: a genuine one, changed by somebody who does not know the secret."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from .. import tokens
from .callback import Callback, CallbackKind

_OTHER_SECRET: Final = "not the secret of this server"  # noqa: S105 - that is the point of it
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_CHECKSUM: Final = re.compile(r"checksum=([0-9a-f]+)")
#: A long word in an address is a token, as far as anybody can tell.
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{8,}")
#: When a forged token ended that has ended, in seconds since 1970.
_LONG_AGO: Final = 1_000_000_000


class Forgery(StrEnum):
    """What is wrong with a forged callback."""

    #: Signed with another key; for an end callback, the token in its address is another.
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - the name of a fault
    #: The signature is right, but for something else.
    TAMPERED = "tampered"
    #: There is no proof at all.
    MISSING = "missing"
    #: The token says that it needs no signature.
    NO_ALGORITHM = "alg-none"
    #: Signed with the right key and an algorithm that this kind does not use.
    WRONG_ALGORITHM = "wrong-algorithm"
    #: The token ended long ago.
    EXPIRED = "expired"


def forge(callback: Callback, how: Forgery, *, secret: str) -> Callback:
    """Return the forged form of a genuine callback: sent once, and marked as forged.

    Raises `ValueError` where this kind of callback cannot be forged so.
    """
    change = _CHANGES[callback.kind].get(how)
    if change is None:
        known = ", ".join(sorted(_CHANGES[callback.kind]))
        raise ValueError(f"A callback of the kind {callback.kind} can be forged as {known}.")
    plain = Callback(
        kind=callback.kind,
        meeting_id=callback.meeting_id,
        method=callback.method,
        url=callback.url,
        headers=callback.headers,
        body=callback.body,
        forged=True,
    )
    return change(plain, secret)


Change = Callable[[Callback, str], Callback]


# Tokens


def _other_key(token: str, secret: str) -> str:
    header, claims, _ = tokens.read_unverified(token)
    algorithm: tokens.Algorithm = "HS512" if header["alg"] == "HS512" else "HS256"
    return tokens.signed(header, claims, secret=_OTHER_SECRET, algorithm=algorithm)


def _tampered(token: str, secret: str) -> str:
    _, claims, _ = tokens.read_unverified(token)
    changed = {name: value + 1 if isinstance(value, int) else f"{value}0" for name, value in claims.items()}
    return tokens.with_claims(token, changed)


def _unsigned(token: str, secret: str) -> str:
    header, claims, _ = tokens.read_unverified(token)
    return tokens.signed({**header, "alg": "none"}, claims, secret="", algorithm=None)


def _other_algorithm(token: str, secret: str) -> str:
    header, claims, _ = tokens.read_unverified(token)
    return tokens.signed({**header, "alg": "HS384"}, claims, secret=secret, algorithm="HS384")


def _expired(token: str, secret: str) -> str:
    header, claims, _ = tokens.read_unverified(token)
    return tokens.signed(header, {**claims, "exp": _LONG_AGO}, secret=secret, algorithm="HS512")


def _in_body(change: Callable[[str, str], str]) -> Change:
    def changed(callback: Callback, secret: str) -> Callback:
        text = callback.body.decode()
        return replace(callback, body=_TOKEN.sub(lambda found: change(found[0], secret), text).encode())

    return changed


def _in_header(change: Callable[[str, str], str]) -> Change:
    def changed(callback: Callback, secret: str) -> Callback:
        bearer = callback.headers["Authorization"] or ""
        token = change(bearer.removeprefix("Bearer "), secret)
        return replace(callback, headers={**callback.headers, "Authorization": f"Bearer {token}"})

    return changed


def _without_token(callback: Callback, secret: str) -> Callback:
    return replace(callback, body=_TOKEN.sub("", callback.body.decode()).encode())


def _without_header(callback: Callback, secret: str) -> Callback:
    kept = {name: value for name, value in callback.headers.items() if name.lower() != "authorization"}
    return replace(callback, headers=kept)


# Checksums


def _wrong_checksum(callback: Callback, secret: str) -> Callback:
    """Return it with another checksum of the same length, or with another bearer."""
    headers = dict(callback.headers)
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {_OTHER_SECRET}"
    url = _CHECKSUM.sub(lambda found: f"checksum={_turned(found[1])}", callback.url)
    return replace(callback, url=url, headers=headers)


def _other_body(callback: Callback, secret: str) -> Callback:
    """Return it with another event under the old checksum."""
    other = callback.body.replace(b"external-meeting-id%22%3A%22", b"external-meeting-id%22%3A%22not-")
    return replace(callback, body=other)


def _without_checksum(callback: Callback, secret: str) -> Callback:
    url = re.sub(r"[?&]checksum=[0-9a-f]+", "", callback.url)
    return replace(_without_header(callback, secret), url=url)


# Addresses


def _other_token(callback: Callback, secret: str) -> Callback:
    """Return it with another word in place of the token in its address."""
    token = _token_in(callback.url)
    return replace(callback, url=callback.url.replace(token, _turned(token))) if token else callback


def _other_meeting(callback: Callback, secret: str) -> Callback:
    """Return it as if another meeting had ended, and had been recorded."""
    url = re.sub(r"meetingID=[^&#]*", lambda found: f"{found[0]}-not", callback.url)
    return replace(callback, url=url.replace("recordingmarks=false", "recordingmarks=true"))


def _without_token_in_address(callback: Callback, secret: str) -> Callback:
    token = _token_in(callback.url)
    return replace(callback, url=callback.url.replace(token, "")) if token else callback


def _token_in(url: str) -> str:
    """Return the longest word of the path and of what the site put in the query."""
    parts = urlsplit(url)
    own = [value for name, value in parse_qsl(parts.query) if name not in {"recordingmarks", "meetingID"}]
    return max(_WORD.findall(" ".join([parts.path, *own])), key=len, default="")


def _turned(text: str) -> str:
    """Return a text of the same length and alphabet that is another one."""
    turned = text[::-1]
    return turned if turned != text else ("0" if text[:1] != "0" else "1") + text[1:]


_CHANGES: Final[Mapping[CallbackKind, Mapping[Forgery, Change]]] = {
    "meeting-ended": {
        Forgery.WRONG_SECRET: _other_token,
        Forgery.TAMPERED: _other_meeting,
        Forgery.MISSING: _without_token_in_address,
    },
    "recording-ready": {
        Forgery.WRONG_SECRET: _in_body(_other_key),
        Forgery.TAMPERED: _in_body(_tampered),
        Forgery.NO_ALGORITHM: _in_body(_unsigned),
        Forgery.WRONG_ALGORITHM: _in_body(_other_algorithm),
        Forgery.MISSING: _without_token,
    },
    "analytics": {
        Forgery.WRONG_SECRET: _in_header(_other_key),
        Forgery.TAMPERED: _in_header(_tampered),
        Forgery.NO_ALGORITHM: _in_header(_unsigned),
        Forgery.WRONG_ALGORITHM: _in_header(_other_algorithm),
        Forgery.EXPIRED: _in_header(_expired),
        Forgery.MISSING: _without_header,
    },
    "webhook": {
        Forgery.WRONG_SECRET: _wrong_checksum,
        Forgery.TAMPERED: _other_body,
        Forgery.MISSING: _without_checksum,
    },
}
