"""The inbox: what was asked for is done, once and again, and what fails is tried later."""

import uuid
from datetime import timedelta

import pytest
from django.core.signing import BadSignature
from django.utils import timezone

from django_bbb.api import RecordingReady
from django_bbb.models import CallbackDelivery, MeetingSession, Recording, Server
from django_bbb.services import addresses, callbacks, meetings, polling, publishing, retention
from django_bbb.simulator.faults import HtmlAnswer

ENDED = CallbackDelivery.Kind.MEETING_ENDED


@pytest.fixture
def running(meeting, simulator):
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    return session


@pytest.fixture
def token(running):
    return addresses.make_token(running, kind=ENDED)


def note_ended(token, *, marks="true"):
    return callbacks.note_meeting_ended(token=token, recording_marks=marks)


def note(**facts):
    """Note something, and return its row."""
    return CallbackDelivery.objects.get(pk=CallbackDelivery.objects.note(**facts).pk)


class TestMeetingEnded:
    def test_it_closes_the_class_once_the_server_has_confirmed(self, running, token, simulator, meeting):
        simulator.end_meeting(meeting.meeting_id)

        assert callbacks.process(delivery_id=note_ended(token).pk) is True

        running.refresh_from_db()
        assert (running.is_open, running.end_reason, running.has_recording_marks) == (None, "ended", True)

    def test_a_class_that_still_runs_stays_open(self, running, token):  # threats.md 2
        assert callbacks.process(delivery_id=note_ended(token).pk) is True

        running.refresh_from_db()
        assert running.is_open is True

    def test_the_server_is_asked_at_most_once_in_a_while(self, running, token, simulator):  # threats.md 2
        callbacks.process(delivery_id=note_ended(token).pk)
        simulator.clear_journal()

        for _replay in range(20):
            callbacks.process(delivery_id=note_ended(token).pk)

        assert simulator.journal == []
        assert CallbackDelivery.objects.undone().count() == 1  # asked for again when the while is over

    def test_the_callback_of_the_run_before_leaves_the_present_one_open(
        self, running, token, simulator, meeting
    ):  # threats.md 25
        meetings.end_meeting(meeting=meeting)
        present = meetings.start_meeting(meeting=meeting)

        callbacks.process(delivery_id=note_ended(token).pk)

        present.refresh_from_db()
        assert present.is_open is True

    def test_a_run_whose_room_has_its_next_run_is_over(self, running, token, simulator, meeting):  # threats.md 25
        simulator.restart()
        simulator.create_meeting(meeting.meeting_id)

        callbacks.process(delivery_id=note_ended(token).pk)

        running.refresh_from_db()
        assert (running.is_open, running.end_reason) == (None, "ended")

    def test_a_class_the_poll_has_closed_learns_whether_it_was_recorded(self, running, token, simulator, meeting):
        simulator.end_meeting(meeting.meeting_id)
        polling.poll_servers()

        callbacks.process(delivery_id=note_ended(token).pk)

        running.refresh_from_db()
        assert running.has_recording_marks is True

    def test_a_poll_that_closes_the_class_meanwhile_knows_that_it_was_recorded(
        self, running, token, simulator, meeting
    ):
        meetings.check_session(session=running, reason="gone")  # so that the callback has to wait
        simulator.end_meeting(meeting.meeting_id)

        done = callbacks.process(delivery_id=note_ended(token).pk)
        MeetingSession.objects.update(checked_at=None)
        polling.poll_servers()

        running.refresh_from_db()
        assert done is False
        assert (running.is_open, running.end_reason, running.has_recording_marks) == (None, "gone", True)

    def test_false_is_false(self, running, token, simulator, meeting):  # pitfalls.md 13
        simulator.end_meeting(meeting.meeting_id)

        callbacks.process(delivery_id=note_ended(token, marks="false").pk)

        running.refresh_from_db()
        assert running.has_recording_marks is False
        assert running.look_at is not None  # nobody has signed that there is no recording

    @pytest.mark.parametrize("order", [("true", "false"), ("false", "true")])
    @pytest.mark.parametrize("at_once", [True, False])
    def test_a_forged_no_does_not_hide_a_yes(self, running, token, simulator, meeting, order, at_once):
        simulator.end_meeting(meeting.meeting_id)

        for marks in order:
            row = note_ended(token, marks=marks)
            if not at_once:
                CallbackDelivery.objects.update(next_try_at=timezone.now())
                callbacks.process(delivery_id=row.pk)
        callbacks.process(delivery_id=row.pk)

        running.refresh_from_db()
        assert running.has_recording_marks is True

    def test_what_a_poll_has_found_gone_was_ended(self, running, token, simulator, meeting):
        simulator.end_meeting(meeting.meeting_id)
        polling.poll_servers()

        callbacks.process(delivery_id=note_ended(token).pk)

        running.refresh_from_db()
        assert (running.is_open, running.end_reason) == (None, "ended")

    def test_a_class_of_which_nothing_is_known_any_more_is_no_error(self, db):
        class Forgotten:
            uuid = uuid.uuid4()

        assert note_ended(addresses.make_token(Forgotten(), kind=ENDED)) is None

    def test_a_token_of_another_kind_is_refused(self, running):
        other = addresses.make_token(running, kind="recording-ready")

        with pytest.raises(BadSignature):
            note_ended(other)

    def test_a_token_outlives_a_rotation_of_the_sites_key(self, running, token, settings):  # threats.md 81
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "the new key"

        assert note_ended(token) is not None


