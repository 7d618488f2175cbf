"""The classroom page, as a browser without JavaScript sees it."""

from urllib.parse import urlencode, urljoin

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

    def do(self, action, **fields):
        return self.client.fetch(
            self.url,
            method="POST",
            body=urlencode({"action": action, **fields}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    @property
    def buttons(self):
        """The buttons for the class as a whole."""
        return self.labels("//section[@aria-label='Class']")

    def labels(self, path=""):
        return [button.text_content().strip() for button in self.page.xpath(f"{path}//button")]

    def texts(self, element_id):
        return [line.text_content().strip() for line in self.page.xpath(f"//ul[@id='{element_id}']/li")]

    def state_of(self, name):
        (line,) = self.page.xpath(f"//ul[@id='people']/li[starts-with(span[1], '{name}')]")
        return line.find("span[3]").text_content()

    def follow(self, label):
        (href,) = self.page.xpath(f"//a[normalize-space()='{label}']/@href")
        self.answer = self.client.fetch(urljoin(self.url, href))
        self.page = html.fromstring(self.answer.text)
        return self

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


# --- what people do -------------------------------------------------------------------------------


@pytest.fixture
def student(client, meeting, teacher):
    return Visitor(client, "David", "VIEWER")


@pytest.mark.parametrize(
    ("pressed", "state"),
    [
        (["Raise hand"], "hand raised"),
        (["Raise hand", "Lower hand"], ""),
        (["Applause"], "applause"),
        (["Applause", "No reaction"], ""),
        (["Talk"], "talking"),
        (["Talk", "Mute"], "muted"),
        (["Talk", "Mute", "Unmute"], "talking"),
        (["Talk", "Leave audio"], ""),
        (["Listen only"], "listening only"),
        (["Start webcam"], "webcam on"),
        (["Start webcam", "Stop webcam"], ""),
    ],
)
def test_buttons_change_what_others_see_of_somebody(teacher, student, pressed, state):
    for label in pressed:
        student.look().press(label)

    assert teacher.look().state_of("David") == state


def test_messages_are_listed_with_who_wrote_them_and_escaped(teacher, student):
    student.do("say", message="<b>Good morning</b> & hello")
    teacher.do("say", message="Sit down")

    assert student.look().texts("chat") == ["David: <b>Good morning</b> & hello", "Emmy: Sit down"]
    assert not student.page.xpath("//b")


@pytest.mark.parametrize("message", ["", "   ", "x" * 5001])
def test_message_that_no_server_takes_is_not_sent(teacher, message):
    answer = teacher.do("say", message=message)

    assert answer.status == 303
    assert teacher.look().texts("chat") == []


def test_page_does_not_load_itself_again_while_somebody_writes(teacher):
    usual = teacher.page.xpath("//meta[@http-equiv='refresh']/@content")

    teacher.follow("Write a message")

    assert usual == ["3"]
    assert not teacher.page.xpath("//meta[@http-equiv='refresh']")
    assert teacher.page.xpath("//label[@for='chat-text']")


def test_class_is_asked_votes_once_and_sees_the_result(teacher, student):
    teacher.follow("Start a poll").do("start-poll", question="Is 1 > 0?", options="Yes\nNo\n\n")
    asked = student.look().labels("//section[@aria-labelledby='poll-heading']")
    student.press("Yes")
    afterwards = student.look().labels("//section[@aria-labelledby='poll-heading']")
    student.do("vote:1")
    teacher.look().press("Close poll")
    student.look()

    assert (asked, afterwards) == (["Yes", "No"], [])
    assert student.page.get_element_by_id("poll-question").text_content() == "Is 1 > 0?"
    assert student.texts("poll-result") == ["Yes: 1", "No: 0"]


def test_result_is_not_shown_before_the_poll_is_closed(teacher, student):
    teacher.do("start-poll", question="Ready?", options="Yes\nNo")
    student.do("vote:0")

    assert student.look().texts("poll-result") == []
    assert "1 of 2 have answered." in student.page.text_content()


@pytest.mark.parametrize("number", ["7", "-1", "x", ""])
def test_vote_for_what_is_no_answer_does_nothing(meeting, teacher, student, number):
    teacher.do("start-poll", question="Ready?", options="Yes\nNo")

    student.do(f"vote:{number}")

    assert meeting.polls[0].votes == {}


def test_presenter_puts_other_slides_on_show(simulator, client):
    meeting = simulator.create_meeting("m-1", name="Algebra", documents=("a.pdf", "b & c.pdf"))
    teacher, student = Visitor(client, "Emmy", "MODERATOR"), Visitor(client, "David", "VIEWER")
    student.do("show:1")
    before = meeting.current_document

    teacher.press("Show b & c.pdf")

    assert (before, meeting.current_document) == (0, 1)
    assert [line.split() for line in student.look().texts("slides")] == [["a.pdf"], ["b", "&", "c.pdf", "on", "show"]]
    assert student.labels("//ul[@id='slides']") == []


def test_moderator_makes_somebody_else_presenter(teacher, student):
    teacher.look().press("Make presenter David")

    assert teacher.look().state_of("David") == "presenter"
    assert teacher.state_of("Emmy") == ""


def test_moderator_mutes_and_removes_people(meeting, teacher, student):
    student.press("Talk")
    teacher.look().press("Mute David")
    state = teacher.look().state_of("David")
    teacher.press("Remove David")

    assert state == "muted"
    assert [person.name for person in meeting.people.values()] == ["Emmy"]
    assert student.look().heading == "You have left the class"


@pytest.mark.parametrize("action", ["make-presenter", "mute-other", "remove", "start-poll", "show"])
def test_viewer_has_no_power_over_others(meeting, teacher, student, action):
    teacher.press("Talk")
    (emmy, david) = meeting.people.values()
    target = david if action == "make-presenter" else emmy

    student.do(f"{action}:{target.internal_user_id}", question="Ready?", options="Yes\nNo")

    assert list(meeting.people.values()) == [emmy, david]
    assert (emmy.is_presenter, emmy.is_muted, david.is_presenter, meeting.polls) == (True, False, False, [])
    assert student.look().labels("//ul[@id='people']") == []


def test_button_beside_somebody_who_has_gone_does_nothing(meeting, teacher, student):
    david = next(one for one in meeting.people.values() if one.name == "David")
    student.press("Leave")

    answer = teacher.do(f"remove:{david.internal_user_id}")

    assert answer.status == 303


def test_no_two_elements_share_an_id_and_every_field_has_a_label(teacher, student):
    teacher.do("start-poll", question="Ready?", options="Yes\nNo")
    teacher.look().follow("Start a poll")

    ids = teacher.page.xpath("//@id")
    fields = teacher.page.xpath("//input | //textarea")
    assert len(ids) == len(set(ids))
    assert {field.get("id") for field in fields} == set(teacher.page.xpath("//label/@for"))


# --- the lobby --------------------------------------------------------------------------------------


@pytest.fixture
def guest(simulator, client):
    """Somebody who waits in the lobby of a class with a teacher in it."""
    simulator.create_meeting("m-1", name="Algebra", guest_policy="ASK_MODERATOR")
    query = urlencode({"meetingID": "m-1", "fullName": "Oma", "role": "VIEWER", "guest": "true", "redirect": "true"})
    return client.ask("join", query).location


def test_moderator_lets_a_guest_in(simulator, client, guest):
    teacher = Visitor(client, "Emmy", "MODERATOR")

    teacher.press("Let Oma in")
    client.fetch(client.fetch(guest).location)

    assert [name for name, _ in teacher.look().people] == ["Emmy (you)", "Oma"]


def test_moderator_turns_a_guest_away(simulator, client, guest):
    teacher = Visitor(client, "Emmy", "MODERATOR")

    teacher.press("Turn Oma away")

    assert simulator.waiting("m-1") == []
    assert "You were not let in" in client.fetch(guest).text


def test_viewer_neither_sees_nor_empties_the_lobby(simulator, client, guest):
    simulator.meetings["m-1"].settings.guest_policy = "ALWAYS_ACCEPT"
    student = Visitor(client, "David", "VIEWER")

    student.do("admit:all")

    assert "Oma" not in student.page.text_content()
    assert [person.name for person in simulator.waiting("m-1")] == ["Oma"]
