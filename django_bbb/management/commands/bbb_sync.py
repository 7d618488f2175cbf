"""``manage.py bbb_sync``: all recordings of all our meetings."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Server
from django_bbb.services.syncing import SyncReport, sync_recordings

_WIDTH = 24


class Command(BaseCommand):
    """Compare the recordings of the servers, or of one, with ours."""

    help = "Asks servers for the recordings of all meetings of this site and mirrors them.  Safe to run twice at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--server", metavar="SLUG", help="only this server")
        parser.add_argument("--full", action="store_true", help="write also what is as it was")
        parser.add_argument("--json", action="store_true", help="one JSON object per server and line")

    def handle(self, *args: Any, **options: Any) -> None:
        servers = Server.objects.usable()
        if options["server"]:
            servers = servers.filter(slug=options["server"])
            if not servers:
                raise CommandError(f"There is no server {options['server']!r} that is not disabled.")
        failed = [server for server in servers if not self.sync(server, full=options["full"], as_json=options["json"])]
        if failed:
            raise CommandError("Not every server answered; what was not told of is as it was. Run it again later.")

    def sync(self, server: Server, *, full: bool, as_json: bool) -> bool:
        """Sync one server and say what came of it; whether it answered."""
        bar = _Bar(self, server) if self.stderr.isatty() and not as_json else None
        error = None
        report = None
        try:
            report = sync_recordings(server=server, full=full, progress=bar.show if bar else None)
        except (BBBError, ServerNotConfigured) as raised:
            error = raised
        if bar:
            bar.clear()
        if as_json:
            self.stdout.write(json.dumps({"server": server.slug, **_facts(report, error)}))
        elif error:
            self.stderr.write(f"{server.slug}: {error}")
        else:
            self.stdout.write(f"{server.slug}: {_words(report)}")
        return error is None


class _Bar:
    """How far it is, as far as that is known: from how many rows there are."""

    def __init__(self, command: BaseCommand, server: Server) -> None:
        self._out, self._slug = command.stderr, server.slug
        self._expected = server.recordings.existing().count()

    def show(self, listed: int) -> None:
        done = min(listed / self._expected, 1.0) if self._expected else 0.0
        bar = ("#" * int(done * _WIDTH)).ljust(_WIDTH, ".")
        self._write(f"{self._slug}: [{bar}] {listed} recordings")

    def clear(self) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        self._out.write(f"\r\x1b[K{text}", str, ending="")
        self._out.flush()


def _facts(report: SyncReport | None, error: Exception | None) -> dict[str, Any]:
    if error:
        return {"error": str(error)}
    return asdict(report) if report else {"busy": True}


def _words(report: SyncReport | None) -> str:
    if report is None:
        return "is being synced already"
    return (
        f"{report.ours} recordings, {report.created} new, {report.changed} changed, "
        f"{report.missing} missing, {report.deleted} deleted"
    )
