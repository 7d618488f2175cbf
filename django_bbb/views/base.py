"""What all pages of one meeting share: the meeting, the policy's answer, and the pages that say no."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.generic import View

from django_bbb.conf import OpenIn, conf
from django_bbb.exceptions import JoinDenied, ReadOnly
from django_bbb.models import Meeting, MeetingSession
from django_bbb.services.guests import Guest, guest_in
from django_bbb.services.joining import Admission, Why, admit
from django_bbb.services.polling import refresh_if_stale

#: Seconds after which it is worth trying again when a server does not answer.
_RETRY_AFTER = 10


class MeetingView(View):
    """A page of one meeting, for people the policy lets in; the others get a page that says why not.

    Subclasses use ``self.meeting``, ``self.guest`` and ``self.admission`` (whose role is never None there).  No
    transaction around any of them: they may call a server.
    """

    meeting: Meeting
    admission: Admission
    #: Who has come without an account, or has shown a code.
    guest: Guest | None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        # Once, where `method_decorator` would do all of it anew for each request.
        return login_not_required(transaction.non_atomic_requests(never_cache(super().as_view(**initkwargs))))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.meeting = self.get_meeting(**kwargs)
        self.guest = guest_in(request.COOKIES)
        self.admission = self.admit()
        if conf.OPEN_IN != OpenIn.FRAME:
            return self.answer(request, *args, **kwargs)
        response = self.answer(request, *args, **kwargs) if self.belongs_here(request) else self.out_of_frame()
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        return response

    def answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let people in whom the policy lets in, and say why not to the others."""
        try:
            if not self.lets_in(self.admission):
                raise JoinDenied(self.admission.reason, why=self.admission.why)
            return super().dispatch(request, *args, **kwargs)
        except JoinDenied as denied:
            return self.refuse(denied)

    def belongs_here(self, request: HttpRequest) -> bool:
        """Whether this page is made for where it is shown: a frame holds a class, and none of our pages."""
        return request.headers.get("Sec-Fetch-Dest") != "iframe"

    def out_of_frame(self, address: str = "") -> HttpResponse:
        """Lead from a frame back to the whole window: to this page, if nothing else is said."""
        return self.page("out_of_frame", {"address": address or self.request.get_full_path()})

    def get_meeting(self, **kwargs: Any) -> Meeting:
        """Return the meeting of the address; a site whose own pages have other addresses finds it otherwise."""
        rooms = Meeting.objects.active().for_user(self.request.user)
        return get_object_or_404(rooms, meeting_id=kwargs["meeting_id"])

    def admit(self) -> Admission:
        """Ask the policy."""
        return admit(user=self.request.user, meeting=self.meeting, guest=self.guest)

    def lets_in(self, admission: Admission) -> bool:
        """Whether this page is for somebody; those of it that lead into no class are also for who may not join now."""
        return admission.role is not None

    def current_session(self) -> MeetingSession | None:
        """Return the class that is open now; asks its server whether it still is where nobody else does."""
        session = self.meeting.open_session
        if session is not None and refresh_if_stale(session=session):
            session = self.meeting.reload_session()
        return session

    def last_session(self) -> MeetingSession | None:
        """Return the class that was there last."""
        return self.meeting.sessions.order_by("-claimed_at").first()

    def refuse(self, denied: JoinDenied) -> HttpResponse:
        """Say why, and what to do; whoever is not logged in does that first where it would help."""
        if denied.why == Why.SIGN_IN and self.request.method == "GET":
            return redirect_to_login(self.request.get_full_path())
        templates = [f"django_bbb/no/{denied.why}.html", "django_bbb/no/other.html"]
        return self.page(templates, {"reason": str(denied)}, status=403)

    def page(self, name: str | list[str], context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        """Return one of our pages about this meeting; of several templates the first that there is."""
        known = {
            "meeting": self.meeting,
            "admission": self.admission,
            "guest": self.guest,
            "return_url": self.way_back(),
            "login_url": self.way_to_log_in(),
        }
        templates = name if isinstance(name, list) else f"django_bbb/{name}.html"
        return render(self.request, templates, known | (context or {}), status=status)

    def way_back(self) -> str:
        """Return where a page leads that leads no further; nothing where people would be told "no" there as well."""
        address = conf.RETURN_URL(meeting=self.meeting)
        is_ours = address == self.meeting.get_absolute_url()
        return address if self.admission.belongs or not is_ours else ""

    def way_to_log_in(self) -> str:
        """Return the login page that leads to the class; nothing for whoever is logged in."""
        if self.request.user.is_authenticated:
            return ""
        return redirect_to_login(reverse("django_bbb:join", kwargs={"meeting_id": self.meeting.meeting_id})).url

    def read_only(self, refusal: ReadOnly) -> HttpResponse:
        """Say that this site is a copy, which changes nothing on the servers."""
        response = self.page("no/read_only", {"reason": str(refusal)}, status=503)
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def not_configured(self) -> HttpResponse:
        """Say that classes cannot be held here yet: to those who can mend that, to teachers, and to the others."""
        is_staff = getattr(self.request.user, "is_staff", False)
        response = self.page("no/not_configured", {"is_administrator": is_staff}, status=503)
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def server_trouble(self) -> HttpResponse:
        """Say that the classroom server does not answer; nothing is lost by trying again."""
        response = self.page("no/server_trouble", status=503)
        response["Retry-After"] = str(_RETRY_AFTER)
        # Whoever called has logged why; Django would mail ADMINS for each click.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
