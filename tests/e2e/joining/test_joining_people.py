"""Everybody who comes to a class, on the way they come: light and dark, wide and narrow, in both directions, and
without scripts; always under a policy that allows nothing inline.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb.models import Consent, Invitation, Meeting
from django_bbb.services import meetings
from tests.e2e.joining.people import LOOKS, address

pytestmark = pytest.mark.browser

EVERY_LOOK = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


@EVERY_LOOK
def test_a_teacher_starts_the_class(visit, room, teacher, look):
    visitor = visit(teacher, look)

    visitor.go(room().get_absolute_url())
    visitor.check_page()
    visitor.press("Start class")

    visitor.is_in_class_as("Ada Weber", "Moderator")
    assert visitor.problems == []


@EVERY_LOOK
@pytest.mark.parametrize("days", [None, 7], ids=["co-teacher", "substitute"])
def test_whoever_teaches_with_them_or_for_them_starts_it_too(visit, room, student, look, days):
    now = timezone.now()
    meeting = room()
    term = {"valid_from": now - timedelta(days=1), "valid_until": now + timedelta(days=days)} if days else {}
    meeting.memberships.create(user=student, role="moderator", **term)
    visitor = visit(student, look)

    visitor.go(address("join", meeting))
    visitor.check_page()
    visitor.press("Start class")

    visitor.is_in_class_as("Ben Klein", "Moderator")


@EVERY_LOOK
def test_a_substitute_whose_time_is_over_reads_what_to_do(visit, room, student, look):
    meeting = room()
    meeting.memberships.create(user=student, role="moderator", valid_until=timezone.now() - timedelta(minutes=1))
    visitor = visit(student, look)

    visitor.go(address("join", meeting))

    visitor.sees("This class is for its members only. Ask its teacher to add you.")
    visitor.check_page()


@EVERY_LOOK
def test_a_student_waits_and_is_let_in(visit, room, student, look):
    meeting = room(access=Meeting.Access.SIGNED_IN)
    visitor = visit(student, look)

    visitor.go(meeting.get_absolute_url())
    visitor.follow("Wait for class")
    visitor.sees("The class has not begun yet. You are let in by this page as soon as it is there.")
    visitor.check_page()
    meetings.start_meeting(meeting=meeting)

    visitor.is_in_class_as("Ben Klein", "Viewer")
    assert visitor.problems == []


@EVERY_LOOK
def test_a_guest_with_the_link_says_a_name(visit, room, look):
    meeting = room(access=Meeting.Access.LINK)
    visitor = visit(None, look)

    visitor.go(address("join", meeting))
    visitor.check_page()
    visitor.type("Your name", "Eva")
    visitor.press("Come in")
    visitor.sees("The class has not begun yet. You are let in by this page as soon as it is there.")
    visitor.check_page()
    meetings.start_meeting(meeting=meeting)

    visitor.is_in_class_as("Eva", "Viewer")


@EVERY_LOOK
def test_a_guest_with_a_code_may_be_wrong_once(visit, room, look):
    meeting = room(access=Meeting.Access.CODE, viewer_code="learn-now")
    meetings.start_meeting(meeting=meeting)
    visitor = visit(None, look)

    visitor.go(address("join", meeting))
    visitor.check_page()
    visitor.type("Access code", "learn-then")
    visitor.type("Your name", "Eva")
    visitor.press("Come in")
    visitor.sees("This is not the code of this class. Type it again.")
    visitor.check_page()
    visitor.type("Access code", "learn-now")
    if visitor.page.get_by_label(visitor.words("Your name"), exact=True).count():
        visitor.type("Your name", "Eva")
    visitor.press("Come in")

    visitor.is_in_class_as("Eva", "Viewer")


@EVERY_LOOK
def test_an_invitation_link_makes_a_guest_a_moderator(visit, room, look):
    meeting = room()
    invitation = Invitation.objects.create(meeting=meeting, role=Invitation.Role.MODERATOR)
    visitor = visit(None, look)

    visitor.go(invitation.get_absolute_url())
    visitor.sees("You are invited to this class as a moderator.")
    visitor.check_page()
    visitor.type("Your name", "Dr. Noether")
    visitor.press("Come in")
    visitor.press("Start class")

    visitor.is_in_class_as("Dr. Noether", "Moderator")


@EVERY_LOOK
def test_nobody_goes_in_without_agreeing(visit, room, student, look):
    meeting = room(access=Meeting.Access.SIGNED_IN, asks_about_recording=True, asks_about_attendance=True)
    meetings.start_meeting(meeting=meeting)
    visitor = visit(student, look)

    visitor.go(address("join", meeting))
    visitor.check_page()
    boxes = visitor.page.get_by_role("checkbox").all()
    boxes[0].check()
    visitor.press("Agree and come in")  # the browser asks for the other one, and stays
    assert not Consent.objects.exists()
    boxes[1].check()
    visitor.press("Agree and come in")

    visitor.is_in_class_as("Ben Klein", "Viewer")
    assert Consent.objects.filter(user=student).count() == 2


@EVERY_LOOK
def test_without_any_account_on_the_site_a_class_is_held(visit, room, look, django_user_model):
    """A guest who teaches, by an invitation, and a guest who learns, by the link: neither can log in."""
    meeting = room(access=Meeting.Access.LINK)
    invitation = Invitation.objects.create(meeting=meeting, role=Invitation.Role.MODERATOR)
    meeting.owner = None
    meeting.save()
    django_user_model.objects.all().delete()
    leads, learns = visit(None, look), visit(None, look)

    learns.go(address("join", meeting))
    learns.type("Your name", "Eva")
    learns.press("Come in")
    leads.go(invitation.get_absolute_url())
    leads.type("Your name", "Dr. Noether")
    leads.press("Come in")
    leads.press("Start class")

    leads.is_in_class_as("Dr. Noether", "Moderator")
    learns.is_in_class_as("Eva", "Viewer")
    assert leads.problems + learns.problems == []
