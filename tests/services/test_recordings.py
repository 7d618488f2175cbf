"""Recordings: mirrored as the server tells them, and changed there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb import api, signals
from django_bbb.models import MeetingSession, Playback, Recording
from django_bbb.services import meetings, mirroring, recordings
from django_bbb.simulator.faults import HtmlAnswer
from django_bbb.simulator.recordings import RecordingState
from django_bbb.simulator.simulator import BigBlueButtonSimulator


@pytest.fixture
def ready():
    """What the signal told: formats, and whether it was the first time."""
    told = []

    def receive(sender, recording, formats, first_time, **arguments):
        told.append((formats, first_time))

    signals.recording_ready.connect(receive)
    yield told
    signals.recording_ready.disconnect(receive)


class TestLooking:
    def test_a_lost_callback_is_made_up_for(self, session, meeting):  # threats.md 22
        assert recordings.look_for_recordings() == 1

        found = meeting.recordings.get()
        assert found.record_id == session.internal_id
        assert found.published is True
        assert [one.type for one in found.playbacks.all()] == ["presentation", "video"]
        assert len(found.playbacks.get(type="presentation").thumbnails) == 3

    def test_looks_become_rarer_with_time(self, session, bbb):
        bbb["LOOK_INTERVAL"] = 60
        MeetingSession.objects.update(ended_at=timezone.now() - timedelta(hours=10), look_at=timezone.now())

        recordings.look_for_recordings()

        session.refresh_from_db()
        assert timedelta(minutes=59) < session.look_at - timezone.now() < timedelta(minutes=61)

    def test_nobody_looks_for_ever(self, session):
        MeetingSession.objects.update(ended_at=timezone.now() - timedelta(days=8), look_at=timezone.now())

        recordings.look_for_recordings()

        session.refresh_from_db()
        assert session.look_at is None

    def test_nobody_looks_before_the_time(self, session, simulator):
        MeetingSession.objects.update(look_at=timezone.now() + timedelta(minutes=1))
        simulator.clear_journal()

        assert recordings.look_for_recordings() == 0
        assert simulator.journal == []

    def test_a_server_that_is_down_changes_nothing(self, session, recording, simulator):  # threats.md 114
        simulator.faults.set(HtmlAnswer(status=502))

        assert recordings.look_for_recordings() == 0
        assert Recording.objects.get().published is True

    def test_a_class_that_cannot_be_recorded_is_not_looked_for(self, meeting, simulator, server):
        meeting.options = {"record": False}
        meeting.save()
        session = meetings.start_meeting(meeting=meeting)
        meetings.end_meeting(meeting=meeting)

        session.refresh_from_db()
        assert session.look_at is None


class TestMirroring:
    def test_the_second_format_is_added_and_told_once(
        self, meeting, bbb, ready, django_capture_on_commit_callbacks
    ):  # threats.md 21
        with BigBlueButtonSimulator(secret="z" * 40, recording_delay=3600, lose_callbacks=True) as slow:
            bbb["SERVERS"]["default"] = {"URL": slow.url, "SECRET": "z" * 40}
            meetings.servers.register_declared_servers()
            session = meetings.start_meeting(meeting=meeting)
            slow.join(meeting.meeting_id, "Ada Weber", role="moderator")
            slow.set_recording(meeting.meeting_id, True)
            slow.end_meeting(meeting.meeting_id)
            seen = []
            with django_capture_on_commit_callbacks(execute=True):
                for _step in range(3):
                    slow.advance(3600)
                    recordings.refresh_recordings(server=session.server, record_ids=[session.internal_id])
                    seen.append([one.type for one in Playback.objects.all()])

        assert seen == [["presentation"], ["presentation", "video"], ["presentation", "video"]]
        assert ready == [(["presentation"], True), (["video"], False)]

    def test_asked_again_nothing_is_told(self, recording, ready, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        assert ready == []

    def test_a_rename_is_no_second_recording(self, recording, simulator):  # pitfalls.md 27
        simulator.recordings[recording.record_id].name = "Fractions"

        recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        assert [one.name for one in Recording.objects.all()] == ["Fractions"]

    def test_what_was_unpublished_on_the_server_is_so_here(self, recording, simulator):  # pitfalls.md 27
        simulator.recordings[recording.record_id].state = RecordingState.UNPUBLISHED

        recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        recording.refresh_from_db()
        assert recording.published is False

    def test_recordings_of_others_on_the_server_are_left_alone(self, session, simulator):  # threats.md 93
        theirs = simulator.add_recording("somebody-elses-room")

        recordings.refresh_recordings(server=session.server, record_ids=[theirs.record_id])

        assert not Recording.objects.filter(record_id=theirs.record_id).exists()

    def test_the_recording_of_a_breakout_room_belongs_to_its_parents_meeting(self, session, meeting, server):
        remote = api.Recording(
            record_id="b" * 40 + "-1700000000000", meeting_id="generated", internal_meeting_id="", name="Group 1",
            is_breakout=True, published=True, protected=None, state="published", start_time=None, end_time=None,
            participants=None, raw_size=None, size=None, metadata={}, formats=(), data=(),
            parent_id=session.internal_id, breakout_rooms=(),
        )  # fmt: skip

        mirroring.mirror(server=server, remote=[remote])

        stored = Recording.objects.get()
        assert stored.meeting == meeting
        assert stored.is_breakout is True

    def test_one_that_was_deleted_on_the_server_leaves_a_tombstone(self, recording, simulator):
        simulator.recordings[recording.record_id].state = RecordingState.DELETED

        recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        recording.refresh_from_db()
        assert recording.deleted_at is not None
