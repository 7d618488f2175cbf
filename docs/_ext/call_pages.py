"""One page of the reference per BigBlueButton call, written from the tables when the documentation is built.

Nothing in here knows a call or a parameter by name.  The calls are the tables of `django_bbb.api.parameters`, the
sentences about a parameter come from its `Wire`, the methods are those of the client that mention the table, and
what comes back is what the method's annotation says.  Sphinx is not needed to make the texts.
"""

import ast
import dataclasses
import inspect
import re
import textwrap
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from django_bbb.api import BigBlueButtonClient, parameters
from django_bbb.api.wire import Parameter, Wire, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Where the pages go, below the folder of the sources.  They are not committed: the folder ignores itself.
FOLDER = "reference/calls"

_CALL = re.compile(r"What `([^`]+)` takes")


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method of the client as somebody writes it: ``client.meetings.create_meeting``."""

    path: str
    function: Callable[..., Any]

    @property
    def signature(self) -> str:
        """Its arguments without ``self``; what a keyword may be stands in the table below it."""
        found = inspect.signature(self.function)
        arguments = [
            one.replace(annotation=one.empty) if one.kind is one.VAR_KEYWORD else one
            for one in found.parameters.values()
            if one.name != "self"
        ]
        return str(found.replace(parameters=arguments, return_annotation=found.empty))

    @property
    def returns(self) -> Any:
        """The type of its answer; `inspect.Signature.empty` where it says none."""
        return get_type_hints(self.function).get("return", inspect.Signature.empty)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of BigBlueButton: its name there, its table, and the methods that make it."""

    name: str
    table: type
    methods: tuple[Method, ...]

    @property
    def page(self) -> str:
        """The name of its page: ``hooks/create`` stands in ``hooks-create``."""
        return self.name.replace("/", "-")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, each once: the table has them under both names."""
        return tuple(dict.fromkeys(table(self.table).values()))


@cache
def calls() -> tuple[Call, ...]:
    """Return every call that has a table, in the order of the tables."""
    methods = _methods_by_table()
    return tuple(
        Call(name=_call_name(one), table=one, methods=tuple(methods.get(one.__name__, ()))) for one in tables()
    )


def tables() -> tuple[type, ...]:
    """Return the tables of `django_bbb.api.parameters`: its dataclasses whose name says that they are one."""
    return tuple(
        value
        for name, value in vars(parameters).items()
        if name.endswith("Parameters") and isinstance(value, type) and dataclasses.is_dataclass(value)
    )


def _call_name(one: type) -> str:
    found = _CALL.search(one.__doc__ or "")
    if found is None:
        raise ValueError(f"The docstring of {one.__name__} does not say “What `call` takes.”")
    return found[1]


# --- which method makes which call ----------------------------------------------------------------


def groups() -> Mapping[str, type]:
    """Return the groups of calls a client has: ``{"meetings": Meetings, …}``; no server is called."""
    client = BigBlueButtonClient("https://bbb.example.org/", "secret")
    public = {name: type(value) for name, value in inspect.getmembers(client) if not name.startswith("_")}
    return {name: kind for name, kind in public.items() if _is_ours(kind) and any(_methods(kind))}


def _methods_by_table() -> dict[str, list[Method]]:
    found: dict[str, list[Method]] = {}
    for group, kind in groups().items():
        for mentioned, name, function in _methods(kind):
            found.setdefault(mentioned, []).append(Method(path=f"client.{group}.{name}", function=function))
    for methods in found.values():
        methods.sort(key=lambda one: inspect.unwrap(one.function).__code__.co_firstlineno)
    return found


def _methods(kind: type) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield the tables that public methods of a class mention, with the methods."""
    names = frozenset(one.__name__ for one in tables())
    for name, function in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            for mentioned in sorted(_mentioned(function, kind) & names):
                yield mentioned, name, function


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("django_bbb.")


