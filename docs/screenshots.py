"""Takes the pictures of README and documentation from a running demo: ``python -m docs.screenshots``, in the root.

Needs Chromium; the demo starts on free ports, with a folder of its own.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.running import CHROMIUM_ARGUMENTS, Demo, find_chromium, running_demo

#: The room of the demo that is for everybody with its code.
GUESTS_COME_TO, GUESTS_TYPE = "/bbb/meetings/parents-evening/join/", "welcome-in"
IMAGES = Path(__file__).resolve().parent / "images"
WIDE = {"width": 1100, "height": 720}
NARROW = {"width": 320, "height": 720}
SECONDS = 20_000  # milliseconds
#: What the polls of a day would have seen: the demo is a minute old.
A_BUSY_DAY = """
from datetime import timedelta
from django.utils import timezone
from django_bbb.models import Server, ServerLoad
now = timezone.now().replace(second=0, microsecond=0)
for quarter in range(1, 7 * 96):
    minute = now - timedelta(minutes=15 * quarter)
    lesson = 8 <= minute.hour < 16 and minute.minute < 45
    people = lesson * (120 - 12 * abs(minute.hour - 12) + quarter * 7 % 11)
    ServerLoad.objects.create(
        server=Server.objects.get(), minute=minute, participant_count=people, meeting_count=people // 20,
        voice_count=people // 4, video_count=people // 6,
    )
"""


class Photographer:
    """Somebody who is logged in and takes pictures of what they see."""

    def __init__(self, browser: Browser, demo: Demo, username: str, **options: Any) -> None:
        self.demo = demo
        self.page: Page = browser.new_context(**{"viewport": WIDE, "locale": "en", **options}).new_page()
        self.go("/accounts/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(username)
        self.press("Log in")
        expect(self.page.get_by_role("heading", name="My courses")).to_be_visible()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.demo.site}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def open_course(self, name: str) -> None:
        self.go("/")
        self.follow(name)

    def start_class(self, course: str) -> None:
        self.open_course(course)
        self.press("Start class")
        self.wait_for_class()

    def wait_for_class(self) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(self.demo.simulator)), timeout=SECONDS)

    def reload_until_visible(self, wanted: Locator) -> None:
        for _ in range(30):
            self.page.reload()
            try:
                expect(wanted).to_be_visible(timeout=1000)
            except AssertionError:
                continue
            return
        raise SystemExit(f"The demo never showed {wanted}.")

    def take(self, name: str, *, whole_page: bool = False) -> None:
        for picture in self.page.locator("img[loading=lazy]").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=IMAGES / f"{name}.png", full_page=whole_page)


def record_a_class(teacher: Photographer, course: str) -> None:
    """Hold a class, so that there is a recording to show."""
    teacher.start_class(course)
    teacher.press("Start recording")
    teacher.press("End class")
    expect(teacher.page.get_by_text("The class has ended", exact=True)).to_be_visible(timeout=SECONDS)
    teacher.open_course(course)
    teacher.reload_until_visible(teacher.page.get_by_role("link", name="Video"))


def take_pictures(browser: Browser, demo: Demo) -> None:
    teacher = Photographer(browser, demo, "teacher")
    student = Photographer(browser, demo, "student")
    latecomer = Photographer(browser, demo, "latecomer")
    admin = Photographer(browser, demo, "admin")
    record_a_class(teacher, "Physics 9c")
    record_a_class(teacher, "Mathematics 7b")

    student.open_course("Mathematics 7b")
    student.follow("Wait for class")
    student.take("waiting")

    teacher.start_class("Mathematics 7b")
    student.wait_for_class()
    teacher.press("Start recording")
    expect(teacher.page.get_by_role("heading", name="People in this class: 2")).to_be_visible(timeout=SECONDS)
    teacher.take("classroom")

    latecomer.open_course("Mathematics 7b")
    # The number of people comes with the next poll.
    latecomer.reload_until_visible(latecomer.page.get_by_text(re.compile(r"Live · 2")))
    latecomer.take("join")
    teacher.open_course("Mathematics 7b")
    teacher.take("course")
    teacher.page.set_viewport_size(NARROW)
    teacher.take("narrow", whole_page=True)
    teacher.page.set_viewport_size(WIDE)
    teacher.page.emulate_media(color_scheme="dark")
    teacher.take("dark")

    take_pictures_of_the_door(browser, demo)
    take_pictures_of_a_room(teacher)
    take_pictures_of_the_admin(admin)


def take_pictures_of_the_door(browser: Browser, demo: Demo) -> None:
    """Somebody without an account types the code; somebody else waits, on a telephone and in Arabic."""
    page = browser.new_context(locale="en", viewport=WIDE).new_page()
    page.goto(f"{demo.site}{GUESTS_COME_TO}")
    page.screenshot(path=IMAGES / "door.png")
    page = browser.new_context(locale="ar", viewport=NARROW, color_scheme="dark").new_page()
    page.goto(f"{demo.site}{GUESTS_COME_TO}")
    page.locator("[name=code]").fill(GUESTS_TYPE)
    page.locator("[name=name]").fill("Nadia Haddad")
    page.locator("form").get_by_role("button").first.click()
    page.get_by_role("checkbox").check()
    page.locator("form").get_by_role("button").first.click()
    expect(page.locator("bbb-waiting")).to_be_visible()
    page.screenshot(path=IMAGES / "waiting-right-to-left.png")


def take_pictures_of_a_room(teacher: Photographer) -> None:
    teacher.page.emulate_media(color_scheme="light")
    teacher.go(GUESTS_COME_TO.replace("/join/", "/invitations/"))
    teacher.take("room-invitations")


def take_pictures_of_the_admin(admin: Photographer) -> None:
    admin.demo.manage("shell", "--no-imports", "-c", A_BUSY_DAY)
    admin.go("/admin/django_bbb/recording/")
    admin.page.get_by_label("Toggle navigation").click()  # more room for the list
    admin.take("admin-recordings")
    admin.go("/admin/django_bbb/meeting/")
    admin.take("admin-meetings")
    admin.page.locator("#result_list").get_by_role("link", name="Mathematics 7b").click()
    admin.take("admin-meeting")
    admin.go("/admin/django_bbb/server/")
    admin.take("admin-servers")
    admin.page.locator("#result_list tbody th a").first.click()
    admin.follow("Load")
    admin.take("admin-load")
    admin.go("/admin/django_bbb/")
    admin.take("admin-now")


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("There is no Chromium on this machine; install one, or name it in CHROMIUM.")
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder), "--recording-delay", "1") as demo,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS) as browser,
    ):
        take_pictures(browser, demo)


if __name__ == "__main__":
    main()
