"""The tables as a whole: what holds for each of their lines."""

import dataclasses
import re
from typing import get_args, get_type_hints

import pytest

from django_bbb.api import parameters, wire
from django_bbb.api.wire import Wire

CALLS = [one for name, one in vars(parameters).items() if name.endswith("Parameters")]
LINES = [
    pytest.param(call, field, id=f"{call.__name__}.{field.name}")
    for call in CALLS
    for field in dataclasses.fields(call)
]


def line(call: type, name: str) -> Wire:
    found = get_args(get_type_hints(call, include_extras=True)[name])[1]
    assert isinstance(found, Wire)
    return found


def test_there_is_a_table_for_each_call():
    assert len(CALLS) == 21


@pytest.mark.parametrize("call", CALLS)
def test_no_two_parameters_of_a_call_share_a_name(call):
    table = wire.table(call)
    fields = {field.name for field in dataclasses.fields(call)}

    for name in fields:
        assert table[name] is table[line(call, name).name]
    assert {parameter.python_name for parameter in table.values()} == fields
    assert len({parameter.wire.name for parameter in table.values()}) == len(fields)


@pytest.mark.parametrize(("call", "field"), LINES)
def test_line_is_complete(call, field):
    wire_line = line(call, field.name)
    encoder = wire.table(call)[field.name]

    assert wire_line.help.endswith(".")
    assert wire_line.since or wire_line.instead.startswith("nothing")  # known to no server
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name)
    assert encoder.required is (field.default is dataclasses.MISSING)


@pytest.mark.parametrize(("call", "field"), LINES)
def test_python_name_is_made_of_the_wire_name(call, field):
    def letters(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.lower())

    assert letters(field.name) == letters(line(call, field.name).name)


@pytest.mark.parametrize("call", CALLS)
def test_required_parameters_are_those_without_a_default(call):
    names = [parameter.python_name for parameter in wire.required(call)]

    assert names == [field.name for field in dataclasses.fields(call) if field.default is dataclasses.MISSING]


@pytest.mark.filterwarnings("ignore:password is deprecated:DeprecationWarning")
def test_password_is_two_to_sixty_four_characters():
    _, problems = wire.encode(parameters.EndParameters, {"meeting_id": "m-1", "password": "x"})

    assert problems == ["password must have 2 to 64 characters, not 1."]


@pytest.mark.parametrize(
    ("arguments", "good"),
    [
        ({"banner_color": "#336699"}, True),
        ({"banner_color": "red"}, False),
        ({"voice_bridge": "70100"}, True),
        ({"voice_bridge": "701000"}, False),
        ({"plugin": {"SomePlugin_setting": "1"}}, True),
        ({"plugin": {"1x": "1"}}, False),
    ],
)
def test_patterns_of_create(arguments, good):
    _, problems = wire.encode(parameters.CreateParameters, {"name": "AB", "meeting_id": "m-1", **arguments})

    assert (problems == []) is good


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
def test_every_parameter_of_a_call_can_be_sent_at_once(call):  # pitfalls.md 15
    arguments = {field.name: example(call, field.name) for field in dataclasses.fields(call)}

    pairs, problems = wire.encode(call, arguments)

    assert problems == []
    names = [pair.partition("=")[0].removesuffix("zz") for pair in pairs]
    assert names == [line(call, name).name for name in arguments]


def example(call: type, name: str) -> object:
    """Return a value the parameter takes."""
    known = {"voice_bridge": "70100", "banner_color": "#336699", "lang": "en_US", "rating": 5}
    parameter = wire.table(call)[name]
    if name in known:
        return known[name]
    if parameter.kind in (bool, int):
        return parameter.kind(1)
    return {"pairs": {"zz": "fact"}, "url": "https://lms.example.org/", "minutes": 5, "milliseconds": 5}.get(
        parameter.wire.form, "some text"
    )