class TestInbox:
    def test_asked_twice_it_is_one_row(self, running, token):
        first, second = note_ended(token), note_ended(token)

        assert first.pk == second.pk
        assert (first.needs_a_worker, second.needs_a_worker) == (True, False)
        assert CallbackDelivery.objects.get().asked == 2

    def test_while_somebody_is_at_it_another_worker_is_needed_but_later(self, running, token):
        first = note_ended(token)
        CallbackDelivery.objects.take_lease(first.pk)

        again = note_ended(token)

        assert (first.has_to_wait, again.needs_a_worker, again.has_to_wait) == (False, True, True)

    def test_a_worker_whose_clock_is_behind_takes_it_all_the_same(
        self, running, token, simulator, meeting, monkeypatch
    ):
        simulator.end_meeting(meeting.meeting_id)
        noted = note_ended(token)
        moment = timezone.now() - timedelta(seconds=50)
        monkeypatch.setattr(timezone, "now", lambda: moment)

        assert callbacks.process(delivery_id=noted.pk) is True

    def test_what_is_asked_for_while_it_is_worked_off_is_not_lost(
        self, running, server, simulator, meeting, monkeypatch
    ):
        event = RecordingReady(meeting_id=meeting.meeting_id, record_id=running.internal_id)
        delivery = callbacks.note_recording_ready(server=server, event=event)

        def asked_again_meanwhile(one):
            callbacks.note_recording_ready(server=server, event=event)

        monkeypatch.setitem(callbacks.HANDLERS, "recording-ready", asked_again_meanwhile)
        callbacks.process(delivery_id=delivery.pk)

        (row,) = CallbackDelivery.objects.undone()
        assert (row.asked, row.done) == (2, 1)
        assert row.next_try_at > timezone.now()  # and rests until then

    def test_done_twice_it_does_no_harm(self, running, token, simulator, meeting):
        simulator.end_meeting(meeting.meeting_id)
        delivery = note_ended(token)

        assert [callbacks.process(delivery_id=delivery.pk) for _twice in range(2)] == [True, False]

    def test_what_somebody_works_on_is_left_to_them(self, running, token):
        delivery = note_ended(token)
        CallbackDelivery.objects.take_lease(delivery.pk)

        assert callbacks.process(delivery_id=delivery.pk) is False
        assert callbacks.sweep() == 0

    def test_the_lease_of_a_killed_worker_runs_out(self, running, token, simulator, meeting):  # threats.md 35
        simulator.end_meeting(meeting.meeting_id)
        delivery = note_ended(token)
        CallbackDelivery.objects.take_lease(delivery.pk)
        CallbackDelivery.objects.update(lease_until=timezone.now())

        assert callbacks.sweep() == 1

    def test_a_server_that_does_not_answer_is_asked_later(self, running, token, simulator):
        simulator.faults.set(HtmlAnswer(status=502))
        delivery = note_ended(token)

        assert callbacks.process(delivery_id=delivery.pk) is False

        row = CallbackDelivery.objects.get(pk=delivery.pk)
        assert row.tries == 1
        assert row.next_try_at > timezone.now()
        assert row.last_error.startswith("ServerUnreachable")

    def test_what_keeps_failing_is_parked_and_others_go_on(
        self, running, token, simulator, meeting, bbb, monkeypatch
    ):  # threats.md 28
        bbb["CALLBACK_TRIES"] = 2
        poison = note(kind="recording-ready", server=running.server, subject="x")

        def broken(one):
            raise RuntimeError("poison")

        monkeypatch.setitem(callbacks.HANDLERS, "recording-ready", broken)
        simulator.end_meeting(meeting.meeting_id)
        note_ended(token)

        worked_off = 0
        for _round in range(3):
            CallbackDelivery.objects.update(next_try_at=timezone.now())
            worked_off += callbacks.sweep()

        assert worked_off == 1
        assert list(CallbackDelivery.objects.parked()) == [poison]

    def test_a_parked_one_can_be_tried_again(self, running, bbb):
        bbb["CALLBACK_TRIES"] = 1
        parked = note(kind="recording-ready", server=running.server, subject="x")
        CallbackDelivery.objects.update(tries=1)

        callbacks.try_again(delivery=parked)

        assert list(CallbackDelivery.objects.due()) == [parked]


