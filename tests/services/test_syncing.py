"""All recordings of a server, compared with ours."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_bbb.api import BBBError
from django_bbb.models import Meeting, MeetingSession, Origin, Playback, Recording, Server
from django_bbb.services import mirroring, publishing, syncing
from django_bbb.services.servers import register_declared_servers
from django_bbb.simulator import PROFILES, BigBlueButtonSimulator, CutConnection, HtmlAnswer, TruncatedXml
from django_bbb.simulator.recordings import PlaybackFormat, RecordingState

_LISTED = "<response><returncode>SUCCESS</returncode><recordings>{}</recordings></response>"


def sync(server, **options):
    return syncing.sync_recordings(server=server, **options)


def writes(queries):
    """Statements that change recordings or their formats."""
    texts = [one["sql"] for one in queries]
    return [
        sql
        for sql in texts
        if sql.split(" ")[0] in ("INSERT", "UPDATE", "DELETE")
        and ("django_bbb_recording" in sql or "django_bbb_playback" in sql)
    ]


class TestWhatIsOurs:
    def test_those_of_our_rooms_and_no_others(self, many, simulator, server):  # threats.md 93
        simulator.add_recording("somebody-elses-room")

        report = sync(server)

        assert (report.listed, report.ours, report.created) == (31, 30, 30)
        assert set(Recording.objects.values_list("record_id", flat=True)) == {one.record_id for one in many}

    def test_one_with_our_mark_is_ours_also_without_a_room(self, simulator, server):
        mark = Origin.objects.of_this_site()
        marked = simulator.add_recording("a-lost-room", metadata={"bbb-origin": mark})
        simulator.add_recording("another-room", metadata={"bbb-origin": "somebody-else"})

        sync(server)

        assert [one.record_id for one in Recording.objects.all()] == [marked.record_id]

    def test_a_breakout_room_belongs_to_the_meeting_of_its_parent(self, session, meeting, simulator, server):
        inner = simulator.add_recording("generated-for-a-room")
        inner.is_breakout, inner.parent_internal_id = True, session.internal_id

        sync(server)

        assert Recording.objects.get(record_id=inner.record_id).meeting == meeting

    @pytest.mark.parametrize("kind", ["3.0", "scalelite"])
    def test_a_server_that_lists_nothing_without_a_filter_is_asked_room_by_room(
        self, meeting, bbb, kind
    ):  # quirks.md 60a
        profile = replace(PROFILES[kind], lists_all_recordings=False)
        with BigBlueButtonSimulator(secret="z" * 40, profile=profile) as picky:
            bbb["SERVERS"]["default"] = {"URL": picky.url, "SECRET": "z" * 40}
            (server,) = register_declared_servers()
            _ended(meeting, server)
            parent = picky.add_recording(meeting.meeting_id)
            inner = picky.add_recording("generated-for-a-room")
            inner.is_breakout, inner.parent_internal_id = True, parent.record_id

            sync(server)

        assert {one.record_id for one in meeting.recordings.all()} == {parent.record_id, inner.record_id}


class TestWhatIsWritten:
    def test_formats_sizes_and_thumbnails(self, many, server):
        sync(server)

        stored = Recording.objects.get(record_id=many[0].record_id)
        (playback,) = stored.playbacks.all()
        assert (stored.name, stored.published, stored.size) == ("Lesson 0", True, many[0].formats[0].size)
        assert (playback.type, len(playback.thumbnails)) == ("presentation", 3)

    def test_again_nothing(self, many, server):
        sync(server)

        with CaptureQueriesContext(connection) as queries:
            report = sync(server)

        assert writes(queries) == []
        assert (report.ours, report.created, report.changed) == (30, 0, 0)

    def test_of_many_only_the_one_that_changed(self, many, server):
        sync(server)
        many[7].name = "Fractions"

        with CaptureQueriesContext(connection) as queries:
            report = sync(server)

        assert len(writes(queries)) == 1
        assert report.changed == 1
        assert Recording.objects.get(record_id=many[7].record_id).name == "Fractions"
        assert Recording.objects.count() == 30  # pitfalls.md 27

    def test_full_writes_all(self, many, server):
        sync(server)
        Recording.objects.update(name="spoilt")

        report = sync(server, full=True)

        assert report.changed == 30
        assert not Recording.objects.filter(name="spoilt").exists()

    def test_a_new_format_is_added(self, many, server):
        sync(server)
        many[0].formats.append(PlaybackFormat("video", 45, 1000, 1000))

        sync(server)

        assert Playback.objects.filter(recording__record_id=many[0].record_id).count() == 2
        assert Playback.objects.count() == 31

    def test_what_people_here_chose_stays(self, many, server):  # pitfalls.md 20
        sync(server)
        Recording.objects.update(title="Ours", hidden=True)
        for one in many:
            one.name = "Theirs"

        sync(server)

        chosen = Recording.objects.values_list("name", "title", "hidden").distinct().order_by()
        assert list(chosen) == [("Theirs", "Ours", True)]
        assert not Recording.objects.visible().exists()

    def test_the_changing_addresses_of_protected_ones_cost_no_write(self, meeting, bbb):
        with BigBlueButtonSimulator(secret="z" * 40, profile="scalelite") as balancer:
            bbb["SERVERS"]["default"] = {"URL": balancer.url, "SECRET": "z" * 40}
            (server,) = register_declared_servers()
            balancer.add_recording(meeting.meeting_id, protected=True)
            sync(server)

            with CaptureQueriesContext(connection) as queries:
                sync(server)

        assert writes(queries) == []
        assert Recording.objects.get().protected is True

    def test_numbers_no_column_holds_spoil_nothing(self, meeting, simulator, server):  # threats.md 73
        spoilt = (
            f"<recording><recordID>spoilt</recordID><meetingID>{meeting.meeting_id}</meetingID><participants>3000000000"
            "</participants><rawSize>99999999999999999999</rawSize><size>9223372036854775808</size><playback><format>"
            "<type>video</type><url>https://bbb.example.org/x</url><length>999999999999</length></format><format>"
            "<type>video</type><url>https://bbb.example.org/y</url></format></playback></recording>"
        )
        too_long = (
            f"<recording><recordID>{'x' * 101}</recordID><meetingID>{meeting.meeting_id}</meetingID></recording>"
        )
        simulator.faults.set(HtmlAnswer(status=200, body=_LISTED.format(spoilt + too_long)), call="getRecordings")

        sync(server)

        stored = Recording.objects.get()
        assert (stored.participants, stored.raw_size, stored.size) == (None, None, None)
        assert stored.playbacks.get().url == "https://bbb.example.org/y"


class TestWhatIsMissing:
    def test_it_is_marked_first_and_buried_on_the_second_answer(self, many, simulator, server, bbb):  # threats.md 115
        bbb["MISSING_GRACE"] = 0
        sync(server)
        simulator.hide_recording(many[0].record_id)

        first = sync(server)
        marked = Recording.objects.get(record_id=many[0].record_id)
        shown = Recording.objects.visible().count()
        second = sync(server)

        buried = Recording.objects.get(record_id=many[0].record_id)
        assert (first.missing, first.deleted) == (1, 0)
        assert marked.missing_since is not None
        assert shown == 29
        assert (second.missing, second.deleted) == (0, 1)
        assert (buried.name, buried.metadata, buried.playbacks.count()) == ("", {}, 0)
        assert Recording.objects.existing().count() == 29

    def test_a_second_answer_too_soon_is_none(self, many, simulator, server):
        sync(server)
        simulator.hide_recording(many[0].record_id)

        for _time in range(3):
            sync(server)

        assert Recording.objects.existing().count() == 30

    def test_what_comes_back_is_there_again(self, many, simulator, server):
        sync(server)
        simulator.hide_recording(many[0].record_id)
        sync(server)
        Recording.objects.update(hidden=True)
        simulator.show_recording(many[0].record_id)

        sync(server)

        back = Recording.objects.get(record_id=many[0].record_id)
        assert (back.missing_since, back.name, back.hidden) == (None, "Lesson 0", True)

    def test_one_the_server_calls_deleted_is_buried_at_once(self, many, server):
        sync(server)
        many[0].state = RecordingState.DELETED

        report = sync(server)

        assert report.deleted == 1
        assert Recording.objects.existing().count() == 29

    def test_an_empty_answer_says_nothing(self, many, simulator, server, bbb):  # pitfalls.md 24, quirks.md 60a
        bbb["MISSING_GRACE"] = 0
        sync(server)
        simulator.faults.set(HtmlAnswer(status=200, body=_LISTED.format("")), call="getRecordings")

        for _time in range(3):
            sync(server)

        assert Recording.objects.existing().filter(missing_since=None).count() == 30

    def test_what_cannot_be_read_may_be_the_one(self, many, simulator, server, bbb, meeting):
        bbb["MISSING_GRACE"] = 0
        sync(server)
        there = f"<recording><recordID>{many[0].record_id}</recordID></recording>"
        unreadable = "<recording><name>no id</name></recording>"
        body = _LISTED.format(there + unreadable)
        simulator.faults.set(HtmlAnswer(status=200, body=body), call="getRecordings")

        for _time in range(3):
            sync(server)

        assert Recording.objects.existing().filter(missing_since=None).count() == 30

    def test_one_that_only_the_list_leaves_out_is_asked_for(self, many, simulator, server, bbb):
        bbb["MISSING_GRACE"] = 0
        sync(server)
        many[5].name = "Fractions"
        there = f"<recording><recordID>{many[0].record_id}</recordID></recording>"
        for _time in range(2):
            simulator.faults.set(HtmlAnswer(status=200, body=_LISTED.format(there)), call="getRecordings", times=1)
            sync(server)

        assert Recording.objects.existing().filter(missing_since=None).count() == 30
        assert Recording.objects.filter(name="Fractions").count() == 1


class TestFaults:
    @pytest.mark.parametrize("fault", [TruncatedXml, CutConnection])
    def test_an_answer_cut_anywhere_loses_nothing(self, many, simulator, server, bbb, fault, monkeypatch):
        bbb["MISSING_GRACE"] = 0
        monkeypatch.setattr(syncing, "PAGE", 7)
        sync(server)
        many[0].name = "Fractions"
        for percent in range(0, 100, 9):
            simulator.faults.set(fault(part=percent / 100), call="getRecordings")
            with pytest.raises(BBBError):
                sync(server)
        simulator.faults.clear()

        report = sync(server)

        assert (report.missing, report.deleted) == (0, 0)
        assert Recording.objects.existing().filter(missing_since=None).count() == 30
        assert Recording.objects.filter(name="Fractions").count() == 1
        assert Playback.objects.count() == 30

    def test_the_next_one_goes_on_where_the_first_was_cut(self, many, simulator, server, monkeypatch):
        monkeypatch.setattr(syncing, "PAGE", 7)
        simulator.faults.set(TruncatedXml(part=0.6), call="getRecordings", times=1)
        with pytest.raises(BBBError):
            sync(server)
        before = Recording.objects.count()

        report = sync(server)

        assert 0 < before < 30
        assert report.created == 30 - before

    @pytest.mark.django_db(transaction=True)
    def test_a_page_that_met_a_deadlock_is_written_all_the_same(self, many, server, monkeypatch):  # threats.md 42
        store, failed = type(Recording.objects.all()).store, []

        def store_or_fail(self, rows):
            if len(failed) < 2:
                failed.append(rows)
                raise OperationalError("deadlock detected")
            store(self, rows)

        monkeypatch.setattr(type(Recording.objects.all()), "store", store_or_fail)

        report = sync(server)

        assert len(failed) == 2
        assert report.created == 30
        assert Playback.objects.count() == 30

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("place", ["_known", "_write"])
    def test_a_lost_connection_is_made_again(self, many, server, monkeypatch, place):
        work, lost = getattr(mirroring, place), []

        def lose(*args):
            if not lost:
                lost.append(True)
                lose_connection()
            return work(*args)

        monkeypatch.setattr(mirroring, place, lose)

        assert sync(server).created == 30

    def test_inside_a_transaction_of_the_callers_it_is_done_once(self, db):
        calls = []

        def work():
            calls.append(1)
            raise OperationalError("deadlock detected")

        with pytest.raises(OperationalError):
            mirroring.trying_again(work, using="default")

        assert len(calls) == 1


ROOT = Path(__file__).parents[2]
PLACE = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'example_project'}"}
KILLED = """
import json, os, signal, sys
import django
from django.conf import settings
django.setup()
settings.DJANGO_BBB = json.loads(sys.argv[1])
from django_bbb.models import Server
from django_bbb.services import mirroring, publishing, syncing
syncing.PAGE = 7
store, pages = mirroring._write_formats, []
def store_and_die(*args):
    found = store(*args)
    pages.append(args)
    if len(pages) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return found
