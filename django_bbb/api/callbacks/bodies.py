"""Bodies of callbacks: small enough, of the type they claim, and parsed without surprises."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from ..errors import OversizedCallback, UnreadableCallback
from ..redaction import HIDDEN

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_MOST_FIELDS = 20
_DEEPEST = 32  # rap-publish-ended, the deepest there is, needs about a dozen levels
_NOT_WHAT_IT_SAYS = "The body is not what its content type says."

#: Names whose values are not printed, without the hyphens some messages write them with.
_SECRETS = {"authtoken", "moderatorpass", "sessiontoken", "viewerpass"}

#: JavaScript writes half of a surrogate pair as an escape (a text cut inside an emoji); Python cannot encode it.
_half_a_pair = re.compile(r"\\u[dD][89a-fA-F]").search


class JSONObject(dict[str, Any]):
    """An object of a JSON text; passwords and session tokens in it show as ``***`` where it is printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr({name: HIDDEN if _is_secret(name) else value for name, value in self.items()})


def _is_secret(name: str) -> bool:
    return name.lower().replace("-", "").replace("_", "") in _SECRETS


def read_body(body: bytes, *, content_type: str, kinds: Sequence[str], most_bytes: int) -> tuple[str, str]:
    """Return the type of a body, one of ``kinds``, and its text."""
    if len(body) > most_bytes:
        raise OversizedCallback("The body is too large.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in kinds:
        raise UnreadableCallback(f"The content type must be {' or '.join(kinds)}.")
    try:
        return kind, body.decode()
    except UnicodeDecodeError:
        raise UnreadableCallback(_NOT_WHAT_IT_SAYS) from None


def read_form(text: str) -> list[tuple[str, str]]:
    """Return the fields of a form, in their order, as often as they stand there."""
    try:
        return parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise UnreadableCallback(_NOT_WHAT_IT_SAYS) from None


def read_json(text: str) -> Any:
    """Return what a JSON text says: no name twice in an object, numbers finite, not too deep, all texts encodable."""
    try:
        document = _load(text)
        if _half_a_pair(text):
            whole = json.dumps(document, ensure_ascii=False).encode("utf-16", "surrogatepass")
            document = _load(whole.decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        raise UnreadableCallback(_NOT_WHAT_IT_SAYS) from None
    _refuse_depth(document)
    return document


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_finite)


def _object(pairs: list[tuple[str, Any]]) -> JSONObject:
    document = JSONObject(pairs)
    if len(document) != len(pairs):
        raise ValueError("A name stands there twice.")
    return document


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):  # NaN, -Infinity, 1e999: no database takes it
        raise ValueError("A number is none.")
    return value


def _refuse_depth(document: Any) -> None:
    # Level by level and not by recursion: what is printed or walked through later must not be too deep for that.
    level = [document]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise UnreadableCallback("The body is nested too deep.")


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()