class TestRecordingReady:
    def test_it_mirrors_what_the_server_has(self, running, simulator, meeting, server):
        simulator.end_meeting(meeting.meeting_id)
        simulator.finish_recordings()
        event = RecordingReady(meeting_id=meeting.meeting_id, record_id=running.internal_id)

        callbacks.process(delivery_id=callbacks.note_recording_ready(server=server, event=event).pk)

        assert [one.type for one in Recording.objects.get().playbacks.all()] == ["presentation", "video"]

    def test_a_repeat_does_not_publish_what_a_person_has_hidden(
        self, running, simulator, meeting, server
    ):  # pitfalls.md 20
        self.test_it_mirrors_what_the_server_has(running, simulator, meeting, server)
        recording = Recording.objects.get()
        publishing.unpublish_recordings(recordings=[recording])
        event = RecordingReady(meeting_id=meeting.meeting_id, record_id=running.internal_id)

        callbacks.process(delivery_id=callbacks.note_recording_ready(server=server, event=event).pk)

        recording.refresh_from_db()
        assert recording.published is False

    def test_one_that_was_deleted_here_is_not_noted(self, running, simulator, meeting, server):
        self.test_it_mirrors_what_the_server_has(running, simulator, meeting, server)
        publishing.delete_recordings(recordings=[Recording.objects.get()])
        event = RecordingReady(meeting_id=meeting.meeting_id, record_id=running.internal_id)

        assert callbacks.note_recording_ready(server=server, event=event) is None

    def test_it_may_come_before_the_end(self, running, token, simulator, meeting, server):  # threats.md 26
        simulator.end_meeting(meeting.meeting_id)
        simulator.finish_recordings()
        event = RecordingReady(meeting_id=meeting.meeting_id, record_id=running.internal_id)

        callbacks.process(delivery_id=callbacks.note_recording_ready(server=server, event=event).pk)
        callbacks.process(delivery_id=note_ended(token).pk)

        assert MeetingSession.objects.get().is_open is None
        assert Recording.objects.get().meeting == meeting


