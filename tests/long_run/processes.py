"""The processes of the site, which are killed in the middle of things and started again."""

import subprocess
import sys
from pathlib import Path

from .life import ROOT, Life


class Process:
    """One process, whichever it is at the moment."""

    def __init__(self, module: str, *arguments: str, life: Life, log: Path) -> None:
        self._command = [sys.executable, "-m", f"tests.long_run.{module}", *arguments]
        self._name, self._life, self._log = module, life, log
        self.start()

    def __str__(self) -> str:
        return self._name

    def start(self) -> None:
        """Start it, and do not wait; it ends when this process does, however that ends."""
        with self._log.open("a") as log:
            self._running = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._life.as_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._is_ready = False

    def wait_until_ready(self) -> None:
        assert self._running.stdout is not None
        self._is_ready = self._is_ready or self._running.stdout.readline() == "ready\n"
        if not self._is_ready:
            raise RuntimeError(f"{' '.join(self._command)} did not start:\n{self._log.read_text()}")

    def kill(self) -> None:
        """End it by SIGKILL, as a machine does that has no memory left."""
        self._running.kill()
        self._running.communicate()

    def has_ended(self) -> bool:
        """Whether it is over although nobody ended it."""
        return self._running.poll() is not None
