"""What django-bbb asks us: who may enter a course's classroom, and where people go afterwards."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.translation import gettext as _

from django_bbb.api import Role
from django_bbb.models import Meeting
from django_bbb.services.guests import Guest
from django_bbb.services.joining import Admission, default_join_policy

from .models import Course


def may_join(
    *,
    user: AbstractBaseUser | AnonymousUser,
    guest: Guest | None,
    meeting: Meeting,
    code: str,
    now: datetime,
) -> Admission:
    """Teachers of the course come as moderators, its students as viewers.

    For what is not ours (meetings without a course, administrators) django-bbb's own rules hold.
    """
    course = Course.objects.filter(meeting=meeting).first()
    if course is not None:
        if not user.is_authenticated:
            return Admission(None, reason=_("This classroom belongs to a course. Please log in first."))
        if course.teachers.filter(pk=user.pk).exists():
            return Admission(Role.MODERATOR, may_start=True)
        if course.students.filter(pk=user.pk).exists():
            return Admission(Role.VIEWER)
        if not getattr(user, "is_staff", False):
            no = _("You are not in the course “%(course)s” yet. Please ask its teacher to add you.")
            return Admission(None, reason=no % {"course": course})
    return default_join_policy(user=user, guest=guest, meeting=meeting, code=code, now=now)


def return_url(*, meeting: Meeting) -> str:
    """After class people come back to the page of their course."""
    course = Course.objects.filter(meeting=meeting).first()
    return (course or meeting).get_absolute_url()
