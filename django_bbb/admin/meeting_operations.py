"""What people do to meetings: for those selected in the list, or with a button on the page of one."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from django_bbb.api import Role
from django_bbb.conf import conf
from django_bbb.exceptions import MeetingIsRunning
from django_bbb.forms.rooms import MessageForm
from django_bbb.models import Meeting, Server
from django_bbb.services import addresses, rooms
from django_bbb.services.joining import Admission, admit
from django_bbb.services.meetings import end_meeting

from .base import CallsServers
from .meeting_forms import MoveForm, WhyForm
from .meeting_list import open_session_of

logger = logging.getLogger(__name__)

#: The buttons on the page of a meeting: the action of the list, and the permission it asks for.
_BUTTONS: dict[str, tuple[str, "str | Promise"]] = {
    "end_selected": ("end", gettext_lazy("End class")),
    "message_selected": ("message", gettext_lazy("Send a message into class")),
    "sync_selected": ("sync", gettext_lazy("Fetch recordings")),
    "clone_selected": ("clone", gettext_lazy("Clone")),
    "move_selected": ("change", gettext_lazy("Move to another server")),
}

#: Those that need a class.
_WHILE_RUNNING = ("end_selected", "message_selected")


class MeetingOperations(CallsServers):
    """End, message, fetch recordings, clone, move; who may join and why; the invitation."""

    actions = list(_BUTTONS)
    form_template = "admin/django_bbb/meeting_action.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<path:object_id>/why/", wrap(self.why_view), name="django_bbb_meeting_why"),
            path("<path:object_id>/invitation/", wrap(self.invitation_view), name="django_bbb_meeting_invitation"),
        ]
        return own + super().get_urls()

    def buttons(self, request: HttpRequest, meeting: Meeting) -> "list[tuple[str, str | Promise]]":
        """Return the actions that the page of a meeting offers to this person as it is now."""
        running = open_session_of(meeting) is not None
        return [
            (action, text)
            for action, (permission, text) in _BUTTONS.items()
            if getattr(self, f"has_{permission}_permission")(request, meeting)
            and (running or action not in _WHILE_RUNNING)
            and not (running and action == "move_selected")
        ]

    # --- permissions ----------------------------------------------------------------------------------

    def has_end_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """Everybody leaves."""
        return request.user.has_perm("django_bbb.end_any_meeting") and self.has_view_permission(request, obj)

    def has_message_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """Whoever is in class reads it."""
        return request.user.has_perm("django_bbb.message_meeting") and self.has_view_permission(request, obj)

    def has_sync_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """It makes this site call servers."""
        return request.user.has_perm("django_bbb.sync_meeting") and self.has_view_permission(request, obj)

    def has_clone_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """A clone is another meeting."""
        return self.has_add_permission(request) and self.has_view_permission(request, obj)

    def has_why_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """It tells something about people, too."""
        people = get_user_model()._meta
        may_view = f"{people.app_label}.{get_permission_codename('view', people)}"
        return request.user.has_perm(may_view) and self.has_view_permission(request, obj)

    def permitted(self, request: HttpRequest, queryset: "QuerySet[Any]", permission: str) -> list[Meeting]:
        """Return those this may be done to; refuses the whole where one of them is not."""
        is_allowed = getattr(self, f"has_{permission}_permission")
        chosen = list(queryset)
        if not all(is_allowed(request, one) for one in chosen):
            raise PermissionDenied
        return chosen

    # --- actions that call servers --------------------------------------------------------------------

    @admin.action(permissions=["end"], description=gettext_lazy("End selected meetings"))
    def end_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        chosen = self.permitted(request, queryset, "end")
        page = self.confirm(
            request,
            queryset,
            action="end_selected",
            title=_("End classes?"),
            warning=_("Everybody leaves these classes at once."),
            button=_("Yes, end them"),
        )
        if page is not None:
            return page
        text = ngettext_lazy("%(count)d meeting ended.", "%(count)d meetings ended.", "count")
        there = self._with_class(request, chosen)
        self._call(request, there, lambda one: end_meeting(meeting=one), log="Ended.", told=text)
        return None

    @admin.action(permissions=["message"], description=gettext_lazy("Send a message into selected classes"))
    def message_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        chosen = self.permitted(request, queryset, "message")
        form = MessageForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, chosen, form, action="message_selected", title=_("Send a message into class"))
        send = partial(self._send, text=form.cleaned_data["text"])
        text = ngettext_lazy("Sent into %(count)d class.", "Sent into %(count)d classes.", "count")
        there = self._with_class(request, chosen)
        self._call(request, there, send, log="Sent a message into class.", told=text)
        return None

    @staticmethod
    def _send(meeting: Meeting, *, text: str) -> None:
        session = open_session_of(meeting)
        if session is not None:
            rooms.send_message(session=session, text=text)

    def _with_class(self, request: HttpRequest, chosen: list[Meeting]) -> list[Meeting]:
        """Return those that have a class; of the others it is said that they have none."""
        for one in chosen:
            if open_session_of(one) is None:
                self._refuse(request, one, _("It has no class now."))
        return [one for one in chosen if open_session_of(one) is not None]

    @admin.action(permissions=["sync"], description=gettext_lazy("Fetch the recordings of selected meetings"))
    def sync_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        chosen = self.permitted(request, queryset, "sync")
        text = ngettext_lazy(
            "The recordings of %(count)d meeting were fetched.",
            "The recordings of %(count)d meetings were fetched.",
            "count",
        )
        self._call(
            request, chosen, lambda one: rooms.fetch_recordings(meeting=one), log="Fetched recordings.", told=text
        )

    def _call(
        self, request: HttpRequest, chosen: list[Meeting], service: Callable[[Meeting], object], *, log: str, told: Any
    ) -> None:
        """Call the service for each; what fails is told for each, the rest once."""
        done = self.call_for_each(request, chosen, service, log=log)
        if done:
            self.message_user(request, told % {"count": done}, messages.SUCCESS)

    # --- actions that stay here -----------------------------------------------------------------------

    @admin.action(permissions=["clone"], description=gettext_lazy("Clone selected meetings"))
    def clone_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        chosen = self.permitted(request, queryset, "clone")
        for one in chosen:
            self.log_addition(request, rooms.clone_meeting(meeting=one), f"Cloned from {one.meeting_id}.")
        text = ngettext("%(count)d meeting cloned.", "%(count)d meetings cloned.", len(chosen))
        self.message_user(request, text % {"count": len(chosen)}, messages.SUCCESS)

    @admin.action(permissions=["change"], description=gettext_lazy("Move selected meetings to another server"))
    def move_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        chosen = self.permitted(request, queryset, "change")
        form = MoveForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, chosen, form, action="move_selected", title=_("Move to another server"))
        server = form.cleaned_data["server"]
        moved = sum(self._move(request, one, server) for one in chosen)
        if moved:
            text = ngettext("%(count)d meeting moved.", "%(count)d meetings moved.", moved)
            self.message_user(request, text % {"count": moved}, messages.SUCCESS)
        return None

    def _move(self, request: HttpRequest, meeting: Meeting, server: Server | None) -> bool:
        try:
            rooms.move_meeting(meeting=meeting, server=server)
        except MeetingIsRunning as error:
            self._refuse(request, meeting, str(error))
            return False
        self.log_change(request, meeting, f"Moved to {server or 'any server'}.")
        return True

    def _refuse(self, request: HttpRequest, meeting: Meeting, reason: str) -> None:
        text = _("“%(name)s” is as it was: %(reason)s") % {"name": meeting, "reason": reason}
        self.message_user(request, text, messages.ERROR)

    def _ask(
        self, request: HttpRequest, chosen: list[Meeting], form: forms.Form, *, action: str, title: str
    ) -> TemplateResponse:
        """Return the page with the form of an action."""
        more = {"form": form, "objects": chosen, "action": action, "checkbox": ACTION_CHECKBOX_NAME, "title": title}
        more["back"] = self.page_to_go_back_to(request)
        return self._page(request, self.form_template, more)

    def _page(self, request: HttpRequest, template: str, more: dict[str, Any]) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media} | more
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context)

    # --- pages about one ------------------------------------------------------------------------------

    def why_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say whether somebody may join, as what, and why not: what the site's policy answers now."""
        meeting = self._asked_for(request, object_id, "why")
        form = WhyForm(request.GET if "who" in request.GET else None)
        more: dict[str, Any] = {"title": _("Why can somebody not join?"), "original": meeting, "form": form}
        if form.is_valid():
            user = form.cleaned_data["who"]
            admission = admit(user=user, meeting=meeting)
            more |= {"answer": _in_a_sentence(user, admission), "reason": admission.reason}
        return self._page(request, "admin/django_bbb/meeting_why.html", more)

    def invitation_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A text for an e-mail, with the address of the class: everybody still has to be somebody who may join."""
        meeting = self._asked_for(request, object_id, "view")
        own = reverse("django_bbb:join", kwargs={"meeting_id": meeting.meeting_id})
        address = addresses.absolute(own) if conf.CALLBACK_BASE_URL else request.build_absolute_uri(own)
        more = {"title": _("Invitation"), "original": meeting, "address": address}
        return self._page(request, "admin/django_bbb/meeting_invitation.html", more)

    def _asked_for(self, request: HttpRequest, object_id: str, permission: str) -> Meeting:
        """Return the meeting of an address that is only looked at, or answer that it may not be, or is not there."""
        meeting: Meeting | None = self.get_object(request, unquote(object_id))
        is_allowed = getattr(self, f"has_{permission}_permission")
        if not is_allowed(request, meeting):
            raise PermissionDenied
        if meeting is None:
            raise Http404
        return meeting


def _in_a_sentence(user: Any, admission: Admission) -> str:
    """Return what a policy's answer means."""
    facts = {"person": user}
    if admission.role is None:
        return _("%(person)s may not join now.") % facts
    if admission.role is Role.MODERATOR:
        text = _("%(person)s may join as a moderator, and may start the class.")
        waits = _("%(person)s may join as a moderator, and waits until somebody else starts the class.")
    else:
        text = _("%(person)s may join as a viewer, and may start the class.")
        waits = _("%(person)s may join as a viewer, and waits until somebody else starts the class.")
    return (text if admission.may_start else waits) % facts
