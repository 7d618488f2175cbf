"""The simulator stands beside the rest: a mistake they share could cancel out."""

import subprocess
import sys

import pytest

import django_bbb.simulator
from django_bbb.simulator import BigBlueButtonSimulator

FOREIGN = """
import sys
import django_bbb.simulator.__main__
print(*sorted(name for name in sys.modules if name.split(".")[0] in {"django", "celery", "requests", "jwt"}
              or name.startswith("django_bbb.") and not name.startswith("django_bbb.simulator")))
"""


def test_simulator_imports_neither_django_nor_celery_nor_the_rest_of_the_package():
    found = subprocess.run([sys.executable, "-c", FOREIGN], capture_output=True, text=True, check=True).stdout

    assert found.strip() == ""


def test_public_names_exist_and_stand_there_once():
    names = django_bbb.simulator.__all__

    assert len(names) == len(set(names))
    assert all(hasattr(django_bbb.simulator, name) for name in names)


def test_stopping_leaves_no_thread_behind():
    import threading

    before = set(threading.enumerate())
    with BigBlueButtonSimulator():
        during = set(threading.enumerate())

    assert before < during
    assert set(threading.enumerate()) == before


def test_taken_port_is_an_error_in_python():
    with BigBlueButtonSimulator() as first, pytest.raises(OSError, match="in use"):
        BigBlueButtonSimulator(port=first.port).start()
