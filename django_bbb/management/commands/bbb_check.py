"""``manage.py bbb_check``: is every server there, is it one, and does it take our calls?"""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_bbb.models import Server
from django_bbb.services.diagnosis import Diagnosis, diagnose_all
from django_bbb.services.probing import Finding
from django_bbb.services.servers import register_declared_servers


class Command(BaseCommand):
    """Look at every server, or at those named."""

    help = (
        "Asks every server that is not disabled, or those named, with a signed call, and says what is wrong. "
        "The exit status is that of the worst finding: "
        + ", ".join(f"{one.value} {one.name.lower()}" for one in Finding)
        + "."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("servers", nargs="*", metavar="SLUG", help="only these servers, disabled ones too")
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def handle(self, *args: Any, **options: Any) -> None:
        found = diagnose_all(_chosen(options["servers"]))
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(one) for one in found], indent=2))
        else:
            for one in found:
                self.stdout.write(f"{one.server}: {one.message}{f' ({one.version})' if one.version else ''}")
        if status := max((one.finding for one in found), default=Finding.REACHABLE):
            sys.exit(int(status))


def _chosen(slugs: list[str]) -> list[Server]:
    register_declared_servers()
    if not slugs:
        return list(Server.objects.usable())
    servers = list(Server.objects.filter(slug__in=slugs))
    if missing := set(slugs) - {one.slug for one in servers}:
        raise CommandError(f"There is no server {', '.join(sorted(missing))}.")
    return servers


def _as_json(one: Diagnosis) -> dict[str, object]:
    return asdict(one) | {"finding": one.finding.name.lower(), "status": one.finding.value}