def _mentioned(function: Callable[..., Any], kind: type, seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names a method uses, also in the private helpers it calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = [part for node in tree.body for one in getattr(node, "body", []) for part in ast.walk(one)]
    used = {node.attr for node in body if isinstance(node, ast.Attribute)}
    used |= {node.id for node in body if isinstance(node, ast.Name)}
    found = frozenset(used)
    for name in used - seen:
        helper = getattr(kind, name, None) or inspect.unwrap(function).__globals__.get(name)
        if name.startswith("_") and inspect.isfunction(helper):
            found |= _mentioned(helper, kind, seen | used)
    return found


# --- a page ---------------------------------------------------------------------------------------


def page(call: Call) -> str:
    """Return the page of a call as MyST Markdown."""
    parts = [f"# {code(call.name)}", *_how_to_call(call), "## Parameters"]
    needed = [one for one in call.parameters if one.required]
    replaced = [one for one in call.parameters if one.wire.instead and not one.required]
    usual = [one for one in call.parameters if one not in needed and one not in replaced]
    for title, found in (("Required", needed), ("Optional", usual), ("Deprecated", replaced)):
        if found:
            parts += [f"### {title}", *(_entry(call, one) for one in found)]
    if not call.parameters:
        parts.append("The call takes none.")
    return "\n\n".join([*parts, *_what_comes_back(call)]) + "\n"


def _how_to_call(call: Call) -> Iterator[str]:
    for one in call.methods:
        lines = [f".. py:method:: {one.path}{one.signature}", "   :no-index:", ""]
        lines.append(textwrap.indent(inspect.getdoc(one.function) or "", "   "))
        yield _fenced("{eval-rst}", "\n".join(lines).rstrip())
    if not call.methods:
        yield "The client has no method of its own for this call."


def _entry(call: Call, one: Parameter) -> str:
    lines = [escaped(one.wire.help)] if one.wire.help else []
    lines += ["", " ".join(facts(one, call.parameters))]
    return _fenced(f"{{parameter}} {call.name} {one.python_name} {one.wire.name}", "\n".join(lines).strip())


def facts(one: Parameter, others: Iterable[Parameter] = ()) -> Iterator[str]:
    """Yield what is to be known of a parameter, a short sentence each."""
    yield f"{described(one)}."
    if one.wire.since:
        yield f"Since {one.wire.since if one.wire.since[0].isalpha() else f'BigBlueButton {one.wire.since}'}."
    if one.wire.instead:
        yield f"**Deprecated**{_successor(one.wire.instead, others)}."


def _successor(text: str, others: Iterable[Parameter]) -> str:
    """Return the end of the sentence; ``instead`` may be a parameter, a value for one, or a reason."""
    effect, _, reason = text.partition("; ")
    if effect == "nothing":
        return f": {escaped(reason)}"
    known = text.partition("=")[0] in {one.python_name for one in others}
    return f"; use {code(text) if known else escaped(text)}"


# --- types and limits, as a reader understands them -----------------------------------------------


def described(one: Parameter) -> str:
    """Return the type and the limits of a parameter, the beginning of a sentence."""
    wire = one.wire
    kinds = one.kind if isinstance(one.kind, tuple) else (one.kind,)
    if wire.form == "lines":
        return f"Text{_of_length(wire)}{_matching(wire)}; it may have several lines"
    if wire.form == "pairs":
        return _described_pairs(wire, values="text, `True` or `False`" if bool in _parts(kinds) else "text")
    if wire.form == "json" and Any not in kinds:
        return f"{_capital(' or '.join(python_type(kind) for kind in kinds))}, or JSON as text"
    if wire.form == "words" and (known := [part for part in _parts(kinds) if _is_enum(part)]):
        return f"{_FORMS['words']}; known are those of {link(known[0])}"
    if wire.form in _FORMS:
        return _FORMS[wire.form] + _of_length(wire) + _matching(wire)
    words = [kind for kind in kinds if _is_enum(kind)]
    if words:
        return _described_words(words[0], others=str in kinds) + _of_length(wire) + _matching(wire)
    if kinds == (bool,):
        return "`True` or `False`"
    if kinds == (int,):
        return f"Whole number{_between(wire)}"
    if kinds == (str,):
        return f"Text{_of_length(wire)}{_matching(wire)}"
    return " or ".join(python_type(kind) for kind in kinds) + _of_length(wire) + _matching(wire)


_FORMS: Mapping[str, str] = {
    "url": "Absolute http or https address",
    "words": "A word or several, without commas in them",
    "json": "Anything JSON can hold, or JSON as text",
    "minutes": "`timedelta` of whole minutes, or a number of minutes",
    "milliseconds": "Aware `datetime`, or milliseconds since 1970",
}


def _described_pairs(wire: Wire, *, values: str) -> str:
    described = f"Mapping of names to {values}; each name is sent with {code(wire.name)} before it"
    if wire.pattern:
        described += f" and matches {code(wire.pattern)}"
    return described + (f"; each text{_of_length(wire)}" if wire.least or wire.most else "")


def _parts(kinds: Iterable[Any]) -> Iterator[Any]:
    """Yield types with all that they are made of."""
    for kind in kinds:
        yield kind
        yield from _parts(get_args(kind))


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _described_words(words: type[Enum], *, others: bool) -> str:
    known = ", ".join(code(str(word.value)) for word in words)
    return f"Word of {link(words)} ({known})" + (", or another text" if others else "")


def _of_length(wire: Wire) -> str:
    if wire.least and wire.most:
        return f" of {wire.least} to {_grouped(wire.most)} characters"
    if wire.most:
        return f" of at most {_grouped(wire.most)} characters"
    return f" of at least {_characters(wire.least)}" if wire.least else ""


def _characters(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _between(wire: Wire) -> str:
    least = wire.least or 0
    return f" from {least} to {_grouped(wire.most)}" if wire.most is not None else f", at least {least}"


def _matching(wire: Wire) -> str:
    return f", all of it matching {code(wire.pattern)}" if wire.pattern else ""


# --- what comes back ------------------------------------------------------------------------------


def _what_comes_back(call: Call) -> Iterator[str]:
    if not call.methods:
        return
    yield "## What comes back"
    shown: list[type] = []
    for one in call.methods:
        returns = one.returns
        if returns is inspect.Signature.empty:
            continue
        answer = "nothing" if returns in (None, types.NoneType) else python_type(returns)
        yield f"{code(one.path)} returns {answer}."
        for kind in _dataclasses_of(returns):
            if kind not in shown:
                shown.append(kind)
                yield from _fields_of(kind)


def _fields_of(kind: type) -> Iterator[str]:
    fields = [one for part in reversed(kind.__mro__) if dataclasses.is_dataclass(part) for one in own_fields(part)]
    with_comments = any(comment for _, _, comment in fields)
    rows = [("field", "type", "remark"), ("---", "---", "---")]
    rows += [(code(name), python_type(hint), escaped(comment)) for name, hint, comment in fields]
    lines = [" | ".join(_cell(cell) for cell in (row if with_comments else row[:2])) for row in rows]
    body = "\n".join(f"| {line} |" for line in lines)
    yield f"The fields of {link(kind)}:"
    yield f":::{{table}}\n:align: left\n\n{body}\n:::"


def own_fields(kind: type) -> list[tuple[str, Any, str]]:
    """Return name, type and ``#:`` comment of the fields a dataclass has beside those of its base."""
    hints, comments = get_type_hints(kind), _comments(kind)
    own = vars(kind).get("__annotations__", {})
    return [
        (one.name, hints[one.name], comments.get(one.name, ""))
        for one in dataclasses.fields(kind)
        if one.name in own and not one.name.startswith("_")
    ]


def _dataclasses_of(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _dataclasses_of(part)


def _comments(kind: type) -> Mapping[str, str]:
    """Return the ``#:`` comments above the fields of a class."""
    comments: dict[str, str] = {}
    said: list[str] = []
    for line in inspect.getsource(kind).splitlines():
        stripped = line.strip()
        if stripped.startswith("#:"):
            said.append(stripped.removeprefix("#:").strip())
            continue
        field = re.match(r"(\w+):", stripped)
        if said and field and field[1] in getattr(kind, "__annotations__", {}):
            comments[field[1]] = " ".join(said)
        said = []
    return comments


def python_type(hint: Any) -> str:
    """Return a Python type in words, with links where it is one of ours."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(python_type(part) for part in parts)
    if hint in (None, types.NoneType):
        return code("None")
    if origin is tuple and parts[1:] == (Ellipsis,):
        return f"a tuple of {python_type(parts[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a mapping of {python_type(parts[0])} to {python_type(parts[1])}"
    if isinstance(origin, type) and issubclass(origin, Iterable):
        kind = {Iterator: "an iterator over", Sequence: "a sequence of"}.get(origin, f"a {python_type(origin)} of")
        return f"{kind} {' and '.join(python_type(part) for part in parts)}"
    if isinstance(hint, type) and _is_ours(hint):
        return link(hint)
    return code(hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", ""))


# --- Markdown -------------------------------------------------------------------------------------


def code(text: str) -> str:
    """Return ``text`` as a code span, whatever is in it."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def escaped(text: str) -> str:
    """Return a text in which Markdown finds nothing but code between backticks."""
    parts = re.split(r"(`+[^`]*`+)", text)
    return "".join(
        code(part.strip("`")) if odd else re.sub(r"([\\*_<>\[\]{}#%$|~!])", r"\\\1", part)
        for odd, part in ((index % 2, part) for index, part in enumerate(parts))
    )


def link(kind: type) -> str:
    """Return the name of one of our classes, leading to where it is described."""
    return f"{{py:obj}}`~{kind.__module__}.{kind.__qualname__}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|") if r"\|" not in text else text


def _fenced(kind: str, body: str) -> str:
    fence = ":" * 3 if kind.startswith("{parameter}") else "`" * 3
    return f"{fence}{kind}\n{body}\n{fence}"


# --- for Sphinx -----------------------------------------------------------------------------------


def write_pages(folder: Path) -> None:
    """Write the page of every call into a folder of their own, and take away those of calls that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{call.page}.md": page(call) for call in calls()}
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # unchanged pages are not built again
            path.write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text("*\n")
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()


def _write(app: "Sphinx") -> None:
    write_pages(Path(app.srcdir) / FOLDER)


def setup(app: "Sphinx") -> dict[str, Any]:
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
