"""Every page that people meet on the way into class and out of it, and how they get there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Attendance, Invitation, Meeting, Playback, Recording, Server
from django_bbb.services import codes, meetings
from django_bbb.services.joining import Admission
from django_bbb.services.presentations import add_presentation
from django_bbb.simulator.faults import CloseConnection
from tests.e2e.joining.people import Visitor, address
from tests.slides import PDF

Steps = Callable[[Visitor], None]


def nobody(**_asked: Any) -> Admission:
    """A policy of a site that lets nobody in."""
    return Admission(None, reason="This class belongs to a course you are not in.")


@dataclass(frozen=True)
class Page:
    """A page: its name, who looks at it, with which status, and how they get there."""

    name: str
    who: str
    status: int
    steps: Steps = field(compare=False)


class Pages:
    """The rooms that have such pages."""

    def __init__(self, room: Callable[..., Meeting], simulator: Any, bbb: dict[str, Any]) -> None:
        now = timezone.now()
        signed_in = Meeting.Access.SIGNED_IN
        self.simulator, self.bbb = simulator, bbb
        self.idle, self.running, self.ended = (room(access=signed_in) for _ in range(3))
        self.started = room(access=signed_in)
        self.members = room()
        self.link, self.shut = (room(access=Meeting.Access.LINK) for _ in range(2))
        self.code = room(access=Meeting.Access.CODE, viewer_code="learn-now")
        self.asking = room(access=signed_in, asks_about_recording=True, asks_about_attendance=True)
        self.later = room(access=signed_in, opens_at=now + timedelta(hours=50), closes_at=now + timedelta(hours=51))
        self.over = room(access=signed_in, closes_at=now - timedelta(hours=1))
        self.invitation, self.withdrawn, self.expired = (
            Invitation.objects.create(meeting=self.members, role=Invitation.Role.MODERATOR, **fields)
            for fields in ({}, {"revoked_at": now}, {"expires_at": now})
        )
        meetings.start_meeting(meeting=self.ended)
        meetings.end_meeting(meeting=self.ended)
        self._hold_class()

    def _hold_class(self) -> None:
        session = meetings.start_meeting(meeting=self.running)
        session.participant_count = 2
        session.save()
        for number, name in enumerate(["Ada Weber", "Ben Klein"]):
            Attendance.objects.create(session=session, external_id=f"u{number}", name=name, is_inside=True)
        for number, state in enumerate(["published", "unpublished", "published"]):
            recording = Recording.objects.create(
                server=session.server,
                record_id=f"r{number}",
                meeting=self.running,
                name="Mathematics 7b",
                title="Fractions" if number else "",
                state=state,
                published=state == "published",
                started_at=timezone.now() - timedelta(days=number),
                protected=number == 2,
            )
            for kind in ("presentation", "video"):
                url = f"{self.simulator.url.split('/bigbluebutton')[0]}/playback/{kind}/{number}"
                self.playback = Playback.objects.create(recording=recording, type=kind, url=url)

    def all(self) -> Iterator[Page]:
        """Those in which the servers do what they should come first."""
        yield from self._ways_in()
        yield from self._ways_out()
        yield from self._of_the_room()
        yield from self._refusals()
        yield from self._troubles()

    def _ways_in(self) -> Iterator[Page]:
        def no_name(visitor: Visitor) -> None:
            visitor.go(address("join", self.link))
            visitor.type("Your name", "   ")
            visitor.submit("Come in")

        def opened(visitor: Visitor) -> None:
            # A page that goes on at once stays where the next one never comes.
            join = f"**{address('join', self.started)}"
            visitor.go(address("join", self.started))
            visitor.page.route(join, lambda route: route.fulfill(status=204))
            visitor.submit("Start class")

        yield Page("class, for its teacher", "teacher", 200, to(self.running.get_absolute_url()))
        yield Page("class, for a student", "student", 200, to(self.idle.get_absolute_url()))
        yield Page("start", "teacher", 200, to(address("join", self.idle)))
        yield Page("opening", "teacher", 200, opened)
        yield Page("waiting", "student", 200, to(address("join", self.idle)))
        yield Page("name", "guest", 200, to(address("join", self.link)))
        yield Page("no name", "guest", 200, no_name)
        yield Page("consent", "student", 200, to(address("join", self.asking)))
        yield Page("invitation", "guest", 200, to(self.invitation.get_absolute_url()))

    def _ways_out(self) -> Iterator[Page]:
        yield Page("left", "student", 200, to(address("left", self.running)))
        yield Page("left when it was over", "student", 200, to(address("left", self.ended)))
        yield Page("end", "teacher", 200, to(address("end", self.running)))
        yield Page("nothing to end", "teacher", 200, to(address("end", self.idle)))

    def _of_the_room(self) -> Iterator[Page]:
        def upside_down(visitor: Visitor) -> None:
            visitor.go(address("room-edit", self.running))
            for name, moment in (("opens_at", "2030-01-02T10:00"), ("closes_at", "2030-01-02T09:00")):
                visitor.page.locator(f"[name={name}]").fill(moment)
            visitor.submit("Save")

        self._furnish(self.running)
        yield Page("new room", "admin", 200, to(reverse("django_bbb:room-new")))
        yield Page("no right to make one", "student", 403, to(reverse("django_bbb:room-new")))
        for name in ("edit", "members", "invitations", "presentations", "class", "class-restart"):
            yield Page(f"room: {name}", "teacher", 200, to(address(f"room-{name}", self.running)))
        yield Page("room: class, not running", "teacher", 200, to(address("room-class", self.idle)))
        yield Page("room: nobody in it, no links, no files", "teacher", 200, to(address("room-members", self.idle)))
        yield Page("room: closes before it opens", "teacher", 422, upside_down)

    def _furnish(self, meeting: Meeting) -> None:
        """Put people, links, slides and other settings into a room."""
        now = timezone.now()
        someone = User.objects.create_user("c.yilmaz", first_name="Cem", last_name="Yılmaz")
        meeting.memberships.create(user=someone, role="moderator", valid_until=now + timedelta(days=7))
        meeting.memberships.create(group=Group.objects.create(name="7b"), role="viewer")
        for fields in ({"label": "Parents"}, {"revoked_at": now}, {"expires_at": now}):
            Invitation.objects.create(meeting=meeting, role=Invitation.Role.VIEWER, **fields)
        for name in ("Fractions.pdf", "Homework.pdf"):
            add_presentation(meeting=meeting, file=SimpleUploadedFile(name, PDF))
        meeting.options = {"max_participants": 30}
        meeting.save()

    def _refusals(self) -> Iterator[Page]:
        def failed(key: str) -> str:
            return f'?errors=[{{"key":"{key}"}}]'

        def wrong_code(visitor: Visitor) -> None:
            visitor.go(address("join", self.code))
            visitor.type("Access code", "guessed")
            visitor.type("Your name", "Eva")
            visitor.submit("Come in")

        def too_many(visitor: Visitor) -> None:
            most, codes.MOST_BY_GUEST = codes.MOST_BY_GUEST, 0
            try:
                wrong_code(visitor)
            finally:
                codes.MOST_BY_GUEST = most

        def log_in_first(visitor: Visitor) -> None:
            visitor.go(address("join", self.shut))
            visitor.type("Your name", "Eva")
            Meeting.objects.filter(pk=self.shut.pk).update(access=Meeting.Access.SIGNED_IN)
            visitor.submit("Come in")
            Meeting.objects.filter(pk=self.shut.pk).update(access=Meeting.Access.LINK)

        def by_policy(visitor: Visitor) -> None:
            with self.setting(JOIN_POLICY=f"{__name__}.nobody"):
                visitor.go(address("join", self.idle))

        yield Page("not open yet", "student", 403, to(address("join", self.later)))
        yield Page("closed", "student", 403, to(address("join", self.over)))
        yield Page("not for you", "student", 403, to(address("join", self.members)))
        yield Page("code", "guest", 403, to(address("join", self.code)))
        yield Page("wrong code", "guest", 403, wrong_code)
        yield Page("too many tries", "guest", 429, too_many)
        yield Page("log in", "guest", 403, log_in_first)
        yield Page("link withdrawn", "guest", 410, to(self.withdrawn.get_absolute_url()))
        yield Page("link expired", "guest", 410, to(self.expired.get_absolute_url()))
        yield Page("by a policy", "student", 403, by_policy)
        failing = address("join-failed", self.running)
        yield Page("full", "student", 403, to(failing + failed("maxParticipantsReached")))
        yield Page("not let in", "student", 200, to(failing + failed("guestDeniedAccess")))
        yield Page("ended", "student", 200, to(address("join-failed", self.ended) + failed("notFound")))

    def _troubles(self) -> Iterator[Page]:
        def without_secret(visitor: Visitor) -> None:
            with self.setting(SERVERS={"default": {"URL": self.simulator.url, "SECRET": ""}}):
                visitor.go(address("join", self.running))

        def copy(visitor: Visitor) -> None:
            visitor.go(address("join", self.idle))
            with self.setting(READ_ONLY=True):
                visitor.submit("Start class")

        def silent(visitor: Visitor) -> None:
            visitor.go(address("join", self.idle))
            with self.silence():
                visitor.submit("Start class")

        def silent_recording(visitor: Visitor) -> None:
            with self.silence():
                visitor.go(self.playback.get_absolute_url())

        yield Page("read-only", "teacher", 503, copy)
        for who in ("admin", "teacher", "student"):
            yield Page(f"not configured, for {who}", who, 503, without_secret)
        yield Page("server in trouble", "teacher", 503, silent)
        yield Page("recording in trouble", "student", 503, silent_recording)

    @contextmanager
    def setting(self, **values: Any) -> Iterator[None]:
        usual = dict(self.bbb)
        self.bbb.update(values)
        try:
            yield
        finally:
            self.bbb.clear()
            self.bbb.update(usual)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """The server closes each connection; afterwards it is as it was."""
        self.simulator.faults.set(CloseConnection())
        try:
            yield
        finally:
            self.simulator.faults.clear()
            Server.objects.update(next_try_at=None, failures=0)


def to(path: str) -> Steps:
    return lambda visitor: visitor.go(path)
