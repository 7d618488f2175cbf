"""The page of a meeting, and its end."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from django_bbb.api import BBBError
from django_bbb.conf import conf
from django_bbb.exceptions import JoinDenied, ReadOnly, ServerNotConfigured
from django_bbb.services.joining import Admission
from django_bbb.services.meetings import end_meeting

from .base import MeetingView

logger = logging.getLogger(__name__)


class MeetingPage(MeetingView):
    """Button and recordings: where people come back to on a site that has no page of its own for that."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.current_session()  # so that the button tells what is true
        return self.page("meeting")

    def lets_in(self, admission: Admission) -> bool:
        return admission.belongs


class Left(MeetingView):
    """Where people come back to after class: does it go on, and the way back in."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = self.current_session()
        last = self.last_session() if session is None else None
        return self.page("left", {"session": session, "last": last})

    def lets_in(self, admission: Admission) -> bool:
        return admission.belongs


class End(MeetingView):
    """End the class for everybody: asked by a GET, done by a POST."""

    http_method_names = ("get", "post")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.check_right(request)
        return self.page("end", {"session": self.meeting.current_session})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.check_right(request)
        try:
            ended = end_meeting(meeting=self.meeting)
        except ReadOnly as refusal:
            return self.read_only(refusal)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("Class %s could not be ended: %s", self.meeting.meeting_id, error)
            return self.server_trouble()
        text = _("The class has been ended.") if ended else _("The class was not running.")
        messages.success(request, text, fail_silently=True)
        return HttpResponseRedirect(conf.RETURN_URL(meeting=self.meeting))

    def lets_in(self, admission: Admission) -> bool:
        return admission.belongs

    def check_right(self, request: HttpRequest) -> None:
        """Moderators end their class; others need the permission."""
        if not self.admission.is_moderator and not request.user.has_perm("django_bbb.end_any_meeting"):
            raise JoinDenied(_("Only moderators may end a class."))
