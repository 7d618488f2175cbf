"""An administrator and the servers, in a real browser, under a content policy that allows nothing inline."""

import pytest
from playwright.sync_api import ConsoleMessage, Route, expect

from tests import content_policy

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SECONDS = 20_000  # milliseconds


class Administrator:
    """Somebody who is logged in, and whose browser holds every page to the policy."""

    def __init__(self, browser, demo, **options):
        self.site, self.problems = demo.site, []
        context = browser.new_context(locale="en", **options)
        context.route("**/*", self.add_policy)
        self.page = context.new_page()
        self.page.set_default_timeout(SECONDS)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.note)
        self.go("/admin/login/")
        self.page.get_by_label("Username").fill("admin")
        self.page.get_by_label("Password").fill("admin")
        self.press("Log in")

    def add_policy(self, route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": content_policy.TEXT})

    def note(self, line: ConsoleMessage) -> None:
        if line.type == "error" and not line.location["url"].endswith("/favicon.ico"):
            self.problems.append(f"{line.location['url']}: {line.text}")

    def go(self, path):
        self.page.goto(f"{self.site}{path}")

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).click()

    def says(self, text):
        expect(self.page.get_by_text(text)).to_be_visible()

    def sees_chart(self):
        """Look again until beat's first poll has been."""
        for _look in range(40):
            if self.page.locator("svg.bbb-chart").count():
                return True
            self.page.wait_for_timeout(500)
            self.page.reload()
        return False

    def fits(self):
        return self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_every_button_works_under_a_strict_policy(browser, demo, scripts):
    admin = Administrator(browser, demo, java_script_enabled=scripts)

    admin.go("/admin/django_bbb/server/")
    expect(admin.page.locator(".bbb-signs li")).to_have_count(3)
    admin.page.locator("#result_list tbody th a").first.click()
    admin.press("Test connection")
    admin.says("answers and takes our checksum")
    admin.press("Drain")
    admin.says("1 server takes no new classes")
    admin.press("Disable")
    admin.says("draining is kinder")
    admin.press("Yes, disable")
    admin.says("1 server is disabled.")
    admin.press("Enable")
    admin.says("1 server is enabled.")
    admin.follow("Rotate secret")
    admin.says("This server stands in the settings")
    admin.page.go_back()
    admin.follow("Load")
    assert admin.sees_chart()

    assert admin.problems == []


def test_no_page_is_wider_than_a_small_telephone(browser, demo):
    admin = Administrator(browser, demo, viewport={"width": 320, "height": 700})

    admin.go("/admin/django_bbb/server/")
    fit = [admin.fits()]
    address = admin.page.locator("#result_list tbody th a").first.get_attribute("href").removesuffix("change/")
    for page in ("change/", "rotate/", "load/"):
        admin.go(f"{address}{page}")
        fit.append(admin.fits())

    assert fit == [True] * 4
    assert admin.sees_chart()
