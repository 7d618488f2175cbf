"""The classroom page, as a browser without JavaScript sees it."""

from urllib.parse import urlencode

import pytest
from lxml import html


class Visitor:
    """Somebody with a browser."""

    def __init__(self, client, name, role, **parameters):
        query = urlencode({"meetingID": "m-1", "fullName": name, "role": role, **parameters})
        self.client = client
        self.url = client.ask("join", query).location
        self.look()

    def look(self):
        self.answer = self.client.fetch(self.url)
        self.page = html.fromstring(self.answer.text)
        return self

    def press(self, label):
        (button,) = self.page.xpath(f"//button[normalize-space()='{label}']")
        return self.do(button.get("value"))

    def do(self, action):
        return self.client.fetch(
            self.url,
            method="POST",
            body=f"action={action}".encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    @property
    def buttons(self):
        return [button.text_content().strip() for button in self.page.iter("button")]

    @property
    def people(self):
        return [
            (line.find("span[1]").text_content(), line.find("span[2]").text_content())
            for line in self.page.xpath("//ul[@id='people']/li")
        ]

    @property
    def heading(self):
        return self.page.find(".//h1").text_content()


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", name="Algebra & <Co>", record=True)


@pytest.fixture
def teacher(client, meeting):
    return Visitor(client, "Emmy", "MODERATOR", logoutURL="https://lms.example.org/course")


def test_room_shows_its_name_and_who_is_here(client, teacher):
    Visitor(client, "<i>David</i> & 'Co'", "VIEWER")

    teacher.look()

    assert teacher.heading == "Algebra & <Co>"
    assert teacher.people == [("Emmy (you)", "Moderator"), ("<i>David</i> & 'Co'", "Viewer")]
    assert "not a real BigBlueButton" in teacher.page.text_content()


def test_page_carries_no_inline_script_or_style_and_keeps_its_address_private(teacher):
    assert "default-src 'none'" in teacher.answer.headers["content-security-policy"]
    assert teacher.answer.headers["referrer-policy"] == "no-referrer"
    assert teacher.answer.headers["cache-control"] == "no-store"
    assert not teacher.page.xpath("//script | //style | //@style | //@onclick")


def test_stylesheet_is_a_file_of_its_own(simulator, client, teacher):
    (href,) = teacher.page.xpath("//link[@rel='stylesheet']/@href")

    answer = client.fetch(simulator.address + href)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/css;charset=utf-8"


def test_moderators_have_more_buttons_than_viewers(client, teacher):
    student = Visitor(client, "David", "VIEWER")

    assert teacher.buttons == ["Start recording", "Leave", "End class"]
    assert student.buttons == ["Leave"]


def test_record_button_starts_and_stops(meeting, teacher):
    started = teacher.press("Start recording")
    during = (meeting.is_being_recorded, teacher.look().buttons)
    teacher.press("Stop recording")

    assert (started.status, started.location) == (303, teacher.url)
    assert during == (True, ["Stop recording", "Leave", "End class"])
    assert not meeting.is_being_recorded
    assert meeting.was_recorded


@pytest.mark.parametrize("settings", [{"record": False}, {"record": True, "allow_start_stop_recording": False}])
def test_no_record_button_where_it_is_not_allowed(simulator, client, settings):
    meeting = simulator.create_meeting("m-1", name="Algebra", **settings)
    teacher = Visitor(client, "Emmy", "MODERATOR")

    teacher.do("start-recording")

    assert teacher.buttons == ["Leave", "End class"]
    assert not meeting.was_recorded


def test_recording_may_start_by_itself_when_the_first_one_is_inside(simulator, client):
    meeting = simulator.create_meeting("m-1", name="Algebra", record=True, auto_start_recording=True)
    before = meeting.is_being_recorded

    Visitor(client, "David", "VIEWER")

    assert (before, meeting.is_being_recorded) == (False, True)


@pytest.mark.parametrize("action", ["end", "start-recording", "nonsense"])
def test_viewer_cannot_do_what_only_moderators_may(client, meeting, action):
    student = Visitor(client, "David", "VIEWER")

    student.do(action)

    assert not meeting.ended
    assert not meeting.was_recorded


def test_leaving_goes_to_the_logout_address_of_the_join(meeting, teacher):
    answer = teacher.press("Leave")

    assert (answer.status, answer.location) == (303, "https://lms.example.org/course")
    assert meeting.people == {}
    assert teacher.look().heading == "You have left the class"
    assert meeting.people == {}


def test_leaving_goes_to_the_logout_address_of_create_with_its_placeholders(simulator, client):
    meeting = simulator.create_meeting(
        "m-1", name="Algebra", logout_url="https://lms.example.org/?m=%%MEETINGID%%&n=%%USERNAME%%"
    )
    student = Visitor(client, "David H", "VIEWER")

    answer = student.press("Leave")

    assert answer.location == f"https://lms.example.org/?m={meeting.internal_id}&n=David+H"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "//[", "mailto:a@b"])
def test_leaving_goes_to_our_own_page_where_there_is_no_web_address(client, meeting, url):
    student = Visitor(client, "David", "VIEWER", logoutURL=url)

    answer = student.press("Leave")

    assert answer.location == "/"


def test_ended_class_says_so_to_everybody_and_links_out(client, meeting, teacher):
    student = Visitor(client, "David", "VIEWER")

    teacher.press("End class")

    assert meeting.ended
    assert teacher.look().heading == student.look().heading == "The class has ended"
    assert teacher.page.xpath("//main//a/@href") == ["https://lms.example.org/course"]
    assert not student.page.xpath("//meta[@http-equiv='refresh']")


def test_unknown_token_is_not_found(simulator, client):
    answer = client.fetch(f"{simulator.address}/html5client/?sessionToken=abc")

    assert answer.status == 404
    assert "You are not in a class" in answer.text


def test_reloading_the_page_does_not_add_a_person(meeting, teacher):
    teacher.look().look()

    assert len(meeting.people) == 1


def test_browser_that_asks_for_an_icon_meets_no_error(simulator, client):
    answer = client.fetch(f"{simulator.address}/favicon.ico")

    assert answer.status == 204


def test_front_page_says_what_it_is(simulator, client):
    answer = client.fetch(f"{simulator.address}/")

    assert simulator.url in answer.text
