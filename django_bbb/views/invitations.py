"""The invitation links of a room, for those who may change it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from django_bbb.forms.rooms import InvitationForm
from django_bbb.models import Invitation
from django_bbb.services.invitations import create_invitation, revoke_invitation
from django_bbb.services.qr_codes import svg_of

from .rooms import RoomView, link_of

#: Links that are shown with their pictures; a room rarely has more that are good.
_MOST = 50


class Invitations(RoomView):
    """The links that let somebody in, with what came of each, and a form for a new one."""

    here = "room-invitations"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(InvitationForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = InvitationForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        create_invitation(meeting=self.meeting, created_by=request.user, **form.cleaned_data)
        return self.back(_("The link is there. Copy it, and send it to whom it is for."))

    def _page(self, form: InvitationForm, *, status: int = 200) -> HttpResponse:
        every = list(self.meeting.invitations.all()[:_MOST])
        good = [(one, *self._link(one)) for one in every if one.is_valid]
        over = [one for one in every if not one.is_valid]
        context = {"form": form, "good": good, "over": over} | link_of(self)
        return self.room_page("invitations", context, status=status)

    def _link(self, invitation: Invitation) -> tuple[str, str, str]:
        """Return the id of its field, the address, and its picture."""
        address = self.address(invitation.get_absolute_url())
        return (
            f"bbb-link-{invitation.pk}",
            address,
            svg_of(text=address, label=_("QR code of the link for %(who)s") % {"who": invitation}),
        )


class WithdrawInvitation(RoomView):
    """A link is good no more, also for those who have used it."""

    http_method_names = ("post",)
    here = "room-invitations"

    def post(self, request: HttpRequest, *, pk: int, **kwargs: Any) -> HttpResponse:
        found = get_object_or_404(self.meeting.invitations, pk=pk)
        was_good = revoke_invitation(invitation=found)
        text = _("The link lets nobody in any more.") if was_good else _("The link was withdrawn before.")
        return self.back(text)
