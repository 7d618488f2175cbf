"""A PostgreSQL on loopback for benchmarks, with tables of their own that are dropped at the end."""

import atexit
import os
import sys
from pathlib import Path

ADDRESS = "postgres://root@127.0.0.1/test"


def prepare() -> str:
    """Make the database and set Django up on it; return why that cannot be, or nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["DATABASE_URL"] = ADDRESS
    example = str(Path(__file__).parents[2] / "example_project")
    if example not in sys.path:
        sys.path.insert(0, example)
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return _lacking("psycopg is not installed: pip install --group databases")

    import django
    from django.db import OperationalError, connection

    django.setup()
    if connection.settings_dict["NAME"].startswith("test_"):
        return ""  # another benchmark has made it
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return _lacking(f"PostgreSQL does not answer on loopback: {str(error).strip()}")
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    atexit.register(connection.creation.destroy_test_db, "", 0)
    return ""


def _lacking(reason: str) -> str:
    if os.environ.get("REQUIRE_ALL") == "1":
        raise SystemExit(reason)
    return reason
