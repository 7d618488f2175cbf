"""The join of a running class beside a view written by hand, by a site that is a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from .callbacks import ROOT
from .database import ADDRESS, prepare

SECRET = "secret-of-the-benchmark-of-joining-012345"

Place = dict[str, str]

#: At least nine tenths of its requests a second.
NEARLY_AS_MANY = 1.11


@dataclass(frozen=True)
class Rounds:
    """What a process of the site compares."""

    name: str
    limit: float
    measured: str

    def ratio(self) -> float:
        if lacking := prepare():
            print(f"Not run, {lacking}")
            return 0.0
        *counted, ratio = run("joining_rounds", self.measured, place=place_of_site())
        print(f"  {'; '.join(counted)}:")
        return float(ratio)


def run(module: str, *arguments: str, place: Place) -> list[str]:
    """Run a module of these in the site's surroundings; return the lines that it prints."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | place, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def place_of_site() -> Place:
    """Return the environment of the site's processes."""
    from django.db import connection

    return {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.joining_site",
        "DATABASE_URL": f"{ADDRESS.rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "JOINING_SECRET": SECRET,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'example_project'}",
    }


def missing() -> str:
    """Return what the machine lacks to run the site behind a web server, or nothing."""
    reason = "" if find_spec("gunicorn") else "gunicorn is not installed: pip install --group brokers"
    if reason and os.environ.get("REQUIRE_ALL") == "1":
        raise SystemExit(reason)
    return reason


BENCHMARKS = [
    Rounds("a member joins a running class, to a view by hand", NEARLY_AS_MANY, "join"),
    Rounds("the page of somebody who waits asks, to a view by hand", NEARLY_AS_MANY, "status"),
    Rounds("the same in front of a class without its teacher", NEARLY_AS_MANY, "status_of_a_class"),
]
