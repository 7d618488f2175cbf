"""``manage.py bbb_rotate_keys``: stored secrets under the newest key, before an old one is removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_bbb.services.servers import rotate_keys


class Command(BaseCommand):
    """Encrypt the secrets of servers added in the admin under the key made from SECRET_KEY."""

    help = (
        "Encrypts the secrets of servers that were added in the admin under the key made from SECRET_KEY. "
        "Run it after a new SECRET_KEY, before the old one leaves SECRET_KEY_FALLBACKS.  Twice does no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed, failures = rotate_keys()
        for server in changed:
            self.stdout.write(f"{server.slug}: encrypted under the new key")
        for failure in failures:
            self.stderr.write(str(failure))
        if failures:
            raise CommandError(f"{len(failures)} servers keep a secret that cannot be decrypted.")
        if not changed:
            self.stdout.write("All secrets are under the present key.")
