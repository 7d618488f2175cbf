"""What must stay true of the whole: public names, floors, migrations, checks and settings that are documented."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

import django_bbb
from django_bbb import api, checks, models
from django_bbb.conf import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = Path(django_bbb.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", [api, models])
def test_public_names_are_those_in_all(module):
    there = {
        name for name, value in vars(module).items() if not name.startswith("_") and not isinstance(value, type(sys))
    }

    assert there == set(module.__all__)


def test_the_package_itself_imports_nothing():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())

    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("package", ["django_bbb.api", "django_bbb.simulator"])
def test_it_imports_neither_django_nor_celery(package):
    code = f"import sys, {package}; print([one for one in ('django', 'celery') if one in sys.modules])"

    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_migrations_are_complete(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("migration", sorted((PACKAGE / "migrations").glob("0*.py")), ids=lambda path: path.stem)
def test_migrations_import_nothing_of_ours(migration):
    assert "import django_bbb" not in migration.read_text()
    assert "from django_bbb" not in migration.read_text()


@pytest.mark.django_db(databases="__all__")  # Django 6.1 looks at each of them
def test_the_suites_own_settings_pass_every_check():
    assert [str(one) for one in run_checks() if one.id.startswith("django_bbb")] == []


def test_check_ids_stand_once_in_the_code_and_in_the_reference():
    used = re.findall(r'id="(django_bbb\.[EW]\d{3})"', (PACKAGE / "checks.py").read_text())
    documented = re.findall(r"`(django_bbb\.[EW]\d{3})`", (ROOT / "docs/reference/checks.md").read_text())

    assert set(used) == set(documented)
    assert len(documented) == len(set(documented))


def test_every_check_is_registered():
    defined = {name for name in vars(checks) if name.startswith("check_")}

    assert defined == {one.__name__ for one in checks.CHECKS}


def test_settings_in_the_reference_are_those_in_the_code():
    documented = re.findall(r"^## `(\w+)`$", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE)

    assert set(documented) == Settings.names()


def test_task_names_in_the_reference_are_those_in_the_code():
    used = re.findall(r'shared_task\(name="([\w.]+)"|name="(django_bbb\.\w+)"', (PACKAGE / "tasks.py").read_text())
    documented = re.findall(r"`(django_bbb\.[a-z_]+)`", (ROOT / "docs/reference/tasks.md").read_text())

    assert {one or other for one, other in used} == set(documented)


def test_secrets_are_compared_in_constant_time():  # threats.md 3
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                names = {
                    part.id if isinstance(part, ast.Name) else part.attr
                    for side in (node.left, *node.comparators)
                    for part in ast.walk(side)
                    if isinstance(part, ast.Name | ast.Attribute)
                }
                if names & {"token", "secret", "checksum", "digest", "signature"}:
                    found.append(f"{path.name}:{node.lineno}")

    assert found == []


def test_nothing_is_marked_safe():  # threats.md 109
    assert [path.name for path in SOURCES if "mark_safe" in path.read_text()] == []


def test_templates_hold_no_inline_script_or_style():  # threats.md 113
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    templates = [*PACKAGE.rglob("*.html"), *(ROOT / "example_project").rglob("*.html")]

    assert len(templates) > 10
    assert [path.name for path in templates if inline.search(path.read_text())] == []


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial/first-class.md", "docs/how-to/add-to-a-site.md"])
def test_settings_named_in_documentation_exist(page):
    named = re.findall(r"^ {4}\"([A-Z_]+)\":", (ROOT / page).read_text(), re.MULTILINE)

    assert set(named) <= Settings.names()


def test_the_snippet_for_newcomers_runs_as_it_stands():
    """The one of the README, against a simulator on the port it names instead."""
    from django_bbb.simulator import BigBlueButtonSimulator

    snippet = re.search(r"```python\n(from django_bbb\.api import.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert snippet is not None
    with BigBlueButtonSimulator(secret="secret") as simulator:
        names = {}
        exec(snippet[1].replace("http://127.0.0.1:8124/bigbluebutton/api/", simulator.url), names)

        remote = simulator.meetings["random-9887584"]

    assert names["meeting"].meeting_id == "random-9887584"
    assert remote.settings.record is True
    assert remote.settings.auto_start_recording is True
