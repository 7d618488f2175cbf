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
#: The package, and the example that shows it.
PLACES = {"django_bbb": PACKAGE, "lms": PACKAGE.parent / "example_project/lms"}
LANGUAGES = {name: sorted(path.name for path in (place / "locale").iterdir()) for name, place in PLACES.items()}
EACH = pytest.mark.parametrize(
    ("place", "language"), [(place, language) for place, languages in LANGUAGES.items() for language in languages]
)

#: What is put in at run time, and what a browser reads as more than text.
FILLED_IN = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>")
TAG = re.compile(r"<[^>]*>")


def catalogue(place: str, language: str, kind: str = "po") -> Path:
    return PLACES[place] / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


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
def templates(tmp_path_factory):
    """All words that are there now, by place."""
    return {name: extract(place, tmp_path_factory.mktemp(name)) for name, place in PLACES.items()}


def extract(place: Path, folder: Path) -> Path:
    copy = folder / place.name
    shutil.copytree(place, copy, ignore=shutil.ignore_patterns("locale", "simulator", "testing", "__pycache__"))
    (copy / "locale").mkdir()
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = (sys.executable, "-m", "django", "makemessages", "--locale", "de", "--keep-pot")
    assert run(*command, cwd=copy, env=bare) == ""
    return copy / "locale/django.pot"


@pytest.mark.parametrize("place", PLACES)
def test_there_are_those_that_are_promised(place):
    assert LANGUAGES[place] == ["ar", "de", "es", "fa", "fr", "pt_BR"]


@EACH
def test_all_words_are_there(templates, place, language):
    assert run("msgcmp", catalogue(place, language), templates[place]) == ""


@EACH
def test_none_is_there_that_is_used_no_more(templates, place, language):
    assert run("msgcmp", "--use-untranslated", templates[place], catalogue(place, language)) == ""
    assert "\n#~ " not in catalogue(place, language).read_text()


@EACH
def test_what_browsers_get_is_what_translators_wrote(tmp_path, place, language):
    fresh = tmp_path / "django.mo"

    assert run("msgfmt", "--check-format", "--check-header", "-o", fresh, catalogue(place, language)) == ""
    assert words_of(catalogue(place, language, "mo")) == words_of(fresh)


@EACH
def test_what_is_filled_in_is_in_the_translation_too(place, language):
    wrong = {}
    for key, text in words_of(catalogue(place, language, "mo")).items():
        # "One person" or "two people" need no number: of plurals msgfmt knows what may be left out.
        pattern, english = (TAG, key[0]) if isinstance(key, tuple) else (FILLED_IN, key)
        if Counter(pattern.findall(text)) != Counter(pattern.findall(english)):
            wrong[english] = text
    assert wrong == {}


@EACH
def test_what_django_says_as_well_is_said_in_its_words(place, language):
    """Otherwise the words of our pages would change those of the whole site."""
    folder = Path(django.__file__).parent
    places = (*folder.glob(f"contrib/*/locale/{language}"), folder / f"conf/locale/{language}")
    theirs = [words_of(place / "LC_MESSAGES/django.mo") for place in places]
    ours = words_of(catalogue(place, language, "mo"))
    # Its own parts do not always agree.
    said = {key: {words[key] for words in theirs if key in words} for key in ours}
    assert {key: text for key, text in ours.items() if said[key] and text not in said[key]} == {}


@pytest.mark.parametrize("language", LANGUAGES["django_bbb"])
def test_django_finds_them(language):
    with override(language.lower().replace("_", "-")):
        assert gettext("Join class") != "Join class"
