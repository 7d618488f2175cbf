"""Rooms, made and changed by those whose they are, outside the admin."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from django_bbb.forms.rooms import CODES, NewRoomForm, RoomForm
from django_bbb.models import Meeting
from django_bbb.services import addresses
from django_bbb.services.codes import make_up_code
from django_bbb.services.editing import may_create
from django_bbb.services.meetings import create_meeting
from django_bbb.services.qr_codes import svg_of

from .mixins import EditorRequiredMixin


@method_decorator([login_required, never_cache], name="dispatch")
class NewRoom(View):
    """Make a room: it has a name, and all the rest as the site has it."""

    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_create(user=request.user):
            return render(request, "django_bbb/rooms/no_right.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(NewRoomForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewRoomForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        made = create_meeting(owner=request.user, **form.cleaned_data)
        text = _("The room is there. Say who may enter, and start its first class.")
        messages.success(request, text, fail_silently=True)
        return HttpResponseRedirect(page_of("room-edit", made))

    def _page(self, form: BaseForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "django_bbb/rooms/new.html", {"form": form}, status=status)


class RoomView(EditorRequiredMixin):
    """A page about a room, for those who may change it."""

    http_method_names: Sequence[str] = ("get", "post")
    #: The address of the page, and what is remembered of it in its menu.
    here = "room-edit"

    def room_page(self, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Return one of the pages of a room; all have the same menu."""
        return self.page(f"rooms/{name}", {"here": self.here} | context, status=status)

    def back(self, text: str = "", *, level: int = messages.SUCCESS) -> HttpResponseRedirect:
        """Lead to the page again, after something was done there; ``text`` says what."""
        if text:
            messages.add_message(self.request, level, text, fail_silently=True)
        return HttpResponseRedirect(page_of(self.here, self.meeting))

    def address(self, path: str) -> str:
        """Return the whole address of a path: the one that the site has told us where it has."""
        return addresses.absolute(path) or self.request.build_absolute_uri(path)


class EditRoom(RoomView):
    """The name, who may enter, when, and what holds in class."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(RoomForm(instance=self.meeting))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if (code := request.POST.get("make_up", "")) in CODES:
            return self._with_code(request, code)
        form = RoomForm(request.POST, instance=self.meeting)
        if not form.is_valid():
            return self._page(form, status=422)
        form.save()
        if self.meeting.current_session is None:
            return self.back(_("It is stored."))
        text = _("It is stored. What is for the class itself holds from its next start on: see “In class”.")
        return self.back(text, level=messages.INFO)

    def _with_code(self, request: HttpRequest, name: str) -> HttpResponse:
        """Return the form with a new code in it; nobody has stored that yet."""
        typed = request.POST.copy()
        typed[name] = make_up_code()
        told = _("A code was made up. It is good as soon as you save this page.")
        return self._page(RoomForm(typed, instance=self.meeting), told=told)

    def _page(self, form: RoomForm, *, told: str = "", status: int = 200) -> HttpResponse:
        # What was typed is in the row by now, and the heading is about the one that is stored.
        stored = Meeting.objects.get(pk=self.meeting.pk)
        return self.room_page("edit", {"form": form, "told": told, "meeting": stored}, status=status)


def page_of(name: str, meeting: Meeting, **more: Any) -> str:
    """Return the path of one of the pages of a room."""
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id, **more})


def link_of(view: RoomView) -> dict[str, Any]:
    """Return the room's own address, and its picture where people come in by it without being known here."""
    address = view.address(page_of("join", view.meeting))
    opens = view.meeting.access in (Meeting.Access.LINK, Meeting.Access.CODE)
    label = _("QR code of the address of this room")
    return {"address": address, "qr_code": svg_of(text=address, label=label) if opens else ""}
