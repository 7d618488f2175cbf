"""A worker and its beat in one process: each task in a thread of its own, round after round."""

import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from .life import Life

#: How many seconds of the site's life lie between two rounds.
ROUNDS = {
    "poll_servers": 10,
    "sweep_callbacks": 20,
    "look_for_recordings": 60,
    "register_hooks": 60,
    "sync_recordings": 120,
    "forget_what_is_old": 600,
}

logger = logging.getLogger(__name__)


def main() -> None:
    life = Life.from_environment()
    life.begin()

    from django_bbb import tasks

    threads = [
        threading.Thread(target=go_round, args=(getattr(tasks, name), seconds / life.scale))
        for name, seconds in ROUNDS.items()
    ]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()


def go_round(task: Callable[[], Any], seconds: float) -> None:
    """Do a task until this process is ended; what it raises is not the end of it, as with Celery."""
    from django.db import connections

    pause = threading.Event()
    pause.wait(random.random() * seconds)
    while True:
        try:
            task()
        except Exception:
            logger.exception("%s failed.", task)
        finally:
            connections.close_all()
        pause.wait(seconds)


if __name__ == "__main__":
    main()
