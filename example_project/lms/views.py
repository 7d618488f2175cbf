from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from django_bbb.services.editing import may_edit

from .models import Course


@login_required
def courses(request: HttpRequest) -> HttpResponse:
    """Show the courses of the person who asks."""
    return render(request, "lms/courses.html", {"courses": Course.objects.of(request.user)})


@login_required
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course to the people in it; for everybody else it does not exist."""
    found = get_object_or_404(Course.objects.of(request.user).select_related("meeting"), pk=pk)
    people = {"teachers": found.teachers.all(), "students": found.students.all()}
    may_change = found.meeting is not None and may_edit(user=request.user, meeting=found.meeting)
    return render(request, "lms/course.html", {"course": found, "may_edit": may_change} | people)
