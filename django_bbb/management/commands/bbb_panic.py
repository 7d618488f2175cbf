"""``manage.py bbb_panic``: out of service with a server, and everybody out of our classes on it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_bbb.models import Server
from django_bbb.services.panic import panic


class Command(BaseCommand):
    """Disable a server and end all classes of this site on it."""

    help = "Disables a server and ends all classes of this site on it.  May be repeated until nothing is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", metavar="SLUG", help="the server")
        parser.add_argument("--no-input", "--noinput", action="store_false", dest="interactive", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        server = Server.objects.filter(slug=options["server"]).first()
        if server is None:
            raise CommandError(f"There is no server {options['server']!r}.")
        question = f"Disable {server} and end {server.sessions.open().count()} classes? Type yes: "
        if options["interactive"] and input(question) != "yes":
            raise CommandError("Nothing was done.")
        outcome = panic(server=server)
        self.stdout.write(f"{server.slug} is disabled, {len(outcome.ended)} classes ended")
        for session, reason in outcome.failed:
            self.stderr.write(f"{session.meeting.meeting_id}: {reason}")
        if outcome.failed:
            raise CommandError(f"{len(outcome.failed)} classes may still run. Run the command again.")
