"""Which server takes a new class: those with the right tags, and of these the least loaded."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, Q, Sum

from django_bbb.conf import conf
from django_bbb.exceptions import NoServerWithTags
from django_bbb.models import Meeting, MeetingSession, Server

#: What weighs how much, in people.  A camera goes out to everybody in the class, and people are on their way into a
#: class that has only just begun.
PERSON, VOICE, CAMERA, CLASS = 1, 1, 4, 10


def choose_among(servers: Sequence[Server], *, meeting: Meeting | None) -> Server:
    """Return one of the servers by tags and by ``CHOOSE_SERVER``; raises `NoServerWithTags`."""
    count_classes(servers)
    if meeting is not None:
        servers = _with_most(_with_all(servers, meeting.required_tags), meeting.preferred_tags)
    chosen = conf.CHOOSE_SERVER(servers=list(servers), meeting=meeting)
    if chosen not in servers:
        raise ImproperlyConfigured('DJANGO_BBB["CHOOSE_SERVER"] returned what is none of the servers it was given.')
    return next(server for server in servers if server == chosen)


def least_loaded(*, servers: Sequence[Server], meeting: Meeting | None = None) -> Server:
    """Return the server with the least load for its weight; the oldest of several that are equal."""
    return min(servers, key=lambda server: (load(server) / max(server.weight, 1), server.pk))


def load(server: Server) -> int:
    """Return how busy a server is, in people: as the last poll saw it, with the classes begun since then.

    Of a balancer that may hide its list it is at least what we know of our own classes.
    """
    classes, people = server.meeting_count + server.new_classes, server.participant_count
    if not server.features.lists_meetings:
        classes, people = max(classes, server.own_classes), max(people, server.own_people)
    return PERSON * people + VOICE * server.voice_count + CAMERA * server.video_count + CLASS * classes


def count_classes(servers: Iterable[Server]) -> None:
    """Fill in what is known here of our classes on the servers, in one query."""
    servers = list(servers)
    ours = MeetingSession.objects.open().filter(server__in=servers).order_by().values("server")
    counted = ours.annotate(
        new=Count("pk", filter=Q(synced_at__isnull=True)), own=Count("pk"), people=Sum("participant_count")
    )
    found = {row["server"]: row for row in counted}
    for server in servers:
        if row := found.get(server.pk):
            server.new_classes, server.own_classes, server.own_people = row["new"], row["own"], row["people"]


def _with_all(servers: Sequence[Server], tags: Iterable[str]) -> list[Server]:
    found = [server for server in servers if set(tags) <= set(server.tags)]
    if not found:
        raise NoServerWithTags(
            f"No server that is enabled and reachable has all the tags this meeting requires: {', '.join(tags)}. "
            "Give them to a server, or take them from the meeting."
        )
    return found


def _with_most(servers: Sequence[Server], tags: Iterable[str]) -> list[Server]:
    most = max(len(set(tags) & set(server.tags)) for server in servers)
    return [server for server in servers if len(set(tags) & set(server.tags)) == most]
