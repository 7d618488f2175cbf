"""`python -m django_bbb.simulator`, as a process of its own."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

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


def test_control_on_another_address_is_said_louder(start):
    process = start("--host", "0.0.0.0", "--port", "0", "--control")

    process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert "anybody can control it" in errors


def test_options_say_what_the_server_is_like(start, client):
    process = start(
        *("--port", "0", "--control", "--time-scale", "60", "--profile", "scalelite"),
        *("--fault", "html,status=503,call=getMeetings", "--fault", "wrong-secret,call=create"),
    )
    url = READY.match(process.stdout.readline())[1]
    address = url.removesuffix("/bigbluebutton/api/")

    clock = json.loads(client.fetch(f"{address}/simulator/clock").body)
    faults = json.loads(client.fetch(f"{address}/simulator/faults").body)["faults"]
    unknown = client.fetch(f"{url}noSuchCall")

    assert clock["time_scale"] == 60
    assert [(one["kind"], one["call"]) for one in faults] == [("html", "getMeetings"), ("wrong-secret", "create")]
    assert unknown.key == "unsupportedRequest"


def test_it_ends_at_once_though_a_request_hangs(start, client):
    process = start("--port", "0", "--control", "--fault", "hang")
    url = READY.match(process.stdout.readline())[1]
    journal = url.replace("/bigbluebutton/api/", "/simulator/journal")
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=20)) as connection:
        connection.request("GET", urlsplit(url).path)
        while not json.loads(client.fetch(journal).body)["requests"]:
            assert process.poll() is None

        process.terminate()

        assert connection.sock.recv(1) == b""
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--secret", " "],
        ["--recording-delay", "-1"],
        ["--recording-delay", "nan"],
        ["--time-scale", "0"],
        ["--time-scale", "nan"],
        ["--profile", "teams"],
        ["--fault", "fire"],
    ],
)
def test_senseless_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--port", "0", *arguments])

    assert stopped.value.code == 2
    assert "error" in capsys.readouterr().err
