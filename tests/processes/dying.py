"""Processes that die by SIGKILL at a point that a test names."""

import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Moments in the life of a callback at which a worker may be killed, in their order.
POINTS = ("leased", "asking", "answered", "committing", "committed", "telling", "told", "finishing", "finished")

#: The same of a job on recordings; it asks and is answered as well.
JOB_POINTS = ("job-leased", "asking", "answered", "job-done", "job-goes-on", "job-finishing", "job-finished")


def die_around(
    owner: Any,
    name: str,
    *,
    before: str = "",
    after: str = "",
    only: Callable[[dict[str, Any]], bool] = lambda _arguments: True,
) -> None:
    usual = getattr(owner, name)

    @functools.wraps(usual)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        if not only(kwargs):
            return usual(*args, **kwargs)
        _pass_by(before)
        result = usual(*args, **kwargs)
        _pass_by(after)
        return result

    setattr(owner, name, deadly)


def _pass_by(point: str) -> None:
    """Die here by SIGKILL, if a test has asked for that: once, whoever comes first."""
    folder = Path(os.environ["SITE_FOLDER"])
    happened = folder / f"died-{point}"
    try:
        (folder / f"die-{point}").rename(happened)
    except FileNotFoundError:
        return
    if happened.read_text() == "worker":
        os.kill(os.getppid(), signal.SIGKILL)  # Linux ends its children with it
    os.kill(os.getpid(), signal.SIGKILL)
