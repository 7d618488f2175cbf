"""The documentation: its snippets run, its links lead somewhere, and every call has a page.

The pages are built by ``make docs``; what is tested here needs no Sphinx.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from django_bbb import api
from django_bbb.api import parameters
from django_bbb.api.wire import table
from django_bbb.simulator import BigBlueButtonSimulator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SNIPPETS = sorted((DOCS / "snippets").glob("*.py"))
SECRET = "SENTINEL-secret-that-must-never-be-seen"


def sources() -> list[Path]:
    """Return what people wrote: what the build made is left out."""
    made = (DOCS / "_build", DOCS / "reference/calls")
    return [ROOT / "README.md", *(one for one in sorted(DOCS.rglob("*.md")) if not set(made) & set(one.parents))]


@pytest.fixture(scope="module")
def call_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("call_pages", DOCS / "_ext/call_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


# --- snippets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_the_snippet_runs(path):
    with BigBlueButtonSimulator(secret=SECRET) as simulator:
        simulator.add_recording("mathematics-7b", formats=("presentation", "video"), metadata={"draft": "yes"})
        done = subprocess.run(
            [sys.executable, "-W", "error", path],
            env={**os.environ, "BBB_URL": simulator.url, "BBB_SECRET": SECRET},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        outcomes = {entry.checksum for entry in simulator.journal}

    assert (done.returncode, done.stderr) == (0, "")
    assert SECRET not in done.stdout
    assert "checksum=" not in done.stdout
    assert outcomes <= {"good", "not needed"}


def test_every_snippet_is_on_a_page():
    text = "".join(path.read_text() for path in sources())

    assert {path.name for path in SNIPPETS} == set(re.findall(r"\{literalinclude\} \S*snippets/(\S+\.py)", text))


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    relative = [unquote(one.partition("#")[0]) for one in links if not re.match(r"[a-z]+:|#", one)]

    assert [one for one in relative if not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_included_files_are_there(path):
    included = re.findall(r"\{literalinclude\} (\S+)", path.read_text())

    assert [one for one in included if not (path.parent / one).exists()] == []


def test_every_page_is_in_the_table_of_contents():
    index = (DOCS / "index.md").read_text()
    listed = {DOCS / f"{one}.md" for one in re.findall(r"^[a-z-]+/[a-z-]+$", index, re.MULTILINE)}
    listed |= {path for one in re.findall(r"^([a-z-]+)/\*$", index, re.MULTILINE) for path in DOCS.glob(f"{one}/*.md")}

    assert listed == set(sources()) - {ROOT / "README.md", DOCS / "index.md"}


def test_every_public_name_is_described():
    described = {
        module
        for path in sources()
        for module in re.findall(r"^```\{public-names\} (\S+)$", path.read_text(), re.MULTILINE)
    }
    modules = {name: getattr(api, name).__module__ for name in api.__all__}

    assert {
        name: module
        for name, module in modules.items()
        if not any(f"{module}.".startswith(f"{one}.") for one in described)
    } == {}


# --- a page per call ------------------------------------------------------------------------------


def test_every_table_gets_a_page(call_pages, tmp_path):
    tables = {value for name, value in vars(parameters).items() if name.endswith("Parameters")}

    call_pages.write_pages(tmp_path)

    assert {call.table for call in call_pages.calls()} == tables
    assert {path.stem for path in tmp_path.glob("*.md")} == {call.page for call in call_pages.calls()}
    assert {"create", "join", "getRecordings", "hooks-create"} <= {path.stem for path in tmp_path.glob("*.md")}


def test_a_page_of_a_call_that_is_gone_is_taken_away(call_pages, tmp_path):
    (tmp_path / "setConfigXML.md").touch()

    call_pages.write_pages(tmp_path)

    assert not (tmp_path / "setConfigXML.md").exists()


def test_every_parameter_is_on_its_page_once_with_all_that_is_known_of_it(call_pages):
    for call in call_pages.calls():
        page = call_pages.page(call)
        for one in set(table(call.table).values()):
            heading = f":::{{parameter}} {call.name} {one.python_name} {one.wire.name}\n"
            assert page.count(heading) == 1
            entry = page.partition(heading)[2].partition("\n:::")[0]
            assert call_pages.escaped(one.wire.help) in entry
            assert one.wire.since in entry
            assert ("**Deprecated**" in entry) == bool(one.wire.instead)


@pytest.mark.parametrize(
    ("call", "method", "answer"),
    [
        ("create", "client.meetings.create_meeting(", "CreatedMeeting"),
        ("join", "client.meetings.join_url(", "SignedURL"),
        ("getRecordings", "client.recordings.get_recordings(", "Recording"),
    ],
)
def test_a_page_names_the_method_and_what_comes_back(call_pages, call, method, answer):
    (found,) = [one for one in call_pages.calls() if one.name == call]

    head, _, tail = call_pages.page(found).partition("## What comes back")

    assert f".. py:method:: {method}" in head
    assert f".{answer}`" in tail


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("create", "name", "Text of 2 to 256 characters. Since BigBlueButton 0.7."),
        ("create", "record", "`True` or `False`. Since BigBlueButton 0.7."),
        ("create", "duration", "`timedelta` of whole minutes, or a number of minutes. Since BigBlueButton 0.7."),
        ("create", "max_pinned_cameras", "Whole number, at least 1. Since BigBlueButton 2.6."),
        ("create", "voice_bridge", "Text, all of it matching `[0-9]{5}`. Since BigBlueButton 0.7."),
        ("create", "meta_server_tag", "Text. Since Scalelite 1.6."),
        (
            "create",
            "keep_events",
            "`True` or `False`. Since BigBlueButton 2.0. **Deprecated**; use `meeting_keep_events`.",
        ),
        ("create", "web_voice", "Text. Since BigBlueButton 0.7. **Deprecated**: it has no effect."),
        ("join", "guest", "`True` or `False`. Since BigBlueButton 2.0."),
        ("getRecordings", "limit", "Whole number from 1 to 100. Since BigBlueButton 2.6."),
        (
            "sendChatMessage",
            "message",
            "Text of 1 to 500 characters; it may have several lines. Since BigBlueButton 3.0.",
        ),
    ],
)
def test_types_and_limits_are_told_in_words(call_pages, call, name, expected):
    (found,) = [one for one in call_pages.calls() if one.name == call]
    (one,) = [one for one in found.parameters if one.python_name == name]

    assert " ".join(call_pages.facts(one, found.parameters)) == expected


def test_words_are_listed_and_their_class_is_linked(call_pages):
    (join,) = [one for one in call_pages.calls() if one.name == "join"]
    (role,) = [one for one in join.parameters if one.python_name == "role"]

    said = call_pages.described(role)

    assert said == "Word of {py:obj}`~django_bbb.api.enums.Role` (`MODERATOR`, `VIEWER`), or another text"


def test_no_help_is_taken_for_markdown(call_pages):
    assert call_pages.escaped("50 % of *all* <b>, [a](b), `x_y`") == r"50 \% of \*all\* \<b\>, \[a\](b), `x_y`"


def test_tests_that_explanations_name_are_there():
    pages = "\n".join(one.read_text() for one in (DOCS / "explanation").glob("*.md"))
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    known = {one.stem for one in tests} | set(re.findall(r"def (test_\w+)\(", "".join(map(Path.read_text, tests))))

    assert set(re.findall(r"\btest_\w+\b", pages)) <= known
