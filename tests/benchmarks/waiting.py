"""2 000 people who wait for their class for a minute: the calls to its server are those of the poll alone."""

from dataclasses import dataclass
from datetime import timedelta

from django_bbb.simulator import BigBlueButtonSimulator

from .database import prepare

PEOPLE = 2_000
#: The polls of a minute.
TICKS = 6
#: Each person looks again twice in it, between other polls: with all twelve looks of a minute (done once by hand, with
#: the same outcome) it takes a minute as well.
ONE_IN = 3
SECRET = "secret-of-the-benchmark-of-waiting"


@dataclass(frozen=True)
class Waiting:
    """As many calls with everybody on the waiting page as with nobody."""

    name: str
    limit: float = 1.0

    def ratio(self) -> float:
        if prepare():
            return 0.0
        with BigBlueButtonSimulator(secret=SECRET) as simulator:
            alone = _calls_of_a_minute(simulator, people=0)
            return _calls_of_a_minute(simulator, people=PEOPLE) / alone


def _calls_of_a_minute(simulator: BigBlueButtonSimulator, *, people: int) -> int:
    from django.contrib.auth.models import User
    from django.test import override_settings
    from django.utils import timezone

    from django_bbb.models import Meeting, Server
    from django_bbb.services import meetings, polling, servers

    declared = {"SERVERS": {"default": {"URL": simulator.url, "SECRET": SECRET}}}
    with override_settings(DJANGO_BBB=declared, ALLOWED_HOSTS=["*"]):
        servers.register_declared_servers()
        owner = User.objects.get_or_create(username="benchmark-teacher")[0]
        meeting = meetings.create_meeting(name="Mathematics 7b", owner=owner, access=Meeting.Access.SIGNED_IN)
        crowd = [User(username=f"{meeting.meeting_id}-{number}") for number in range(people)]
        User.objects.bulk_create(crowd)
        simulator.clear_journal()
        for tick in range(TICKS):
            # Ten seconds later: nobody waits for them here.
            Server.objects.update(polled_at=timezone.now() - timedelta(seconds=10), poll_lease_until=None)
            polling.poll_servers()
            for person in crowd[tick % ONE_IN :: ONE_IN]:
                _look(meeting, person)
        return len(simulator.journal)


def _look(meeting: object, person: object) -> None:
    """Show the waiting page to somebody, without the log-in around it."""
    from django.test import RequestFactory

    from django_bbb.views.joining import Join

    request = RequestFactory().get("/")
    request.user = person  # type: ignore[attr-defined]
    answer = Join.as_view()(request, meeting_id=meeting.meeting_id)  # type: ignore[attr-defined]
    if answer.status_code != 200 or b"http-equiv" not in answer.content:
        raise AssertionError(f"That is not the waiting page: {answer.status_code}")


BENCHMARKS = [Waiting("calls to servers while 2 000 people wait, to those with none")]
