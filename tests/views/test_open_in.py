"""Where a class opens: in the same tab, in a new one, or in a frame of a page of the site."""

import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from django_bbb.models import Meeting

IN_A_FRAME = {"Sec-Fetch-Dest": "iframe"}


def page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


def button(meeting, user):
    request = RequestFactory().get("/")
    request.user = user
    context = Context({"request": request, "meeting": meeting})
    return Template("{% load django_bbb %}{% bbb_join_button meeting %}").render(context)


class TestInTheSameTab:
    def test_is_what_happens_where_a_site_says_nothing(self, as_student, student, meeting, running):
        assert "target" not in button(meeting, student)
        assert as_student.get(page("join", meeting)).status_code == 302

    def test_no_page_may_be_put_into_a_frame(self, as_student, meeting, running):
        assert as_student.get(page("left", meeting))["X-Frame-Options"] == "DENY"
        assert as_student.get(page("join", meeting), headers=IN_A_FRAME)["X-Frame-Options"] == "DENY"


class TestInANewTab:
    @pytest.fixture(autouse=True)
    def new_tab(self, bbb):
        bbb["OPEN_IN"] = "new_tab"

    def test_the_button_opens_it_and_says_so_to_those_who_hear_it(self, student, meeting, running):
        html = button(meeting, student)

        assert f'href="{page("join", meeting)}" target="_blank" rel="noopener"' in html
        assert "Join class<span" in html
        assert "(opens in a new tab)" in html

    def test_so_does_the_form_that_starts_a_class(self, teacher, meeting):
        html = button(meeting, teacher)

        assert re.search(rf'action="{page("start", meeting)}" target="_blank" rel="noopener"', html)
        assert "(opens in a new tab)" in html

    def test_in_that_tab_nothing_opens_another(self, as_student, meeting):
        assert "_blank" not in as_student.get(page("join", meeting)).content.decode()


class TestInAFrame:
    @pytest.fixture(autouse=True)
    def frame(self, bbb):
        bbb["OPEN_IN"] = "frame"

    def test_the_page_has_a_frame_that_goes_into_class(self, as_student, meeting, running, simulator):
        answer = as_student.get(page("join", meeting))
        inside = as_student.get(page("join-in-frame", meeting), headers=IN_A_FRAME)

        assert f'src="{page("join-in-frame", meeting)}"' in answer.content.decode()
        assert simulator.url not in answer.content.decode()
        assert inside["Location"].startswith(f"{simulator.url}join?")
        assert "no-store" in inside["Cache-Control"]
        assert inside["Referrer-Policy"] == "no-referrer"

    def test_without_a_class_there_is_no_frame(self, as_student, meeting):
        assert "<iframe" not in as_student.get(page("join", meeting)).content.decode()

    def test_a_frame_whose_class_is_gone_leads_out_of_it(self, as_student, meeting):
        answer = as_student.get(page("join-in-frame", meeting), headers=IN_A_FRAME)

        assert f'href="{page("join", meeting)}" target="_top"' in answer.content.decode()
        assert answer["X-Frame-Options"] == "SAMEORIGIN"

    @pytest.mark.parametrize("name", ["left", "join-failed"])
    def test_back_from_class_it_leads_out_of_the_frame(self, as_student, meeting, running, name):
        errors = '?errors=[{"key":"notFound"}]&b=1'
        answer = as_student.get(page(name, meeting) + errors, headers=IN_A_FRAME)

        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert f'href="{page(name, meeting)}?errors=' in answer.content.decode()
        assert 'target="_top"' in answer.content.decode()
        assert "<h1>" not in answer.content.decode()

    def test_outside_of_a_frame_it_is_the_usual_page(self, as_student, meeting, running):
        answer = as_student.get(page("left", meeting), headers={"Sec-Fetch-Dest": "document"})

        assert "<h1>" in answer.content.decode()

    def test_nobody_gets_in_by_the_frame_who_does_not_by_the_page(self, as_student, meeting, running):
        Meeting.objects.update(access=Meeting.Access.MEMBERS)

        assert as_student.get(page("join-in-frame", meeting), headers=IN_A_FRAME).status_code == 403

    def test_nobody_goes_in_by_the_frame_without_agreeing(self, as_student, meeting, running):
        Meeting.objects.update(asks_about_recording=True)
        answer = as_student.get(page("join-in-frame", meeting), headers=IN_A_FRAME)

        assert answer.status_code == 200
        assert f'href="{page("join", meeting)}" target="_top"' in answer.content.decode()
