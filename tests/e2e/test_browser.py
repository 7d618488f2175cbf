"""The main job in a real browser: a class from Start to the deletion of its recording."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Response, expect

from tests.e2e.running import Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]

COURSE = "Mathematics 7b"
SECONDS = 20_000  # milliseconds, for what takes a few seconds by itself; a busy machine gets more


class Person:
    """Somebody with a browser of their own, in which every page is kept for later."""

    def __init__(self, browser: Browser, demo: Demo, username: str, *, archive: Path, **options: Any) -> None:
        self.demo = demo
        self.username = username
        self.archive = archive / f"{username}.har"
        self.problems: list[str] = []
        self.context = browser.new_context(
            record_har_path=self.archive, record_har_content="embed", locale="en", **options
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.note)

    def note(self, line: ConsoleMessage) -> None:
        # The admin's own pages name no icon, so browsers ask for one that is not there.
        if line.type == "error" and not line.location["url"].endswith("/favicon.ico"):
            self.problems.append(f"{line.location['url']}: {line.text}")

    def log_in(self) -> None:
        self.page.goto(f"{self.demo.site}/accounts/login/")
        self.page.get_by_label("Username").fill(self.username)
        self.page.get_by_label("Password").fill(self.username)
        self.press("Log in")
        expect(self.page.get_by_role("heading", name="My courses")).to_be_visible()

    def open_course(self) -> None:
        self.page.goto(f"{self.demo.site}/")
        self.follow(COURSE)
        expect(self.page.get_by_role("heading", name=COURSE)).to_be_visible()

    def open_recordings_in_admin(self) -> None:
        self.page.goto(f"{self.demo.site}/")
        self.follow("Administration")
        self.follow("Recordings")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def expect_text(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=True)).to_be_visible(timeout=SECONDS)

    def expect_to_be_in_class_as(self, name: str, role: str) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(self.demo.simulator)), timeout=SECONDS)
        expect(self.page.locator("[data-me=true]")).to_contain_text(f"{name} (you) {role}")

    def expect_no_sideways_scrolling(self) -> None:
        root = self.page.locator("html")
        assert root.evaluate("root => root.scrollWidth") <= root.evaluate("root => root.clientWidth")

    def reload_until_visible(self, wanted: Locator) -> None:
        for _ in range(30):
            self.page.reload()
            try:
                expect(wanted).to_be_visible(timeout=1000)
            except AssertionError:
                continue
            return
        expect(wanted).to_be_visible()

    def recording(self) -> Locator:
        """The recording on the course page."""
        return self.page.get_by_role("region", name="Recordings").get_by_role("listitem")

    def row(self) -> Locator:
        """The recording in the admin."""
        return self.page.locator("#result_list tbody tr")

    def run_action(self, label: str) -> None:
        """Run an action of the admin on the recording."""
        self.row().get_by_role("checkbox").check()
        self.page.locator("select[name=action]").select_option(label=label)
        self.page.locator("button[name=index]").click()

    def actions(self) -> list[str]:
        """Return the names of the actions that the admin offers to this person."""
        options = self.page.locator("select[name=action] option").all()
        return [name for option in options if (name := option.get_attribute("value"))]

    def forge_action(self, action: str) -> None:
        """Send what the form of somebody with more rights would send."""
        sent = self.context.request.post(
            self.page.url,
            form={
                "csrfmiddlewaretoken": self.page.locator("[name=csrfmiddlewaretoken]").first.input_value(),
                "_selected_action": self.row().locator("a").first.get_attribute("href").split("/")[-3],
                "action": action,
                "index": "0",
                "confirmed": "yes",
            },
        )
        assert sent.status in (200, 403)

    def leave(self) -> list[str]:
        """Close the browser; return the text of each page of the LMS that stayed long enough to be read.

        The one that opens a class does not: test_http.py reads it.
        """
        self.context.close()
        entries = json.loads(self.archive.read_text())["log"]["entries"]
        return [
            entry["response"]["content"]["text"]
            for entry in entries
            if entry["request"]["url"].startswith(self.demo.site)
            and entry["response"]["content"]["mimeType"].startswith("text/html")
            and "text" in entry["response"]["content"]
        ]


def way_to(response: Response) -> list[str]:
    """Return the paths the browser was sent along, the last one included."""
    request, paths = response.request, []
    while request is not None:
        paths.append(request.url.partition("?")[0].split("/", 3)[3])
        request = request.redirected_from
    return paths[::-1]


def test_class_from_start_to_the_deletion_of_its_recording(browser, demo, tmp_path):
    teacher = Person(browser, demo, "teacher", archive=tmp_path)
    # A telephone without scripts: everything works there, and the waiting page most of all.
    narrow = {"width": 320, "height": 640}
    early = Person(browser, demo, "student", archive=tmp_path, viewport=narrow, java_script_enabled=False)
    late = Person(browser, demo, "latecomer", archive=tmp_path)
    admin = Person(browser, demo, "admin", archive=tmp_path)
    support = Person(browser, demo, "support", archive=tmp_path)
    everybody = [teacher, early, late, admin, support]
    for person in everybody:
        person.log_in()

    # 1. The teacher starts the class and lands in it.
    early.open_course()
    early.follow("Wait for class")
    expect(early.page.get_by_role("status")).to_contain_text("The class has not begun yet.")
    early.expect_no_sideways_scrolling()
    teacher.open_course()
    teacher.press("Start class")

    teacher.expect_to_be_in_class_as("Amara Okafor", "Moderator")

    # 2. Who waited is let in without touching anything; who comes later goes straight in.
    early.expect_to_be_in_class_as("Jonas Keller", "Viewer")
    late.open_course()
    with late.page.expect_response(re.compile("/html5client")) as entered:
        late.follow("Join class")

    late.expect_to_be_in_class_as("Leyla Demir", "Viewer")
    meeting_id = way_to(entered.value)[0].split("/")[2]
    assert way_to(entered.value) == [
        f"bbb/meetings/{meeting_id}/join/",
        "bigbluebutton/api/join",
        "html5client/",
    ]
    expect(teacher.page.get_by_role("heading", name="People in this class: 3")).to_be_visible(timeout=SECONDS)
    assert late.page.get_by_role("button", name="End class").count() == 0

    # 3. The teacher records and ends the class; the recording is awaited.
    teacher.press("Start recording")
    teacher.expect_text("This class is being recorded.")
    teacher.press("End class")
    teacher.expect_text("The class has ended")
    early.expect_text("The class has ended")
    teacher.follow("Continue")

    teacher.reload_until_visible(teacher.recording().get_by_text("Being processed"))

    # 4. It comes with its first format and thumbnails, then with the second, and shows in the admin.
    presentation = teacher.recording().get_by_role("link", name="Presentation")
    video = teacher.recording().get_by_role("link", name="Video")
    thumbnails = teacher.recording().get_by_role("img")
    teacher.reload_until_visible(presentation)
    expect(thumbnails).to_have_count(3)
    teacher.reload_until_visible(video)
    admin.open_recordings_in_admin()

    expect(teacher.recording()).to_have_count(1)
    expect(presentation).to_be_visible()
    expect(teacher.page.get_by_text("Being processed")).to_have_count(0)
    thumbnails.first.scroll_into_view_if_needed()
    expect(thumbnails.first).to_have_js_property("complete", True)
    assert thumbnails.first.evaluate("image => image.naturalWidth") > 0
    expect(admin.row()).to_have_count(1)
    expect(admin.row()).to_contain_text(COURSE)
    expect(admin.row().get_by_role("link", name="presentation")).to_be_visible()
    expect(admin.row().get_by_role("link", name="video")).to_be_visible()
    early.open_course()
    early.expect_no_sideways_scrolling()
    early.recording().get_by_role("link", name="Presentation").click()
    expect(early.page.get_by_text("Recording, format presentation")).to_be_visible()
    playback = early.page.url
    assert playback.startswith(demo.simulator)

    # 5. Support looks and changes nothing, not even by force; the administrator unpublishes, publishes, deletes.
    support.open_recordings_in_admin()
    expect(support.row()).to_contain_text(COURSE)
    assert support.actions() == []
    assert len(admin.actions()) == 12
    for action in admin.actions():
        support.forge_action(action)
    support.page.reload()
    expect(support.row().get_by_role("cell", name="published", exact=True)).to_be_visible()
    assert support.context.request.get(playback).status == 200

    admin.run_action("Unpublish selected recordings")
    admin.expect_text("1 recording unpublished.")
    assert admin.context.request.get(playback).status == 404
    teacher.page.reload()
    expect(teacher.recording()).to_contain_text("Not published")
    early.open_course()
    expect(early.recording()).to_have_count(0)

    admin.run_action("Publish selected recordings")
    admin.expect_text("1 recording published.")
    assert admin.context.request.get(playback).status == 200
    teacher.page.reload()
    expect(presentation).to_be_visible()

    admin.run_action("Delete selected recordings on their server")
    expect(admin.page.get_by_role("heading", name="Delete recordings?")).to_be_visible()
    admin.follow("No, take me back")
    expect(admin.row()).to_contain_text(COURSE)
    assert admin.context.request.get(playback).status == 200
    admin.run_action("Delete selected recordings on their server")
    admin.press("Yes, delete them")
    admin.expect_text("1 recording deleted.")
    expect(admin.row()).to_have_count(0)
    assert admin.context.request.get(playback).status == 404
    teacher.page.reload()
    expect(teacher.page.get_by_text("There are no recordings yet.")).to_be_visible()
    expect(teacher.recording()).to_have_count(0)

    # On the way nobody was shown a signed URL, or met an error.
    pages = {person.username: person.leave() for person in everybody}
    assert any("The class has not begun yet." in text for text in pages["student"])
    assert min(len(texts) for texts in pages.values()) > 3
    assert not [name for name, texts in pages.items() if any(demo.shows_secrets(text) for text in texts)]
    assert [problem for person in everybody for problem in person.problems] == []