class TestOutage:
    @pytest.fixture
    def asked(self, running, server):
        """Thirty things that callbacks have asked for."""
        for number in range(30):
            CallbackDelivery.objects.note(
                kind="recording-ready", server=server, subject=f"{number:040d}-1700000000000"
            )

    def test_a_server_that_is_down_is_not_asked_once_for_each(self, asked, simulator, server):  # threats.md 39, 58
        simulator.clear_journal()
        simulator.faults.set(HtmlAnswer(status=502))

        callbacks.sweep()

        server.refresh_from_db()
        assert len(simulator.journal) == 2  # the first may be a hiccup; after the second it is left out
        waiting = CallbackDelivery.objects.filter(next_try_at=server.next_try_at)
        assert waiting.count() == 28

    def test_however_long_it_takes_nothing_is_given_up(self, asked, simulator, server, bbb):
        bbb["CALLBACK_TRIES"] = 3
        simulator.faults.set(HtmlAnswer(status=502))
        for _round in range(10):
            Server.objects.update(next_try_at=None)
            CallbackDelivery.objects.update(next_try_at=timezone.now())
            callbacks.sweep()
        assert not CallbackDelivery.objects.parked().exists()

        simulator.faults.clear()
        Server.objects.update(next_try_at=None)
        CallbackDelivery.objects.update(next_try_at=timezone.now())

        assert callbacks.sweep() == 30

    def test_not_all_are_tried_again_at_the_same_moment(self, asked, simulator, server, monkeypatch):  # threats.md 39
        monkeypatch.setattr(callbacks.servers, "note_failure", lambda **facts: None)
        simulator.faults.set(HtmlAnswer(status=502))

        callbacks.sweep()

        moments = CallbackDelivery.objects.values_list("next_try_at", flat=True)
        assert max(moments) - min(moments) > timedelta(seconds=1)

    def test_a_sweep_leaves_the_rest_to_the_next_when_its_time_is_over(self, asked):
        assert callbacks.sweep(seconds=0) == 0
        assert CallbackDelivery.objects.due().count() == 30

    def test_what_was_done_a_moment_ago_rests(self, running, server, simulator):  # threats.md 10
        simulator.clear_journal()
        for _replay in range(20):
            CallbackDelivery.objects.note(kind="recording-ready", server=server, subject=running.internal_id)
            callbacks.sweep()

        assert len(simulator.journal) == 1
        assert CallbackDelivery.objects.undone().count() == 1  # and then it is looked once more


class TestLeases:
    def test_whoever_took_too_long_does_not_end_the_lease_of_the_next(self, running, server, monkeypatch):
        row = note(kind="recording-ready", server=server, subject="x")
        taken = []

        def slow(delivery):
            if not taken:  # meanwhile the lease is over, and another takes the row
                taken.append(CallbackDelivery.objects.update(lease_until=timezone.now()))
                taken.append(CallbackDelivery.objects.take_lease(row.pk))

        monkeypatch.setitem(callbacks.HANDLERS, "recording-ready", slow)
        callbacks.process(delivery_id=row.pk)

        row.refresh_from_db()
        assert row.lease_until == taken[1].lease_until
        assert row.done == 0


class TestForgetting:
    def test_what_is_done_goes_after_a_while_and_what_is_not_stays(self, running, server, bbb):  # threats.md 30, 125
        bbb["CALLBACK_TRIES"] = 3
        for subject, facts in {
            "done": {"done": 1},
            "asked again": {"done": 1, "asked": 2},
            "given up": {"tries": 3},
            "failing": {"tries": 2},
        }.items():
            row = note(kind="recording-ready", server=server, subject=subject)
            CallbackDelivery.objects.filter(pk=row.pk).update(asked_at=timezone.now() - timedelta(days=31), **facts)
        CallbackDelivery.objects.note(kind="recording-ready", server=server, subject="new")
        CallbackDelivery.objects.filter(subject="new").update(done=1)

        assert retention.forget_what_is_old()["callbacks"] == 2

        left = CallbackDelivery.objects.values_list("subject", flat=True)
        assert sorted(left) == ["asked again", "failing", "new"]

    def test_what_a_dying_worker_has_left_of_people_goes_as_well(self, running, server):
        row = note(kind="analytics", server=server, subject="x", payload={"people": []})
        retention.forget_what_is_old()
        row.refresh_from_db()
        assert row.payload == {"people": []}
        CallbackDelivery.objects.update(done=1)

        retention.forget_what_is_old()

        row.refresh_from_db()
        assert row.payload == {}


@pytest.mark.parametrize("kind", ["meeting-ended", "analytics"])
def test_about_a_run_that_was_deleted_meanwhile_nothing_is_left_to_be_done(running, server, kind):
    row = note(kind=kind, server=server, subject=str(running.uuid), payload={"people": []})
    running.delete()

    assert callbacks.process(delivery_id=row.pk) is True
