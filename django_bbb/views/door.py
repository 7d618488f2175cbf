"""What people say at the door: their name, an access code, that they agree; and the links that let them in."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from django_bbb.exceptions import JoinDenied, TooManyTries, WrongCode
from django_bbb.services import invitations
from django_bbb.services.codes import code_of, try_code
from django_bbb.services.consents import agree, open_questions
from django_bbb.services.guests import Guest
from django_bbb.services.joining import Admission
from django_bbb.services.people import clean_name, person_of

from .base import MeetingView
from .clients import address_of
from .cookies import remember
from .joining import Join


class Door(Join):
    """Takes down what somebody says, keeps it in their cookie, and moves on to the class.

    For whom the policy does not let in, a right code may.
    """

    http_method_names: Sequence[str] = ("post",)

    def lets_in(self, admission: Admission) -> bool:
        return True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.guest is not None:
            remember(response, self.guest)
        return response

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.guest = self.guest or Guest()
        if "code" in request.POST and (wrong := self.take_code(request)) is not None:
            return wrong
        if "invitation" in request.POST and (expired := self.take_invitation(request)) is not None:
            return expired
        self.take_name(request)
        self.admission = self.admit()
        if self.admission.role is None:
            raise JoinDenied(self.admission.reason, why=self.admission.why)
        if "agree" in request.POST:
            self.take_consent(request)
        return self.still_to_say() or self.move_on(context={"is_open": False})

    def take_code(self, request: HttpRequest) -> HttpResponse | None:
        """Look at a code; return the page that says no."""
        code = request.POST["code"].strip()
        assert self.guest is not None  # noqa: S101 - for the type checker
        try:
            try_code(meeting=self.meeting, code=code, guest_id=self.guest.id, address=address_of(request))
        except WrongCode:
            return self.page(
                "no/code", {"reason": _("This is not the code of this class. Type it again.")}, status=403
            )
        except TooManyTries as error:
            response = self.page("no/too_many_tries", {"until": error.until}, status=429)
            response["Retry-After"] = str(error.seconds)
            return response
        self.guest = self.guest.with_code(self.meeting, code)
        return None

    def take_invitation(self, request: HttpRequest) -> HttpResponse | None:
        """Keep what an invitation link says and count it; return the page that says it is good no more."""
        found = invitations.find_invitation(token=request.POST["invitation"])
        if found is None or found.meeting != self.meeting:
            raise JoinDenied(_("There is no such invitation. Ask whoever sent it to you for a new one."))
        if not found.is_valid:
            return self.page("no/link_expired", {"invitation": found}, status=410)
        invitations.use_invitation(invitation=found)
        assert self.guest is not None  # noqa: S101 - for the type checker
        self.guest = self.guest.with_code(self.meeting, code_of(found))
        return None

    def take_name(self, request: HttpRequest) -> None:
        """Keep the name of whoever has no account."""
        name = request.POST.get("name", "").strip()
        if name and self.guest is not None and not request.user.is_authenticated:
            self.guest = self.guest.named(clean_name(name))

    def take_consent(self, request: HttpRequest) -> None:
        """Keep a receipt for what was agreed to, if it is what is asked now."""
        person = person_of(user=request.user, guest=self.guest)
        agreed = set(request.POST.getlist("agree"))
        asked = open_questions(meeting=self.meeting, person=person)
        account = request.user if request.user.is_authenticated else None
        name = self.guest.name if self.guest is not None and account is None else ""
        agree(
            meeting=self.meeting,
            person=person,
            questions=[one for one in asked if one.digest in agreed],
            user=account,
            name=name,
        )


@method_decorator(csrf_exempt, name="dispatch")  # it takes no form, and Django's refusal would log the address
class InvitationPage(MeetingView):
    """What an invitation link leads to: whose class it is, and a form to come in.

    Opening it uses nothing up: mail scanners do that.  The form goes to the door, whose address has no token: Django
    logs the addresses of forms it refuses.
    """

    http_method_names = ("get",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = invitations.find_invitation(token=kwargs["token"])
        if found is None or request.method != "GET":
            response: HttpResponseBase = HttpResponse(status=404 if found is None else 405)
        else:
            self.invitation = found
            response = super().dispatch(request, *args, meeting_id=found.meeting.meeting_id)
        # A line about it in the log would name the address, which lets somebody in.
        response._has_been_logged = True  # type: ignore[attr-defined]
        # With "no-referrer" browsers would say that its form comes from nowhere, and Django refuses that.
        response["Referrer-Policy"] = "strict-origin"
        return response

    def lets_in(self, admission: Admission) -> bool:
        return True

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.invitation.is_valid:
            return self.page("invitation", {"invitation": self.invitation})
        return self.page("no/link_expired", {"invitation": self.invitation}, status=410)
