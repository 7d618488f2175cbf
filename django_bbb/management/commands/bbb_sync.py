"""``manage.py bbb_sync``: all recordings of all our meetings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Server
from django_bbb.services.recordings import sync_recordings


class Command(BaseCommand):
    """Mirror the recordings of the servers, or of one."""

    help = "Asks servers for the recordings of all meetings of this site and mirrors them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--server", metavar="SLUG", help="only this server")

    def handle(self, *args: Any, **options: Any) -> None:
        servers = Server.objects.usable()
        if options["server"]:
            servers = servers.filter(slug=options["server"])
            if not servers:
                raise CommandError(f"There is no server {options['server']!r} that is not disabled.")
        failed = False
        for server in servers:
            try:
                self.stdout.write(f"{server.slug}: {sync_recordings(server=server)} recordings")
            except (BBBError, ServerNotConfigured) as error:
                failed = True
                self.stderr.write(f"{server.slug}: {error}")
        if failed:
            raise CommandError("Not every server answered; the rows of those that did not are as they were.")
