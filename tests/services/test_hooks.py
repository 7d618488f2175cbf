"""Hooks: servers with bbb-webhooks know where to tell what happens, and are told again when they have forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb.models import Attendance, CallbackDelivery, MeetingSession, Server
from django_bbb.services import addresses, callbacks, hooks, meetings
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.faults import HtmlAnswer
from django_bbb.testing.callbacks import send_by_test_client
from tests.conftest import SECRET


@pytest.fixture
def running(meeting):
    return meetings.start_meeting(meeting=meeting)


def register():
    Server.objects.update(hooks_look_at=None)
    return hooks.register_hooks()


def told(simulator):
    """The addresses and rooms of the hooks a server has."""
    return sorted((hook.callback_url, hook.meeting_id) for hook in simulator.hooks)


class TestRegistering:
    def test_without_the_setting_no_server_is_asked(self, server, simulator):
        assert hooks.register_hooks() == {}
        assert simulator.journal == []

    def test_one_hook_tells_of_all_classes_of_a_server(self, server, simulator, bbb):
        bbb["EVENTS"] = "server"

        assert register() == {"default": "1 hooks made"}
        assert register() == {"default": "0 hooks made"}

        ((url, room),) = told(simulator)
        assert (url, room) == (addresses.hook_address(server=server), None)
        server.refresh_from_db()
        assert server.hooks_seen_at is not None

    def test_or_each_class_has_one(self, running, simulator, bbb):
        bbb["EVENTS"] = "meeting"

        assert register() == {"default": "1 hooks made"}

        assert told(simulator) == [
            (addresses.hook_address(server=running.server, session=running), running.meeting.meeting_id)
        ]

    def test_a_hook_the_server_has_dropped_is_made_again(self, server, simulator, bbb):
        bbb["EVENTS"] = "server"
        register()
        simulator.reset()

        assert register() == {"default": "1 hooks made"}
        assert len(told(simulator)) == 1

    def test_what_is_not_wanted_any_more_is_removed_and_others_are_left_alone(self, running, simulator, bbb):
        bbb["EVENTS"] = "meeting"
        register()
        theirs = "http://127.0.0.1:9/somebody-elses"
        hooks.servers.client_for(running.server).hooks.create_hook(callback_url=theirs)
        bbb["EVENTS"] = "server"

        register()

        assert told(simulator) == sorted([(theirs, None), (addresses.hook_address(server=running.server), None)])

    def test_a_new_key_has_a_new_address_and_the_old_one_goes(self, server, simulator, bbb, settings):
        bbb["EVENTS"] = "server"
        register()
        (old,) = told(simulator)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

        register()

        (new,) = told(simulator)
        assert new != old
        addresses.check_hook_token(old[0].rstrip("/").rpartition("/")[2], slug="default")  # still believed

    def test_a_server_without_them_is_asked_again_an_hour_later(self, server, bbb):
        with BigBlueButtonSimulator(secret=SECRET, profile="scalelite") as bare:
            bbb["SERVERS"]["default"]["URL"] = bare.url
            hooks.servers.register_declared_servers()
            bbb["EVENTS"] = "server"

            assert register() == {"default": "has no bbb-webhooks"}

        server.refresh_from_db()
        assert server.hooks_look_at > timezone.now() + timedelta(minutes=50)
        assert "hooks" in server.hooks_error
        assert hooks.register_hooks() == {}

    def test_a_server_that_does_not_answer_is_said(self, server, simulator, bbb):
        bbb["EVENTS"] = "server"
        simulator.faults.set(HtmlAnswer(status=502))

        (outcome,) = register().values()

        server.refresh_from_db()
        assert outcome == server.hooks_error != ""

    def test_two_at_once_ask_once(self, server, simulator, bbb):  # threats.md 38
        bbb["EVENTS"] = "server"

        assert [len(hooks.register_hooks()) for _twice in range(2)] == [1, 0]

    def test_each_server_may_say_for_itself(self, server, simulator, bbb):
        bbb["SERVERS"]["default"]["EVENTS"] = "server"

        assert register() == {"default": "1 hooks made"}

    def test_a_copy_of_the_site_makes_none(self, server, simulator, bbb):
        bbb.update(EVENTS="server", READ_ONLY=True)

        assert register() == {}
        assert simulator.journal == []

    def test_without_an_address_of_the_site_there_is_none(self, server, simulator, bbb):
        bbb.update(EVENTS="server", CALLBACK_BASE_URL="")

        assert register() == {}
        assert told(simulator) == []


class TestEvents:
    @pytest.fixture
    def facts(self, running):
        return {
            "event": "user-joined",
            "at": "2026-11-21T09:00:00+00:00",
            "room": running.meeting.meeting_id,
            "run": running.internal_id,
            "user_id": "u7",
            "visit": "w_1",
            "name": "Ada Weber",
            "moderator": False,
        }

    def work_off(self, server, facts):
        CallbackDelivery.objects.note(kind="webhook", server=server, subject=str(facts["run"]), payload=facts)
        return callbacks.sweep()

    def test_whoever_comes_in_is_counted_at_once(self, running, simulator, facts, server):
        simulator.join(facts["room"], "Ada Weber", user_id="u7")

        assert self.work_off(server, facts) == 1

        running.refresh_from_db()
        assert (running.participant_count, Attendance.objects.get().is_inside) == (1, True)

    def test_a_crowd_makes_one_question(self, running, simulator, facts, server):
        simulator.clear_journal()
        for number in range(20):
            self.work_off(server, facts | {"user_id": f"u{number}", "visit": f"w_{number}", "run": facts["run"]})
            CallbackDelivery.objects.all().delete()

        assert len(simulator.journal) == 1
        assert Attendance.objects.count() == 20

    def test_of_a_class_we_have_not_met_it_is_asked_for(self, running, simulator, facts, server):
        MeetingSession.objects.all().delete()  # as from a backup of before
        Server.objects.update(asked_at=None)

        assert self.work_off(server, facts) == 1

        assert MeetingSession.objects.get().internal_id == facts["run"]
        assert Attendance.objects.count() == 1

    def test_of_a_class_nobody_has_it_is_dropped(self, running, facts, server):
        assert self.work_off(server, facts | {"run": "0" * 40 + "-1700000000000"}) == 1
        assert not Attendance.objects.exists()

    def test_after_the_end_nothing_is_being_recorded(self, running, facts, server, simulator):
        recording = {key: facts[key] for key in ("at", "room", "run")} | {"event": "meeting-recording-started"}
        self.work_off(server, recording)
        running.refresh_from_db()
        assert running.being_recorded is True

        simulator.end_meeting(facts["room"])
        meetings.close_session(session=running, reason="ended")

        running.refresh_from_db()
        assert (running.being_recorded, running.has_recording_marks) == (None, True)


def test_what_a_server_with_hooks_sends_is_all_it_takes(running, simulator, bbb):
    """All the way, without one poll: the simulator's own bytes for what happens, from its hook to the rows."""
    bbb["EVENTS"] = "server"
    register()
    simulator.lose_callbacks = True
    ada = simulator.join(running.meeting.meeting_id, "Ada Weber", role="moderator", user_id="u7")
    simulator.set_recording(running.meeting.meeting_id, True)
    simulator.leave(ada)
    simulator.end_meeting(running.meeting.meeting_id)
    assert simulator.wait_for_callbacks()
    sent = [one for one in simulator.callbacks if one.kind == "webhook"]

    statuses = {send_by_test_client(one.callback) for one in sent}
    while callbacks.sweep():
        pass

    running.refresh_from_db()
    assert statuses == {200}
    assert (running.is_open, running.has_recording_marks) == (None, True)
    ((came, went),) = Attendance.objects.get(external_id="u7").intervals
    assert came <= went
    assert not CallbackDelivery.objects.undone().exists()
