"""The demo's launcher: `make demo`, or `python example_project/demo.py --port 8123 --simulator-port 8124`.

Starts a BigBlueButton simulator, the example site, a Celery worker and beat as real processes that talk over
real HTTP, all on 127.0.0.1, and ends them again on Ctrl-C, SIGTERM or SIGHUP.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15  # then SIGKILL: everything is over within 20

LOG_INS = {
    "admin": "administrator",
    "teacher": "teacher of Mathematics 7b and Physics 9c",
    "student": "student in both courses",
    "latecomer": "student in Mathematics 7b only",
    "support": "may look at the classrooms in the administration, not change them",
}


# Loaded before the first fork: a child between fork and exec should do as little as possible.
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


def end_with_the_launcher() -> None:
    """Ask Linux to end this child when the launcher is killed the hard way, so that no port stays taken."""
    if PRCTL:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


class CannotGoOn(Exception):
    """Something is wrong that the person at the terminal can put right; the text says how."""


class Asked(Exception):
    """Somebody wants the demo to end."""


class Child:
    """A process in its own session, so that a Ctrl-C at the terminal reaches the launcher alone."""

    def __init__(
        self, name: str, command: list[str], *, env: dict[str, str], ended: SimpleQueue[Child | None]
    ) -> None:
        self.name = name
        self.muted = False
        self.last_lines: deque[str] = deque(maxlen=15)
        self._secrets = [env[key] for key in ("DEMO_BBB_SECRET", "DEMO_SECRET_KEY")]
        self.process = subprocess.Popen(
            command,
            cwd=HERE,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # banners; what goes wrong is on stderr
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_the_launcher,
        )
        self._reader = threading.Thread(target=self._pass_on_errors, daemon=True)
        self._reader.start()
        threading.Thread(target=self._report_end, args=[ended], daemon=True).start()

    def _pass_on_errors(self) -> None:
        assert self.process.stderr
        with self.process.stderr as lines:
            for line in lines:
                for secret in self._secrets:
                    line = line.replace(secret, "…")
                line = re.sub(r"checksum=\w+", "checksum=…", line).rstrip()
                self.last_lines.append(line)
                if line and not self.muted:
                    say(f"[{self.name}] {line}", file=sys.stderr)

    def _report_end(self, ended: SimpleQueue[Child | None]) -> None:
        self.process.wait()
        self._reader.join(timeout=1)  # a grandchild may hold the pipe open for longer
        ended.put(self)

    def ask_to_end(self) -> None:
        self.muted = True
        # To the main process alone: a worker whose whole group gets SIGTERM does not end.
        self.process.terminate()

    def end(self, *, until: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0, until - time.monotonic()))
        # Whether it ended by itself or not: nothing of its session stays behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(timeout=1)


class Demo:
    def __init__(self, options: argparse.Namespace, *, env: dict[str, str], events: SimpleQueue[Child | None]) -> None:
        self.options = options
        self.env = env
        self.events = events
        self.children: list[Child] = []

    def run(self) -> None:
        try:
            self.start()
            self.watch()
        finally:
            self.end()

    def start(self) -> None:
        say("Preparing the database …")
        self.manage("migrate", "--verbosity=0")
        self.manage("seed_lms")
        say("Starting …")
        options = self.options
        simulator = ["-m", "django_bbb.simulator", "--host", HOST, "--port", str(options.simulator_port)]
        simulator += ["--recording-delay", str(options.recording_delay)]
        if options.lose_callbacks:
            simulator += ["--lose-callbacks"]
        self.child("simulator", *simulator, BBB_SIMULATOR_SECRET=self.env["DEMO_BBB_SECRET"])
        # --insecure: serve static files although DEBUG is off.
        site = ["manage.py", "runserver", "--noreload", "--insecure", f"{HOST}:{options.port}"]
        self.child("site", *site)
        if not options.no_worker:
            quiet = ["--loglevel", "WARNING"]
            alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            # In a container everybody is root; JSON messages make Celery's warning about it pointless.
            celery = ["-W", "ignore:You're running the worker", "-m", "celery", "-A", "config"]
            pool = ["--pool", "threads", "--concurrency", "2"]
            self.child("worker", *celery, "worker", *pool, *quiet, *alone)
        self.wait_for_answer(options.simulator_port, "/bigbluebutton/api/")
        self.wait_for_answer(options.port, "/accounts/login/")
        if not options.no_worker:
            # After the worker, which makes the queue: both at once could meet a half-written table.
            self.child("beat", *celery, "beat", "--pidfile=", *quiet)
        say(welcome(options.port))

    def child(self, name: str, *arguments: str, **env: str) -> Child:
        command = [sys.executable, *arguments]
        child = Child(name, command, env={**self.env, **env}, ended=self.events)
        self.children.append(child)
        return child

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end."""
        command = self.child(arguments[0], "manage.py", *arguments)
        ended = self.next_event()
        if ended is not command or command.process.returncode:
            raise CannotGoOn(f"`manage.py {arguments[0]}` failed; the lines above say why.")
        self.children.remove(command)

    def next_event(self, timeout: float | None = None) -> Child:
        event = self.events.get(timeout=timeout)
        if event is None:
            raise Asked
        return event

    def wait_for_answer(self, port: int, path: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while not answers(port, path):
            if time.monotonic() > deadline:
                raise CannotGoOn(f"Nothing answers on port {port} after {SECONDS_TO_START} seconds.")
            with contextlib.suppress(Empty):
                raise died(self.next_event(timeout=0.1))

    def watch(self) -> None:
        raise died(self.next_event())

    def end(self) -> None:
        until = time.monotonic() + SECONDS_TO_STOP
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end(until=until)


def died(child: Child) -> CannotGoOn:
    said = "\n".join(f"    {line}" for line in child.last_lines) or "    (nothing)"
    return CannotGoOn(
        f"The {child.name} ended by itself (exit status {child.process.returncode}). Its last lines:\n{said}"
    )


def answers(port: int, path: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def welcome(port: int) -> str:
    rows = "\n".join(f"    {name:<12}{name:<12}{who}" for name, who in LOG_INS.items())
    return f"""
Ready.

    Site             http://{HOST}:{port}/
    Administration   http://{HOST}:{port}/admin/
    For guests       http://{HOST}:{port}/bbb/meetings/parents-evening/join/ (access code: welcome-in)

    {"log-in":<12}{"password":<12}who
{rows}

Only this machine can reach it. Ctrl-C ends everything.
"""


def say(text: str, *, file: object = None) -> None:
    """Print, unless the terminal has gone away: the children must be ended all the same."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=file or sys.stdout, flush=True)  # type: ignore[arg-type]


def check_ports(options: argparse.Namespace) -> None:
    if options.port == options.simulator_port:
        raise CannotGoOn(
            "The site and the simulator need two different ports; "
            f"type: make demo PORT={options.port} SIMULATOR_PORT={free_port(above=options.port)}"
        )
    for port, variable in ((options.port, "PORT"), (options.simulator_port, "SIMULATOR_PORT")):
        if reason := why_not_usable(port):
            other = free_port(above=max(options.port, options.simulator_port))
            raise CannotGoOn(f"Port {port} {reason}; type: make demo {variable}={other}")


def why_not_usable(port: int) -> str:
    with socket.socket() as probe:
        # As the servers do it: a port that only remembers old connections counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            return "is taken by another program" if taken else f"cannot be used ({error.strerror})"
    return ""


def free_port(*, above: int) -> int:
    return next((port for port in range(above + 1, 65536) if not why_not_usable(port)), 8123)


def port_number(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Starts the django-bbb demo on this machine.")
    parser.add_argument("--port", type=port_number, default=8123, help="of the site")
    parser.add_argument("--simulator-port", type=port_number, default=8124)
    parser.add_argument("--data", metavar="DIR", help="where the demo keeps its files (default: .demo)")
    # Long enough to see "being processed", short enough to wait for what comes then.
    about_delay = "seconds until a recording is ready (%(default)s)"
    parser.add_argument("--recording-delay", type=float, default=8, metavar="SECONDS", help=about_delay)
    parser.add_argument("--lose-callbacks", action="store_true", help="the simulator sends none")
    parser.add_argument("--no-worker", action="store_true", help="no Celery; `manage.py bbb_poll` does it")
    return parser.parse_args(arguments)


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder while the demo runs: two sites on one database would fight over their callbacks."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotGoOn(
                f"Another demo is using {folder}; end it, or choose another folder with --data."
            ) from None
        yield


def environment(options: argparse.Namespace) -> dict[str, str]:
    """Return what the children get to know, and leave it in the data folder for `manage.py`."""
    from config.datadir import data_folder, keep, load

    if options.data:
        os.environ["DEMO_DATA"] = options.data
    try:
        folder = data_folder()
        ports = {"PORT": str(options.port), "SIMULATOR_PORT": str(options.simulator_port)}
        values = load(folder) | ports
        keep(folder, values)
    except (OSError, ValueError) as error:
        raise CannotGoOn(f"The demo cannot keep its files ({error}); choose another folder with --data.") from error
    return {
        **os.environ,
        **{f"DEMO_{name}": value for name, value in values.items()},
        "DEMO_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def listen_for_signals() -> SimpleQueue[Child | None]:
    """Return a queue of what happens: None for a signal; children that end put themselves."""
    # `put` of a SimpleQueue may be called in a signal handler, whatever the main thread is doing.
    events: SimpleQueue[Child | None] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup make demo` has asked us not to listen.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: events.put(None))
    return events


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        check_ports(options)
        events = listen_for_signals()
        env = environment(options)
        with only_one(Path(env["DEMO_DATA"])):
            Demo(options, env=env, events=events).run()
    except Asked:
        say("Everything has ended.")
    except CannotGoOn as error:
        say(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  # somebody may start this file with any Python
        sys.exit("The demo needs Python 3.11 or newer; type: make demo PYTHON=python3.11")
    sys.exit(main())
