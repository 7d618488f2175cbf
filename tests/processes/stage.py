"""A whole site: several processes that serve it, a worker, a broker behind a relay, PostgreSQL, and a server."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django_bbb.simulator import BigBlueButtonSimulator, tokens
from django_bbb.simulator.callbacks import Callback, CallbackKind
from tests.processes.brokers import Broker, Relay
from tests.processes.sending import send

ROOT = Path(__file__).parents[2]
SECRET = "SENTINEL-secret-that-must-never-be-seen"
OTHER_SECRET = "the-secret-of-another-server-of-this-site"

#: Processes that serve the site.
PROCESSES = 2


def eventually(check: Callable[[], object], *, timeout: float = 20) -> None:
    """Ask again and again until it is so: other processes are at work, and tell nobody when they are done."""
    give_up = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < give_up, f"{check} did not become so within {timeout} seconds."
        time.sleep(0.02)


def letter(callback: Callback) -> tuple[str, str, dict[str, str], bytes]:
    """Return what `send` takes of a callback."""
    headers = {name: value for name, value in callback.headers.items() if value is not None}
    return callback.method, callback.url, headers, callback.body


class Process:
    """A process that says when it is ready; what it writes to stderr is kept in a file."""

    def __init__(self, command: list[str], *, errors: Path, environment: dict[str, str], **options: Any) -> None:
        with errors.open("a") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                **options,
            )
        self.pid, self._errors = self._process.pid, errors

    def wait_until_ready(self) -> "Process":
        while "ready" not in self.read():
            pass
        return self

    def read(self) -> str:
        """Return the next line it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"It ended:\n{self._errors.read_text()[-4000:]}"
        return line

    def do(self, *order: Any) -> Any:
        """Have it do something and return what came of it; see `tests.processes.orders`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self.read())

    def lives(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        self._process.communicate(timeout=60)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def memory(self) -> int:
        """Return what it holds in memory, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


