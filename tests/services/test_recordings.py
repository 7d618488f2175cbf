"""Recordings: mirrored as the server tells them, and changed there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb import signals
from django_bbb.api import RecordingNotFound, ServerUnreachable
from django_bbb.models import MeetingSession, Playback, Recording
from django_bbb.services import meetings, recordings
from django_bbb.simulator.faults import HtmlAnswer
from django_bbb.simulator.recordings import RecordingState
from django_bbb.simulator.simulator import BigBlueButtonSimulator


@pytest.fixture
def session(meeting, simulator):
    """A class that was recorded and has ended, as the poll found it; the server has both formats."""
    session = meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.lose_callbacks = True
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    meetings.poll_servers()
    session.refresh_from_db()
    return session


@pytest.fixture
def recording(session):
    (found,) = recordings.refresh_recordings(server=session.server, record_ids=[session.internal_id])
    return found


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
        from django_bbb import api
        from django_bbb.services.recordings import _mirror

        remote = api.Recording(
            record_id="b" * 40 + "-1700000000000", meeting_id="generated", internal_meeting_id="", name="Group 1",
            is_breakout=True, published=True, protected=None, state="published", start_time=None, end_time=None,
            participants=None, raw_size=None, size=None, metadata={}, formats=(), data=(),
            parent_id=session.internal_id, breakout_rooms=(),
        )  # fmt: skip

        (stored,) = _mirror(server, [remote])

        assert stored.meeting == meeting
        assert stored.is_breakout is True

    def test_a_sync_finds_what_nobody_looked_for(self, session, meeting, simulator, server):
        older = simulator.add_recording(meeting.meeting_id, name="Last year")

        assert recordings.sync_recordings(server=server) == 2
        assert {one.record_id for one in meeting.recordings.all()} == {older.record_id, session.internal_id}

    def test_an_empty_answer_deletes_nothing(self, recording, simulator, server):  # pitfalls.md 24
        simulator.recordings.clear()
        simulator.faults.set(HtmlAnswer(status=200, body=_NO_RECORDINGS), call="getRecordings")

        recordings.sync_recordings(server=server)

        assert Recording.objects.existing().count() == 1

    def test_one_that_was_deleted_on_the_server_leaves_a_tombstone(self, recording, simulator):
        simulator.recordings[recording.record_id].state = RecordingState.DELETED

        recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        recording.refresh_from_db()
        assert recording.deleted_at is not None


class TestChanging:
    def test_unpublish_and_publish_change_the_server_and_the_row(self, recording, simulator):  # pitfalls.md 11
        remote = simulator.recordings[recording.record_id]

        recordings.unpublish_recording(recording=recording)
        after_unpublish = (recording.published, str(remote.state))
        recordings.publish_recording(recording=recording)

        assert after_unpublish == (False, "unpublished")
        assert (recording.published, str(remote.state)) == (True, "published")

    def test_a_server_that_does_not_answer_leaves_the_row_as_it_was(self, recording, simulator):
        simulator.faults.set(HtmlAnswer(status=503))

        with pytest.raises(ServerUnreachable):
            recordings.unpublish_recording(recording=recording)

        recording.refresh_from_db()
        assert recording.published is True

    def test_an_unknown_recording_is_a_typed_error(self, recording, simulator):
        recording.record_id = "0" * 40 + "-1700000000000"

        with pytest.raises(RecordingNotFound):
            recordings.publish_recording(recording=recording)

    def test_delete_deletes_there_and_keeps_a_tombstone_without_personal_data(self, recording, simulator):
        recordings.delete_recording(recording=recording)

        recording.refresh_from_db()
        assert str(simulator.recordings[recording.record_id].state) == "deleted"
        assert (recording.name, recording.metadata, recording.playbacks.count()) == ("", {}, 0)
        assert recording.deleted_at is not None

    def test_what_is_already_gone_counts_as_deleted(self, recording, simulator, server):  # quirks.md 64
        recordings.delete_recording(recording=recording)
        Recording.objects.update(deleted_at=None)

        recordings.delete_recording(recording=recording)

        recording.refresh_from_db()
        assert recording.deleted_at is not None

    def test_a_yes_that_is_not_true_is_not_believed(self, recording, simulator):  # threats.md 65
        yes = "<response><returncode>SUCCESS</returncode><deleted>true</deleted></response>"
        simulator.faults.set(HtmlAnswer(status=200, body=yes), call="deleteRecordings")

        recordings.delete_recording(recording=recording)

        recording.refresh_from_db()
        assert recording.deleted_at is None

    def test_an_answer_that_could_not_be_read_whole_proves_nothing(self, recording, simulator):
        unreadable = "<recording><name>no id</name></recording>"
        other = "<recording><recordID>another</recordID></recording>"
        listed = f"<response><returncode>SUCCESS</returncode><recordings>{unreadable}{other}</recordings></response>"
        simulator.faults.set(HtmlAnswer(status=200, body=listed), call="getRecordings")

        recordings.delete_recording(recording=recording)

        recording.refresh_from_db()
        assert recording.deleted_at is None

    def test_a_deleted_one_does_not_come_back(self, recording, simulator):  # threats.md 117
        recordings.delete_recording(recording=recording)
        simulator.recordings[recording.record_id].state = RecordingState.PUBLISHED

        recordings.refresh_recordings(server=recording.server, record_ids=[recording.record_id])

        recording.refresh_from_db()
        assert recording.deleted_at is not None
        assert (recording.name, recording.metadata, recording.playbacks.count()) == ("", {}, 0)

    def test_the_project_is_told_of_a_deletion(self, recording, django_capture_on_commit_callbacks):
        told = []

        def receive(sender, recording, **arguments):
            told.append(recording)

        signals.recording_deleted.connect(receive)
        with django_capture_on_commit_callbacks(execute=True):
            recordings.delete_recording(recording=recording)
        signals.recording_deleted.disconnect(receive)

        assert told == [recording]


_NO_RECORDINGS = (
    "<response><returncode>SUCCESS</returncode><recordings></recordings><messageKey>noRecordings</messageKey>"
    "<message>none</message></response>"
)
