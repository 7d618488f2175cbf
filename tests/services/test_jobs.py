"""Jobs: many recordings, batch by batch, and what dies in between goes on."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from django_bbb import tasks
from django_bbb.models import Recording, RecordingJob, RecordingJobItem
from django_bbb.services import jobs, syncing
from django_bbb.simulator.faults import HtmlAnswer

Action = RecordingJob.Action


@pytest.fixture
def start(many, server):
    """Start a job on all recordings there are."""
    syncing.sync_recordings(server=server)

    def start_job(action, **arguments):
        keys = Recording.objects.values_list("pk", flat=True)
        return RecordingJob.objects.start(action=action, arguments=arguments, user=None, recordings=keys)

    return start_job


def test_every_action_has_a_service():
    assert set(jobs.SERVICES) == set(Action.values)


def test_a_job_is_worked_off(start, many, simulator):
    job = start(Action.UNPUBLISH)
    simulator.clear_journal()

    assert jobs.run_job(job_id=job.pk)

    assert {str(one.state) for one in many} == {"unpublished"}
    assert job.count_results() == {"waiting": 0, "done": 30, "requested": 0, "failed": 0}
    assert [entry.call for entry in simulator.journal] == ["publishRecordings", "getRecordings"]


def test_finished_it_is_not_done_again(start, simulator):
    job = start(Action.UNPUBLISH)
    jobs.run_job(job_id=job.pk)
    simulator.clear_journal()

    assert not jobs.run_job(job_id=job.pk)
    assert simulator.journal == []


def test_arguments_reach_the_service(start):
    jobs.run_job(job_id=start(Action.RENAME, title="Fractions").pk)

    assert set(Recording.objects.values_list("title", flat=True)) == {"Fractions"}


@pytest.mark.parametrize("action", [Action.TRASH, Action.RESYNC, Action.DELETE, Action.RESTORE])
def test_actions_without_arguments_finish(start, action):
    job = start(action)

    assert jobs.run_job(job_id=job.pk)
    assert job.count_results()["done"] == 30


def test_failures_say_why_and_are_tried_again(start, many, simulator):
    job = start(Action.UNPUBLISH)
    simulator.faults.set(HtmlAnswer(status=503))
    jobs.run_job(job_id=job.pk)
    failed = job.items.filter(result="failed")
    reasons = set(failed.values_list("error", flat=True))
    simulator.faults.clear()

    count = job.retry_failures()
    finished = jobs.run_job(job_id=job.pk)

    assert (count, finished) == (30, True)
    assert len(reasons) == 1
    assert reasons != {""}
    assert {str(one.state) for one in many} == {"unpublished"}


def test_one_that_fails_leaves_the_others_done(start, server):
    Recording.objects.create(server=server, record_id="0" * 40 + "-1700000000000", published=True)
    job = start(Action.UNPUBLISH)

    jobs.run_job(job_id=job.pk)

    assert (job.count_results()["done"], job.count_results()["failed"]) == (30, 1)


def test_only_what_is_left_is_done_after_a_worker_died(start, simulator, many):
    job = start(Action.UNPUBLISH)
    done = job.items.order_by("pk")[:20].values_list("pk", flat=True)
    RecordingJobItem.objects.filter(pk__in=list(done)).update(result="done")
    RecordingJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    simulator.clear_journal()

    assert jobs.sweep() == 1
    assert sum(str(one.state) == "unpublished" for one in many) == 10


def test_while_somebody_is_at_it_nobody_else_is(start, simulator):
    job = start(Action.UNPUBLISH)
    RecordingJob.objects.take_lease(job.pk)
    simulator.clear_journal()

    assert jobs.sweep() == 0
    assert not jobs.run_job(job_id=job.pk)
    assert simulator.journal == []


def test_whoever_lost_the_lease_stops(start, monkeypatch):
    job = start(Action.UNPUBLISH)
    work = jobs._run_batch

    def too_slow(*arguments):
        work(*arguments)
        RecordingJob.objects.update(lease_until=timezone.now() + timedelta(minutes=1))  # another took it

    monkeypatch.setattr(jobs, "_run_batch", too_slow)

    assert not jobs.run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.finished_at is None


def test_an_error_nobody_thought_of_is_a_failure_of_each(start, caplog):
    job = start(Action.RENAME, nonsense=1)

    assert jobs.run_job(job_id=job.pk)
    assert job.count_results()["failed"] == 30
    assert "Rename" in caplog.text


def test_what_was_deleted_meanwhile_is_done(start, many):
    job = start(Action.DELETE)
    Recording.objects.first().bury()

    jobs.run_job(job_id=job.pk)

    assert job.count_results()["done"] == 30


def test_a_copy_of_a_site_changes_nothing(start, many, bbb):
    job = start(Action.DELETE)
    bbb["READ_ONLY"] = True

    jobs.run_job(job_id=job.pk)

    assert job.count_results()["failed"] == 30
    assert {str(one.state) for one in many} == {"published"}


def test_the_tasks_do_it(start):
    first, second = start(Action.RESYNC), start(Action.RESYNC)

    tasks.run_recording_job(first.pk)
    tasks.sweep_recording_jobs()

    assert not RecordingJob.objects.unfinished().exists()
    assert second.count_results()["done"] == 30


def test_without_celery_the_command_does_it(start, many):
    job = start(Action.UNPUBLISH)
    out = StringIO()

    call_command("bbb_poll", stdout=out)

    assert job.count_results()["done"] == 30
    assert "1 jobs on recordings finished" in out.getvalue()


def test_old_jobs_are_forgotten(start):
    old, fresh = start(Action.RESYNC), start(Action.RESYNC)
    RecordingJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    RecordingJob.objects.filter(pk=fresh.pk).update(finished_at=timezone.now())

    tasks.tidy_recordings()

    assert list(RecordingJob.objects.all()) == [fresh]
