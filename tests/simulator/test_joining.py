"""The join call: where it sends a browser, and what it says when somebody cannot join."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

JOIN = "meetingID=m-1&fullName=Emmy&role=MODERATOR"


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", name="Algebra", attendee_password="ap", moderator_password="mp")


def errors(answer):
    assert answer.status == 302
    return [error["key"] for error in json.loads(parse_qs(urlsplit(answer.location).query)["errors"][0])]


def test_browser_is_sent_to_the_classroom(simulator, client, meeting):
    answer = client.ask("join", JOIN)

    assert answer.status == 302
    assert answer.location.startswith(f"{simulator.address}/html5client/?sessionToken=")
    assert answer.body == b""
    assert not meeting.is_running


def test_loading_the_classroom_makes_the_meeting_run(client, meeting):
    answer = client.ask("join", f"{JOIN}&userID=u1&userdata-bbb_x=1&userdata-a-b=2&guest=true&avatarURL=https://a/b")

    client.fetch(answer.location)

    (person,) = meeting.people.values()
    assert meeting.is_running
    assert (person.name, person.role, person.user_id, person.guest) == ("Emmy", "MODERATOR", "u1", True)
    assert person.avatar_url == "https://a/b"
    assert person.custom_data == {"bbb_x": "1"}


def test_without_redirect_the_address_comes_as_xml(client, meeting):
    answer = client.ask("join", f"{JOIN}&redirect=false")

    assert [element.tag for element in answer.xml] == [
        "returncode",
        "messageKey",
        "message",
        "meeting_id",
        "user_id",
        "auth_token",
        "session_token",
        "guestStatus",
        "url",
    ]
    assert answer.get("messageKey") == "successfullyJoined"
    assert answer.get("meeting_id") == meeting.internal_id
    assert answer.get("guestStatus") == "ALLOW"
    assert answer.get("url").endswith(f"sessionToken={answer.get('session_token')}")


@pytest.mark.parametrize(
    ("how", "role"),
    [
        ("role=MODERATOR", "MODERATOR"),
        ("role=moderator", "MODERATOR"),
        ("role=Viewer", "VIEWER"),
        ("password=mp", "MODERATOR"),
        ("password=ap", "VIEWER"),
        ("role=VIEWER&password=mp", "VIEWER"),
        ("role=TEACHER&password=mp", "MODERATOR"),
    ],
)
def test_role_wins_over_password(client, meeting, how, role):
    client.fetch(client.ask("join", f"meetingID=m-1&fullName=Emmy&{how}").location)

    assert [person.role for person in meeting.people.values()] == [role]


@pytest.mark.parametrize("how", ["", "&role=TEACHER"])
def test_neither_role_nor_password_is_told_in_xml_even_to_a_browser(client, meeting, how):
    answer = client.ask("join", f"meetingID=m-1&fullName=Emmy{how}")

    assert answer.status == 200
    assert answer.key == "Params required"


VALIDATION = [
    ("fullName=Emmy&role=VIEWER", "validationError"),
    ("meetingID=&fullName=Emmy&role=VIEWER", "missingParamMeetingID"),
    ("meetingID=m&fullName=Emmy&role=VIEWER", "sizeError"),
    ("meetingID=m-1&role=VIEWER", "missingParamFullName"),
    ("meetingID=m-1&fullName=&role=VIEWER", "missingParamFullName"),
    ("meetingID=m-2&fullName=Emmy&role=VIEWER", "invalidMeetingIdentifier"),
    ("meetingID=m-1&fullName=Emmy&password=x", "invalidPassword"),
    ("meetingID=m-1&fullName=Emmy&password=wrong", "invalidPassword"),
    ("meetingID=m-1&fullName=Emmy&role=VIEWER&createTime=now", "validationError"),
]


@pytest.mark.parametrize(("query", "key"), VALIDATION)
def test_validation_errors_go_to_the_error_address_even_without_redirect(simulator, client, meeting, query, key):
    answer = client.ask("join", f"{query}&redirect=false&errorRedirectUrl=https%3A%2F%2Flms.example.org%2Fc%3Fid%3D7")

    assert answer.location.startswith("https://lms.example.org/c?id=7&errors=%5B%7B%22key%22%3A%22")
    assert errors(answer) == [key]
    assert simulator.calls("join")[0].outcome == key


def test_link_for_an_earlier_run_is_refused(client, meeting):
    answer = client.ask(
        "join", f"{JOIN}&createTime={meeting.create_time - 1}&errorRedirectUrl=https://lms.example.org"
    )

    assert answer.location.startswith("https://lms.example.org?errors=")
    assert errors(answer) == ["mismatchCreateTimeParam"]


def test_link_for_this_run_is_accepted(client, meeting):
    answer = client.ask("join", f"{JOIN}&createTime={meeting.create_time}")

    assert "sessionToken=" in answer.location


def test_later_errors_are_xml_without_redirect(client, meeting):
    answer = client.ask("join", f"{JOIN}&createTime=1&redirect=false")

    assert answer.key == "mismatchCreateTimeParam"


def test_meeting_that_was_ended_cannot_be_joined_while_it_is_still_listed(make_simulator, make_client):
    simulator = make_simulator(ended_meetings_stay=30)
    simulator.create_meeting("m-1", name="Algebra")
    simulator.end_meeting("m-1")

    answer = make_client(simulator).ask("join", JOIN)

    assert errors(answer) == ["meetingForciblyEnded"]


def test_full_meeting_is_told_by_the_number_of_different_people(simulator, client):
    simulator.create_meeting("m-1", name="Algebra", max_participants=2)
    simulator.join("m-1", "Emmy", user_id="u1")
    client.ask("join", f"{JOIN}&userID=u2")

    again, third = client.ask("join", f"{JOIN}&userID=u1"), client.ask("join", f"{JOIN}&userID=u3")
    simulator.advance(61)
    later = client.ask("join", f"{JOIN}&userID=u3")

    assert "sessionToken=" in again.location
    assert errors(third) == ["maxParticipantsReached"]
    # The one who never loaded the page has given up the place.
    assert "sessionToken=" in later.location


def test_errors_go_to_the_logout_address_of_the_meeting_next(simulator, client):
    simulator.create_meeting("m-1", name="Algebra", logout_url="https://lms.example.org/bye")

    answer = client.ask("join", f"{JOIN}&createTime=1")

    assert answer.location.startswith("https://lms.example.org/bye?errors=")


def test_errors_go_to_our_own_page_last_and_are_shown_escaped_there(simulator, client):
    answer = client.ask("join", "meetingID=m-2&fullName=Emmy&role=VIEWER")
    page = client.fetch(answer.location)
    nasty = client.fetch(f"{simulator.address}/?errors=%3Cscript%3E")

    assert answer.location.startswith(f"{simulator.address}/?errors=")
    assert "invalidMeetingIdentifier" in page.text
    assert "<script>" not in nasty.text


def test_wrong_checksum_never_goes_to_an_address_from_the_request(simulator, client, meeting):
    url = client.url("join", f"{JOIN}&errorRedirectUrl=https%3A%2F%2Fevil.example.org", secret="other")

    answer = client.fetch(url)

    assert answer.location.startswith(f"{simulator.address}/?errors=")
    assert errors(answer) == ["checksumError"]
