"""The database the tests run on, from an address: ``postgres://root@127.0.0.1/test``, ``mysql://root@127.0.0.1/test``."""

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import unquote, urlsplit

_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": ":memory:",
    # A file: threads that share a database in memory lock each other out instead of waiting.
    "TEST": {"NAME": str(Path(gettempdir()) / f"django-bbb-test-{os.getpid()}.sqlite3")},
    "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous=OFF"},
}

_SERVERS: dict[str, dict[str, Any]] = {
    "postgres": {"ENGINE": "django.db.backends.postgresql"},
    "mysql": {
        "ENGINE": "django.db.backends.mysql",
        "OPTIONS": {"charset": "utf8mb4", "init_command": "SET sql_mode='STRICT_TRANS_TABLES'"},
    },
}


def database(address: str) -> dict[str, Any]:
    """Return what stands in ``DATABASES`` for an address; SQLite without one."""
    parts = urlsplit(address)
    if parts.scheme in ("", "sqlite"):
        return _SQLITE | ({"NAME": parts.path.removeprefix("/")} if parts.path else {})
    if parts.scheme not in _SERVERS:
        raise ValueError(f"DATABASE_URL is sqlite, postgres://… or mysql://…, not {parts.scheme}://…")
    name = parts.path.removeprefix("/")
    return {
        **_SERVERS[parts.scheme],
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        # A name of its own for each run, since two may be under way at once.
        "TEST": {"NAME": f"test_{name}_{os.getpid()}", "CHARSET": "utf8mb4" if parts.scheme == "mysql" else None},
    }
