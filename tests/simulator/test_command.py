"""`python -m django_bbb.simulator`, as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from django_bbb.simulator.__main__ import main

READY = re.compile(r"^BigBlueButton simulator ready at (http://127\.0\.0\.1:\d+/bigbluebutton/api/)\n$")


@pytest.fixture
def start():
    processes = []

    def start(*arguments, **environment):
        command = [sys.executable, "-m", "django_bbb.simulator", *arguments]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_says_one_line_and_ends_with_status_zero(start, number, client):
    process = start("--port", "0", "--secret", "hush")
    ready = process.stdout.readline()
    url = READY.match(ready)[1]
    answer = client.fetch(url)

    process.send_signal(number)
    rest, errors = process.communicate(timeout=20)

    assert answer.get("returncode") == "SUCCESS"
    assert (process.returncode, rest, errors) == (0, "", "")
    assert "hush" not in ready


@pytest.mark.parametrize(("arguments", "secret"), [([], "from-variable"), (["--secret", "given"], "given")])
def test_secret_may_come_from_the_environment(start, arguments, secret, client):
    process = start("--port", "0", *arguments, BBB_SIMULATOR_SECRET="from-variable")
    url = READY.match(process.stdout.readline())[1]

    signed = client.url("getMeetings", secret=secret).replace(client.server.url, url)

    assert client.fetch(signed).get("returncode") == "SUCCESS"


def test_taken_port_is_one_clear_sentence(capsys):
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        status = main(["--port", str(port)])

    out, err = capsys.readouterr()
    assert status == 1
    assert out == ""
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == handlers
    assert err == f"The simulator cannot listen on 127.0.0.1, port {port}: Address already in use.\n"


def test_other_addresses_than_loopback_are_said_loudly(start):
    process = start("--host", "0.0.0.0", "--port", "0")

    process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert errors.startswith("WARNING: the simulator listens on 0.0.0.0")


@pytest.mark.parametrize("arguments", [["--secret", " "], ["--recording-delay", "-1"], ["--recording-delay", "nan"]])
def test_senseless_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--port", "0", *arguments])

    assert stopped.value.code == 2
    assert "error" in capsys.readouterr().err
