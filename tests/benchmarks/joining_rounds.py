"""What `joining` compares, in a process of the site: ``python -m tests.benchmarks.joining_rounds NAME``.

Prints what was counted, and on the last line the ratio.
"""

import gc
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any
from wsgiref.util import setup_testing_defaults

import django
from django.core.wsgi import get_wsgi_application

BY_HAND = "/by-hand"
#: Session, user, and the meeting with its class, server and membership; one to spare.
MOST_QUERIES = 4
PAIRS = 600

Answer = tuple[int, dict[str, str]]
Request = Callable[[], None]


class Site:
    """The site with all its middleware, and no server in front of it that both sides would pay for."""

    def __init__(self) -> None:
        self._application = get_wsgi_application()

    def get(self, path: str, **headers: str) -> Answer:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", **headers}
        setup_testing_defaults(environ)
        heads: list[tuple[str, list[tuple[str, str]]]] = []
        answer: Any = self._application(environ, lambda status, headers, error=None: heads.append((status, headers)))
        b"".join(answer)
        answer.close()
        status, told = heads[0]
        return int(status.partition(" ")[0]), dict(told)

    def getting(self, path: str, *, status: int, **headers: str) -> Request:
        """Return what gets a page that has to answer with this status."""

        def get() -> None:
            if self.get(path, **headers)[0] != status:
                raise AssertionError(f"{path} does not answer with {status}.")

        return get


# --- people -------------------------------------------------------------------------------------------


def enrol(meeting: Any, count: int) -> list[str]:
    """Make so many members of a meeting, viewers, and return the session of each in their browser."""
    from django.contrib.auth.models import User

    from django_bbb.models import Membership

    names = [f"{meeting.meeting_id}-{number}" for number in range(count)]
    people = User.objects.bulk_create([User(username=name, first_name="Ada", last_name="Weber") for name in names])
    Membership.objects.bulk_create([Membership(meeting=meeting, user=one) for one in people])
    return log_in(people)


def log_in(people: list[Any]) -> list[str]:
    """Return a session for each."""
    from datetime import timedelta

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    until = timezone.now() + timedelta(hours=1)
    sessions = []
    for one in people:
        known = {
            SESSION_KEY: str(one.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: one.get_session_auth_hash(),
        }
        key, data = get_random_string(32), SessionStore().encode(known)
        sessions.append(Session(session_key=key, session_data=data, expire_date=until))
    return [one.session_key for one in Session.objects.bulk_create(sessions)]


def running_class(**fields: Any) -> Any:
    """Return the session of a class that runs, as far as the rows say, on a server heard of a moment ago."""
    from django.utils import timezone

    from django_bbb.models import MeetingSession, Server
    from django_bbb.services import meetings

    now = timezone.now()
    meeting = meetings.create_meeting(name="Mathematics 7b", **fields)
    Server.objects.filter(slug="joining").update(asked_at=now)
    return MeetingSession.objects.create(
        meeting=meeting, server=Server.objects.get(slug="joining"), claimed_until=now, create_time=now,
        internal_id="0" * 40, synced_at=now, parameters={"name": meeting.name, "record": True},
    )  # fmt: skip


# --- what is compared ---------------------------------------------------------------------------------


def join() -> float:
    """Compare the join of a member; both redirect to addresses that are the same but for the order."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    site, meeting = Site(), running_class().meeting
    (session,) = enrol(meeting, 1)
    cookie = f"sessionid={session}"
    path = f"/meetings/{meeting.meeting_id}/join/"
    ours, floor = f"/bbb{path}", BY_HAND + path
    with CaptureQueriesContext(connection) as queries:
        site.get(ours, HTTP_COOKIE=cookie)
    if len(queries) > MOST_QUERIES:
        raise AssertionError(f"A join takes {len(queries)} queries")
    print(f"{len(queries)} queries")
    _same(*(site.get(one, HTTP_COOKIE=cookie)[1]["Location"] for one in (ours, floor)))
    return compare(
        site.getting(ours, status=302, HTTP_COOKIE=cookie), site.getting(floor, status=302, HTTP_COOKIE=cookie)
    )


def _same(ours: str, floor: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    one, other = (dict(parse_qsl(urlsplit(url).query)) for url in (ours, floor))
    one.pop("checksum"), other.pop("checksum")
    if one != other:
        raise AssertionError(f"The two sides tell different things: {one.keys() ^ other.keys()}")


def status() -> float:
    """Compare what those are told who wait for a class that is not there."""
    from django_bbb.services import meetings

    return _status(meetings.create_meeting(name="Mathematics 7b"), "waiting")


def status_of_a_class() -> float:
    """Compare what those are told who wait in front of a class, for somebody who leads it."""
    return _status(running_class(wait_for="moderator_inside").meeting, "moderator")


def _status(meeting: Any, state: str) -> float:
    from django_bbb.api import Role
    from django_bbb.services.joining import Admission
    from django_bbb.services.waiting import status_address

    site = Site()
    address = status_address(meeting=meeting, admission=Admission(Role.VIEWER))
    ours, floor = (
        site.getting(one, status=304, HTTP_IF_NONE_MATCH=f'"{state}"')
        for one in (address, BY_HAND + address.removeprefix("/bbb"))
    )
    return compare(ours, floor)


def compare(ours: Request, floor: Request) -> float:
    """Return how many times as long ours takes: one request of each in turn, and the median of each side.

    Not in rounds: of single requests most are not disturbed, however busy the machine is.
    """
    ours(), floor()
    gc.collect()
    gc.disable()
    pairs = [(_seconds(ours), _seconds(floor)) for _pair in range(PAIRS)]
    mine, other = (median(side) for side in zip(*pairs, strict=True))
    print(f"{1 / mine:.0f} a second, beside {1 / other:.0f}")
    return mine / other


def _seconds(request: Request) -> float:
    begin = perf_counter()
    request()
    return perf_counter() - begin


def main(name: str) -> None:
    django.setup()
    from django_bbb.services import servers

    servers.register_declared_servers()
    print(globals()[name]())


if __name__ == "__main__":
    main(*sys.argv[1:])
