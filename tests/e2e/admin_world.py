"""A site with something of everything, and every page that its admin has for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.files.base import ContentFile
from django.urls import URLResolver, reverse
from django.utils import timezone

from django_bbb.api import Secret
from django_bbb.models import (
    Attendance,
    CallbackDelivery,
    Consent,
    Invitation,
    Meeting,
    MeetingPreset,
    MeetingSession,
    Membership,
    Recording,
    RecordingJob,
    Server,
    ServerLoad,
)
from django_bbb.services import meetings, syncing
from django_bbb.services.meetings import create_meeting
from django_bbb.services.presentations import add_presentation
from tests.conftest import SECRET
from tests.slides import PDF

APP = "django_bbb"


class World:
    """The rows, and the server's part of them, which can be put back in order."""

    def __init__(self, *, server: Server, simulator: Any, teacher: Any) -> None:
        self.server, self.simulator = server, simulator
        self.added = _add_server()
        preset = MeetingPreset.objects.create(
            name="Exam", options={"max_participants": 25, "record": True}, enforced=["record"]
        )
        self.idle = create_meeting(name="Mathematics 7b", owner=teacher, access=Meeting.Access.SIGNED_IN)
        self.running = create_meeting(name="Physics 9c", owner=teacher, access=Meeting.Access.SIGNED_IN, preset=preset)
        Membership.objects.create(meeting=self.idle, user=teacher, role=Membership.Role.MODERATOR)
        Invitation.objects.create(meeting=self.running, label="Dr. Noether")
        Consent.objects.create(meeting=self.idle, person="u1", name="Ada Weber", about="recording", text="I agree.")
        session = meetings.start_meeting(meeting=self.running)
        add_presentation(meeting=self.running, file=ContentFile(PDF), name="slides.pdf")
        self._visit(session, teacher)
        self._poll()
        simulator.lose_callbacks = True
        for name, state in (("Lesson", "published"), ("Exam", "unpublished"), ("Mistake", "published")):
            simulator.add_recording(self.idle.meeting_id, name=name, state=state)
        syncing.sync_recordings(server=server)
        Recording.objects.filter(name="Mistake").update(trashed_at=timezone.now())
        self._ask(teacher)
        CallbackDelivery.objects.create(
            kind="recording-ready", server=server, subject="x", tries=20, last_error="No answer."
        )
        simulator.clear_journal()

    def serve(self) -> None:
        """Let the server have what our rows say, whatever was done to it."""
        self.simulator.reset()
        self.simulator.lose_callbacks = True
        self.simulator.create_meeting(self.running.meeting_id, name=self.running.name)
        for row in Recording.objects.order_by("pk"):
            state = "published" if row.published and row.trashed_at is None else "unpublished"
            there = self.simulator.add_recording(self.idle.meeting_id, name=row.name, state=state)
            Recording.objects.filter(pk=row.pk).update(record_id=there.record_id)
        self.simulator.clear_journal()

    @cached_property
    def pages(self) -> "list[Page]":
        """The app's pages of Django's own admin, as they stand in its urls: a new one is among them by itself."""
        return self.pages_of(admin.site)

    def pages_of(self, site: admin.AdminSite) -> "list[Page]":
        """Return the app's pages of an admin."""
        start = reverse(f"{site.name}:index")
        found = [Page("index", start), Page("app_list", reverse(f"{site.name}:app_list", args=[APP]))]
        for name, arguments in _routes(site):
            short = name.removeprefix(f"{APP}_")
            every = self.keys(short) if arguments else [{}]
            found += [Page(short, reverse(f"{site.name}:{name}", kwargs=keys)) for keys in every]
        return found

    def keys(self, page: str) -> list[dict[str, Any]]:
        """Return what a page's address needs, by its name: of all rows where their pages differ, else of one."""
        if page in ("recording_job", "recording_try_again"):
            return [{"pk": RecordingJob.objects.get().pk}]
        if page in ("meeting_presentation", "meeting_presentation_send"):
            return [{"object_id": self.running.pk, "pk": self.running.presentations.get().pk}]
        model, _bar, rest = page.partition("_")
        found = list(apps.get_model(APP, model)._default_manager.order_by("pk").values_list("pk", flat=True))
        assert found, f"There is no row for {page}: make one in {__name__}."
        return [{"object_id": pk} for pk in (found if rest in ("change", "rotate") else found[:1])]

    @staticmethod
    def _visit(session: MeetingSession, teacher: Any) -> None:
        moment = timezone.now()
        person = Attendance(session=session, external_id="u1", user=teacher, name="Ada Weber", was_moderator=True)
        person.visits = {"poll": [[moment.isoformat()], [(moment + timedelta(minutes=40)).isoformat()]]}
        person.activity = {"chats": 3}
        person.save()
        MeetingSession.objects.filter(pk=session.pk).update(participant_count=3, being_recorded=True)

    def _poll(self) -> None:
        now = timezone.now().replace(second=0, microsecond=0)
        ServerLoad.objects.bulk_create(
            ServerLoad(
                server=self.server, minute=now - timedelta(minutes=15 * step), participant_count=step * step % 40
            )
            for step in range(90)
        )

    @staticmethod
    def _ask(teacher: Any) -> None:
        keys = list(Recording.objects.values_list("pk", flat=True))
        job = RecordingJob.objects.start(action="publish", arguments={}, user=teacher, recordings=keys)
        job.items.update(result="failed", error="The server does not answer.")
        RecordingJob.objects.filter(pk=job.pk).update(finished_at=timezone.now())


def _add_server() -> Server:
    """Return a server as it is added in the admin, in the middle of getting another secret; nothing listens there."""
    url = "https://127.0.0.1:9/bigbluebutton/api/"
    added = Server(slug="added", name="Added", url=url, state=Server.State.DRAINING)
    added.remember_secret(Secret(SECRET))
    added.remember_previous_secret(Secret(f"{SECRET}, and another"))
    added.save()
    return added


# --- pages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page of the admin: what its address is called, without the app's name, and the address."""

    name: str
    address: str


def _routes(site: admin.AdminSite) -> Iterator[tuple[str, list[str]]]:
    for resolver in site.urls[0]:
        if isinstance(resolver, URLResolver):
            for pattern in resolver.url_patterns:
                if (pattern.name or "").startswith(f"{APP}_"):
                    yield pattern.name, list(pattern.pattern.converters)
