"""The page about the simulator names what there is, and nothing else."""

import argparse
import re
from pathlib import Path

from django_bbb.simulator import PROFILES, Activity, BigBlueButtonSimulator, DeliveryFaults, Forgery
from django_bbb.simulator.__main__ import add_options
from django_bbb.simulator.control import ROUTES
from django_bbb.simulator.fault_words import KINDS

PAGE = (Path(__file__).parents[2] / "docs/reference/simulator.md").read_text()


def section(title):
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def first_cells(title):
    return re.findall(r"^\| `([^`]+)`", section(title), re.MULTILINE)


def test_every_option_is_described():
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser)

    assert set(first_cells("On the command line")) == {one.option_strings[0] for one in parser._actions}


def test_every_profile_is_described():
    assert first_cells("Kinds of server") == list(PROFILES)


def test_every_fault_is_described_with_its_name_in_python():
    described = re.findall(r"^\| `([a-z-]+)` \| `(\w+)\(", section("Faults of calls"), re.MULTILINE)

    assert dict(described) == {kind: fault.__name__ for kind, fault in KINDS.items()}


def test_every_request_of_the_control_api_is_described():
    assert first_cells("The control API") == [
        "GET /simulator/",
        *(f"{route.method} /simulator/{route.path}" for route in ROUTES),
    ]


def test_every_name_in_python_exists_and_every_method_is_named():
    rows = section("In Python").partition("|---|---|\n")[2]
    names = set(re.findall(r"(?:^\||,|:) `(\w+)", rows, re.MULTILINE))
    public = {name for name in dir(BigBlueButtonSimulator) if not name.startswith("_")}
    inner = {name for one in (Activity, DeliveryFaults) for name in dir(one)} | {"set"}
    instance = {"activity", "delivery", "faults", "secret", "profile", "application"}

    assert names - public - inner - instance == set()
    assert public - names == {"start", "stop", "clear_journal"}


def test_every_way_to_forge_is_named():
    text = section("Callbacks that go wrong")

    assert [way for way in Forgery if f"`{way}`" not in text] == []
