"""`manage.py bbb_simulator`."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from django.core.management import CommandError, call_command

from django_bbb.management.commands.bbb_simulator import Command

READY = "BigBlueButton simulator ready at "


def defaults():
    parser = Command().create_parser("manage.py", "bbb_simulator")
    return vars(parser.parse_args([]))


def declare(settings, **server):
    settings.DJANGO_BBB = {"SERVERS": {"default": server}}


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8999/bigbluebutton/api/", 8999),
        ("http://localhost:8999/bigbluebutton/api/", 8999),
        ("http://[::1]:8999/bigbluebutton/api/", 8999),
        ("http://127.0.0.1/bigbluebutton/api/", 80),
    ],
)
def test_it_is_the_default_server_of_the_settings(settings, monkeypatch, url, port):
    monkeypatch.setenv("BBB_SIMULATOR_SECRET", "of the environment")
    declare(settings, URL=url, SECRET="of the settings")

    assert (defaults()["port"], defaults()["secret"]) == (port, "of the settings")


@pytest.mark.parametrize(
    "server",
    [
        {"URL": "https://bbb.example.org/bigbluebutton/api/", "SECRET": "of a real server"},
        {"URL": "http://127.0.0.1:8999/bigbluebutton/api/", "SECRET": ""},
        {"URL": "http://127.0.0.1:port/", "SECRET": "x"},
        {},
    ],
    ids=["elsewhere", "no secret", "no address", "nothing"],
)
def test_other_servers_give_nothing_away(settings, monkeypatch, server):
    monkeypatch.delenv("BBB_SIMULATOR_SECRET", raising=False)
    declare(settings, **server)

    assert (defaults()["port"], defaults()["secret"]) == (8124, "secret")


def test_it_runs_until_it_is_told_to_stop():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "django", "bbb_simulator", "--port", str(port), "--secret", "hush"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": ".:example_project"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        line = process.stdout.readline()
        url = line.removeprefix(READY).strip()
        digest = hashlib.sha256(b"getMeetingshush").hexdigest()
        with urllib.request.urlopen(f"{url}getMeetings?checksum={digest}", timeout=10) as response:
            answer = response.read()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()

    assert line == f"{READY}http://127.0.0.1:{port}/bigbluebutton/api/\n"
    assert b"<messageKey>noMeetings</messageKey>" in answer
    assert (process.returncode, out, err) == (0, "", "")


def test_taken_port_is_one_sentence_and_a_status(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as stopped:
        call_command("bbb_simulator", port=taken.getsockname()[1])

    assert stopped.value.code == 1
    assert "cannot listen" in capsys.readouterr().err


def test_senseless_option_is_an_error():
    with pytest.raises(CommandError, match="profile"):
        call_command("bbb_simulator", "--profile", "teams")
