"""What goes on at this moment, and what somebody should look at; no server is asked."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery, MeetingSession, Recording, Server

from .servers import DOWN_AFTER

#: Even a long class on a busy server is processed by then.
LATE_AFTER = timedelta(hours=12)


def count_classes() -> tuple[int, int]:
    """Return how many classes run, and how many people are in them."""
    running = MeetingSession.objects.open().filter(create_time__isnull=False)
    return running.count(), running.aggregate(people=Sum("participant_count"))["people"] or 0


def servers_in_trouble() -> list[Server]:
    """Return the servers that should answer, and do not."""
    return list(Server.objects.usable().filter(Q(reachable=False) | Q(failures__gte=DOWN_AFTER)))


def count_late_recordings() -> int:
    """Return how many classes were recorded, ended long ago, and have nothing to watch yet."""
    now = timezone.now()
    mine = Recording.objects.filter(server=OuterRef("server"), record_id=OuterRef("internal_id"))
    ended = MeetingSession.objects.filter(
        has_recording_marks=True, ended_at__range=(now - conf.LOOK_FOR, now - LATE_AFTER)
    )
    there = Q(playbacks__isnull=False) | Q(deleted_at__isnull=False)
    return ended.filter(~Exists(mine.filter(there))).count()


def count_given_up() -> int:
    """Return how many callbacks wait for somebody to have them tried again."""
    return CallbackDelivery.objects.parked().count()
