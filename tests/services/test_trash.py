"""The trash: nobody sees what is in it, and it comes out as it went in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb.models import Recording
from django_bbb.services import choices, publishing, syncing, trash
from django_bbb.services.publishing import Result
from django_bbb.simulator.faults import HtmlAnswer


@pytest.fixture
def remote(recording, simulator):
    return simulator.recordings[recording.record_id]


def move(recording):
    (outcome,) = trash.trash_recordings(recordings=[recording])
    recording.refresh_from_db()
    return outcome.result


def age(days):
    Recording.objects.update(trashed_at=timezone.now() - timedelta(days=days))


class TestMoving:
    def test_it_is_unpublished_on_its_server_and_nobody_sees_it(self, recording, remote):
        assert move(recording) is Result.DONE

        assert str(remote.state) == "unpublished"
        assert recording.trashed_at is not None
        assert not Recording.objects.visible().exists()

    def test_restored_it_is_published_again(self, recording, remote):
        move(recording)

        (outcome,) = trash.restore_recordings(recordings=[recording])

        assert outcome.result is Result.DONE
        assert str(remote.state) == "published"
        assert Recording.objects.visible().get() == recording

    def test_what_was_not_published_is_not_afterwards(self, recording, remote):
        publishing.unpublish_recordings(recordings=[recording])
        move(recording)

        trash.restore_recordings(recordings=[recording])

        recording.refresh_from_db()
        assert recording.trashed_at is None
        assert str(remote.state) == "unpublished"

    def test_moved_twice_it_is_still_restored_as_it_was(self, recording, remote):
        move(recording)
        move(recording)

        trash.restore_recordings(recordings=[recording])

        assert str(remote.state) == "published"

    def test_where_the_server_does_not_answer_it_stays_where_it_was(self, recording, simulator):
        simulator.faults.set(HtmlAnswer(status=503))

        assert move(recording) is Result.FAILED

        assert recording.trashed_at is None
        assert Recording.objects.visible().exists()

    def test_one_that_cannot_be_published_again_stays_in_the_trash(self, recording, simulator):
        move(recording)
        simulator.faults.set(HtmlAnswer(status=503))

        (outcome,) = trash.restore_recordings(recordings=[recording])

        recording.refresh_from_db()
        assert outcome.result is Result.FAILED
        assert recording.trashed_at is not None

    def test_what_its_server_does_not_have_goes_there_all_the_same(self, server):
        gone = Recording.objects.create(server=server, record_id="0" * 40 + "-1700000000000", published=True)

        assert move(gone) is Result.DONE
        assert gone.trashed_at is not None

    def test_what_has_expired_does_not_go_back_at_once(self, recording):
        choices.set_expiry(recordings=Recording.objects.all(), expires_at=timezone.now() - timedelta(days=1))
        trash.tidy_recordings()
        recording.refresh_from_db()

        trash.restore_recordings(recordings=[recording])
        trash.tidy_recordings()

        recording.refresh_from_db()
        assert (recording.trashed_at, recording.expires_at) == (None, None)

    def test_no_sync_takes_it_out(self, recording, server):
        move(recording)

        syncing.sync_recordings(server=server, full=True)

        recording.refresh_from_db()
        assert recording.trashed_at is not None


class TestTidying:
    def test_what_has_expired_goes_to_the_trash(self, recording, remote):
        choices.set_expiry(recordings=Recording.objects.all(), expires_at=timezone.now())

        assert trash.tidy_recordings() == {"trashed": 1, "deleted": 0}
        assert str(remote.state) == "unpublished"
        assert trash.tidy_recordings() == {"trashed": 0, "deleted": 0}

    def test_what_has_not_stays(self, recording):
        choices.set_expiry(recordings=Recording.objects.all(), expires_at=timezone.now() + timedelta(days=1))

        assert trash.tidy_recordings() == {"trashed": 0, "deleted": 0}

    def test_after_its_time_in_the_trash_it_is_deleted_for_good(self, recording, remote):
        move(recording)
        age(days=29)
        too_early = trash.tidy_recordings()
        age(days=31)

        assert too_early == {"trashed": 0, "deleted": 0}
        assert trash.tidy_recordings() == {"trashed": 0, "deleted": 1}
        assert str(remote.state) == "deleted"

    def test_the_time_is_the_sites(self, recording, remote, bbb):
        bbb["KEEP_TRASH"] = 3600
        move(recording)
        age(days=1)

        trash.tidy_recordings()

        assert str(remote.state) == "deleted"

    def test_what_is_kept_for_ever_neither_expires_nor_is_deleted(self, recording, remote):
        past = timezone.now() - timedelta(days=400)
        Recording.objects.update(keep=True, expires_at=past)
        not_moved = trash.tidy_recordings()
        move(recording)
        age(days=400)

        assert not_moved == {"trashed": 0, "deleted": 0}
        assert trash.tidy_recordings() == {"trashed": 0, "deleted": 0}
        assert str(remote.state) == "unpublished"

    def test_a_move_that_was_cut_off_is_made_up_for(self, recording, remote):
        Recording.objects.update(trashed_at=timezone.now(), was_published=True)

        trash.tidy_recordings()

        assert str(remote.state) == "unpublished"

    @pytest.mark.parametrize("published", [True, False])
    def test_a_copy_of_a_site_touches_nothing(self, recording, bbb, simulator, published):
        bbb["READ_ONLY"] = True
        Recording.objects.update(published=published)
        choices.set_expiry(recordings=Recording.objects.all(), expires_at=timezone.now())
        simulator.clear_journal()

        assert trash.tidy_recordings() == {"trashed": 0, "deleted": 0}
        assert simulator.journal == []

    def test_a_disabled_server_is_left_alone(self, recording, server, simulator):
        choices.set_expiry(recordings=Recording.objects.all(), expires_at=timezone.now())
        server.state = "disabled"
        server.save()
        simulator.clear_journal()

        trash.tidy_recordings()

        assert simulator.journal == []
