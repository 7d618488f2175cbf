"""The admin on a site whose people have no user name: in a process of its own, since a site has one kind of people."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_admin_works_with_people_who_have_an_address_alone():
    place = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += ["--ds=tests.by_email.settings", "tests/by_email/pages.py"]

    done = subprocess.run(command, cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
