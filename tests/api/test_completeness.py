"""No parameter of BigBlueButton's is missing from the tables."""

import re
from pathlib import Path

import pytest

from django_bbb.api import parameters, wire

DATA = Path(__file__).parent / "data" / "parameters.txt"
KNOWN = [line.split(" ") for line in DATA.read_text().splitlines() if not line.startswith("#")]

#: The wire's words for types, and what they may be in the tables: a Python type, or a form of writing.
TYPES = {
    "boolean": {"bool"},
    "number": {"int", "minutes", "milliseconds"},
    "string": {"str", "url", "lines"},
    "enum": {"str", "words"},
    "csv": {"words"},
    "json": {"json"},
}


def _calls():
    """Each table by the call its docstring names."""
    for one in vars(parameters).values():
        named = isinstance(one, type) and re.fullmatch(r"What `(.+)` takes\.", one.__doc__ or "")
        if named:
            yield named[1], wire.table(one)


TABLES = dict(_calls())


def kind(parameter):
    if parameter.wire.form:
        return parameter.wire.form
    return parameter.kind.__name__ if isinstance(parameter.kind, type) else "str"


@pytest.mark.parametrize(("call", "name", "type_"), KNOWN, ids=lambda one: str(one))
def test_it_is_in_its_table_with_its_type(call, name, type_):
    known = TABLES[call]
    if name.startswith("meta_bbb-") and name not in known:
        name = "meta_*"  # a convention of integrations, without a meaning for the server
    expected = {"pairs"} if name.endswith("*") else TYPES[type_]

    found = known.get(name.removesuffix("*"))

    assert found is not None, f"{call} has no {name}."
    assert kind(found) in expected


def test_the_list_is_as_long_as_it_should_be():
    assert len(KNOWN) > 230
