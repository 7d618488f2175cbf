"""The way into class: the button's target, the waiting page, Start."""

import json
import logging
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_bbb import tasks
from django_bbb.api import BBBError, Timeout
from django_bbb.broker import enqueue
from django_bbb.conf import conf
from django_bbb.exceptions import JoinDenied, NoServerAvailable, ReadOnly, ServerNotConfigured
from django_bbb.models import MeetingSession
from django_bbb.services.joining import join_url
from django_bbb.services.meetings import start_meeting

from .base import MeetingView

logger = logging.getLogger(__name__)


class Join(MeetingView):
    """A GET that changes nothing: into the class if it runs, otherwise a page to start it or to wait."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = self.current_session()
        if session is not None and session.is_joinable:
            return self.enter(request, session)
        if self.admission.may_start and session is None:
            return self.page("start")
        return self.wait(being_opened=session is not None)

    def enter(self, request: HttpRequest, session: MeetingSession) -> HttpResponse:
        """Bring the browser into class by a URL that is made for this click and shown nowhere."""
        try:
            url = join_url(session=session, user=request.user, admission=self.admission)  # type: ignore[arg-type]
        except ServerNotConfigured as error:
            logger.error("%s", error)
            return self.server_trouble()
        response = HttpResponseRedirect(url)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def wait(self, *, being_opened: bool) -> HttpResponse:
        """A page that comes again by itself, and lets people in as soon as the class is there."""
        facts = {
            "refresh": conf.WAITING_REFRESH,
            "being_opened": being_opened,
            "return_url": conf.RETURN_URL(meeting=self.meeting),
        }
        return self.page("waiting", facts)


class Start(Join):
    """Open the class, and move on to it.

    Answered by a page that moves on by itself, not by a redirect: a strict ``form-action 'self'`` blocks a
    form whose answer redirects to another host.
    """

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = self.meeting.current_session
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
        except (BBBError, NoServerAvailable, ServerNotConfigured) as error:
            logger.warning("Class %s could not be started: %s", self.meeting.meeting_id, error)
            return self.server_trouble()
        response = self.page("opening", {"join_url": reverse("django_bbb:join", kwargs=kwargs)})
        response["Referrer-Policy"] = "no-referrer"
        return response

    def opened_by_a_task(self) -> HttpResponse:
        """The server is slow, but may be at it: a task asks again and waits longer."""
        session = self.meeting.current_session
        if session is not None:
            enqueue(tasks.open_session, session.pk)
        return self.wait(being_opened=True)


class JoinFailed(MeetingView):
    """Where BigBlueButton sends browsers it refuses; its words are not shown, only what its keys mean."""

    http_method_names = ("get",)

    MESSAGES: ClassVar[dict[str, str | Promise]] = {
        "invalidMeetingIdentifier": _("The class has ended in the meantime."),
        "notFound": _("The class has ended in the meantime."),
        "meetingForciblyEnded": _("The class has been ended."),
        "mismatchCreateTimeParam": _("The class has been started anew in the meantime."),
        "maxParticipantsReached": _("The class is full. Try again when somebody has left."),
        "guestDeniedAccess": _("You were not let in. Ask the teacher of this class."),
    }

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        known = [self.MESSAGES[key] for key in self.keys(request) if key in self.MESSAGES]
        return self.page("join_failed", {"reasons": known})

    @staticmethod
    def keys(request: HttpRequest) -> list[str]:
        """Return the keys in ``?errors=[{"key": …, "message": …}]``; anybody can write that, so only keys."""
        try:
            errors = json.loads(request.GET.get("errors", "[]")[:2000])
            return [str(one["key"]) for one in errors]
        except (ValueError, TypeError, KeyError, RecursionError):
            return []
