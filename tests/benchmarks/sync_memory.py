"""How far a sync raises the peak of a process that is otherwise idle."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .database import ADDRESS, prepare
from .memory import server

SYNC = """
import sys
from pathlib import Path
import django
from django.conf import settings
settings.DJANGO_BBB = {"SERVERS": {"memory": {"URL": sys.argv[1], "SECRET": "s" * 40, "DEADLINE": 600}}}
django.setup()
from django.db import connection
from django_bbb.models import Meeting, Recording
from django_bbb.services import servers, syncing

def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)

(server,) = servers.register_declared_servers()
Meeting.objects.get_or_create(meeting_id="m-abcdefghijklmnopqrstuvwxyz", defaults={"name": "Room"})
before = peak()
report = syncing.sync_recordings(server=server)
print(report.created, peak() - before)
"""


def growth(count: int) -> int:
    """Return the kB by which a process grows while it syncs so many new recordings."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_bbb_playback, django_bbb_recording CASCADE")
    root = Path(__file__).parents[2]
    name = connection.settings_dict["NAME"]
    place = {
        "DATABASE_URL": f"{ADDRESS.rpartition('/')[0]}/{name}",
        "PYTHONPATH": f"{root}{os.pathsep}{root / 'example_project'}",
    }
    with server(count) as url:
        command = [sys.executable, "-c", SYNC, url]
        done = subprocess.run(command, env=os.environ | place, stdout=subprocess.PIPE, text=True, check=True)
    found, grown = map(int, done.stdout.split())
    if found != count:
        raise AssertionError(f"{found} of {count} recordings were stored")
    return grown


@dataclass(frozen=True)
class Growth:
    """A sync of so many recordings, and how many kB it may take above what the process took before."""

    name: str
    count: int
    kilobytes: int
    limit: float = 1.0

    def ratio(self) -> float:
        if lacking:
            print(f"Not run, {lacking}")
            return 0.0
        return growth(self.count) / self.kilobytes


lacking = prepare()

BENCHMARKS = [
    Growth("peak memory of a sync of 20 000, to 100 MB", 20_000, 100 * 1024),
]
