"""What moderators do to a class that runs: say something to all, start it again with what holds now."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from django_bbb import tasks
from django_bbb.api import BBBError, Timeout
from django_bbb.broker import enqueue
from django_bbb.exceptions import NoServerAvailable, ReadOnly, ServerNotConfigured
from django_bbb.forms.labels import label_of
from django_bbb.forms.rooms import MessageForm
from django_bbb.models import MeetingSession
from django_bbb.services.editing import end_for_good, may_edit, outdated_parameters
from django_bbb.services.meetings import start_meeting
from django_bbb.services.people import name_in_class
from django_bbb.services.rooms import send_message

from .mixins import ModeratorRequiredMixin
from .rooms import page_of

logger = logging.getLogger(__name__)


class RunningClass(ModeratorRequiredMixin):
    """The class that runs: whether it has old settings, and a form for a message."""

    http_method_names = ("get", "post")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.class_page(MessageForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form, session = MessageForm(request.POST), self.running()
        if not form.is_valid():
            return self.class_page(form, status=422)
        if session is None:
            return self.back(_("The message was not sent: the class does not run."), level=messages.ERROR)
        try:
            sender = name_in_class(user=request.user, guest=self.guest)
            send_message(session=session, text=form.cleaned_data["text"], sender=sender)
        except ReadOnly as refusal:
            return self.read_only(refusal)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("No message was sent into %s: %s", self.meeting.meeting_id, error)
            text = _("The message was not sent: the classroom server did not take it. Try again in a moment.")
            return self.back(text, level=messages.ERROR)
        return self.back(_("The message is in the chat of the class."))

    def running(self) -> MeetingSession | None:
        """Return the class that can be joined now."""
        session = self.meeting.open_session
        return session if session is not None and session.is_joinable else None

    def class_page(self, form: MessageForm, *, template: str = "class", status: int = 200) -> HttpResponse:
        """Return a page about the class that runs."""
        session = self.running()
        if session is not None:
            session.meeting = self.meeting
        outdated = [str(label_of(name)) for name in outdated_parameters(session=session)] if session else []
        context = {
            "here": "room-class",
            "form": form,
            "session": session,
            "outdated": outdated,
            "may_edit": may_edit(user=self.request.user, meeting=self.meeting),
        }
        return self.page(f"rooms/{template}", context, status=status)

    def back(self, text: str, *, level: int = messages.SUCCESS) -> HttpResponseRedirect:
        """Lead to the page of the class, and say what was done."""
        messages.add_message(self.request, level, text, fail_silently=True)
        return HttpResponseRedirect(page_of("room-class", self.meeting))


class RestartClass(RunningClass):
    """End the class and start it again, so that it has the settings that hold now: asked by a GET, done by a POST."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.class_page(MessageForm(), template="restart")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        session = self.running()
        # The second click of two, or that of a page which is old: this class has not been asked about.
        if session is None or str(session.pk) != request.POST.get("session"):
            text = _("The class you were asked about is over. Nothing was done.")
            return self.back(text, level=messages.WARNING)
        session.meeting = self.meeting
        try:
            is_over = end_for_good(session=session)
        except ReadOnly as refusal:
            return self.read_only(refusal)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("Class %s could not be ended to start it again: %s", self.meeting.meeting_id, error)
            text = _(
                "The class was not started again: its server did not say that it has ended. Look again in a moment."
            )
            return self.back(text, level=messages.ERROR)
        if not is_over:
            text = _("The class has been ended, and its server is still clearing up. Start it again in some seconds.")
            return self.back(text, level=messages.WARNING)
        return self._open()

    def _open(self) -> HttpResponse:
        """Start the next class; the one before is over whatever comes of that."""
        try:
            start_meeting(meeting=self.meeting)
        except Timeout as error:
            logger.warning("%s", error)
            if (opening := self.meeting.current_session) is not None:
                enqueue(tasks.open_session, opening.pk)
            return self.back(_("The class has been ended, and is being opened again."), level=messages.INFO)
        except (BBBError, NoServerAvailable, ServerNotConfigured) as error:
            logger.warning("Class %s was ended, and not started again: %s", self.meeting.meeting_id, error)
            text = _("The class has been ended, but could not be started again. Nothing is lost: start it once more.")
            return self.back(text, level=messages.ERROR)
        return self.back(_("The class was started again with the new settings. Everybody joins once more."))
