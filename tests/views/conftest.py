"""What tests of several pages need."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from django_bbb.models import Meeting, MeetingSession
from django_bbb.services import meetings


@pytest.fixture
def at() -> Callable[[int], datetime]:
    """A moment so many hours from now."""
    return lambda hours: timezone.now() + timedelta(hours=hours)


@pytest.fixture
def as_teacher(client: Client, teacher: User) -> Client:
    client.force_login(teacher)
    return client


@pytest.fixture
def as_student(client: Client, student: User) -> Client:
    client.force_login(student)
    return client


@pytest.fixture
def running(meeting: Meeting) -> MeetingSession:
    """A class of the meeting's."""
    return meetings.start_meeting(meeting=meeting)
