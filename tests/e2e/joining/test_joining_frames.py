"""A class inside a page of the site, and the way out of it."""

import re

import pytest
from playwright.sync_api import expect

from django_bbb.models import Meeting
from django_bbb.services import meetings
from tests import content_policy
from tests.e2e.joining.people import LOOKS, address

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def frames(site, settings, bbb, simulator):
    bbb["OPEN_IN"] = "frame"
    its_server = simulator.url.split("/bigbluebutton")[0]
    content_policy.send_with_each_page(settings, frame_src=["'self'", its_server])


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_people_are_in_class_inside_the_page(visit, room, student, simulator, look):
    meeting = room(access=Meeting.Access.SIGNED_IN)
    meetings.start_meeting(meeting=meeting)
    visitor = visit(student, look)

    visitor.go(address("join", meeting))

    frame = visitor.page.locator("iframe.bbb-frame")
    expect(frame).to_be_visible()
    expect(visitor.page.frame_locator("iframe.bbb-frame").get_by_text("Mathematics 7b").first).to_be_visible()
    assert visitor.page.url.endswith(address("join", meeting))
    if look.scripts:
        expect(visitor.page.frame_locator("iframe.bbb-frame").locator("[data-me=true]")).to_contain_text("Ben Klein")
        assert visitor.fits()
        inside = visitor.page.frames[-1]
        assert inside.url.startswith(simulator.url.split("/bigbluebutton")[0])
        allowed = inside.evaluate(
            "['camera', 'microphone', 'display-capture', 'fullscreen'].map((one) => "
            "document.featurePolicy.allowsFeature(one))"
        )
        assert allowed == [True] * 4


def test_whoever_leaves_is_led_out_of_the_frame(visit, room, student):
    meeting = room(access=Meeting.Access.SIGNED_IN)
    meetings.start_meeting(meeting=meeting)
    visitor = visit(student)

    visitor.go(address("join", meeting))
    visitor.page.frame_locator("iframe.bbb-frame").get_by_role("button", name=re.compile("Leave")).first.click()

    expect(visitor.page).to_have_url(re.compile(re.escape(address("left", meeting))))
    visitor.sees("You have left the class. It goes on.")
    visitor.check_page()
