"""Writes `django_bbb/api/arguments.py` from the tables: ``make arguments``.

A type checker cannot derive keyword arguments from a dataclass, and certainly not both of their spellings.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from django_bbb.api import parameters, wire

API = Path(parameters.__file__).parent
TARGET = API / "arguments.py"

HEAD = '''"""The keyword arguments of every call, in both spellings, for type checkers and editors.

Generated from `django_bbb.api.parameters` by ``make arguments``; a test compares them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict

from .enums import GuestPolicy, MediaBridge, MeetingLayout, NotesEditor, PresenterPolicy, Role, TextTrackKind
from .parameters import Features, Groups, States, Words

# One line per name, as in the tables.
# fmt: off
'''


def source() -> str:
    """Return the text of the module as it should be."""
    return HEAD + "".join(_typed_dicts())


def _typed_dicts() -> Iterator[str]:
    for table in ast.parse((API / "parameters.py").read_text()).body:
        if isinstance(table, ast.ClassDef) and table.name.endswith("Parameters"):
            name = table.name.replace("Parameters", "Arguments")
            yield f'\n{name} = TypedDict("{name}", {{\n'
            known = wire.table(getattr(parameters, table.name))
            for field in table.body:
                if isinstance(field, ast.AnnAssign):
                    yield from _lines(field, known)
            yield f'    "{wire.EXTRA}": Mapping[str, str | bool] | None,\n}}, total=False)\n'


def _lines(field: ast.AnnAssign, known: Mapping[str, wire.Parameter]) -> Iterator[str]:
    assert isinstance(field.target, ast.Name)
    assert isinstance(field.annotation, ast.Subscript)
    assert isinstance(field.annotation.slice, ast.Tuple)
    kind = ast.unparse(field.annotation.slice.elts[0])
    spellings = {field.target.id}
    if known[field.target.id].prefix:  # a mapping has only its Python name: the wire name is a beginning
        spellings.add(known[field.target.id].wire.name)
    for name in sorted(spellings, key=lambda name: name != field.target.id):
        yield f'    "{name}": {kind},\n'


if __name__ == "__main__":
    TARGET.write_text(source())
