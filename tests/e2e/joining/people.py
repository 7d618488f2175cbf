"""Somebody with a browser of their own, which holds every page to a strict policy."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response, expect

from django_bbb.models import Meeting
from tests import content_policy
from tests.e2e import axe

#: What is to be hit with a finger and is smaller than it should be.
SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
  .filter((one) => !one.closest("[aria-hidden=true]"))
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 100), one.getBoundingClientRect()])
  .filter(([_, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 700}
SECONDS = 20_000  # milliseconds, on a busy machine


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    language: str = "en"
    scheme: str = "light"
    is_narrow: bool = False
    scripts: bool = True

    @property
    def is_right_to_left(self) -> bool:
        return self.language in settings.LANGUAGES_BIDI


LOOKS = {
    "light and wide": Look(),
    "dark, narrow, right to left": Look(language="ar", scheme="dark", is_narrow=True),
    "dark, narrow, without scripts": Look(scheme="dark", is_narrow=True, scripts=False),
}


def address(name: str, meeting: Meeting) -> str:
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


class Visitor:
    """A person and what they look at; texts are named in English and looked for in their language."""

    def __init__(self, browser: Browser, site: str, simulator_url: str, look: Look, user: User | None) -> None:
        self.site, self.simulator_url, self.look = site, simulator_url, look
        self.problems: list[str] = []
        self.asked: list[Request] = []
        self.context = browser.new_context(
            locale=look.language,
            color_scheme=look.scheme,
            viewport=NARROW if look.is_narrow else WIDE,
            java_script_enabled=look.scripts,
            reduced_motion="reduce" if look.is_narrow else "no-preference",
        )
        self.context.set_default_timeout(SECONDS)
        self.context.add_init_script(content_policy.COUNT)
        if user is not None:
            self.log_in(user)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)
        self.status = 0
        self.page.on("response", self._note_status)
        self.page.on("request", lambda request: self.asked.append(request))

    def _note(self, line: ConsoleMessage) -> None:
        # What the policy blocks is told here, also where scripts are off.  Browsers call a "no" an error.
        is_a_no = line.text.startswith("Failed to load resource") and "/static/" not in line.location["url"]
        if line.type == "error" and not is_a_no:
            self.problems.append(f"{line.location['url']}: {line.text}")

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.status = response.status

    def log_in(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.site}])

    # --- what they do -----------------------------------------------------------------------------

    def words(self, text: str) -> str:
        with override(self.look.language):
            return gettext(text)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def press(self, name: str) -> None:
        self.button(name).click()

    def submit(self, name: str) -> None:
        """Press a button and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.press(name)

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words(name), exact=True).click()

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(self.words(label), exact=True).fill(text)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(name), exact=True)

    # --- what they see ----------------------------------------------------------------------------

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(self.words(text), exact=True).filter(visible=True)).to_be_visible()

    def is_in_class_as(self, name: str, role: str) -> None:
        """Wait until they are; the page before was as it should be."""
        expect(self.page).to_have_url(re.compile(re.escape(self.simulator_url.split("/bigbluebutton")[0])))
        if self.look.scripts:
            expect(self.page.locator("[data-me=true]")).to_contain_text(f"{name} (you) {role}")

    def check_page(self) -> None:
        """See that nothing is blocked, nothing sticks out, and the page is in their direction."""
        assert self.problems == []
        root = self.page.locator("html")
        assert root.get_attribute("dir") == ("rtl" if self.look.is_right_to_left else "ltr")
        if self.look.scripts:
            assert self.page.evaluate("blocked") == []
            assert self.fits()

    def fits(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def small_targets(self) -> list[str]:
        found: list[str] = self.page.evaluate(SMALL)
        return found

    def find(self, options: dict[str, Any]) -> list[list[str]]:
        """Return what axe finds that is serious."""
        return axe.find(self.page, options)

    def asks(self) -> int:
        """Return how often the page has asked whether the class is there."""
        return sum("/status/" in request.url for request in self.asked)
