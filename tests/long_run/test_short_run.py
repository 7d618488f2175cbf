"""The long run, short enough for every change."""

import os
import subprocess
import sys

import pytest

from .life import ROOT

pytestmark = pytest.mark.processes


def test_after_a_quarter_of_a_minute_of_troubles_this_site_remembers_what_the_servers_have():
    finished = subprocess.run(
        [sys.executable, "-m", "tests.long_run", "--minutes", "0.25", "--meetings", "20", "--seed", "1"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
