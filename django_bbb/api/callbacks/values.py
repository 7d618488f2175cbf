"""JSON's values to Python's, one reader per type.

Whoever made them, and whatever they are, nothing is raised: what is missing, or of another type than we know it to
be, is read like something the server did not say (an empty text, 0, None, an empty mapping).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import wire


def text(value: object) -> str:
    """Return a text as it is, but for NUL, which databases do not take."""
    return value.replace("\0", "") if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list; what is none is left out."""
    return tuple(text(one) for one in _list(value) if isinstance(one, str))


def truth(value: object) -> bool:
    """Return whether a value is true, or the word for it: some senders write text."""
    return flag(value) is True


def flag(value: object) -> bool | None:
    """Return true or false; None where the server does not say."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(text(value).lower())


def count(value: object) -> int:
    """Return a whole number, not below 0."""
    return wire.to_count(_digits(value))


def counts(value: object) -> tuple[int, ...]:
    """Return the whole numbers of a list; what is none is left out."""
    found = (wire.to_number(_digits(one)) for one in _list(value))
    return tuple(one for one in found if one is not None)


def seconds(value: object) -> timedelta:
    """Return a duration counted in seconds, which Ruby may write with a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return timedelta()
    try:
        return max(timedelta(seconds=value), timedelta())
    except OverflowError:
        return timedelta()


def minutes(value: object) -> timedelta | None:
    """Return a duration counted in minutes."""
    return wire.to_minutes(_digits(value))


def milliseconds(value: object) -> timedelta | None:
    """Return a duration counted in milliseconds."""
    return wire.to_milliseconds(_digits(value))


def epoch_time(value: object) -> datetime | None:
    """Return the moment of milliseconds since 1970."""
    return wire.to_datetime(_digits(value))


def iso_time(value: object) -> datetime | None:
    """Return the moment of a text with its distance from UTC in it; a moment without that is none."""
    try:
        moment = datetime.fromisoformat(text(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def iso_times(value: object) -> tuple[datetime, ...]:
    """Return the moments of a list; what is none is left out."""
    found = (iso_time(one) for one in _list(value))
    return tuple(one for one in found if one is not None)


def mapping(value: object) -> Mapping[str, str]:
    """Return the texts of an object; what is none is left out."""
    return {text(name): text(one) for name, one in document(value).items() if isinstance(one, str)}


def document(value: object) -> Mapping[str, Any]:
    """Return an object as it is."""
    return value if isinstance(value, dict) else {}


def documents(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; what is none is left out."""
    return [one for one in _list(value) if isinstance(one, dict)]


def find(value: object, path: str) -> object:
    """Return what stands at the end of a path of names with points between them; None where there is nothing."""
    for name in path.split("."):
        value = document(value).get(name)
    return value


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _digits(value: object) -> str:
    return str(value) if isinstance(value, int) else text(value)  # of True it is no digits
