"""A long run: servers and a site are started, live, and come to rest."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server

from django_bbb.simulator import BigBlueButtonSimulator, WebhookOptions

from .life import Life
from .processes import Process

SECRET = "a secret of the long run, as long as those of servers"
#: Seconds of the site's life that pass in one: ten minutes are more than three hours.
SCALE = 20.0
#: Servers by slug: what each is, with which bbb-webhooks, and how it is declared.
SERVERS: dict[str, tuple[str, WebhookOptions, dict[str, str]]] = {
    "old": ("2.7", WebhookOptions(generation="2"), {"EVENTS": "meeting", "HOOKS_ALGORITHM": "sha1"}),
    "new": ("4.0", WebhookOptions(), {"EVENTS": "server"}),
    "balancer": ("scalelite", WebhookOptions(), {"KIND": "scalelite"}),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long it takes, how much happens, and the seed of what."""

    minutes: float = 10.0
    meetings: int = 200
    seed: int = 0
    workers: int = 2


@dataclass
class Report:
    """What was done, and everything that is not as it should be."""

    done: Counter[str] = field(default_factory=Counter)
    facts: dict[str, int] = field(default_factory=dict)
    #: Seconds from the end of the troubles until all was well, or no longer waited for.
    seconds_until_quiet: float = 0.0
    differences: list[str] = field(default_factory=list)


def run(plan: Plan, folder: Path) -> Report:
    """Let a site live; the database and all processes are gone when this returns."""
    report = Report()
    with ExitStack() as stack:
        since = time.time()
        simulators = {slug: stack.enter_context(_simulator(slug)) for slug in SERVERS}
        port = _free_port()
        life = Life(
            site=_settings(simulators, port),
            database=str(folder / "site.sqlite3") if _is_sqlite() else f"test_long_run_{os.getpid()}",
            scale=SCALE,
            since=since,
            surprises=str(folder / "surprises.log"),
        )
        stack.enter_context(_database(life))
        processes = stack.enter_context(_site(life, port, plan.workers, folder))
        # It knows models, and so cannot be read before Django is ready.
        from .living import come_to_rest, live

        live(plan, simulators, processes, report)
        come_to_rest(simulators, report)
        report.differences += _surprises(Path(life.surprises))
        report.differences += [f"{process} has ended by itself" for process in processes if process.has_ended()]
    return report


def _simulator(slug: str) -> BigBlueButtonSimulator:
    profile, webhooks, _declared = SERVERS[slug]
    return BigBlueButtonSimulator(
        secret=SECRET,
        profile=profile,
        time_scale=SCALE,
        recording_delay=60.0,
        end_callbacks="2.2",
        webhooks=webhooks,
    )


def _settings(simulators: dict[str, BigBlueButtonSimulator], port: int) -> dict[str, object]:
    declared = {slug: {"URL": one.url, "SECRET": SECRET, **SERVERS[slug][2]} for slug, one in simulators.items()}
    return {
        "SERVERS": declared,
        "CALLBACK_BASE_URL": f"http://127.0.0.1:{port}",
        "CREATE_DEFAULTS": {"record": True, "meeting_expire_when_last_user_left_in_minutes": 2},
        # Real seconds: they are measured by another clock.
        "TIMEOUT": 0.75,
        "DEADLINE": 1.5,
        "CREATE_DEADLINE": 1,
        # Longer than anything vanishes that comes back.
        "MISSING_GRACE": 30 * 60,
    }


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _is_sqlite() -> bool:
    return os.environ.get("DATABASE_URL", "").partition(":")[0] in ("", "sqlite")


@contextmanager
def _database(life: Life) -> Iterator[None]:
    """Set Django up here, with a database of its own, which is gone afterwards."""
    life.begin(prepares=True)

    from django.db import connection, connections

    from django_bbb.services.servers import register_declared_servers

    register_declared_servers()
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(life.database, verbosity=0)


@contextmanager
def _site(life: Life, port: int, workers: int, folder: Path) -> Iterator[list[Process]]:
    """Start the site and its workers."""
    processes: list[Process] = []
    try:
        processes.append(Process("site", str(port), life=life, log=folder / "site.log"))
        processes += [Process("worker", life=life, log=folder / f"worker-{one}.log") for one in range(workers)]
        for process in processes:
            process.wait_until_ready()
        yield processes
    finally:
        for process in processes:
            process.kill()


def _surprises(file: Path) -> list[str]:
    return [f"logged: {one}" for one in file.read_text().strip().split("\n\n")] if file.exists() else []
