"""`manage.py bbb_check`, `bbb_rotate_keys` and `bbb_panic`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from django_bbb.api import Secret
from django_bbb.models import MeetingSession, Server
from django_bbb.services.meetings import start_meeting
from django_bbb.simulator.faults import HtmlAnswer
from tests.conftest import SECRET


def run(*arguments, **options):
    """Return the exit status and what stood on both outputs."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=err, **options)
    except SystemExit as stopped:
        status = stopped.code
    return status, out.getvalue() + err.getvalue()


@pytest.fixture
def added(server, simulator):
    other = Server(slug="added", name="Added", url=simulator.url)
    other.remember_secret(Secret(SECRET))
    other.save()
    return other


class TestCheck:
    def test_all_is_well(self, server):
        assert run("bbb_check") == (0, "default: default answers and takes our checksum. (2.0)\n")

    def test_the_worst_finding_is_the_exit_status(self, added, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = "wrong" * 10

        status, text = run("bbb_check")

        assert (status, len(text.splitlines())) == (13, 2)

    def test_only_those_named_are_asked(self, added, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = "wrong" * 10

        assert run("bbb_check", "added")[0] == 0

    def test_disabled_ones_are_asked_by_name_only(self, server, simulator):
        Server.objects.update(state=Server.State.DISABLED)

        assert run("bbb_check") == (0, "")
        assert simulator.journal == []
        assert "answers" in run("bbb_check", "default")[1]

    def test_one_there_is_not_is_an_error(self, server):
        with pytest.raises(CommandError, match="no server nowhere"):
            run("bbb_check", "nowhere")

    def test_machines_read_it_too(self, server, bbb, simulator):
        bbb["SERVERS"]["default"]["URL"] = f"{simulator.address}/b/"

        status, text = run("bbb_check", "--json")

        (one,) = json.loads(text)
        assert one.pop("message").startswith("What answers at ")
        assert (status, one) == (
            15,
            {
                "server": "default",
                "finding": "not_bigbluebutton",
                "status": 15,
                "suggestion": simulator.url,
                "version": "",
            },
        )

    def test_it_names_rows_under_an_old_key(self, added, settings):
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

        status, text = run("bbb_check")

        assert (status, text.count("old key")) == (10, 1)
        assert "added: Added answers" in text


class TestRotateKeys:
    def test_twice_does_no_harm(self, added, settings):
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

        first, second = run("bbb_rotate_keys"), run("bbb_rotate_keys")
        settings.SECRET_KEY_FALLBACKS = []

        added.refresh_from_db()
        assert added.secrets == (Secret(SECRET),)
        assert (first, second) == (
            (0, "added: encrypted under the new key\n"),
            (0, "All secrets are under the present key.\n"),
        )

    def test_without_the_old_key_it_fails(self, added, settings):
        settings.SECRET_KEY = "another"

        with pytest.raises(CommandError, match="1 servers keep"):
            run("bbb_rotate_keys")


class TestPanic:
    @pytest.fixture
    def session(self, meeting):
        return start_meeting(meeting=meeting)

    def test_it_disables_and_ends(self, session, simulator):
        assert run("bbb_panic", "default", "--no-input") == (0, "default is disabled, 1 classes ended\n")
        assert (Server.objects.get().state, list(simulator.meetings)) == ("disabled", [])

    def test_it_asks_first(self, session, simulator, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda question: "no")

        with pytest.raises(CommandError, match="Nothing was done"):
            run("bbb_panic", "default")

        assert Server.objects.get().state == "enabled"

    def test_what_is_left_is_an_error(self, session, simulator):
        simulator.faults.set(HtmlAnswer(status=500), call="end")

        with pytest.raises(CommandError, match="Run the command again"):
            run("bbb_panic", "default", "--no-input")

        assert MeetingSession.objects.open().count() == 1

    def test_one_there_is_not_is_an_error(self, db):
        with pytest.raises(CommandError, match="no server"):
            run("bbb_panic", "nowhere", "--no-input")
