"""The part of the tests that depends most on the database, on the two that `make test` does not run on."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import lacking
from tests.databases import database

OTHERS = {
    "postgres://root@127.0.0.1/test": ("psycopg", 5432),
    "mysql://root@127.0.0.1/test": ("MySQLdb", 3306),
}
MODULES = ["tests/services/test_syncing.py", "tests/services/test_publishing.py", "tests/services/test_recordings.py"]


@pytest.mark.processes
@pytest.mark.parametrize("address", OTHERS)
def test_recordings_are_the_same_on_every_database(address):
    driver, port = OTHERS[address]
    if importlib.util.find_spec(driver) is None:
        lacking.skip(f"{driver} is not installed: pip install --group databases")
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)):
            lacking.skip(f"No database answers on port {port} of this machine.")
    place = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *MODULES]
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env=place | {"DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-5000:]


class TestAddresses:
    def test_every_part_is_taken_over(self):
        told = database("postgres://me:p%40ss@db.example.org:5433/school")

        wanted = {"NAME": "school", "USER": "me", "PASSWORD": "p@ss", "HOST": "db.example.org", "PORT": 5433}
        assert {name: told[name] for name in wanted} == wanted
        assert told["ENGINE"].endswith("postgresql")

    def test_without_one_it_is_sqlite(self):
        assert database("")["ENGINE"].endswith("sqlite3")

    def test_an_unknown_one_is_an_error(self):
        with pytest.raises(ValueError, match="not oracle://"):
            database("oracle://db.example.org/school")
