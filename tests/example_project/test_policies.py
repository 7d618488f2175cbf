import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from lms.models import Course
from lms.policies import may_join, return_url

from django_bbb.api import Role
from django_bbb.services.joining import Admission, default_join_policy
from django_bbb.services.meetings import create_meeting

pytestmark = pytest.mark.django_db


def ask(user, meeting, *, policy=may_join) -> Admission:
    return policy(user=user, guest=None, meeting=meeting, code="", now=timezone.now())


@pytest.fixture
def other_course(person) -> Course:
    """A course in which nobody of the first one is."""
    owner = person("olga")
    course = Course.objects.create(title="Latin 8a", meeting=create_meeting(name="Latin 8a", owner=owner))
    course.teachers.add(owner)
    return course


@pytest.mark.parametrize(
    ("username", "role", "may_start"),
    [("tess", Role.MODERATOR, True), ("sam", Role.VIEWER, False)],
)
def test_role_in_the_course_is_role_in_its_classroom(course, username, role, may_start):
    user = User.objects.get(username=username)

    admission = ask(user, course.meeting)

    assert (admission.role, admission.may_start) == (role, may_start)


@pytest.mark.parametrize("username", ["tess", "sam"])
def test_role_in_one_course_opens_no_other_classroom(course, other_course, username):
    user = User.objects.get(username=username)

    admission = ask(user, other_course.meeting)

    assert admission.role is None
    assert not admission.may_start
    assert "Latin 8a" in admission.reason


def test_student_who_teaches_elsewhere_stays_a_viewer_here(course, other_course):
    sam = User.objects.get(username="sam")
    other_course.teachers.add(sam)

    here, there = ask(sam, course.meeting), ask(sam, other_course.meeting)

    assert (here.role, here.may_start) == (Role.VIEWER, False)
    assert (there.role, there.may_start) == (Role.MODERATOR, True)


def test_teacher_who_is_also_a_student_comes_as_moderator(course):
    tess = User.objects.get(username="tess")
    course.students.add(tess)

    admission = ask(tess, course.meeting)

    assert admission.role is Role.MODERATOR


def test_stranger_is_told_whom_to_ask(course, person):
    admission = ask(person("stranger"), course.meeting)

    assert admission.role is None
    assert "ask its teacher" in admission.reason


def test_somebody_not_logged_in_is_asked_to_log_in(course):
    admission = ask(AnonymousUser(), course.meeting)

    assert admission.role is None
    assert "log in" in admission.reason


def test_owner_of_the_classroom_who_left_the_course_is_a_stranger(course):
    tess = User.objects.get(username="tess")
    course.teachers.remove(tess)

    admission = ask(tess, course.meeting)

    assert admission.role is None


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_staff": True, "is_superuser": True}])
def test_administrators_follow_the_rules_of_django_bbb(course, person, fields):
    administrator = person("ada", **fields)

    admission = ask(administrator, course.meeting)

    assert admission == ask(administrator, course.meeting, policy=default_join_policy)


@pytest.mark.parametrize("username", ["tess", "sam"])
def test_meeting_without_a_course_follows_the_rules_of_django_bbb(course, username):
    user = User.objects.get(username=username)
    meeting = create_meeting(name="Staff room", owner=User.objects.get(username="tess"))

    admission = ask(user, meeting)

    assert admission == ask(user, meeting, policy=default_join_policy)


def test_people_come_back_to_the_page_of_their_course(course):
    assert return_url(meeting=course.meeting) == course.get_absolute_url()


def test_from_a_meeting_without_a_course_people_come_back_to_its_own_page(person):
    meeting = create_meeting(name="Staff room", owner=person("olga"))

    assert return_url(meeting=meeting) == meeting.get_absolute_url()
