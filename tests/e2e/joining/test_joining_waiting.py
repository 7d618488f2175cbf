"""The page of somebody who waits, on a clock that is turned by hand."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from django_bbb.models import Meeting
from django_bbb.services import meetings
from tests.e2e.joining.people import address

pytestmark = pytest.mark.browser

NOT_YET = "The class has not begun yet. You are let in by this page as soon as it is there."
NO_TEACHER = (
    "The class is open, and waits for its teacher. "
    "You are let in by this page as soon as somebody is there who leads it."
)
TROUBLE = "This site does not answer at the moment. Stay on this page: it goes on trying."
#: Nobody hears them here.
COUNT_TONES = """window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) { tones += 1; start.call(this, when); };"""
#: As if another tab was looked at, or this one again.
LOOK_AWAY, LOOK_BACK = (
    f"Object.defineProperty(document, 'hidden', {{value: {away}, configurable: true}});"
    "document.dispatchEvent(new Event('visibilitychange'));"
    for away in ("true", "false")
)


@pytest.fixture
def meeting(room, bbb):
    bbb["WAITING_REFRESH"] = 5
    return room(access=Meeting.Access.SIGNED_IN)


class Waits:
    """A student on the page that waits; time passes only here."""

    def __init__(self, visitor, meeting):
        self.visitor, self.page = visitor, visitor.page
        self.page.add_init_script(COUNT_TONES)
        now = timezone.now()
        self.page.clock.install(time=now)
        self.page.clock.pause_at(now + timedelta(seconds=1))
        visitor.go(address("join", meeting))
        visitor.sees(NOT_YET)
        expect(self.page.get_by_role("checkbox")).to_be_visible()  # the script is at work

    def element(self):
        return self.page.locator("bbb-waiting")

    def pass_by(self, seconds):
        """Let so many seconds pass; all that falls due in them happens."""
        self.page.clock.run_for(round(seconds * 1000))

    def ask(self, seconds):
        """Let so many seconds pass, in which the page asks, and wait for what it is told."""
        asked = self.visitor.asks()
        with self.page.expect_event("requestfinished", lambda one: "/status/" in one.url):
            self.pass_by(seconds)
        assert self.visitor.asks() == asked + 1

    def again(self):
        """Return in how many seconds the page says that it looks again."""
        return int("".join(filter(str.isdigit, self.page.locator("[data-again]").text_content())))


@pytest.fixture
def waits(visit, student, meeting):
    return Waits(visit(student), meeting)


def test_it_asks_when_it_was_told_to_and_says_when(waits):
    pause = waits.again()
    waits.pass_by(2)
    said = waits.again()
    waits.pass_by(pause - 3)
    asked_too_early = waits.visitor.asks()

    waits.ask(2)

    assert 4 <= pause <= 6
    assert said in (pause - 2, pause - 3)
    assert asked_too_early == 0
    waits.visitor.sees(NOT_YET)
    assert 4 <= waits.again() <= 7


def test_while_nobody_looks_it_rests(waits):
    waits.page.evaluate(LOOK_AWAY)
    waits.pass_by(600)
    rested = waits.visitor.asks()

    with waits.page.expect_event("requestfinished", lambda one: "/status/" in one.url):
        waits.page.evaluate(LOOK_BACK)

    assert (rested, waits.visitor.asks()) == (0, 1)


@pytest.mark.parametrize("fault", ["503", "no network", "not what was asked for"])
def test_it_asks_less_often_when_something_fails_and_recovers(waits, fault):
    faults = {
        "503": lambda route: route.fulfill(status=503, body="down"),
        "no network": lambda route: route.abort("internetdisconnected"),
        "not what was asked for": lambda route: route.fulfill(status=200, body="<h1>Log in to this network</h1>"),
    }
    waits.page.route("**/status/**", faults[fault])

    pauses = []
    for _try in range(4):
        waits.pass_by(waits.again())
        waits.visitor.sees(TROUBLE)
        expect(waits.page.locator("[data-again]")).not_to_have_text("now")
        pauses.append(waits.again())
    waits.page.unroute("**/status/**")
    waits.ask(waits.again())

    around = [10, 20, 40, 60]
    assert [abs(seen - usual) <= 0.2 * usual + 1 for seen, usual in zip(pauses, around, strict=True)] == [True] * 4
    assert pauses == sorted(pauses)
    waits.visitor.sees(NOT_YET)


def test_it_rings_only_if_asked_and_then_also_while_nobody_looks(waits, meeting):
    waits.page.get_by_role("checkbox").check()
    waits.page.evaluate(LOOK_AWAY)
    meetings.start_meeting(meeting=meeting)

    waits.ask(7)
    expect(waits.page).to_have_title("It begins – Mathematics 7b")
    waits.pass_by(60)
    assert waits.page.evaluate("tones") == 2
    assert waits.page.url.startswith(waits.visitor.site)  # nobody is sent into class who is not there

    waits.page.evaluate(LOOK_BACK)
    waits.visitor.is_in_class_as("Ben Klein", "Viewer")


def test_without_being_asked_it_is_silent(waits, meeting):
    meetings.start_meeting(meeting=meeting)
    waits.ask(7)
    expect(waits.page).to_have_title("It begins – Mathematics 7b")

    assert waits.page.evaluate("tones") == 0
    waits.pass_by(20)
    waits.visitor.is_in_class_as("Ben Klein", "Viewer")


def test_one_sentence_at_a_time_is_read_out(waits, meeting):
    told = waits.page.get_by_role("status")
    expect(told).to_have_attribute("aria-live", "polite")

    meetings.start_meeting(meeting=meeting)
    waits.ask(7)

    expect(told).to_have_text("The class has begun. You are being taken there.", use_inner_text=True)


def test_it_says_that_it_waits_for_the_teacher(waits, meeting, simulator):
    Meeting.objects.update(wait_for=Meeting.WaitFor.MODERATOR_INSIDE)
    meetings.start_meeting(meeting=meeting)
    waits.ask(7)

    waits.visitor.sees(NO_TEACHER)


def test_a_page_older_than_what_it_asks_with_comes_anew(waits):
    waits.page.route("**/status/**", lambda route: route.fulfill(status=410, json={"state": "expired"}))

    with waits.page.expect_navigation():
        waits.pass_by(7)

    waits.visitor.sees(NOT_YET)


def test_whoever_asks_now_is_answered_now(waits):
    with waits.page.expect_event("requestfinished", lambda one: "/status/" in one.url):
        waits.visitor.follow("Look now")

    assert waits.visitor.asks() == 1


def test_a_class_that_opens_later_counts_down_and_opens_by_itself(visit, student, meeting):
    opens = timezone.now() + timedelta(minutes=45)
    Meeting.objects.update(opens_at=opens, closes_at=opens + timedelta(hours=1))
    visitor = visit(student)
    # Their clock is wrong by a day: only that of the site counts.
    tomorrow = opens + timedelta(days=1)
    visitor.page.clock.install(time=tomorrow)
    visitor.page.clock.pause_at(tomorrow + timedelta(seconds=1))
    visitor.go(address("join", meeting))
    shown = visitor.page.locator("bbb-countdown")
    expect(shown).to_contain_text(re.compile("It opens in 4[45] minutes"))

    visitor.page.clock.fast_forward(40 * 60_000)
    expect(shown).to_contain_text(re.compile("It opens in [45] minutes"))
    Meeting.objects.update(opens_at=timezone.now())
    visitor.page.clock.fast_forward(6 * 60_000)

    visitor.sees(NOT_YET)
    assert visitor.problems == []
