"""The launcher, as a person at a terminal meets it: a real process, its output, its exit status."""

import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "example_project" / "demo.py"
SECONDS = 120  # to start, on a busy machine; nothing waits that long when all is well

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


def command(*arguments: str | int | Path) -> list[str]:
    return [sys.executable, str(LAUNCHER), *map(str, arguments)]


def run(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    """Run a launcher that has something to say against its start."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=SECONDS, check=False)


def free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def assert_one_sentence(finished: subprocess.CompletedProcess[str], *words: str) -> None:
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert len(finished.stderr.splitlines()) == 1
    for word in words:
        assert word in finished.stderr


def test_taken_site_port_is_one_sentence_that_says_what_to_type(taken_port, tmp_path):
    _, free = free_ports()

    finished = run("--port", taken_port, "--simulator-port", free, "--data", tmp_path / "new")

    assert_one_sentence(finished, f"Port {taken_port} is taken", "make demo PORT=")
    assert not (tmp_path / "new").exists()


def test_taken_simulator_port_is_one_sentence_that_says_what_to_type(taken_port, tmp_path):
    free, _ = free_ports()

    finished = run("--port", free, "--simulator-port", taken_port, "--data", tmp_path / "new")

    assert_one_sentence(finished, f"Port {taken_port} is taken", "make demo SIMULATOR_PORT=")


def test_one_port_for_both_is_one_sentence(tmp_path):
    port, _ = free_ports()

    finished = run("--port", port, "--simulator-port", port, "--data", tmp_path / "new")

    assert_one_sentence(finished, "two different ports", f"make demo PORT={port} SIMULATOR_PORT=")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port):
    finished = run(f"--port={port}")

    assert finished.returncode == 2
    assert "is not a port" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.touch()
    port, simulator_port = free_ports()

    finished = run("--port", port, "--simulator-port", simulator_port, "--data", file)

    assert_one_sentence(finished, "cannot keep its files", "--data")


class Running:
    """A launcher at work, and the processes it started."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def read_until(self, text: str) -> list[str]:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if text in line:
                return lines
        pytest.fail(f"The launcher ended before it said {text!r}: {lines} {self.process.stderr.read()}")

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """Send the signal; return the exit status and how long it took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=SECONDS)
        return self.process.returncode, time.monotonic() - begin


@contextmanager
def launched(data: Path, *arguments: str) -> Iterator[Running]:
    port, simulator_port = free_ports()
    process = subprocess.Popen(
        command("--port", port, "--simulator-port", simulator_port, "--data", data, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Should anything hang, the launcher is ended, and the test fails with what it reads.
    alarm = threading.Timer(SECONDS, process.terminate)
    alarm.start()
    with process:
        try:
            yield Running(process)
        finally:
            alarm.cancel()
            process.terminate()
            process.communicate(timeout=SECONDS)


def parents() -> dict[int, int]:
    """Return pid → parent's pid of all processes that run."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it ended while we were looking
            continue
        if state != "Z":
            found[int(file.parent.name)] = int(parent)
    return found


def descendants(pid: int) -> dict[int, str]:
    """Return pid → command line of all that this process started."""
    tree = parents()
    found = {}
    ancestors = {pid}
    while ancestors:
        ancestors = {child for child, parent in tree.items() if parent in ancestors}
        for child in ancestors:
            found[child] = command_line(child)
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def still_running(processes: dict[int, str]) -> list[str]:
    running = parents()
    return [line for pid, line in processes.items() if pid in running and command_line(pid) == line]


@linux
@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_everything_within_20_seconds(tmp_path, number):
    with launched(tmp_path) as demo:
        shown = "".join(demo.read_until("Ctrl-C"))
        started = descendants(demo.process.pid)

        status, seconds = demo.end(number)

        assert status == 0
        assert seconds < 20
        assert still_running(started) == []
    for part in ["django_bbb.simulator", "runserver", "config worker", "config beat"]:
        assert any(part in line for line in started.values())
    for log_in in ["admin", "teacher", "student"]:
        assert log_in in shown


@linux
@pytest.mark.processes
def test_signal_while_starting_ends_everything(tmp_path):
    with launched(tmp_path) as demo:
        demo.read_until("Starting")
        started = descendants(demo.process.pid)

        status, seconds = demo.end(signal.SIGTERM)

        assert status == 0
        assert seconds < 20
        assert still_running(started) == []


@linux
@pytest.mark.processes
def test_killed_launcher_leaves_nothing_behind(tmp_path):
    with launched(tmp_path) as demo:
        demo.read_until("Ctrl-C")
        started = descendants(demo.process.pid)
        handles = [os.pidfd_open(pid) for pid in started]

        demo.process.kill()

        for handle in handles:
            ended, _, _ = select.select([handle], [], [], 20)
            os.close(handle)
            assert ended


@linux
@pytest.mark.processes
def test_child_that_dies_is_named_and_the_rest_is_ended(tmp_path):
    with launched(tmp_path, "--no-worker") as demo:
        demo.read_until("Ctrl-C")
        started = descendants(demo.process.pid)
        victim = next(pid for pid, line in started.items() if "django_bbb.simulator" in line)

        os.kill(victim, signal.SIGKILL)
        _, errors = demo.process.communicate(timeout=SECONDS)

        assert demo.process.returncode == 1
        assert "The simulator ended by itself" in errors
        assert "Traceback" not in errors
        assert still_running(started) == []


@linux
@pytest.mark.processes
def test_without_worker_neither_worker_nor_beat_is_started(tmp_path):
    with launched(tmp_path, "--no-worker") as demo:
        demo.read_until("Ctrl-C")

        started = descendants(demo.process.pid).values()

        assert any("runserver" in line for line in started)
        assert not any("celery" in line for line in started)


@linux
@pytest.mark.processes
def test_folder_in_use_by_a_running_demo_is_refused(tmp_path):
    port, simulator_port = free_ports()
    with launched(tmp_path, "--no-worker") as demo:
        demo.read_until("Ctrl-C")

        second = run("--port", port, "--simulator-port", simulator_port, "--data", tmp_path)

    assert_one_sentence(second, "Another demo is using", "--data")


@linux
@pytest.mark.processes
def test_manage_py_works_alone_after_a_demo(tmp_path):
    with launched(tmp_path, "--no-worker") as demo:
        demo.read_until("Ctrl-C")
        demo.end(signal.SIGTERM)
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    finished = subprocess.run(
        [sys.executable, str(LAUNCHER.with_name("manage.py")), "seed_lms"],
        cwd="/",
        env={**inherited, "DEMO_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    kept = json.loads((tmp_path / "demo.json").read_text())
    assert finished.returncode == 0, finished.stderr
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    assert len(kept["BBB_SECRET"]) >= 32
    assert len(kept["SECRET_KEY"]) >= 50
