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
from django_bbb.models import MeetingSession, Server
from django_bbb.services import callbacks, meetings, polling, recordings, servers, syncing

logger = logging.getLogger(__name__)

_SOFT_LIMIT = 240  # seconds; nothing here takes that long unless something hangs


@shared_task(name="django_bbb.process_callback", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
def process_callback(delivery_id: int) -> None:
    """Work off one callback."""
    callbacks.process(delivery_id=delivery_id)


@shared_task(name="django_bbb.sweep_callbacks", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
def sweep_callbacks() -> None:
    """Work off callbacks whose task got lost."""
    callbacks.sweep()


@shared_task(name="django_bbb.open_session", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
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


@shared_task(name="django_bbb.poll_servers", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
def poll_servers() -> None:
    """Mirror what runs on every server."""
    polling.poll_servers()


@shared_task(name="django_bbb.look_for_recordings", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
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


@shared_task(name="django_bbb.forget_old_loads", ignore_result=True, soft_time_limit=_SOFT_LIMIT)
def forget_old_loads() -> None:
    """Delete what is known of the servers' load a week ago and before."""
    servers.forget_old_loads()
