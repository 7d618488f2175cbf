"""The way into class: the button's target, the waiting page, Start."""

import json
import logging
from collections.abc import Sequence
from math import ceil
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_bbb import tasks
from django_bbb.api import BBBError, Timeout
from django_bbb.broker import enqueue
from django_bbb.conf import OpenIn, conf
from django_bbb.exceptions import JoinDenied, NoServerAvailable, ReadOnly, ServerNotConfigured
from django_bbb.models import MeetingSession, Server
from django_bbb.services.consents import open_questions
from django_bbb.services.joining import join_url, may_enter
from django_bbb.services.meetings import check_session, start_meeting
from django_bbb.services.people import person_of
from django_bbb.services.waiting import look, status_address

from .base import MeetingView

logger = logging.getLogger(__name__)


class Join(MeetingView):
    """A GET that changes nothing: into the class if it runs, otherwise a page to start it or to wait."""

    http_method_names: Sequence[str] = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if (asked := self.still_to_say()) is not None:
            return asked
        session = self.current_session()
        if session is not None and may_enter(session=session, admission=self.admission):
            return self.show_frame() if conf.OPEN_IN == OpenIn.FRAME else self.enter(request, session)
        if self.admission.may_start and session is None:
            return self.page("start")
        return self.wait(session)

    def show_frame(self) -> HttpResponse:
        """A page whose frame goes into class."""
        address = reverse("django_bbb:join-in-frame", kwargs={"meeting_id": self.meeting.meeting_id})
        return self.page("frame", {"address": address})

    def still_to_say(self) -> HttpResponse | None:
        """Return the page that asks for a name or a consent; None when there is nothing to ask."""
        if not self.request.user.is_authenticated and not (self.guest and self.guest.name):
            return self.page("who", {"is_missing": "name" in self.request.POST})
        person = person_of(user=self.request.user, guest=self.guest)
        questions = open_questions(meeting=self.meeting, person=person)
        return self.page("consent", {"questions": questions}) if questions else None

    def enter(self, request: HttpRequest, session: MeetingSession) -> HttpResponse:
        """Bring the browser into class by a URL that is made for this click and shown nowhere."""
        try:
            url = join_url(session=session, user=request.user, admission=self.admission, guest=self.guest)
        except ServerNotConfigured as error:
            logger.error("%s", error)
            return self.not_configured()
        response = HttpResponseRedirect(url)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def wait(self, session: MeetingSession | None) -> HttpResponse:
        """A page that comes again by itself, and lets people in as soon as the class is there."""
        status = look(meeting=self.meeting, session=session, admission=self.admission)
        facts = {
            "state": status.state,
            "pause": round(status.pause, 1),
            "refresh": ceil(status.pause),
            "status_url": status_address(meeting=self.meeting, admission=self.admission),
        }
        return self.page("waiting", facts)

    def move_on(self, *, context: dict[str, Any] | None = None) -> HttpResponse:
        """Answer a form by a page that moves on by itself, not by a redirect.

        A strict ``form-action 'self'`` blocks a form whose answer redirects, in the end, to another host.
        """
        address = reverse("django_bbb:join", kwargs={"meeting_id": self.meeting.meeting_id})
        response = self.page("opening", {"join_url": address, "is_open": True} | (context or {}))
        response["Referrer-Policy"] = "no-referrer"
        return response


class JoinInFrame(Join):
    """Into class inside the frame of a page of ours; if there is no class any more, out of the frame."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = self.current_session()
        if session is None or not may_enter(session=session, admission=self.admission) or self.still_to_say():
            return self.out_of_frame(reverse("django_bbb:join", kwargs={"meeting_id": self.meeting.meeting_id}))
        return self.enter(request, session)

    def belongs_here(self, request: HttpRequest) -> bool:
        return True


class Start(Join):
    """Open the class, and move on to it."""

    http_method_names: Sequence[str] = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if (asked := self.still_to_say()) is not None:
            return asked
        session = self.meeting.open_session
        running = session is not None and session.is_joinable
        if not running and not self.admission.may_start:
            raise JoinDenied(_("You may join this class, but not start it. Wait for its teacher."))
        try:
            start_meeting(meeting=self.meeting)
        except Timeout as error:
            logger.warning("%s", error)
            return self.opened_by_a_task()
        except ReadOnly as refusal:
            return self.read_only(refusal)
        except ServerNotConfigured as error:
            logger.error("%s", error)
            return self.not_configured()
        except NoServerAvailable as error:
            logger.warning("Class %s could not be started: %s", self.meeting.meeting_id, error)
            return self.server_trouble() if Server.objects.exists() else self.not_configured()
        except BBBError as error:
            logger.warning("Class %s could not be started: %s", self.meeting.meeting_id, error)
            return self.server_trouble()
        return self.move_on()

    def opened_by_a_task(self) -> HttpResponse:
        """The server is slow, but may be at it: a task asks again and waits longer."""
        session = self.meeting.current_session
        if session is not None:
            enqueue(tasks.open_session, session.pk)
        return self.wait(session)


class JoinFailed(MeetingView):
    """Where BigBlueButton sends browsers it refuses; its words are not shown, only what its keys mean.

    Anybody can write such an address, so what it says is not believed: where it says that the class is gone, the
    server is asked, at most once in a few seconds, and what is shown is what can be done then.
    """

    http_method_names = ("get",)

    MESSAGES: ClassVar[dict[str, str | Promise]] = {
        "invalidMeetingIdentifier": _("The class has ended in the meantime."),
        "notFound": _("The class has ended in the meantime."),
        "meetingForciblyEnded": _("The class has been ended."),
        "mismatchCreateTimeParam": _("The class has been started anew in the meantime."),
        "maxParticipantsReached": _("The class is full. Try again when somebody has left."),
        "guestDeniedAccess": _("You were not let in. Ask the teacher of this class."),
    }

    #: Those by which the server says that it does not have the class we sent somebody into.
    GONE = frozenset({"invalidMeetingIdentifier", "notFound", "meetingForciblyEnded", "mismatchCreateTimeParam"})

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        keys = self.keys(request)
        if "maxParticipantsReached" in keys:
            return self.page("no/full", status=403)
        if not self.GONE.isdisjoint(keys):
            self.look()
            if self.meeting.open_session is None and (last := self.last_session()) is not None:
                return self.page("no/ended", {"last": last})
        known = dict.fromkeys(self.MESSAGES[key] for key in keys if key in self.MESSAGES)
        return self.page("join_failed", {"reasons": list(known)})

    def look(self) -> None:
        """Ask the server whether it has the class, and note it if not."""
        session = self.meeting.open_session
        if session is None or not session.is_joinable:
            return
        try:
            check_session(session=session, reason=MeetingSession.EndReason.GONE)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("Class %s could not be looked at: %s", self.meeting.meeting_id, error)
        self.meeting.reload_session()

    @staticmethod
    def keys(request: HttpRequest) -> list[str]:
        """Return the keys in ``?errors=[{"key": …, "message": …}]``; anybody can write that, so only keys."""
        try:
            errors = json.loads(request.GET.get("errors", "[]")[:2000])
            return [str(one["key"]) for one in errors]
        except (ValueError, TypeError, KeyError, RecursionError):
            return []
