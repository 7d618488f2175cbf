"""The main job without a browser: the same path, and the two ways to do without callbacks and without a worker."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urljoin

import lxml.html
import pytest
import requests

from tests.e2e.running import Demo

pytestmark = pytest.mark.processes

COURSE = "Mathematics 7b"
OTHER_COURSE = "Physics 9c"


def eventually(check: Callable[[], object], *, timeout: float = 30) -> None:
    """Ask again and again until it is so: other processes are at work, and tell nobody when they are done."""
    give_up = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < give_up, f"It did not become so within {timeout} seconds."
        time.sleep(0.2)


class Visitor:
    """Somebody with a simple browser: cookies, links and forms, no scripts."""

    def __init__(self, demo: Demo, http: requests.Session) -> None:
        self.demo = demo
        self.http = http
        self.answer = requests.Response()

    # --- what a browser does

    def go(self, address: str) -> None:
        self._show(self.http.get(urljoin(f"{self.demo.site}/", address), timeout=30))

    def follow(self, text: str) -> None:
        self.go(self._one(self.links(text)))

    def press(self, text: str, **fields: str | list[str]) -> None:
        """Send the form that has the button, with these fields filled in."""
        buttons = [one for one in self.page.xpath("//button | //input[@type='submit']") if _label(one) == text]
        form = self._one(buttons).getparent()
        while form.tag != "form":
            form = form.getparent()
        sent = dict(form.form_values()) | {str(buttons[0].get("name") or ""): buttons[0].get("value") or ""} | fields
        sent.pop("", None)
        address = urljoin(self.answer.url, form.get("action") or self.answer.url)
        self._show(self.http.request(form.method, address, data=sent, timeout=30))

    def refreshes_to(self) -> str:
        """Return where the page goes by itself."""
        content = self._one(self.page.xpath("//meta[@http-equiv='refresh']/@content"))
        return urljoin(self.answer.url, content.partition("url=")[2])

    def _show(self, answer: requests.Response) -> None:
        """Take what came; no page of the site ever contains a signed URL or the secret."""
        self.answer = answer
        for one in [*answer.history, answer]:
            if one.url.startswith(self.demo.site):
                assert not self.demo.shows_secrets(one.text)
                assert one.status_code < 500

    # --- what is seen

    @property
    def page(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.answer.text)

    @property
    def text(self) -> str:
        main = self.page.xpath("//main | //body")
        return " ".join(main[-1].text_content().split())

    def links(self, text: str) -> list[str]:
        found = [one for one in self.page.xpath("//a[@href]") if _label(one) == text]
        return [urljoin(self.answer.url, one.get("href")) for one in found]

    def images(self) -> list[str]:
        return [urljoin(self.answer.url, source) for source in self.page.xpath("//main//img/@src")]

    def is_in_class_as(self, role: str) -> bool:
        me = self.page.xpath("//*[@data-me='true']//*[@class='role']")
        return self.answer.url.startswith(self.demo.simulator) and [one.text_content() for one in me] == [role]

    @staticmethod
    def _one(found: list) -> object:
        assert len(found) == 1, found
        return found[0]

    # --- where they go

    def log_in(self, username: str) -> "Visitor":
        self.go("/accounts/login/")
        self.press("Log in", username=username, password=username)
        assert "My courses" in self.text
        return self

    def open_course(self, name: str = COURSE) -> "Visitor":
        self.go("/")
        self.follow(name)
        return self

    def start_class(self, name: str = COURSE) -> None:
        """Press Start; the page that answers moves on to our join address, and that into class."""
        self.open_course(name)
        self.press("Start class")
        assert "You are being taken there." in self.text
        assert self.refreshes_to() in self.links("Go to class")
        self.go(self.refreshes_to())

    def sees_on_course_page(self, *texts: str, name: str = COURSE) -> bool:
        self.open_course(name)
        return all(text in self.text for text in texts)

    def sees_format(self, name: str) -> bool:
        return bool(self.open_course().links(name))

    def open_recordings_in_admin(self) -> "Visitor":
        self.go("/admin/django_bbb/recording/")
        return self

    def rows(self) -> list[str]:
        """Return the keys of all rows of the admin's list."""
        return [link.split("/")[-3] for link in self.page.xpath("//*[@id='result_list']/tbody//th/a/@href")]

    def actions(self) -> dict[str, str]:
        """Return what the admin offers to do with recordings: names by labels."""
        options = self.open_recordings_in_admin().page.xpath("//select[@name='action']/option[@value != '']")
        return {_label(option): option.get("value") for option in options}

    def run_action(self, label: str) -> None:
        name = self.actions()[label]
        run = self._one(self.page.xpath("//button[@name='index']"))
        self.press(_label(run), action=name, _selected_action=self.rows())

    def forge_action(self, action: str) -> None:
        """Send what the form of somebody with more rights would send."""
        self.open_recordings_in_admin()
        token = self.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        sent = {"csrfmiddlewaretoken": token, "action": action, "index": "0", "confirmed": "yes"}
        self._show(self.http.post(self.answer.url, data=sent | {"_selected_action": self.rows()}, timeout=30))

    def status_of(self, address: str) -> int:
        return self.http.get(address, timeout=30).status_code