mirroring._write_formats = store_and_die
syncing.sync_recordings(server=Server.objects.get())
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", [1, 3])
def test_killed_in_the_middle_of_a_page_the_next_one_makes_it_right(many, server, bbb, page):
    command = [sys.executable, "-c", KILLED, json.dumps(bbb), str(page)]
    killed = subprocess.run(command, env=os.environ | {"DATABASE_URL": own_address(), **PLACE}, check=False)
    before = (Recording.objects.count(), Playback.objects.count(), sync(server))
    Server.objects.update(sync_lease_until=timezone.now() - timedelta(seconds=1))  # minutes later

    report = sync(server)

    assert killed.returncode == -signal.SIGKILL
    assert before == (7 * (page - 1), 7 * (page - 1), None)
    assert report.created == 30 - 7 * (page - 1)
    assert (Recording.objects.count(), Playback.objects.count()) == (30, 30)


class TestOneAtATime:
    def test_who_comes_second_leaves_it(self, many, server, simulator):
        Server.objects.take_sync_lease(server.pk)
        simulator.clear_journal()

        assert sync(server) is None
        assert simulator.journal == []

    def test_what_was_killed_runs_out(self, many, server):
        Server.objects.update(sync_lease_until=timezone.now() - timedelta(seconds=1))

        assert sync(server).created == 30

    def test_afterwards_the_next_may_begin(self, many, server, simulator):
        simulator.faults.set(HtmlAnswer(status=502), times=1)
        with pytest.raises(BBBError):
            sync(server)

        assert sync(server).created == 30
        server.refresh_from_db()
        assert server.sync_lease_until is None
        assert server.recordings_synced_at is not None

    def test_two_at_once_double_nothing(self, many, server):
        """The second begins after the first has read which rows there are."""
        listed = list(syncing._listed(server))
        known = mirroring._known

        def meanwhile(server, batch):
            found = known(server, batch)
            mirroring._known = known
            mirroring.mirror(server=server, remote=listed)
            return found

        mirroring._known = meanwhile
        try:
            mirroring.mirror(server=server, remote=listed)
        finally:
            mirroring._known = known

        assert (Recording.objects.count(), Playback.objects.count()) == (30, 30)

    def test_one_deleted_meanwhile_does_not_get_its_name_back(self, many, server):
        sync(server)
        for one in many:
            one.name = "Fractions"
        listed = list(syncing._listed(server))
        known = mirroring._known

        def meanwhile(server, batch):
            found = known(server, batch)
            Recording.objects.first().bury()
            return found

        mirroring._known = meanwhile
        try:
            mirroring.mirror(server=server, remote=listed)
        finally:
            mirroring._known = known

        assert sorted(Recording.objects.values_list("name", flat=True))[:2] == ["", "Fractions"]

    def test_one_stored_and_deleted_meanwhile_stays_deleted(self, many, server):
        listed = list(syncing._listed(server))
        known = mirroring._known

        def meanwhile(server, batch):
            found = known(server, batch)
            mirroring._known = known
            mirroring.mirror(server=server, remote=listed)
            Recording.objects.get(record_id=listed[0].record_id).bury()
            return found

        mirroring._known = meanwhile
        try:
            mirroring.mirror(server=server, remote=listed)
        finally:
            mirroring._known = known

        buried = Recording.objects.get(record_id=listed[0].record_id)
        assert (buried.deleted_at is None, buried.name, buried.metadata, buried.published) == (False, "", {}, False)
        assert not buried.playbacks.exists()
        assert Playback.objects.count() == len(many) - 1


