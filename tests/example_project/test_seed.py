import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from lms.models import Course

from django_bbb.models import Meeting

pytestmark = pytest.mark.django_db


def contents() -> tuple[object, ...]:
    return (
        list(User.objects.order_by("pk").values()),
        list(User.user_permissions.through.objects.order_by("pk").values()),
        list(Course.objects.order_by("pk").values()),
        list(Course.teachers.through.objects.order_by("pk").values()),
        list(Course.students.through.objects.order_by("pk").values()),
        list(Meeting.objects.order_by("pk").values()),
    )


def test_seeding_twice_changes_nothing(capsys):
    call_command("seed_lms")
    once = contents()

    call_command("seed_lms")

    assert contents() == once


def test_seed_keeps_what_people_changed(capsys):
    call_command("seed_lms")
    physics = Course.objects.get(title="Physics 9c")
    physics.students.clear()
    teacher = User.objects.get(username="teacher")
    teacher.set_password("my own")
    teacher.save()

    call_command("seed_lms")

    teacher.refresh_from_db()
    assert not physics.students.exists()
    assert teacher.check_password("my own")


def test_every_course_gets_a_classroom_of_its_own(capsys):
    call_command("seed_lms")

    assert {course.meeting.name for course in Course.objects.all()} == {"Mathematics 7b", "Physics 9c"}
    assert Meeting.objects.filter(course=None).count() == 1


def test_guests_come_to_a_room_without_a_course_by_its_code(client, server, capsys):
    call_command("seed_lms")
    address = reverse("django_bbb:join", args=["parents-evening"])

    asked = client.get(address)
    let_in = client.post(reverse("django_bbb:door", args=["parents-evening"]), {"code": "welcome-in", "name": "Eva"})

    assert asked.status_code == 403
    assert 'name="code"' in asked.content.decode()
    assert let_in.status_code == 200


def test_everybody_can_log_in_with_the_name_as_password(client, capsys):
    call_command("seed_lms")

    for username in ["admin", "support", "teacher", "student", "latecomer"]:
        assert client.login(username=username, password=username)


def test_support_may_look_at_classrooms_and_nothing_else(capsys):
    call_command("seed_lms")

    support = User.objects.get(username="support")

    assert support.is_staff
    assert support.has_perm("django_bbb.view_meeting")
    assert {permission.split(".")[1].split("_")[0] for permission in support.get_all_permissions()} == {"view"}


def test_only_admin_and_support_enter_the_administration(capsys):
    call_command("seed_lms")

    staff = User.objects.filter(is_staff=True).values_list("username", flat=True)

    assert set(staff) == {"admin", "support"}
