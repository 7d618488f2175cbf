"""People and courses of the example site."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from lms.models import Course

from django_bbb.services.meetings import create_meeting


@pytest.fixture(autouse=True)
def the_sites_own_settings(settings):
    settings.ROOT_URLCONF = "config.urls"
    settings.LOGIN_URL = "login"
    settings.DJANGO_BBB = settings.DJANGO_BBB | {
        "JOIN_POLICY": "lms.policies.may_join",
        "RETURN_URL": "lms.policies.return_url",
    }


@pytest.fixture
def person(db) -> Callable[..., User]:
    def make(username: str, **fields: object) -> User:
        return User.objects.create_user(username, password=username, **fields)

    return make


@pytest.fixture
def course(person) -> Course:
    """A course with a classroom, the teacher `tess` and the student `sam`."""
    tess, sam = person("tess", first_name="Tess", last_name="Moreau"), person("sam")
    course = Course.objects.create(title="Chemistry 8a", meeting=create_meeting(name="Chemistry 8a", owner=tess))
    course.teachers.add(tess)
    course.students.add(sam)
    return course
