"""Faults in words: for the command line (`html,status=503,call=create,times=2`) and for JSON."""

from collections.abc import Mapping
from dataclasses import MISSING, fields

from .faults import (
    ANY_CALL,
    CloseConnection,
    ConnectionReset,
    CutConnection,
    Fault,
    Garbage,
    Hang,
    HtmlAnswer,
    IllFormedXml,
    Latency,
    ManyRecordings,
    PlannedFault,
    Restart,
    Trickle,
    TruncatedXml,
    WrongSecret,
)

#: Faults by the name they have outside of Python.
KINDS: dict[str, type[Fault]] = {
    "html": HtmlAnswer,
    "restart": Restart,
    "wrong-secret": WrongSecret,
    "ill-formed-xml": IllFormedXml,
    "garbage": Garbage,
    "many-recordings": ManyRecordings,
    "hang": Hang,
    "close-connection": CloseConnection,
    "connection-reset": ConnectionReset,
    "latency": Latency,
    "trickle": Trickle,
    "truncated-xml": TruncatedXml,
    "cut-connection": CutConnection,
}


def read_fault(text: str) -> PlannedFault:
    """Return what a text such as `latency,seconds=2` plans; raises `ValueError` with a sentence."""
    kind, *pairs = text.split(",")
    words: dict[str, object] = {"kind": kind}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"{pair} is not of the form name=value.")
        words[name] = _number_or_text(value)
    return plan_fault(words)


def plan_fault(words: Mapping[str, object]) -> PlannedFault:
    """Return what `{"kind": "latency", "seconds": 2, "call": "create"}` plans; raises `ValueError`."""
    options = dict(words)
    kind, call, times = options.pop("kind", None), options.pop("call", ANY_CALL), options.pop("times", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"A fault has a kind: {', '.join(KINDS)}.")
    if not isinstance(call, str) or not call:
        raise ValueError("A call is named as in its address, such as create; * is any.")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ValueError("The number of times is a whole number from 1 on.")
    known = {field.name: field.default for field in fields(KINDS[kind])}
    for name, value in options.items():
        if name not in known:
            raise ValueError(f"The fault {kind} has no {name}; it has {', '.join(sorted(known))}.")
        _check_type(name, value, known[name])
    if options.get("when", "before") not in {"before", "after"}:
        raise ValueError("A fault comes before or after the call.")
    return PlannedFault(KINDS[kind](**options), call, times)  # type: ignore[arg-type]  # checked just above


def describe_fault(planned: PlannedFault) -> dict[str, object]:
    """Return the words that plan this fault."""
    kind = next(name for name, one in KINDS.items() if type(planned.fault) is one)
    options = {field.name: getattr(planned.fault, field.name) for field in fields(planned.fault)}
    return {"kind": kind, "call": planned.call, "times": planned.times, **options}


def _check_type(name: str, value: object, default: object) -> None:
    wanted = (int, float) if isinstance(default, float) else type(default)
    if default is MISSING or isinstance(value, bool) or not isinstance(value, wanted):
        raise ValueError(f"{name} is a {'text' if isinstance(default, str) else 'number'}.")


def _number_or_text(text: str) -> object:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
