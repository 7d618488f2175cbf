"""Who belongs to a room, for those who may change it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from django_bbb.conf import conf
from django_bbb.forms.rooms import MemberForm
from django_bbb.models import Membership
from django_bbb.services.editing import set_member

from .rooms import RoomView


class Members(RoomView):
    """The people of a room, and a form to add one; somebody who is there already is changed by it."""

    here = "room-members"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(MemberForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = MemberForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        fields = dict(form.cleaned_data)
        member, is_new = set_member(meeting=self.meeting, user=fields.pop("who"), **fields)
        text = _("%(person)s belongs to this room now.") if is_new else _("What you said of %(person)s holds now.")
        return self.back(text % {"person": name_of(member)})

    def _page(self, form: MemberForm, *, status: int = 200) -> HttpResponse:
        members = list(self.meeting.memberships.select_related("user", "group"))
        named = [(one, name_of(one)) for one in members]
        owner = conf.DISPLAY_NAME(user=self.meeting.owner) if self.meeting.owner else ""
        return self.room_page("members", {"form": form, "members": named, "owner": owner}, status=status)


class RemoveMember(RoomView):
    """Somebody belongs to a room no more."""

    http_method_names = ("post",)
    here = "room-members"

    def post(self, request: HttpRequest, *, pk: int, **kwargs: Any) -> HttpResponse:
        member = get_object_or_404(self.meeting.memberships.select_related("user", "group"), pk=pk)
        name = name_of(member)
        member.delete()
        return self.back(_("%(person)s does not belong to this room any more.") % {"person": name})


def name_of(member: Membership) -> str:
    """Return what others see of a member."""
    return str(conf.DISPLAY_NAME(user=member.user) if member.user is not None else member.group)