def _label(element: lxml.html.HtmlElement) -> str:
    return " ".join((element.text_content() or element.get("value") or "").split())


@pytest.fixture
def visitor() -> Iterator[Callable[[Demo, str], Visitor]]:
    """Log somebody in."""
    with ExitStack() as stack:
        yield lambda demo, username: Visitor(demo, stack.enter_context(requests.Session())).log_in(username)


def test_class_from_start_to_the_deletion_of_its_recording(demo, visitor):
    teacher, early, late, admin, support = (
        visitor(demo, name) for name in ("teacher", "student", "latecomer", "admin", "support")
    )

    # 1. The teacher starts the class and lands in it.
    early.open_course().follow("Wait for class")
    assert "The class has not begun yet." in early.text
    teacher.start_class()

    assert teacher.is_in_class_as("Moderator")

    # 2. Who waited is let in by the page itself; who comes later goes straight in.
    early.go(early.refreshes_to())
    late.open_course().follow("Join class")

    assert early.is_in_class_as("Viewer")
    assert late.is_in_class_as("Viewer")
    assert [one.status_code for one in late.answer.history] == [302, 302]
    assert "People in this class: 3" in late.text

    # 3. The teacher records and ends the class; the recording is awaited.
    teacher.press("Start recording")
    assert "This class is being recorded." in teacher.text
    teacher.press("End class")
    assert "The class has ended" in teacher.text
    teacher.follow("Continue")
    assert teacher.answer.url.endswith("/left/")
    teacher.follow("To the page of this class")
    assert teacher.answer.url.startswith(f"{demo.site}/courses/")

    eventually(lambda: teacher.sees_on_course_page("Being processed", "Start class"))

    # 4. It comes with its first format and thumbnails, then with the second, and shows in the admin.
    eventually(lambda: teacher.sees_format("Presentation"))
    assert len(teacher.images()) == 3
    assert [late.status_of(address) for address in teacher.images()] == [200, 200, 200]
    eventually(lambda: teacher.sees_format("Video"))

    early.open_course().follow("Video")
    playback = early.answer.url
    assert playback.startswith(f"{demo.simulator}/playback/video/")
    assert "Recording, format video" in early.text
    assert "Being processed" not in teacher.text
    assert COURSE in admin.open_recordings_in_admin().text
    assert admin.links("presentation")
    assert admin.links("video")
    admin.go("/admin/django_bbb/callbackdelivery/")
    assert "recording ready" in admin.text.lower()
    assert "meeting ended" in admin.text.lower()

    # 5. Support looks and changes nothing, not even by force; the administrator unpublishes, publishes, deletes.
    assert COURSE in support.open_recordings_in_admin().text
    assert support.actions() == {}
    assert len(admin.actions()) == 12
    for action in admin.actions().values():
        support.forge_action(action)
    assert support.status_of(playback) == 200
    assert len(support.open_recordings_in_admin().rows()) == 1

    admin.run_action("Unpublish selected recordings")
    assert "1 recording unpublished." in admin.answer.text
    assert late.status_of(playback) == 404
    assert teacher.sees_on_course_page("Not published")
    assert late.sees_on_course_page("There are no recordings yet.")

    admin.run_action("Publish selected recordings")
    assert "1 recording published." in admin.answer.text
    assert late.status_of(playback) == 200
    assert late.sees_format("Video")

    admin.run_action("Delete selected recordings on their server")
    assert "Delete recordings?" in admin.answer.text
    admin.follow("No, take me back")
    assert len(admin.open_recordings_in_admin().rows()) == 1
    assert late.status_of(playback) == 200
    admin.run_action("Delete selected recordings on their server")
    admin.press("Yes, delete them")
    assert "1 recording deleted." in admin.answer.text
    assert admin.open_recordings_in_admin().rows() == []
    assert late.status_of(playback) == 404
    assert teacher.sees_on_course_page("There are no recordings yet.")


