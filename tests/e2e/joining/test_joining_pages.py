"""Every page on the way into class and out of it: nobody is shut out of it, and it says what it is."""

import re

import pytest
from django.utils import translation

from tests import content_policy
from tests.e2e.joining.pages import Pages
from tests.e2e.joining.people import NARROW, WIDE, Look

pytestmark = pytest.mark.browser

RULES = {"rules": {"target-size": {"enabled": True}}}
TWICE_AS_LARGE, AS_IT_WAS = (f"document.documentElement.style.fontSize = '{size}'" for size in ("200%", ""))


@pytest.fixture
def pages(room, simulator, bbb):
    return Pages(room, simulator, bbb)


@pytest.fixture
def see(pages, visit, teacher, student, admin_user):
    """Go to every page, as the one it is for, and look at it; return what was wrong, by page."""
    users = {"teacher": teacher, "student": student, "admin": admin_user}

    def see(look, examine):
        visitors = {who: visit(user, look) for who, user in users.items()}
        wrong = {}
        for page in pages.all():
            visitor = visitors.get(page.who) or visit(None, look)
            page.steps(visitor)
            seen = [*examine(visitor), *visitor.problems, *visitor.page.evaluate("blocked")]
            if visitor.status not in (page.status, 204):
                seen.append(visitor.status)
            if seen:
                wrong[page.name] = seen
            visitor.problems.clear()
            visitor.page.unroute_all()
        return wrong

    return see


def examine_in_both_sizes(visitor):
    """Look at a page in light on a wide screen with letters twice as large, and in dark on a telephone."""
    visitor.page.emulate_media(color_scheme="light")
    visitor.page.set_viewport_size(WIDE)
    visitor.page.evaluate(TWICE_AS_LARGE)
    seen = examine_once(visitor)
    visitor.page.evaluate(AS_IT_WAS)
    seen += [] if visitor.fits() else ["too wide"]
    visitor.page.emulate_media(color_scheme="dark")
    visitor.page.set_viewport_size(NARROW)
    return seen + examine_once(visitor)


def examine_once(visitor):
    """Return what axe finds, what is too small for a finger, and whether something sticks out."""
    return [*visitor.find(RULES), *visitor.small_targets(), *([] if visitor.fits() else ["too wide"])]


@pytest.mark.policy
def test_each_page_comes_with_the_policy_that_is_meant(room, client):
    sent = client.get(room().get_absolute_url(), follow=True)["Content-Security-Policy"]

    assert sorted(sent.split("; ")) == sorted(content_policy.TEXT.split("; "))


@pytest.mark.policy
def test_nobody_is_shut_out_of_a_page_and_each_says_what_it_is(see):
    titles = []

    def examine(visitor):
        titles.append(visitor.page.evaluate("document.title"))
        one_heading = visitor.page.get_by_role("heading", level=1).count() == 1
        return examine_in_both_sizes(visitor) + ([] if one_heading else ["headings"])

    assert see(Look(), examine) == {}
    assert {title for title in titles if "Mathematics 7b" not in title} == {"Fractions", "A new room"}  # a recording's
    assert "Not open yet – Mathematics 7b" in titles
    assert len(set(titles)) > 20


def test_nor_where_people_read_from_right_to_left(see):
    assert see(Look(language="ar", scheme="dark", is_narrow=True), examine_once) == {}


def test_every_word_of_theirs_can_be_translated(see, marked):
    found = see(Look(), unmarked_words)
    assert found.keys() == {"by a policy"}  # whose words are the site's


#: All that people read or hear: text, and what stands in for it.
READ = """() => [document.title, document.body.innerText, ...[...document.querySelectorAll("*")].flatMap((one) =>
  ["aria-label", "alt", "placeholder", "title", "data-open-title"].map((name) => one.getAttribute(name) ?? ""))]
  .join("\\n")"""
#: What people have typed, and what is no word: addresses and codes.
DATA = re.compile(
    r"Mathematics 7b|Ada Weber|Ben Klein|Cem Yılmaz|admin|c\.yilmaz|Fractions(\.pdf)?|Homework\.pdf|Parents|7b"
    r"|learn-now|https?://\S+|[mi]-[a-z0-9]+|Europe/\w+|UTC"
)
MARKED = re.compile("⟦[^⟦⟧]*⟧")


@pytest.fixture
def marked(monkeypatch):
    """Whatever could be translated stands between brackets."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        real = getattr(translation._trans, name)
        monkeypatch.setattr(translation._trans, name, lambda *words, real=real: f"⟦{real(*words)}⟧")


def unmarked_words(visitor):
    text = DATA.sub("", visitor.page.evaluate(READ))
    while (left := MARKED.sub("", text)) != text:
        text = left
    return re.findall(r"\w*[^\W\d_]{2,}\w*", text)


def test_a_guest_comes_in_by_keyboard_alone(visit, room):
    meeting = room(access="code", viewer_code="learn-now", asks_about_recording=True)
    visitor = visit(None)
    keys = visitor.page.keyboard
    visitor.go(meeting.get_absolute_url())
    # The page with the code: code, name, and the button of the form.
    for text in ("learn-now", "Eva"):
        keys.press("Tab")
        keys.type(text)
    keys.press("Tab")
    focused = visitor.page.evaluate("document.activeElement.textContent.trim()")
    outline = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    keys.press("Enter")
    visitor.sees("This class may be recorded, with what I say, write and show. I agree to that.")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")

    visitor.sees("The class has not begun yet. You are let in by this page as soon as it is there.")
    assert (focused, outline) == ("Come in", "solid")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_whoever_wants_it_to_keep_still(visit, room, student, motion):
    visitor = visit(student)
    visitor.page.emulate_media(reduced_motion=motion)
    visitor.go(room(access="signed_in").get_absolute_url() + "join/")

    moving = visitor.page.evaluate("document.getAnimations().length")

    assert bool(moving) == (motion == "no-preference")