class Stage:
    """A site at work, with what a test does to it and looks at."""

    def __init__(self, *, broker: Broker, database: str, simulator: BigBlueButtonSimulator, folder: Path) -> None:
        self.broker, self.simulator, self.folder = broker, simulator, folder
        self.relay = Relay(broker.port)
        self.queue = f"django-bbb-test-{os.getpid()}-{time.monotonic_ns()}"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        self._database = database
        self._worker: Process | None = None
        self.shell = self._start("orders", "tests.processes.orders").wait_until_ready()
        self.shell.do("prepare")
        self.processes: list[Process] = []
        self.have_processes()

    # --- processes

    def _start(self, role: str, *command: str, broker: str = "", **options: Any) -> Process:
        settings = {
            "SERVERS": {
                "default": {"URL": self.simulator.url, "SECRET": SECRET},
                "other": {"URL": "http://127.0.0.1:9/bigbluebutton/api/", "SECRET": OTHER_SECRET},
            },
            "CALLBACK_BASE_URL": f"http://127.0.0.1:{self.port}",
            "CREATE_DEFAULTS": {"record": True},
            "EVENTS": "server",
        }
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.processes.site_settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'example_project'}",
            "DATABASE_URL": self._database,
            "SITE_ROLE": role,
            "SITE_FOLDER": str(self.folder),
            "SITE_BROKER": broker or self.broker.address(),
            "SITE_QUEUE": self.queue,
            "SITE_DJANGO_BBB": json.dumps(settings),
        }
        return Process(list(command), errors=self.folder / f"{role}.log", environment=environment, **options)

    def have_processes(self) -> None:
        """Serve the site with as many processes as it should have; one may have been killed."""
        for dead in [one for one in self.processes if not one.lives()]:
            dead.kill()
            self.processes.remove(dead)
        fd, broker = self._listener.fileno(), self.broker.address(self.relay.port)
        lacking = PROCESSES - len(self.processes)
        started = [
            self._start("web", "tests.processes.serving", str(fd), broker=broker, pass_fds=[fd])
            for _number in range(lacking)
        ]
        self.processes += [one.wait_until_ready() for one in started]

    def have_worker(self) -> Process:
        """Start a worker unless one runs; it reaches the broker without the relay."""
        if self._worker is None:
            options = ["--pool=prefork", "--concurrency=2", "--loglevel=WARNING"]
            options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            self._worker = self._start("worker", "celery", "--app=config", "worker", *options).wait_until_ready()
        return self._worker

    def have_no_worker(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def begin_anew(self) -> None:
        """Be as at first; what earlier tests have left is gone."""
        if self.relay.has_failed:  # RabbitMQ's client writes its next message to a connection that has been cut
            self.relay.open()
            for one in self.processes:
                one.kill()
            self.relay.has_failed = False
        self.simulator.reset()
        self.broker.take(self.queue)
        self.shell.do("clear")
        for left in self.folder.glob("die*-*"):
            left.unlink()
        for kept in ("signals", "web.log"):
            (self.folder / kept).write_text("")
        self.have_processes()

    def stop(self) -> None:
        self.have_no_worker()
        for one in (*self.processes, self.shell):
            one.kill()
        self.broker.forget(self.queue)
        self.relay.close()
        self._listener.close()
        self.broker.stop()

    # --- what happens

    def hold_class(self) -> tuple[Any, str]:
        """Hold a class that is recorded in two formats; return it as its server knows it, and its run's id."""
        room, run = self.shell.do("start_class")
        remote = self.simulator.meetings[room]
        self.simulator.join(room, "Emmy", role="MODERATOR", user_id="u7")
        self.simulator.set_recording(room, True)
        self.simulator.end_meeting(room)
        self.simulator.finish_recordings()
        return remote, run

    def callback_of_class(self, kind: CallbackKind) -> tuple[Callback, str]:
        """Return what the server has to say about a class that it has held, and did not; and the run's id.

        Of events it is the last one of a class that goes on: somebody has come in.
        """
        self.simulator.lose_callbacks = True
        if kind == "webhook":
            self.shell.do("register_hooks")
            room, run = self.shell.do("start_class")
            self.simulator.join(room, "Emmy", role="MODERATOR", user_id="u7")
            return self.simulator.callbacks_about(kind, self.simulator.meetings[room])[0], run
        remote, run = self.hold_class()
        about = self.simulator.recordings[run] if kind == "recording-ready" else remote
        return self.simulator.callbacks_about(kind, about)[0], run

    def announcement(self, number: int) -> Callback:
        """Return what the server says when a recording is ready; each number is one it does not have any more."""
        claims = {"meeting_id": "m-nobody", "record_id": f"{number:040x}-1700000000000"}
        token = tokens.signed({"alg": "HS256"}, claims, secret=SECRET, algorithm="HS256")
        return Callback(
            kind="recording-ready",
            meeting_id=claims["meeting_id"],
            method="POST",
            url=f"http://127.0.0.1:{self.port}/bbb/callbacks/recording-ready/default/",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=f"signed_parameters={token}".encode(),
        )

    def deliver(self, callback: Callback, *, timeout: float = 60, **headers: str) -> int:
        """Send a callback, and return the status of the answer."""
        method, url, known, body = letter(callback)
        return send(method, url, known | headers, body, timeout)

    def kill_at(self, point: str, *, victim: str = "child") -> None:
        """Let the next process die by SIGKILL that comes to this point; see `tests.processes.site`."""
        (self.folder / f"die-{point}").write_text(victim)

    def wait_for_death(self, point: str, *, victim: str = "child") -> None:
        eventually((self.folder / f"died-{point}").exists)
        if victim == "worker":
            assert self._worker is not None
            self._worker.wait()
            self._worker = None

    def sweep(self) -> None:
        """Let time pass, and the worker sweep."""
        self.shell.do("leases_end")
        self.shell.do("enqueue_sweep")

    def __repr__(self) -> str:
        return f"<Stage: {self.facts()}>"

    # --- what came of it

    def facts(self) -> Any:
        return self.shell.do("facts")

    def is_done(self) -> bool:
        """Whether all that was asked for is done, and all is told."""
        facts = self.facts()
        return all(asked == done for _kind, asked, done in facts["inbox"]) and not facts["untold"]

    def wait_for_messages(self, count: int) -> list[str]:
        """Take messages from the broker; RabbitMQ has them a moment after they were sent."""
        taken: list[str] = []
        eventually(lambda: taken.extend(self.broker.take(self.queue)) or len(taken) >= count)
        return taken

    def signals(self, name: str) -> list[Any]:
        """Return the signals of a name that the site has heard, in their order."""
        heard = map(json.loads, (self.folder / "signals").read_text().splitlines())
        return [one for one in heard if one["signal"] == name]
