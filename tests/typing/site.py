"""What a site hooks in, as its developer writes it: type-checked, not run."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView

from django_bbb.api import Role
from django_bbb.models import Meeting, Recording
from django_bbb.services.guests import Guest
from django_bbb.services.joining import Admission, admit, default_join_policy
from django_bbb.services.meetings import create_meeting, end_meeting
from django_bbb.services.publishing import Result, unpublish_recordings
from django_bbb.views.mixins import MeetingMixin


def may_join(
    *, user: AbstractBaseUser | AnonymousUser, guest: Guest | None, meeting: Meeting, code: str, now: datetime
) -> Admission:
    if meeting.name.startswith("Staff"):
        return Admission(None, reason="For staff only.")
    if user.is_authenticated:
        return Admission(Role.MODERATOR, may_start=True)
    return default_join_policy(user=user, guest=guest, meeting=meeting, code=code, now=now)


def view(request: HttpRequest) -> HttpResponse:
    meeting = create_meeting(name="Mathematics 7b", options={"record": True})
    if admit(user=request.user, meeting=meeting).is_moderator:
        end_meeting(meeting=meeting)
    outcomes = unpublish_recordings(recordings=Recording.objects.visible())
    failed = [outcome.error for outcome in outcomes if outcome.result is Result.FAILED]
    if failed:
        return HttpResponse(str(failed[0]), status=502)
    return HttpResponse(status=204)


class Lesson(MeetingMixin, TemplateView):
    template_name = "lesson.html"

    def get_meeting(self, **kwargs: Any) -> Meeting:
        return Meeting.objects.active().get(name=kwargs["course"])


def mistakes(meeting: Meeting) -> None:
    end_meeting(meeting)  # type: ignore[call-arg]
    Admission("MODERATOR")  # type: ignore[arg-type]
