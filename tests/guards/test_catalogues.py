"""The words of the package in other languages: all of them, none too many, with what stands in them.

`make messages` takes new words into the catalogues.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from gettext import GNUTranslations
from pathlib import Path

import django
import pytest
from django.utils.translation import gettext, override

import django_bbb
from tests import lacking

PACKAGE = Path(django_bbb.__file__).parent
LANGUAGES = sorted(path.name for path in (PACKAGE / "locale").iterdir())
EACH = pytest.mark.parametrize("language", LANGUAGES)

#: What is put in at run time, and what a browser reads as more than text.
FILLED_IN = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>")
TAG = re.compile(r"<[^>]*>")


def catalogue(language: str, kind: str = "po") -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def words_of(compiled: Path) -> dict[str | tuple[str, int], str]:
    """Return the translations by their English words; with plurals by words and number of the form."""
    with compiled.open("rb") as file:
        found = dict(GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    found.pop("")  # the head of the file
    return found


def run(*command: str | Path, **options: object) -> str:
    """Run a program of gettext; return what it complains of."""
    if shutil.which("msgcmp") is None:
        lacking.skip("gettext is not on this machine: apt-get install gettext")
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """All words that are in the package now."""
    package = tmp_path_factory.mktemp("words") / "django_bbb"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("locale", "simulator", "testing", "__pycache__"))
    (package / "locale").mkdir()
    command = (sys.executable, "-m", "django", "makemessages", "--locale", "de", "--keep-pot")
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    assert run(*command, cwd=package, env=bare) == ""
    return package / "locale" / "django.pot"


def test_there_are_those_that_are_promised():
    assert LANGUAGES == ["ar", "de", "es", "fa", "fr", "pt_BR"]


@EACH
def test_all_words_are_there(template, language):
    assert run("msgcmp", catalogue(language), template) == ""


@EACH
def test_none_is_there_that_is_used_no_more(template, language):
    assert run("msgcmp", "--use-untranslated", template, catalogue(language)) == ""
    assert "\n#~ " not in catalogue(language).read_text()


@EACH
def test_what_browsers_get_is_what_translators_wrote(tmp_path, language):
    fresh = tmp_path / "django.mo"

    assert run("msgfmt", "--check-format", "--check-header", "-o", fresh, catalogue(language)) == ""
    assert words_of(catalogue(language, "mo")) == words_of(fresh)


@EACH
def test_what_is_filled_in_is_in_the_translation_too(language):
    wrong = {}
    for key, text in words_of(catalogue(language, "mo")).items():
        # "One person" or "two people" need no number: of plurals msgfmt knows what may be left out.
        pattern, english = (TAG, key[0]) if isinstance(key, tuple) else (FILLED_IN, key)
        if Counter(pattern.findall(text)) != Counter(pattern.findall(english)):
            wrong[english] = text
    assert wrong == {}


@EACH
def test_what_django_says_as_well_is_said_in_its_words(language):
    """Otherwise the words of our pages would change those of the whole site."""
    folder = Path(django.__file__).parent
    places = (*folder.glob(f"contrib/*/locale/{language}"), folder / f"conf/locale/{language}")
    theirs = [words_of(place / "LC_MESSAGES/django.mo") for place in places]
    ours = words_of(catalogue(language, "mo"))
    # Its own parts do not always agree.
    said = {key: {words[key] for words in theirs if key in words} for key in ours}
    assert {key: text for key, text in ours.items() if said[key] and text not in said[key]} == {}


@EACH
def test_django_finds_them(language):
    with override(language.lower().replace("_", "-")):
        assert gettext("Join class") != "Join class"
