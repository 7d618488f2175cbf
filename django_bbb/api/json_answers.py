"""Bytes to the inside of a JSON answer, and values out of it; the counterpart of `django_bbb.api.xml`.

Some calls answer ``{"response": {…}}``.  What is in it is believed as little as XML is: any value may be missing
or of another kind.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from . import wire
from .xml import unreadable


def parse(body: bytes, *, call: str = "", server: str = "") -> Mapping[str, Any]:
    """Return what is in ``{"response": …}``; raises `UnreadableResponse` for anything else."""
    document = load(body)
    answer = document.get("response") if isinstance(document, Mapping) else None
    if call == "feedback" and isinstance(document, Mapping) and document.get("status") == "ok":
        answer = {"returncode": "SUCCESS"}  # this one has also been seen without the envelope
    if isinstance(answer, Mapping):
        return answer
    raise unreadable(_describe(body, document), call=call, server=server)


def load(body: bytes | str) -> Any:
    """Return what JSON says; None where it is none."""
    try:
        return json.loads(body if isinstance(body, str) else body.decode())
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _describe(body: bytes, document: Any) -> str:
    if not body.strip():
        return "an empty page"
    return "something that is no JSON" if document is None else "other JSON"


# --- values -------------------------------------------------------------------------------------------


def json_text(value: Any) -> str:
    """Return a text or a number as text, without what no database or page can hold; empty for other values."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "").strip()
    return str(value) if type(value) is int and abs(value) < 2**63 else ""


def json_truth(value: Any) -> bool:
    """``true``, as a value or as a word, is true; everything else is not."""
    return value is True or (isinstance(value, str) and wire.to_truth(value))


def json_count(value: Any) -> int:
    """Return a number that is 0 where the server says nothing."""
    return wire.to_count(_digits(value))


def json_moment(value: Any) -> datetime | None:
    """Return the moment of milliseconds since 1970; None for 0, which means "not yet"."""
    return wire.to_datetime(_digits(value))


def json_milliseconds(value: Any) -> timedelta:
    """Return a duration the server counts in milliseconds."""
    return wire.to_milliseconds(_digits(value)) or timedelta()


def json_texts(value: Any) -> tuple[str, ...]:
    """Return a list of texts; one text alone is a list of one."""
    return tuple(json_text(one) for one in ([value] if isinstance(value, str) else json_items(value)))


def json_items(value: Any) -> Sequence[Any]:
    """Return a list; an empty one where there is none."""
    return value if isinstance(value, list) else ()


def json_mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Return those values of a list that are mappings."""
    return (one for one in json_items(value) if isinstance(one, Mapping))


def json_mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping; an empty one where there is none."""
    return value if isinstance(value, Mapping) else {}


def _digits(value: Any) -> str:
    # A float is what some JSON libraries make of a long number.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json_text(value)
