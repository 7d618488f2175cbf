"""What people do with recordings: each keeps its own outcome, and a yes is believed when it is seen."""

import pytest

from django_bbb import signals
from django_bbb.api import RecordingNotFound, ServerUnreachable
from django_bbb.models import Recording
from django_bbb.services import publishing, recordings, syncing
from django_bbb.services.publishing import Result
from django_bbb.services.servers import register_declared_servers
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.faults import HtmlAnswer
from django_bbb.simulator.recordings import RecordingState


@pytest.fixture
def unknown(recording):
    """A row whose recording the server has never had."""
    return Recording.objects.create(server=recording.server, record_id="0" * 40 + "-1700000000000", name="Gone")


def results(outcomes):
    return {outcome.recording.record_id: outcome.result for outcome in outcomes}


def test_a_new_title_is_none_for_one_that_turns_out_to_be_deleted(recording, simulator):
    simulator.recordings[recording.record_id].state = RecordingState.DELETED

    publishing.rename_recordings(recordings=[recording], title="Fractions")

    recording.refresh_from_db()
    assert recording.deleted_at is not None
    assert recording.title == ""


class TestPublishing:
    def test_unpublish_and_publish_change_the_server_and_the_row(self, recording, simulator):  # pitfalls.md 11
        remote = simulator.recordings[recording.record_id]

        (first,) = publishing.unpublish_recordings(recordings=[recording])
        after_unpublish = (recording.published, str(remote.state))
        publishing.publish_recordings(recordings=[recording])

        assert first.result is Result.DONE
        assert after_unpublish == (False, "unpublished")
        assert (recording.published, str(remote.state)) == (True, "published")

    def test_many_take_a_call_for_forty_of_them(self, many, server, simulator):
        syncing.sync_recordings(server=server)
        simulator.clear_journal()

        outcomes = publishing.unpublish_recordings(recordings=Recording.objects.all())

        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert {str(one.state) for one in many} == {"unpublished"}
        assert [entry.call for entry in simulator.journal] == ["publishRecordings", "getRecordings"]

    def test_one_the_server_does_not_know_spoils_none(self, recording, unknown):
        outcomes = publishing.unpublish_recordings(recordings=[unknown, recording])

        assert results(outcomes) == {recording.record_id: Result.DONE, unknown.record_id: Result.FAILED}
        (error,) = (outcome.error for outcome in outcomes if outcome.error)
        assert isinstance(error, RecordingNotFound)

    def test_a_server_that_does_not_answer_leaves_the_row_as_it_was(self, recording, simulator):
        simulator.faults.set(HtmlAnswer(status=503))

        (outcome,) = publishing.unpublish_recordings(recordings=[recording])

        recording.refresh_from_db()
        assert isinstance(outcome.error, ServerUnreachable)
        assert recording.published is True

    def test_it_is_asked_once_and_not_with_every_batch(self, recording, simulator):
        more = [
            Recording.objects.create(server=recording.server, record_id=f"{number:040x}-1700000000000")
            for number in range(90)
        ]
        simulator.clear_journal()
        simulator.faults.set(HtmlAnswer(status=503))

        outcomes = publishing.unpublish_recordings(recordings=[recording, *more])

        assert len(outcomes) == 91
        assert {outcome.result for outcome in outcomes} == {Result.FAILED}
        assert len(simulator.journal) == 1

    def test_a_yes_that_does_not_show_is_only_requested(self, recording, simulator):  # threats.md 65
        yes = "<response><returncode>SUCCESS</returncode><published>false</published></response>"
        simulator.faults.set(HtmlAnswer(status=200, body=yes), call="publishRecordings")

        (outcome,) = publishing.unpublish_recordings(recordings=[recording])

        assert outcome.result is Result.REQUESTED
        assert recording.published is True

    def test_a_look_afterwards_that_fails_leaves_it_requested(self, recording, simulator):
        simulator.faults.set(HtmlAnswer(status=503), call="getRecordings")

        (outcome,) = publishing.unpublish_recordings(recordings=[recording])

        assert outcome.result is Result.REQUESTED


