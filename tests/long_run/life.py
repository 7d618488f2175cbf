"""What all processes of a long run have in common: the site, its database, and a clock that runs fast.

On that clock a minute is some seconds, for the site as for its servers, so that leases and pauses end in time.
"""

import contextlib
import json
import logging
import os
import sys
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a process is told."""

    #: ``DJANGO_BBB``.
    site: dict[str, Any] = field(default_factory=dict)
    #: The name of the database; whoever prepares it knows it first.
    database: str = ""
    #: So many seconds pass in one, since this moment.
    scale: float = 20.0
    since: float = 0.0
    #: Where what nobody expected is written down.
    surprises: str = ""

    def as_environment(self) -> dict[str, str]:
        """Return the variables that `from_environment` reads."""
        return {**os.environ, "LONG_RUN": json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls) -> "Life":
        return cls(**json.loads(os.environ["LONG_RUN"]))

    def begin(self, *, prepares: bool = False) -> None:
        """Set Django up in this process; whoever ``prepares`` makes the database."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        sys.path[:0] = [str(ROOT), str(ROOT / "example_project")]
        _run_fast(self.scale, self.since)

        import django
        from django.conf import settings
        from django.db import connection

        settings.DJANGO_BBB = self.site
        options = settings.DATABASES["default"].get("OPTIONS", {})
        if "transaction_mode" in options:
            options["timeout"] = 2  # so that it is busy now and then
        django.setup()
        from django_bbb.services import polling

        polling._PATIENCE /= self.scale
        polling._PATIENCE_OF_A_PAGE /= self.scale
        connection.settings_dict["TEST"]["NAME"] = self.database
        if prepares:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        else:
            connection.settings_dict["NAME"] = self.database
            threading.Thread(target=_end_with_parent, daemon=True).start()
        logging.getLogger().addHandler(Surprises(Path(self.surprises)))
        for name in ("django", "django_bbb", "kombu"):
            logging.getLogger(name).setLevel(logging.WARNING)


def _end_with_parent() -> None:
    sys.stdin.read()  # nothing ever comes: this is over when whoever started this process is
    os._exit(1)


def _run_fast(scale: float, since: float) -> None:
    # Before the models are read: their defaults are this function.
    from django.utils import timezone

    usual = timezone.now

    def now() -> datetime:
        moment = usual()
        return moment + timedelta(seconds=(moment.timestamp() - since) * (scale - 1))

    timezone.now = now


class Surprises(logging.Handler):
    """Writes down every error that was logged with its traceback, unless the database was busy."""

    def __init__(self, file: Path) -> None:
        super().__init__(logging.ERROR)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        from django.db import InterfaceError, OperationalError

        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, OperationalError | InterfaceError):
            return
        text = logging.Formatter("%(name)s: %(message)s").format(record)
        with contextlib.suppress(OSError), self._file.open("a") as file:
            file.write(f"{text}\n\n")
