"""``manage.py bbb_simulator``: a BigBlueButton on this machine, with the secret of the settings."""

import argparse
import sys
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_bbb.conf import conf

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Command(BaseCommand):
    """Run the simulator that this site's default server is when it is on this machine."""

    help = (
        "Runs a BigBlueButton simulator until Ctrl-C, with the secret and the port of the server named default "
        "where its address in the settings is on this machine."
    )
    #: It needs no database, and shall run while the site is broken.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        try:
            from django_bbb.simulator.__main__ import add_options
        except SystemExit as missing:
            raise CommandError(str(missing)) from None
        add_options(parser, **_declared())

    def handle(self, *args: Any, **options: Any) -> None:
        from django_bbb.simulator.__main__ import run

        if status := run(argparse.Namespace(**options)):
            sys.exit(status)


def _declared() -> dict[str, Any]:
    """Return secret and port of the default server, if it is on this machine."""
    server = conf.SERVERS.get("default", {})
    try:
        address = urlsplit(str(server.get("URL", "")))
        host, port = address.hostname, address.port or 80
    except ValueError:
        return {}
    if host not in _LOOPBACK or not server.get("SECRET"):
        return {}
    return {"secret": server["SECRET"].reveal(), "port": port}
