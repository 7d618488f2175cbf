"""The demo as people run it: its launcher in a process of its own, and Chromium to look at it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"
SECONDS_TO_START = 60  # on a busy machine
SECONDS_TO_STOP = 20  # what the demo promises

#: Nothing of this calls home.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


@dataclass(frozen=True)
class Demo:
    """A demo at work."""

    site: str
    simulator: str
    data: Path

    def shows_secrets(self, page: str) -> bool:
        """Whether a page of the site contains a signed URL, or what it was signed with."""
        return "checksum=" in page or json.loads((self.data / "demo.json").read_text())["BBB_SECRET"] in page

    def manage(self, *arguments: str) -> str:
        """Run a management command beside it, as somebody at another terminal would; return what it says."""
        finished = subprocess.run(
            [sys.executable, str(EXAMPLE / "manage.py"), *arguments],
            env=_environment() | {"DEMO_DATA": str(self.data)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout


@contextmanager
def running_demo(folder: Path, *options: str) -> Iterator[Demo]:
    """Start the demo and wait until it says that it is ready; end it and see that nothing is left of it.

    What it writes to stderr would alarm the person at the terminal, so there must be nothing.
    """
    port, simulator_port = _free_ports()
    demo = Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{simulator_port}", folder.resolve() / "data")
    command = [sys.executable, str(EXAMPLE / "demo.py"), "--data", str(demo.data)]
    command += ["--port", str(port), "--simulator-port", str(simulator_port), *options]
    errors = folder / "stderr.txt"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=_environment()) as process,
    ):
        try:
            _wait_until_ready(process, errors)
            yield demo
        finally:
            seconds = _end(process)
    assert process.returncode == 0
    assert seconds < SECONDS_TO_STOP
    assert _left_behind(demo.data) == []
    said = errors.read_text()
    assert said == "", said  # in words: assertions outside of test modules are not explained


def _wait_until_ready(process: "subprocess.Popen[str]", errors: Path) -> None:
    assert process.stdout
    # Should it hang, it is ended, and its output with it.
    alarm = threading.Timer(SECONDS_TO_START, process.kill)
    alarm.start()
    try:
        if not any("Ctrl-C" in line for line in process.stdout):
            raise AssertionError(f"The demo did not become ready:\n{errors.read_text()}")
    finally:
        alarm.cancel()
        alarm.join()


def _end(process: "subprocess.Popen[str]") -> float:
    """Send SIGTERM; return how long it took."""
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=SECONDS_TO_STOP)
    finally:
        process.kill()  # does nothing to one that has ended; its children end with it
    return time.monotonic() - begin


def _left_behind(data: Path) -> list[str]:
    """Return the command lines of processes of that demo, whoever their parent is now."""
    mark = f"DEMO_DATA={data}".encode()
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in file.read_bytes().split(b"\0"):
                found.append(file.with_name("cmdline").read_text().replace("\0", " "))
        except OSError:  # it ended while we were looking, or is not ours
            continue
    return found


def _environment() -> dict[str, str]:
    """Without what pytest and the person running it have set for Django and other demos."""
    return {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE" and not name.startswith("DEMO_")
    }


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
