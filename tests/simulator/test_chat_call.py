"""sendChatMessage."""

import pytest


@pytest.fixture
def meeting(simulator):
    meeting = simulator.create_meeting("m-1", name="Algebra")
    simulator.join("m-1", "Emmy")
    return meeting


def chat(meeting):
    return [
        (event.facts["sender_name"], event.facts["message"])
        for event in meeting.history
        if event.kind == "chat-group-message-sent"
    ]


def test_message_reaches_the_chat_with_an_answer_that_says_nothing(client, meeting):
    answer = client.ask("sendChatMessage", "meetingID=m-1&message=Hello+%3C%26%3E&userName=School")

    assert [(element.tag, element.text) for element in answer.xml] == [
        ("returncode", "SUCCESS"),
        ("messageKey", None),
        ("message", None),
    ]
    assert chat(meeting) == [("School", "Hello <&>")]


def test_message_without_a_name_is_from_the_system(client, meeting):
    client.ask("sendChatMessage", "meetingID=m-1&message=Hello")

    assert chat(meeting) == [("System", "Hello")]


@pytest.mark.parametrize("state", ["unknown", "empty", "ended"])
def test_meeting_must_run(simulator, client, state):
    if state != "unknown":
        simulator.create_meeting("m-1")
    if state == "ended":
        simulator.end_meeting("m-1")

    assert client.ask("sendChatMessage", "meetingID=m-1&message=Hello").key == "meetingNotFound"


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ("message=" + "x" * 500, True),
        ("message=" + "x" * 501, False),
        ("message=", False),
        ("", False),
        ("message=x&userName=" + "n" * 255, True),
        ("message=x&userName=" + "n" * 256, False),
    ],
)
def test_length_has_limits(client, meeting, query, accepted):
    answer = client.ask("sendChatMessage", f"meetingID=m-1&{query}")

    assert (answer.get("returncode") == "SUCCESS") is accepted
    assert accepted or answer.key == "validationError"
    assert bool(chat(meeting)) is accepted


def test_messages_cannot_be_posted(client, meeting):
    assert client.ask("sendChatMessage", "meetingID=m-1&message=x", method="POST").status == 404
