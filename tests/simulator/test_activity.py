"""What people do in class, from Python, and the events it tells."""

import pytest

from django_bbb.simulator.activity import NotPossible
from django_bbb.simulator.events import EventKind


@pytest.fixture
def meeting(simulator):
    return simulator.create_meeting("m-1", documents=("a.pdf", "b.pdf"))


@pytest.fixture
def emmy(simulator, meeting):
    return simulator.join("m-1", "Emmy", role="MODERATOR", user_id="emmy")


@pytest.fixture
def david(simulator, emmy):
    return simulator.join("m-1", "David", user_id="david")


@pytest.fixture
def told(meeting, david):
    """What has happened since everybody was there: kind, person and facts."""
    before = len(meeting.history)
    return lambda: [(event.kind, event.person, event.facts) for event in meeting.history[before:]]


def test_words_and_signs_are_told(simulator, told, david):
    simulator.activity.say(david, " Hello ")
    simulator.activity.raise_hand(david)
    simulator.activity.raise_hand(david)
    simulator.activity.raise_hand(david, False)
    simulator.activity.react(david, "applause")

    assert told() == [
        (EventKind.CHAT_MESSAGE_SENT, david, {"message": "Hello", "sender_name": "David"}),
        (EventKind.RAISE_HAND_CHANGED, david, {"raised": True}),
        (EventKind.RAISE_HAND_CHANGED, david, {"raised": False}),
        (EventKind.EMOJI_CHANGED, david, {"emoji": "applause"}),
    ]


def test_talking_joins_the_audio_first(simulator, told, david):
    simulator.activity.unmute(david)
    simulator.activity.leave_audio(david)

    assert told() == [
        (EventKind.VOICE_ENABLED, david, {"listening_only": False}),
        (EventKind.UNMUTED, david, {}),
        (EventKind.MUTED, david, {}),
        (EventKind.VOICE_DISABLED, david, {"listening_only": False}),
    ]


def test_who_only_listens_cannot_talk(simulator, told, david):
    simulator.activity.join_audio(david, listening_only=True)

    with pytest.raises(NotPossible, match="only listens"):
        simulator.activity.unmute(david)

    simulator.activity.leave_audio(david)
    assert told() == [
        (EventKind.VOICE_ENABLED, david, {"listening_only": True}),
        (EventKind.VOICE_DISABLED, david, {"listening_only": True}),
    ]


def test_poll_is_told_with_its_kind_and_votes_by_index(simulator, told, emmy, david):
    poll = simulator.activity.start_poll(emmy, "Ready?", ["Yes", "No"])
    simulator.activity.vote(david, [1])

    assert told() == [
        (
            EventKind.POLL_STARTED,
            emmy,
            {"poll_id": poll.poll_id, "type": "YN", "question": "Ready?", "options": ["Yes", "No"]},
        ),
        (EventKind.POLL_RESPONDED, david, {"poll_id": poll.poll_id, "answers": [1]}),
    ]
    with pytest.raises(NotPossible, match="answered already"):
        simulator.activity.vote(david, [0])


@pytest.mark.parametrize("options", [[], ["Yes"], ["Yes", "Yes"], ["Yes", "  "]])
def test_poll_needs_answers_to_choose_from(simulator, emmy, options):
    with pytest.raises(NotPossible, match="2 to 20"):
        simulator.activity.start_poll(emmy, "Ready?", options)


def test_second_poll_closes_the_first(simulator, meeting, emmy):
    first = simulator.activity.start_poll(emmy, "Ready?", ["Yes", "No"])
    second = simulator.activity.start_poll(emmy, "Which?", ["Red", "Blue", "Green"])

    assert (first.is_open, second.is_open) == (False, True)
    assert (second.type, second.poll_id != first.poll_id) == ("CUSTOM", True)


def test_slides_and_presenter_are_told(simulator, told, meeting, emmy, david):
    simulator.activity.show_document(emmy, 1)
    simulator.activity.make_presenter(david)

    (changed, unassigned, assigned) = told()
    assert changed[0] is EventKind.PRESENTATION_CHANGED
    assert changed[2]["file_name"] == "b.pdf"
    assert changed[2]["presentation_id"].count("-") == 1
    assert unassigned == (EventKind.PRESENTER_UNASSIGNED, emmy, {})
    assert assigned == (EventKind.PRESENTER_ASSIGNED, david, {})


def test_camera_and_microphone_go_off_with_who_leaves(simulator, told, emmy, david):
    simulator.activity.unmute(david)
    simulator.activity.start_webcam(david)
    stream = david.webcam

    simulator.leave(david)

    assert told()[3:] == [
        (EventKind.WEBCAM_ENDED, david, {"stream": stream}),
        (EventKind.MUTED, david, {}),
        (EventKind.VOICE_DISABLED, david, {"listening_only": False}),
        (EventKind.USER_LEFT, david, {}),
    ]


def test_moderator_who_stays_takes_over_presenting(simulator, emmy, david):
    olga = simulator.join("m-1", "Olga", role="MODERATOR")

    simulator.leave(emmy)

    assert (emmy.is_presenter, olga.is_presenter, david.is_presenter) == (False, True, False)


@pytest.mark.parametrize("deed", ["raise_hand", "unmute", "start_webcam", "leave_audio", "make_presenter"])
def test_nobody_does_anything_outside_of_class(simulator, david, deed):
    simulator.leave(david)

    with pytest.raises(NotPossible, match="David is not in class"):
        getattr(simulator.activity, deed)(david)


def test_leaving_twice_is_leaving_once(simulator, told, david):
    simulator.leave(david)
    simulator.leave(david)

    assert [kind for kind, _, _ in told()] == [EventKind.USER_LEFT]


def test_counts_of_the_meeting_follow(simulator, client, emmy, david):
    simulator.activity.unmute(emmy)
    simulator.activity.start_webcam(emmy)
    simulator.activity.join_audio(david, listening_only=True)

    info = client.ask("getMeetingInfo", "meetingID=m-1")

    counts = ("participantCount", "listenerCount", "voiceParticipantCount", "videoCount")
    assert [info.get(name) for name in counts] == ["2", "1", "1", "1"]
    facts, attendees = ("hasJoinedVoice", "hasVideo", "isListeningOnly"), info.xml.findall("attendees/attendee")
    assert {one.findtext("userID"): [one.findtext(name) for name in facts] for one in attendees} == {
        "emmy": ["true", "true", "false"],
        "david": ["false", "false", "true"],
    }
