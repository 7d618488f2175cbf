from typing import Any

from django.contrib.auth.models import Permission, User
from django.core.management.base import BaseCommand
from django.db import transaction

from django_bbb.models import Meeting
from django_bbb.services.meetings import create_meeting

from ...models import Course

PEOPLE = {
    "admin": ("Ingrid", "Solberg"),
    "support": ("Tomás", "Ribeiro"),
    "teacher": ("Amara", "Okafor"),
    "student": ("Jonas", "Keller"),
    "latecomer": ("Leyla", "Demir"),
}
COURSES = {
    "Mathematics 7b": ["student", "latecomer"],
    "Physics 9c": ["student"],
}
#: As the demo tells them to guests.
PARENTS_EVENING, PARENTS_CODE = "parents-evening", "welcome-in"


class Command(BaseCommand):
    help = (
        "Fills the demo with people and courses; running it again changes nothing. "
        "Everybody's password is their user name: for a site on 127.0.0.1 only."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        people = {name: _person(name) for name in PEOPLE}
        for title, students in COURSES.items():
            _course(title, teacher=people["teacher"], students=[people[name] for name in students])
        _parents_evening(people["teacher"])
        self.stdout.write(f"{len(PEOPLE)} people, {len(COURSES)} courses and a room for guests are there.")


def _person(username: str) -> User:
    first, last = PEOPLE[username]
    user, created = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{username}@example.org",
            "is_staff": username in {"admin", "support"},
            "is_superuser": username == "admin",
        },
    )
    if created:
        user.set_password(username)
        user.save()
    if username == "support":  # looks at everything in the admin and changes nothing
        user.user_permissions.add(
            *Permission.objects.filter(content_type__app_label="django_bbb", codename__startswith="view_")
        )
    return user


def _course(title: str, *, teacher: User, students: list[User]) -> Course:
    course, created = Course.objects.get_or_create(title=title)
    if created:
        course.teachers.add(teacher)
        course.students.add(*students)
    if course.meeting is None:
        course.meeting = create_meeting(name=title, owner=teacher)
        course.save()
    return course


def _parents_evening(teacher: User) -> None:
    """A room without a course: whoever knows its code comes in, without an account."""
    if not Meeting.objects.filter(meeting_id=PARENTS_EVENING).exists():
        create_meeting(
            name="Parents’ evening",
            owner=teacher,
            meeting_id=PARENTS_EVENING,
            access=Meeting.Access.CODE,
            viewer_code=PARENTS_CODE,
            asks_about_recording=True,
        )
