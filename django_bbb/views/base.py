"""What all pages of one meeting share: the meeting, the policy's answer, and the pages that say no."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from django_bbb.exceptions import JoinDenied, ReadOnly
from django_bbb.models import Meeting, MeetingSession
from django_bbb.services.joining import Admission, admit
from django_bbb.services.polling import refresh_if_stale

#: Seconds after which it is worth trying again when a server does not answer.
_RETRY_AFTER = 10


@method_decorator([never_cache, transaction.non_atomic_requests], name="dispatch")
class MeetingView(View):
    """A page of one meeting, for people the policy lets in; the others get a page that says why not.

    Subclasses use ``self.meeting`` and ``self.admission`` (whose role is never None there).  No transaction around
    any of them: they may call a server.
    """

    meeting: Meeting
    admission: Admission

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        active = Meeting.objects.active().select_related("owner", "server")
        self.meeting = get_object_or_404(active, meeting_id=kwargs["meeting_id"])
        self.admission = admit(user=request.user, meeting=self.meeting)
        try:
            if self.admission.role is None:
                raise JoinDenied(self.admission.reason)
            return super().dispatch(request, *args, **kwargs)
        except JoinDenied as denied:
            return self.refuse(denied)

    def current_session(self) -> MeetingSession | None:
        """Return the class that is open now; asks its server whether it still is where nobody else does."""
        session = self.meeting.current_session
        if session is not None and refresh_if_stale(session=session):
            session = self.meeting.current_session
        return session

    def refuse(self, denied: JoinDenied) -> HttpResponse:
        """Say why, and what to do; whoever is not logged in does that first."""
        if not self.request.user.is_authenticated and self.request.method == "GET":
            return redirect_to_login(self.request.get_full_path())
        return self.page("denied", {"reason": str(denied)}, status=403)

    def page(self, name: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        """Return one of our pages about this meeting."""
        known = {"meeting": self.meeting, "admission": self.admission}
        return render(self.request, f"django_bbb/{name}.html", known | (context or {}), status=status)

    def read_only(self, refusal: ReadOnly) -> HttpResponse:
        """Say that this site is a copy, which changes nothing on the servers."""
        response = self.page("read_only", {"reason": str(refusal)}, status=503)
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def server_trouble(self) -> HttpResponse:
        """Say that the classroom server does not answer; nothing is lost by trying again."""
        response = self.page("server_trouble", status=503)
        response["Retry-After"] = str(_RETRY_AFTER)
        # Whoever called has logged why; Django would mail ADMINS for each click.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