def test_end_button_of_the_course_page_asks_first_and_then_ends_the_class(demo, visitor):
    teacher, student = visitor(demo, "teacher"), visitor(demo, "student")
    teacher.start_class(OTHER_COURSE)
    student.open_course(OTHER_COURSE).follow("Join class")
    assert student.is_in_class_as("Viewer")
    classroom = student.answer.url

    teacher.open_course(OTHER_COURSE).follow("End class")

    assert "Everybody leaves the class at once." in teacher.text
    student.go(classroom)
    assert student.is_in_class_as("Viewer")
    assert not student.open_course(OTHER_COURSE).links("End class")

    teacher.open_course(OTHER_COURSE).follow("End class")
    teacher.press("End class for everybody")

    assert "The class has been ended." in teacher.text
    assert teacher.answer.url.startswith(f"{demo.site}/courses/")
    student.go(classroom)
    assert "The class has ended" in student.text
    eventually(lambda: teacher.sees_on_course_page("Start class", name=OTHER_COURSE))
    assert student.sees_on_course_page("Wait for class", name=OTHER_COURSE)


def record_a_class(teacher: Visitor) -> None:
    """Start a class, record it and end it in the classroom."""
    teacher.start_class()
    teacher.press("Start recording")
    teacher.press("End class")
    assert "The class has ended" in teacher.text


def test_lost_callbacks_are_made_up_for_by_the_poll(demo_that_loses_callbacks, visitor):
    teacher, admin = (visitor(demo_that_loses_callbacks, name) for name in ("teacher", "admin"))

    record_a_class(teacher)

    eventually(lambda: teacher.sees_on_course_page("Start class"))
    eventually(lambda: teacher.sees_format("Presentation") and teacher.sees_format("Video"))
    assert len(teacher.images()) == 3
    admin.go("/admin/django_bbb/callbackdelivery/")
    assert re.search(r"\b0 callback", admin.text)


def test_without_a_worker_two_commands_do_its_work(demo_without_worker, visitor):
    teacher = visitor(demo_without_worker, "teacher")
    record_a_class(teacher)

    said = demo_without_worker.manage("bbb_poll")

    assert "default: 0 running, 1 closed" in said
    assert teacher.sees_on_course_page("Start class")

    eventually(lambda: demo_without_worker.manage("bbb_sync").startswith("default: 1 recordings, "))
    eventually(lambda: demo_without_worker.manage("bbb_sync") and teacher.sees_format("Video"))
    assert teacher.sees_format("Presentation")
    assert len(teacher.images()) == 3
