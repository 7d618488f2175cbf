import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext, override
from lms.models import Course

pytestmark = pytest.mark.django_db


def page(course: Course) -> str:
    return reverse("lms:course", args=[course.pk])


def test_pages_need_a_log_in(client, course):
    for address in [reverse("lms:courses"), page(course)]:
        answer = client.get(address)

        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('login')}?next={address}"


def test_log_in_leads_to_the_page_that_was_asked_for(client, course):
    answer = client.post(
        f"{reverse('login')}?next={page(course)}",
        {"username": "sam", "password": "sam", "next": page(course)},
    )

    assert answer["Location"] == page(course)


def test_list_shows_each_of_my_courses_once_and_no_others(client, course):
    tess = User.objects.get(username="tess")
    course.students.add(tess)
    Course.objects.create(title="Latin 8a")
    client.force_login(tess)

    shown = client.get(reverse("lms:courses")).content.decode()

    assert shown.count("Chemistry 8a") == 1
    assert "Latin 8a" not in shown


def test_somebody_without_courses_is_told_what_to_do(client, person):
    client.force_login(person("stranger"))

    shown = client.get(reverse("lms:courses")).content.decode()

    assert "ask your teacher" in shown


@pytest.mark.parametrize(("username", "button"), [("tess", "Start class"), ("sam", "Wait for class")])
def test_people_of_the_course_see_its_page_with_the_classroom(client, course, username, button):
    client.force_login(User.objects.get(username=username))

    answer = client.get(page(course))

    assert answer.status_code == 200
    for text in ["Tess Moreau", button, "Recordings"]:
        assert text in answer.content.decode()


def test_stranger_gets_a_page_for_people_with_404(client, course, person):
    client.force_login(person("stranger"))

    answer = client.get(page(course))

    assert answer.status_code == 404
    assert "Chemistry" not in answer.content.decode()
    assert "a course that you are not in" in answer.content.decode()


def test_unknown_course_looks_the_same_as_one_of_others(client, course, person):
    client.force_login(person("stranger"))

    theirs, unknown = client.get(page(course)), client.get("/courses/987654/")

    assert unknown.status_code == theirs.status_code == 404
    assert _without_tokens(unknown) == _without_tokens(theirs)


def _without_tokens(answer) -> list[str]:
    return [line for line in answer.content.decode().splitlines() if "csrf" not in line]


def test_classroom_pages_wear_the_layout_of_the_site(client, course):
    client.force_login(User.objects.get(username="sam"))

    shown = client.get(reverse("django_bbb:join", args=[course.meeting.meeting_id])).content.decode()

    assert "Riverside School" in shown
    assert '<meta http-equiv="refresh"' in shown


def test_stranger_with_the_address_of_the_classroom_is_told_whom_to_ask(client, course, person):
    client.force_login(person("stranger"))

    answer = client.get(reverse("django_bbb:join", args=[course.meeting.meeting_id]))

    assert answer.status_code == 403
    assert "ask its teacher" in answer.content.decode()


def test_course_without_a_classroom_says_so(client, course):
    Course.objects.update(meeting=None)
    client.force_login(User.objects.get(username="tess"))

    answer = client.get(page(course))

    assert answer.status_code == 200
    assert "no classroom" in answer.content.decode()


@pytest.mark.parametrize("name", ["lms:courses", "login"])
def test_pages_pass_a_strict_content_policy(client, course, name):
    client.force_login(User.objects.get(username="sam"))

    shown = client.get(reverse(name)).content.decode()

    for inline in ["<style", "<script>", " style=", " onclick="]:
        assert inline not in shown
    assert shown.count("<script") == shown.count('<script type="module" src="/static/')


def test_everybody_reads_it_in_the_language_of_their_browser(client, course):
    client.force_login(User.objects.get(username="sam"))

    answer = client.get(page(course), headers={"Accept-Language": "fa-IR,fa;q=0.9,en;q=0.5"})

    shown = answer.content.decode()
    assert '<html lang="fa" dir="rtl">' in shown
    assert gettext_in("fa", "Students") in shown
    assert gettext_in("fa", "Wait for class") in shown
    assert "Wait for class" not in shown


def gettext_in(language: str, text: str) -> str:
    with override(language):
        return gettext(text)
