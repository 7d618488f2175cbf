"""Guest policies, the lobby, and who lets in whom."""

from dataclasses import replace

import pytest
from lxml import html

from django_bbb.simulator import PROFILES

# policy, what a join says, and what becomes of it with and without `authenticated_guests`
ROWS = [
    ("ALWAYS_ACCEPT", "role=MODERATOR", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT", "role=VIEWER", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT", "role=VIEWER&guest=true", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT", "role=VIEWER&auth=false&guest=false", "ALLOW", "ALLOW"),
    ("ALWAYS_DENY", "role=MODERATOR", "ALLOW", "ALLOW"),
    ("ALWAYS_DENY", "role=VIEWER", "DENY", "ALLOW"),
    ("ALWAYS_DENY", "role=VIEWER&guest=true", "DENY", "DENY"),
    ("ALWAYS_DENY", "role=VIEWER&auth=false&guest=false", "DENY", "ALLOW"),
    ("ASK_MODERATOR", "role=MODERATOR", "ALLOW", "ALLOW"),
    ("ASK_MODERATOR", "role=MODERATOR&guest=true", "ALLOW", "ALLOW"),
    ("ASK_MODERATOR", "role=VIEWER", "WAIT", "ALLOW"),
    ("ASK_MODERATOR", "role=VIEWER&auth=true", "WAIT", "ALLOW"),
    ("ASK_MODERATOR", "role=VIEWER&guest=true", "WAIT", "WAIT"),
    ("ASK_MODERATOR", "role=VIEWER&guest=1", "ALLOW", "ALLOW"),
    ("ASK_MODERATOR", "role=VIEWER&auth=false&guest=false", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=MODERATOR", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=VIEWER", "ALLOW", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=VIEWER&guest=true", "WAIT", "ALLOW"),
    ("ALWAYS_ACCEPT_AUTH", "role=VIEWER&auth=false&guest=false", "ALLOW", "ALLOW"),
    ("ALWAYS_MAYBE", "role=MODERATOR", "ALLOW", "ALLOW"),
    ("ALWAYS_MAYBE", "role=VIEWER", "DENY", "ALLOW"),
    ("ALWAYS_MAYBE", "role=VIEWER&guest=true", "DENY", "DENY"),
    ("ALWAYS_MAYBE", "role=VIEWER&auth=false&guest=false", "DENY", "ALLOW"),
]


def join(client, how):
    return client.ask("join", f"meetingID=m-1&fullName=David&redirect=false&{how}")


def status(answer):
    if answer.get("returncode") == "SUCCESS":
        return answer.get("guestStatus")
    assert answer.key == "guestDeniedAccess"
    return "DENY"


@pytest.mark.parametrize(("policy", "how", "expected", "_"), ROWS)
def test_policy_is_for_all_but_moderators(client, policy, how, expected, _):
    client.ask("create", f"name=Algebra&meetingID=m-1&guestPolicy={policy}")

    assert status(join(client, how)) == expected


@pytest.mark.parametrize(("policy", "how", "_", "expected"), ROWS)
def test_policy_can_be_for_guests_alone(make_simulator, make_client, policy, how, _, expected):
    profile = replace(PROFILES["3.0"], authenticated_guests=False)
    client = make_client(make_simulator(profile=profile))
    client.ask("create", f"name=Algebra&meetingID=m-1&guestPolicy={policy}")

    assert status(join(client, how)) == expected


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", name="Algebra", guest_policy="ASK_MODERATOR")


@pytest.fixture
def guest(client, meeting):
    """The address at which a guest waits."""
    return client.ask("join", "meetingID=m-1&fullName=David&role=VIEWER&logoutURL=https://lms.example.org/").location


@pytest.fixture
def teacher(client, meeting):
    """The address of the classroom of a moderator."""
    return client.ask("join", "meetingID=m-1&fullName=Emmy&role=MODERATOR").location


def look(client, url):
    answer = client.fetch(url)
    return answer, html.fromstring(answer.text)


def press(client, url, action):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return client.fetch(url, method="POST", body=f"action={action}".encode(), headers=form)


def test_guest_waits_on_a_page_that_looks_again(simulator, client, meeting, guest):
    answer, page = look(client, guest)

    assert guest.startswith(f"{simulator.address}/html5client/guestWait?sessionToken=")
    assert page.xpath("//h1/text()") == ["Algebra"]
    assert "You are in the lobby" in page.text_content()
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == ["3"]
    assert not page.xpath("//script | //style | //@style")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert [person.name for person in simulator.waiting("m-1")] == ["David"]


def test_guest_in_the_lobby_is_not_in_the_meeting(client, meeting, guest):
    look(client, guest)

    info = client.ask("getMeetingInfo", "meetingID=m-1")

    assert (info.get("participantCount"), info.get("running")) == ("0", "false")
    assert len(info.xml.find("attendees")) == 0


def test_address_of_the_classroom_leads_nobody_past_the_lobby(client, meeting, guest):
    _, page = look(client, guest.replace("/guestWait", "/"))

    assert "You are in the lobby" in page.text_content()
    assert meeting.people == {}


def test_guest_who_is_let_in_goes_on_to_the_classroom(simulator, client, meeting, guest):
    (person,) = simulator.waiting("m-1")

    simulator.admit(person)
    answer = client.fetch(guest)
    look(client, answer.location)

    assert answer.status == 302
    assert list(meeting.people.values()) == [person]
    assert simulator.waiting("m-1") == []


def test_guest_who_is_turned_away_sees_why_and_where_to_go(simulator, client, meeting, guest):
    simulator.deny(simulator.waiting("m-1")[0])

    _, page = look(client, guest)
    _, classroom = look(client, guest.replace("/guestWait", "/"))

    assert page.xpath("//h1/text()") == classroom.xpath("//h1/text()") == ["You were not let in"]
    assert page.xpath("//main//a/@href") == ["https://lms.example.org/"]
    assert not page.xpath("//meta[@http-equiv='refresh']")
    assert meeting.people == {}


def test_who_is_not_waiting_can_be_neither_let_in_nor_turned_away(simulator, meeting):
    person = simulator.join("m-1", "Emmy", role="MODERATOR")

    simulator.deny(person)
    simulator.admit(person)

    assert list(meeting.people.values()) == [person]
    assert meeting.entering == {}
    assert person.guest_status == "ALLOW"


def test_moderator_sees_who_waits_and_lets_one_in(client, meeting, guest, teacher):
    client.ask("join", "meetingID=m-1&fullName=%3Ci%3ESophie&role=VIEWER")
    _, page = look(client, teacher)
    (admit,) = page.xpath("//button[normalize-space()='Let David in']/@value")

    press(client, teacher, admit)
    _, after = look(client, teacher)

    assert page.xpath("//section[@id='lobby']//span[@class='name']/text()") == ["David", "<i>Sophie"]
    assert after.xpath("//section[@id='lobby']//span[@class='name']/text()") == ["<i>Sophie"]
    assert client.fetch(guest).status == 302


def test_moderator_turns_one_away(client, meeting, guest, teacher):
    _, page = look(client, teacher)
    (deny,) = page.xpath("//button[normalize-space()='Turn David away']/@value")

    press(client, teacher, deny)

    assert look(client, guest)[1].xpath("//h1/text()") == ["You were not let in"]
    assert not look(client, teacher)[1].xpath("//section[@id='lobby']")


def test_moderator_lets_everybody_in(simulator, client, meeting, guest, teacher):
    client.ask("join", "meetingID=m-1&fullName=Sophie&role=VIEWER")
    _, page = look(client, teacher)
    (everybody,) = page.xpath("//button[normalize-space()='Let everybody in']/@value")

    press(client, teacher, everybody)

    assert simulator.waiting("m-1") == []
    assert len(meeting.entering) == 2


@pytest.mark.parametrize("action", ["admit:all", "deny:all"])
def test_viewers_can_do_nothing_about_the_lobby(simulator, client, meeting, guest, action):
    viewer = client.ask("join", "meetingID=m-1&fullName=Max&role=VIEWER&auth=false&guest=false").location
    _, page = look(client, viewer)

    press(client, viewer, action)

    assert not page.xpath("//section[@id='lobby']")
    assert len(simulator.waiting("m-1")) == 1


def test_guest_can_leave_the_lobby(simulator, client, meeting, guest):
    answer = press(client, guest, "leave")

    assert (answer.status, answer.location) == (303, "https://lms.example.org/")
    assert simulator.waiting("m-1") == []
    assert look(client, guest)[1].xpath("//h1/text()") == ["You have left the lobby"]


def test_lobby_closes_with_the_class(simulator, client, meeting, guest):
    simulator.end_meeting("m-1")

    assert look(client, guest)[1].xpath("//h1/text()") == ["The class has ended"]
    assert meeting.lobby == {}


def test_unknown_token_has_no_place_in_the_lobby(simulator, client):
    answer = client.fetch(f"{simulator.address}/html5client/guestWait?sessionToken=x")

    assert answer.status == 404


def test_guest_who_is_turned_away_by_the_policy_goes_to_the_error_address(client, simulator):
    simulator.create_meeting("m-1", name="Algebra", guest_policy="ALWAYS_DENY")

    answer = client.ask("join", "meetingID=m-1&fullName=David&role=VIEWER&errorRedirectUrl=https://lms.example.org/")

    assert answer.location.startswith("https://lms.example.org/?errors=")
    assert "guestDeniedAccess" in answer.location
    assert simulator.waiting("m-1") == []


def test_meeting_without_a_lobby_is_unknown_to_python(simulator):
    with pytest.raises(LookupError, match="m-1"):
        simulator.waiting("m-1")
