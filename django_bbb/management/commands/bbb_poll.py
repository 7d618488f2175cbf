"""``manage.py bbb_poll``: what beat does each ten seconds, for sites with cron or with neither."""

from typing import Any

from django.core.management.base import BaseCommand

from django_bbb.services import callbacks, hooks, jobs, polling, recordings, retention, trash


class Command(BaseCommand):
    """Mirror what runs on every server, work off callbacks, look for recordings, see to hooks."""

    help = "Asks every server once what runs on it, works off callbacks and looks for recordings of ended classes."

    def handle(self, *args: Any, **options: Any) -> None:
        for slug, outcome in polling.poll_servers().items():
            self.stdout.write(f"{slug}: {outcome}")
        self.stdout.write(f"{callbacks.sweep()} callbacks worked off")
        self.stdout.write(f"{recordings.look_for_recordings()} recordings found or renewed")
        for slug, outcome in hooks.register_hooks().items():
            self.stdout.write(f"{slug}: {outcome}")
        self.stdout.write(f"{jobs.sweep()} jobs on recordings finished")
        trash.tidy_recordings()
        jobs.forget_old_jobs()
        retention.forget_what_is_old()
