"""Python values to wire text and back.

Everything BigBlueButton sends or takes is text: ``true``, decimal digits, milliseconds, whole minutes.
Here each Python type is turned into that text once, and the text of answers into Python types once.
"""

import difflib
import json
import re
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote_plus, urlsplit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MINUTE = timedelta(minutes=1)

#: Characters that need no quoting.  Most values have no others, and quoting is the expensive part of signing.
_plain = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
_quoted = re.compile(r"[A-Za-z0-9_.~%-]*").fullmatch
_replace_special = re.compile(r"[^A-Za-z0-9_.~-]").sub
_ESCAPES = {chr(code): f"%{code:02X}" for code in range(128)} | {" ": "+"}
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_line_break = re.compile(r"[\t\r\n]").search

#: ``lines`` is a text that may have several, ``pairs`` a mapping sent as one parameter per key.
Form = Literal["", "lines", "url", "words", "json", "pairs", "minutes", "milliseconds"]

#: A value on its way out: raises ValueError with the rest of the sentence "<name> …".
Encoder = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Wire:
    """What BigBlueButton says about one parameter; stands in the annotation of its field.

    ``name`` is the wire name, ``since`` the first version that knows it, ``instead`` what replaced it.
    ``least`` and ``most`` bound the length of a text, or a number; ``pattern`` must match the whole text.
    ``form`` says how the value is written where its type alone does not tell.
    """

    name: str
    help: str = ""
    since: str = ""
    instead: str = ""
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    form: Form = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter, ready to be sent: its two names, its rules and its encoder."""

    python_name: str
    wire: Wire
    kind: Any
    required: bool
    encode: Encoder
    #: ``name=``, quoted, for the query string; empty for mappings such as ``meta``.
    prefix: str


def quote(text: str) -> str:
    """Return ``text`` as it stands in a query string (application/x-www-form-urlencoded)."""
    if not text.isascii():
        return quote_plus(text)
    return text if _plain(text) else _replace_special(_escape, text)


def _escape(special: re.Match[str]) -> str:
    return _ESCAPES[special[0]]


# --- out: tables ----------------------------------------------------------------------------------


@cache
def table(call: type) -> Mapping[str, Parameter]:
    """Return the parameters of a call's dataclass, under their Python names and their wire names."""
    found: dict[str, Parameter] = {}
    for python_name, hint in get_type_hints(call, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            continue
        annotated, wire = get_args(hint)[:2]
        kind, required = _without_none(annotated)
        parameter = Parameter(
            python_name=python_name,
            wire=wire,
            kind=kind,
            required=required,
            encode=_encoder(kind, wire),
            prefix="" if wire.form == "pairs" else f"{quote(wire.name)}=",
        )
        found[python_name] = found[wire.name] = parameter
    return found


@cache
def required(call: type) -> tuple[Parameter, ...]:
    """Return the parameters a call cannot do without."""
    return tuple(dict.fromkeys(parameter for parameter in table(call).values() if parameter.required))


@cache
def _plan(call: type) -> tuple[Mapping[str, Parameter], frozenset[str], frozenset[str]]:
    """Return what `encode` looks up at each call: the table, and the names of what is required and of mappings."""
    parameters = table(call)
    needed = frozenset(one.python_name for one in required(call))
    mappings = frozenset(one.python_name for one in parameters.values() if not one.prefix)
    return parameters, needed, mappings


def encode(call: type, arguments: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the encoded ``name=value`` pairs and the problems of a call's arguments.

    Arguments go by Python name or wire name, those we do not know yet in the mapping ``extra``; None and empty text
    are not sent (the server would read ``x=`` as a value that is wrong).  Raises TypeError for a name the call does
    not have (with the nearest one it has) and for an argument that is given twice.
    """
    parameters, needed, mappings = _plan(call)
    pairs, problems, seen = [], [], set()
    for name, value in arguments.items():
        parameter = parameters.get(name)
        if parameter is None:
            if name != EXTRA:
                raise TypeError(_unknown(name, parameters))
            parameter = _EXTRA
        if value is None or value == "":
            continue
        if parameter.python_name in seen:
            raise TypeError(f"{parameter.python_name} and {parameter.wire.name} are the same parameter.")
        seen.add(parameter.python_name)
        if parameter.wire.instead:
            _warn_of_old(name, parameter.wire.instead)
        try:
            pair = parameter.prefix + parameter.encode(value)
            if pair:  # an empty mapping is nothing
                pairs.append(pair)
        except ValueError as error:
            problems.append(f"{name} {error}.")
    if EXTRA in seen or not mappings.isdisjoint(seen):
        _refuse_twice(parameters, arguments, seen)
    if not needed <= seen:
        problems += [f"{one.python_name} is missing." for one in required(call) if one.python_name not in seen]
    return pairs, problems


def _refuse_twice(parameters: Mapping[str, Parameter], arguments: Mapping[str, Any], seen: set[str]) -> None:
    """A mapping may name a parameter that was also given by itself: the server would take either."""
    for name, value in arguments.items():
        mapping = parameters.get(name, _EXTRA)
        if mapping.prefix or not isinstance(value, Mapping):
            continue
        for key in value:
            own = parameters.get(f"{mapping.wire.name}{key}", mapping)
            if own is not mapping and (own.python_name in seen or mapping is _EXTRA):
                raise TypeError(f"{mapping.python_name}[{key!r}] and {own.python_name} are the same parameter.")


def _warn_of_old(name: str, instead: str) -> None:
    effect, _, reason = instead.partition("; ")
    text = f"{name} is deprecated: {reason}." if effect == "nothing" else f"{name} is deprecated; use {instead}."
    warn(text, DeprecationWarning)


def warn(text: str, category: type[Warning]) -> None:
    """Warn of the line outside of this package that makes the call."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__ or ""):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def _unknown(name: str, parameters: Mapping[str, Parameter]) -> str:
    for one in parameters.values():
        if not one.prefix and name.startswith((one.wire.name, f"{one.python_name}_")):
            key = name[len(one.wire.name) :]
            return f"BigBlueButton has no parameter {name!r} of its own; give {one.python_name}={{{key!r}: ...}}."
    nearest = difflib.get_close_matches(name, parameters, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return f"BigBlueButton has no parameter {name!r} for this call.{hint}"


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [part for part in get_args(hint) if part is not types.NoneType]
        return (rest[0] if len(rest) == 1 else tuple(rest)), len(rest) == len(get_args(hint))
    return hint, True


def _encoder(kind: Any, wire: Wire) -> Encoder:
    if wire.form in _FORMS:
        return _FORMS[wire.form]
    if wire.form == "pairs":
        return _pairs(wire)
    if kind is bool:
        return _truth
    return _number(wire) if kind is int else _text(wire)


class UnusableValue(ValueError):
    """Why a value cannot be sent: ``why`` goes on after its name, and ``facts`` are filled into it.

    Both are kept apart for those who say it in another language.
    """

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(why % facts if facts else why)
        self.why, self.facts = why, facts


def _(text: str) -> str:
    """Mark a text for `makemessages`, as in `django_bbb.api.parameters`."""
    return text


# --- out: one value -------------------------------------------------------------------------------


def _truth(value: Any) -> str:
    # Only the lower-case literal `true` is true; `1` passes validation there and then means false.
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise UnusableValue(_("must be True or False"))


def _milliseconds(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None and value >= _EPOCH:
        return str((value - _EPOCH) // _MILLISECOND)
    if type(value) is int and value >= 0:
        return str(value)
    raise UnusableValue(_("must be an aware datetime since 1970, or milliseconds"))


def _minutes(value: Any) -> str:
    if isinstance(value, timedelta):
        if value % _MINUTE:
            raise UnusableValue(_("must be whole minutes"))
        value = value // _MINUTE
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnusableValue(_("must be a timedelta, or a number of minutes, not below 0"))
    return str(value)


def _number(wire: Wire) -> Encoder:
    least, most = wire.least or 0, wire.most

    def encode_number(value: Any) -> str:
        if type(value) is not int:
            raise UnusableValue(_("must be a whole number"))
        if value < least or (most is not None and value > most):
            why = (
                _("must be at least %(least)s")
                if most is None
                else _("must be at least %(least)s and at most %(most)s")
            )
            raise UnusableValue(why, least=least, most=most)
        return str(value)

    return encode_number


def _text(wire: Wire) -> Encoder:
    least, most = wire.least or 0, wire.most or 1_000_000
    matches = re.compile(wire.pattern).fullmatch if wire.pattern else None
    url, lines = wire.form == "url", wire.form == "lines"

    def encode_text(value: Any) -> str:
        text = value if type(value) is str else _bare(value)
        if not least <= len(text) <= most:
            why = _("must have %(least)s to %(most)s characters, not %(count)s")
            raise UnusableValue(why, least=least, most=most, count=len(text))
        if matches is not None and not matches(text):
            raise UnusableValue(_("must match %(pattern)s"), pattern=wire.pattern)
        if _plain(text):
            if url:
                raise UnusableValue(_("must be an absolute http or https address"))
            return text
        # `isprintable` is quick, and false for more than control characters.
        if not text.isprintable() and (_control(text) or (not lines and _line_break(text))):
            raise UnusableValue(_("must have no control characters"))
        if url:
            _check_url(text)
            return _quote_address(text)
        return _quote_text(text)

    return encode_text


def _bare(value: Any) -> str:
    """Return what is in an enum or another kind of text; a plain one is not asked."""
    if not isinstance(value, str):
        raise UnusableValue(_("must be text"))
    return str(value.value) if isinstance(value, Enum) else str.__str__(value)


def _quote_text(text: str) -> str:
    try:
        return quote(text)
    except UnicodeEncodeError:
        raise UnusableValue(_("has half of a surrogate pair in it")) from None


def _quote_address(text: str) -> str:
    """Most addresses have nothing special but slashes and a colon, and a plain replacement is twice as quick."""
    quoted = text.replace("%", "%25").replace("/", "%2F").replace(":", "%3A")
    return quoted if _quoted(quoted) else _quote_text(text)


def _check_url(value: str) -> None:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UnusableValue(_("must be an absolute http or https address"))


def _comma_separated(value: Any) -> str:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, (Sequence, Set)) or not words:
        raise UnusableValue(_("must be at least one word"))
    for word in words:
        if not isinstance(word, str) or not word or "," in word or _control(word) or _line_break(word):
            raise UnusableValue(_("must be words without commas"))
    ordered = sorted(words) if isinstance(words, Set) else words
    return _quote_text(",".join(ordered))


def _as_json(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else _compact(value)
    except (TypeError, ValueError, RecursionError):
        raise UnusableValue(_("must be text, or data that JSON can hold")) from None
    return _quote_text(text)


def _own_json(value: Any) -> Any:
    """Return the data of a value that says of itself what it is in JSON (`django_bbb.api.groups.Group`)."""
    if not hasattr(value, "to_json"):
        raise TypeError
    return value.to_json()


_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_own_json).encode


_FORMS: dict[str, Encoder] = {
    "words": _comma_separated,
    "json": _as_json,
    "minutes": _minutes,
    "milliseconds": _milliseconds,
}


def _pairs(wire: Wire) -> Encoder:
    """A mapping is sent as one parameter per key: ``meta={"course": "7b"}`` as ``meta_course=7b``."""
    matches = re.compile(wire.pattern).fullmatch
    text = _text(Wire(wire.name, least=wire.least, form="lines"))

    def encode_pairs(value: Any) -> str:
        if not isinstance(value, Mapping):
            raise UnusableValue(_("must be a mapping of names to texts"))
        pairs = []
        for name, content in value.items():
            if not isinstance(name, str) or not matches(name):
                # Elsewhere the server drops the parameter, or makes an element of the name that is not XML.
                why = _("has a name that must match %(pattern)s: %(name)s")
                raise UnusableValue(why, pattern=wire.pattern, name=repr(str(name)[:50]))
            pairs.append(f"{wire.name}{name}={_truth(content) if isinstance(content, bool) else text(content)}")
        return "&".join(pairs)

    return encode_pairs


#: The argument for parameters that a newer server knows and this table does not: ``extra={"newName": "value"}``.
EXTRA = "extra"

_EXTRA = Parameter(
    python_name=EXTRA,
    wire=Wire(""),
    kind=Mapping[str, str],
    required=False,
    encode=_pairs(Wire("", pattern=r"[A-Za-z][A-Za-z0-9_.-]*")),
    prefix="",
)


# --- in -------------------------------------------------------------------------------------------

_LARGEST = 2**63 - 1


def to_text(text: str | None) -> str:
    """Return the text without the white space some versions put around it."""
    return text.strip() if text else ""


def to_truth(text: str | None) -> bool:
    """``true`` in any case is true; everything else, also an empty element, is not."""
    return to_text(text).lower() == "true"


def to_number(text: str | None) -> int | None:
    """Return a whole number, also a grouped one (``1,234``); None for what is none or would not fit."""
    if text is not None and len(text) < 19 and text.isdigit() and text.isascii():
        return int(text)  # as most are
    digits = to_text(text).replace(",", "")
    if not (digits.isdigit() and digits.isascii()):
        return None
    number = int(digits) if len(digits) < 20 else _LARGEST + 1
    return number if number <= _LARGEST else None


def to_count(text: str | None) -> int:
    """Return a number that is 0 where the server says nothing."""
    return to_number(text) or 0


def to_datetime(text: str | None) -> datetime | None:
    """Return the moment of milliseconds since 1970; None for 0, which means "not yet"."""
    number = to_number(text)
    try:
        return _EPOCH + timedelta(milliseconds=number) if number else None
    except OverflowError:
        return None


def to_minutes(text: str | None) -> timedelta | None:
    """Return a duration the server counts in minutes."""
    return _times(text, _MINUTE)


def to_milliseconds(text: str | None) -> timedelta | None:
    """Return a duration the server counts in milliseconds."""
    return _times(text, _MILLISECOND)


def _times(text: str | None, unit: timedelta) -> timedelta | None:
    number = to_number(text)
    try:
        return None if number is None else number * unit
    except OverflowError:
        return None