class TestDescribing:
    def test_a_title_is_kept_here_and_told_to_the_server(self, recording, simulator):
        publishing.rename_recordings(recordings=[recording], title="Fractions")

        recording.refresh_from_db()
        assert str(recording) == "Fractions"
        assert simulator.recordings[recording.record_id].metadata["name"] == "Fractions"

    def test_a_title_the_server_did_not_take_is_not_kept(self, recording, simulator):
        simulator.faults.set(HtmlAnswer(status=503))

        publishing.rename_recordings(recordings=[recording], title="Fractions")

        recording.refresh_from_db()
        assert recording.title == ""

    def test_facts_are_set_and_removed(self, recording):
        publishing.set_metadata(recordings=[recording], metadata={"Course": "7b"})
        before = recording.metadata.get("course")
        (outcome,) = publishing.set_metadata(recordings=[recording], metadata={"course": ""})

        assert before == "7b"
        assert outcome.result is Result.DONE
        assert "course" not in recording.metadata

    def test_of_a_balancers_several_one_unknown_spoils_none(self, scalelite, recording, unknown):
        outcomes = publishing.set_metadata(recordings=[recording, unknown], metadata={"course": "7b"})

        assert results(outcomes) == {recording.record_id: Result.DONE, unknown.record_id: Result.FAILED}

    def test_a_balancer_protects_each_of_several(self, scalelite, recording, meeting):
        other = scalelite.add_recording(meeting.meeting_id)
        recordings.refresh_recordings(server=recording.server, record_ids=[other.record_id])

        outcomes = publishing.protect_recordings(recordings=Recording.objects.all())

        assert {outcome.result for outcome in outcomes} == {Result.DONE}
        assert set(Recording.objects.values_list("protected", flat=True)) == {True}

    def test_a_server_that_knows_no_protection_does_not_show_it(self, recording):
        (outcome,) = publishing.protect_recordings(recordings=[recording])

        assert outcome.result is Result.REQUESTED


class TestDeleting:
    def test_delete_deletes_there_and_keeps_a_tombstone_without_personal_data(self, recording, simulator):
        publishing.delete_recordings(recordings=[recording])

        assert str(simulator.recordings[recording.record_id].state) == "deleted"
        assert (recording.name, recording.metadata, recording.playbacks.count()) == ("", {}, 0)
        assert recording.deleted_at is not None

    def test_what_is_already_gone_counts_as_deleted(self, recording, unknown):  # quirks.md 64
        for _time in range(2):
            outcomes = publishing.delete_recordings(recordings=[recording, unknown])
            assert {outcome.result for outcome in outcomes} == {Result.DONE}

        assert Recording.objects.existing().count() == 0

    def test_a_yes_that_is_not_true_is_not_believed(self, recording, simulator):  # threats.md 65
        yes = "<response><returncode>SUCCESS</returncode><deleted>true</deleted></response>"
        simulator.faults.set(HtmlAnswer(status=200, body=yes), call="deleteRecordings")

        (outcome,) = publishing.delete_recordings(recordings=[recording])

        assert outcome.result is Result.REQUESTED
        assert recording.deleted_at is None

    def test_an_answer_that_could_not_be_read_whole_proves_nothing(self, recording, simulator):
        unreadable = "<recording><name>no id</name></recording>"
        other = "<recording><recordID>another</recordID></recording>"
        listed = f"<response><returncode>SUCCESS</returncode><recordings>{unreadable}{other}</recordings></response>"
        simulator.faults.set(HtmlAnswer(status=200, body=listed), call="getRecordings")

        publishing.delete_recordings(recordings=[recording])

        assert recording.deleted_at is None

    def test_a_deleted_one_does_not_come_back(self, recording, simulator, server):  # threats.md 117
        publishing.delete_recordings(recordings=[recording])
        simulator.recordings[recording.record_id].state = RecordingState.PUBLISHED

        recordings.refresh_recordings(server=server, record_ids=[recording.record_id])
        syncing.sync_recordings(server=server, full=True)

        recording.refresh_from_db()
        assert recording.deleted_at is not None
        assert (recording.name, recording.metadata, recording.playbacks.count()) == ("", {}, 0)

    def test_the_project_is_told_of_a_deletion(self, recording, django_capture_on_commit_callbacks):
        told = []

        def receive(sender, recording, **arguments):
            told.append(recording)

        signals.recording_deleted.connect(receive)
        with django_capture_on_commit_callbacks(execute=True):
            publishing.delete_recordings(recordings=[recording])
        signals.recording_deleted.disconnect(receive)

        assert told == [recording]


@pytest.fixture
def scalelite(recording, bbb):
    """A balancer in the place of the server, with the same recording."""
    with BigBlueButtonSimulator(secret="z" * 40, profile="scalelite") as balancer:
        bbb["SERVERS"]["default"] = {"URL": balancer.url, "SECRET": "z" * 40}
        register_declared_servers()
        there = balancer.add_recording(recording.meeting.meeting_id)
        Recording.objects.filter(pk=recording.pk).update(record_id=there.record_id)
        recording.refresh_from_db()
        yield balancer
