"""Celery's ways in: each fetches by id and calls one service.

The names are written out, since schedules and queued messages know them.  Running a task twice, also at the same
time, does no harm.  None is retried by Celery: what fails is found again by the next round or the sweep, also when
the broker has lost the message.
"""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from django_bbb.api import BBBError, ServerError
from django_bbb.conf import conf
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Heartbeat, MeetingSession, Server
from django_bbb.services import callbacks, hooks, jobs, meetings, polling, recordings, retention, syncing, trash

logger = logging.getLogger(__name__)

#: Seconds; nothing here takes that long unless something hangs, and then the worker's process is ended.
_SOFT_LIMIT, _LIMIT = 240, 270
#: Shorter than the lease: whoever gets it next is alone with it.
_SOFT_LIMIT_OF_ONE, _LIMIT_OF_ONE = 90, 110


@shared_task(
    name="django_bbb.process_callback",
    ignore_result=True,
    soft_time_limit=_SOFT_LIMIT_OF_ONE,
    time_limit=_LIMIT_OF_ONE,
)
def process_callback(delivery_id: int) -> None:
    """Work off one callback."""
    Heartbeat.objects.note(Heartbeat.Name.WORKER)
    callbacks.process(delivery_id=delivery_id)


@shared_task(name="django_bbb.sweep_callbacks", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def sweep_callbacks() -> None:
    """Work off callbacks whose task got lost."""
    Heartbeat.objects.note(Heartbeat.Name.WORKER)
    callbacks.sweep()


@shared_task(name="django_bbb.open_session", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def open_session(session_id: int) -> None:
    """Open a class whose server was too slow for the person who pressed Start."""
    session = MeetingSession.objects.select_related("server", "meeting").get(pk=session_id)
    now, deadline = timezone.now(), conf.PATIENT_CREATE_DEADLINE
    until = now + timedelta(seconds=deadline)
    # With the lease, so that no poll takes the class for one nobody is opening; without it somebody else is at it.
    if session.claimed_until > now or not MeetingSession.objects.take_lease(session, until=until):
        return
    try:
        meetings.open_session(session=session, deadline=deadline)
    except (BBBError, ServerNotConfigured) as error:
        logger.log(logging.ERROR if isinstance(error, ServerError) else logging.WARNING, "%s", error)


@shared_task(name="django_bbb.poll_servers", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def poll_servers() -> None:
    """Mirror what runs on every server."""
    Heartbeat.objects.note(Heartbeat.Name.WORKER)
    polling.poll_servers()


@shared_task(name="django_bbb.look_for_recordings", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def look_for_recordings() -> None:
    """Ask for the recordings of classes that have ended."""
    recordings.look_for_recordings()


@shared_task(name="django_bbb.sync_recordings", ignore_result=True)
def sync_recordings() -> None:
    """Mirror the recordings of all our meetings, on every server that answers."""
    for server in Server.objects.usable():
        try:
            syncing.sync_recordings(server=server)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("%s: %s", server, error)


@shared_task(name="django_bbb.run_recording_job", ignore_result=True)
def run_recording_job(job_id: int) -> None:
    """Do what was asked for with many recordings."""
    jobs.run_job(job_id=job_id)


@shared_task(name="django_bbb.sweep_recording_jobs", ignore_result=True)
def sweep_recording_jobs() -> None:
    """Go on with jobs on recordings whose task got lost."""
    jobs.sweep()


@shared_task(name="django_bbb.tidy_recordings", ignore_result=True)
def tidy_recordings() -> None:
    """Move expired recordings to the trash, delete those that were in there long enough, and forget old jobs."""
    trash.tidy_recordings()
    jobs.forget_old_jobs()


@shared_task(name="django_bbb.register_hooks", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def register_hooks() -> None:
    """Make servers know where to tell of events, where `DJANGO_BBB["EVENTS"]` asks for them."""
    hooks.register_hooks()


@shared_task(name="django_bbb.forget_what_is_old", ignore_result=True, soft_time_limit=_SOFT_LIMIT, time_limit=_LIMIT)
def forget_what_is_old() -> None:
    """Delete callbacks, attendance and loads that are older than this site keeps them."""
    retention.forget_what_is_old()
