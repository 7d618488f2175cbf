"""A process of the tested site that does what each line of its input says, as somebody at its shell would."""

import json
import sys
from datetime import timedelta
from typing import Any

from tests.processes import worker

from django.core.management import call_command  # isort: skip  # the line above sets Django up
from django.utils import timezone  # isort: skip

from django.contrib.auth import get_user_model  # isort: skip
from django.test import Client  # isort: skip
from django.urls import reverse  # isort: skip

from django_bbb import broker, models, tasks  # isort: skip
from django_bbb.models import Attendance, CallbackDelivery, Meeting, MeetingSession, Recording, Server  # isort: skip
from django_bbb.services import addresses, hooks, meetings, servers, syncing  # isort: skip


def prepare() -> None:
    """Make the tables, and let classes go to the first of the servers."""
    call_command("migrate", verbosity=0)
    servers.register_declared_servers()
    Server.objects.exclude(slug="default").update(state=Server.State.DRAINING)


def clear() -> None:
    """Forget everything but the servers."""
    for model in (models.RecordingJob, models.Announcement, CallbackDelivery, Recording, MeetingSession, Meeting):
        model.objects.all().delete()
    Server.objects.update(poll_lease_until=None, sync_lease_until=None)


def start_class() -> tuple[str, str]:
    """Return the ids of a class's room and run."""
    session = meetings.start_meeting(meeting=meetings.create_meeting(name="Algebra"))
    return session.meeting.meeting_id, session.internal_id


def token(kind: str) -> str:
    """Return what proves a callback about the newest class; a right one for its kind alone."""
    return addresses.make_token(MeetingSession.objects.latest("pk"), kind=kind)


def register_hooks() -> None:
    Server.objects.update(hooks_look_at=None)
    hooks.register_hooks()


def leases_end() -> None:
    """Put the clock forward, as far as leases go."""
    worker.leases_end()
    models.Announcement.objects.update(due_at=timezone.now() - timedelta(hours=1))
    models.RecordingJob.objects.unfinished().update(lease_until=timezone.now() - timedelta(hours=1))


def enqueue_sweep() -> None:
    """Do what beat does."""
    tasks.sweep_callbacks.delay()


def start_job(action: str) -> int:
    """Ask for something to be done with all recordings there are, as the admin does with many."""
    syncing.sync_recordings(server=Server.objects.get(slug="default"))
    keys = Recording.objects.values_list("pk", flat=True)
    job = models.RecordingJob.objects.start(action=action, arguments={}, user=None, recordings=keys)
    broker.enqueue(tasks.run_recording_job, job.pk)
    return job.pk


def enqueue_sweep_of_jobs() -> None:
    """Do what beat does."""
    tasks.sweep_recording_jobs.delay()


def job_facts(pk: int) -> dict[str, Any]:
    """Return how far a job is: its results, whether it is over, and what its page says of it."""
    people, name = get_user_model()._default_manager, {"username": "boss", "is_staff": True, "is_superuser": True}
    client = Client()
    client.force_login(people.get_or_create(**name)[0])
    job = models.RecordingJob.objects.get(pk=pk)
    return {
        "results": {result: count for result, count in job.count_results().items() if count},
        "is_over": job.finished_at is not None,
        "page": client.get(reverse("admin:django_bbb_recording_job", args=[pk])).content.decode(),
    }


def facts() -> dict[str, Any]:
    """Return all that callbacks change: classes, recordings, and the inbox itself."""
    return {
        "classes": list(MeetingSession.objects.order_by("pk").values_list("is_open", "end_reason")),
        "recordings": [
            (one.record_id, sorted(one.playbacks.values_list("type", flat=True)))
            for one in Recording.objects.order_by("pk")
        ],
        "people": [
            (one.external_id, len(one.intervals), "report" in one.visits) for one in Attendance.objects.order_by("pk")
        ],
        "inbox": list(CallbackDelivery.objects.order_by("pk").values_list("kind", "asked", "done")),
        "untold": models.Announcement.objects.count(),
    }


ORDERS = {
    order.__name__: order
    for order in (
        prepare,
        clear,
        start_class,
        token,
        register_hooks,
        leases_end,
        enqueue_sweep,
        start_job,
        enqueue_sweep_of_jobs,
        job_facts,
        facts,
    )
}


def main() -> None:
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        worker.say(ORDERS[name](*arguments))


if __name__ == "__main__":
    worker.say("ready")
    main()