@pytest.mark.django_db(databases=["default", "other"])
class TestSeveralDatabases:
    @pytest.fixture
    def elsewhere(self, bbb, simulator):
        """The server's row in another database than the usual one, with a meeting beside it."""
        facts = {"slug": "default", "name": "elsewhere", "url": simulator.url, "declared": True}
        Meeting.objects.using("other").create(meeting_id="m-elsewhere", name="Physics")
        return Server.objects.using("other").create(**facts)

    def test_rows_are_where_their_server_is(self, elsewhere, simulator):
        told = simulator.add_recording("m-elsewhere")

        with CaptureQueriesContext(connections["default"]) as queries:
            sync(elsewhere)
            many = list(Recording.objects.using("other"))
            publishing.unpublish_recordings(recordings=many)

        stored = Recording.objects.using("other").get()
        assert (stored.record_id, stored.published) == (told.record_id, False)
        assert stored.playbacks.count() == 1
        assert writes(queries) == []
        assert not any("django_bbb_" in one["sql"] for one in queries)


class TestCommand:
    def test_it_says_what_came_of_each_server(self, many, server):
        assert call("bbb_sync") == "default: 30 recordings, 30 new, 0 changed, 0 missing, 0 deleted\n"

    def test_as_json(self, many, server):
        told = json.loads(call("bbb_sync", "--json", "--server", "default", "--full"))

        assert told == {
            "server": "default", "listed": 30, "ours": 30, "created": 30, "changed": 0, "missing": 0, "deleted": 0,
        }  # fmt: skip

    def test_one_that_is_under_way_is_left_to_it(self, many, server):
        Server.objects.take_sync_lease(server.pk)

        assert call("bbb_sync") == "default: is being synced already\n"

    def test_a_server_that_does_not_answer_is_an_error(self, many, server, simulator):
        simulator.faults.set(HtmlAnswer(status=502))
        out = StringIO()

        with pytest.raises(CommandError, match="Run it again later"):
            call_command("bbb_sync", "--json", stdout=out)

        assert "502" in json.loads(out.getvalue())["error"]

    def test_an_unknown_server_is_an_error(self, server):
        with pytest.raises(CommandError, match="no server 'other'"):
            call("bbb_sync", "--server", "other")

    def test_a_terminal_gets_a_bar(self, many, server):
        terminal = StringIO()
        terminal.isatty = lambda: True
        call_command("bbb_sync", stdout=StringIO())

        call_command("bbb_sync", stdout=StringIO(), stderr=terminal)

        assert "default: [########################] 30 recordings" in terminal.getvalue()


def call(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def lose_connection():
    """End this process's connection from outside; SQLite has none, and only says that it cannot go on."""
    if connection.vendor == "sqlite":
        raise OperationalError("disk I/O error")
    ways = {
        "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend(%s)"),
        "mysql": ("SELECT connection_id()", "KILL %s"),
    }
    which, end = ways[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(which)
        own = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as outside:
        outside.execute(end, own)
    other.close()


def own_address():
    """Return the address of the database the tests run on, for a process beside this one."""
    own = connection.settings_dict
    scheme = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    account = f"{own['USER']}:{own['PASSWORD']}@" if own["USER"] else ""
    return f"{scheme}://{account}{own['HOST']}/{own['NAME']}"


def _ended(meeting, server):
    MeetingSession.objects.create(
        meeting=meeting, server=server, is_open=None, claimed_until=timezone.now(), internal_id="unknown"
    )
