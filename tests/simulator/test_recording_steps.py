"""How recordings come to be, break, vanish and come back."""

import pytest

from django_bbb.simulator import EventKind, RecordingState


def record(simulator, meeting_id="m-1", **settings):
    meeting = simulator.create_meeting(meeting_id, name="Algebra", record=True, **settings)
    simulator.join(meeting_id, "Emmy")
    simulator.set_recording(meeting_id, True)
    simulator.advance(600)
    simulator.end_meeting(meeting_id)
    return simulator.recordings[meeting.internal_id]


@pytest.fixture
def simulator(make_simulator):
    return make_simulator(recording_delay=60, recording_formats=("presentation", "podcast"))


@pytest.fixture
def steps(simulator):
    """What is told of recordings: kind, format and success."""
    told = []

    def hear(event):
        if event.recording is not None:
            told.append((event.kind, event.facts.get("workflow"), event.facts.get("success")))

    simulator._events.listen(hear)
    return told


def test_states_follow_each_other(simulator):
    recording = record(simulator)

    states = [recording.state]
    for _ in range(12):
        simulator.advance(10)
        states.append(recording.state)

    assert states == ["processing"] * 5 + ["processed"] + ["published"] * 7
    assert [one.type for one in recording.formats] == ["presentation", "podcast"]


def test_each_step_is_told_when_it_happens(simulator, steps):
    record(simulator)
    begun = list(steps)

    simulator.advance(121)

    assert begun == [
        (EventKind.ARCHIVE_STARTED, None, None),
        (EventKind.ARCHIVE_ENDED, None, True),
        (EventKind.PROCESS_STARTED, "presentation", None),
    ]
    assert steps[3:] == [
        (EventKind.PROCESS_ENDED, "presentation", True),
        (EventKind.PUBLISH_STARTED, "presentation", None),
        (EventKind.PUBLISH_ENDED, "presentation", True),
        (EventKind.PROCESS_STARTED, "podcast", None),
        (EventKind.PROCESS_ENDED, "podcast", True),
        (EventKind.PUBLISH_STARTED, "podcast", None),
        (EventKind.PUBLISH_ENDED, "podcast", True),
    ]


@pytest.mark.parametrize("ask_first", [True, False])
def test_broken_recording_is_never_published(simulator, steps, ask_first):
    if ask_first:
        simulator.fail_recording("m-1")
    recording = record(simulator)
    if not ask_first:
        simulator.fail_recording("m-1")

    simulator.finish_recordings()

    assert recording.state is RecordingState.PROCESSING
    assert recording.formats == []
    assert [step for step in steps if step[2] is False] == [
        (EventKind.PROCESS_ENDED, "presentation", False),
        (EventKind.PROCESS_ENDED, "podcast", False),
    ]
    assert not any(kind is EventKind.PUBLISH_STARTED for kind, _, _ in steps)


def test_one_broken_format_leaves_the_others(simulator):
    simulator.fail_recording("m-1", ["presentation"])
    recording = record(simulator)

    simulator.finish_recordings()

    assert recording.state is RecordingState.PUBLISHED
    assert [one.type for one in recording.formats] == ["podcast"]


def test_next_recording_of_the_meeting_is_whole_again(simulator):
    simulator.fail_recording("m-1")
    record(simulator)
    simulator.finish_recordings()
    simulator.recordings.clear()

    second = record(simulator)
    simulator.finish_recordings()

    assert second.state is RecordingState.PUBLISHED


def test_hidden_recording_vanishes_and_comes_back_with_what_was_made_meanwhile(simulator, make_client):
    client = make_client(simulator)
    recording = record(simulator)
    simulator.advance(61)
    url = f"{simulator.address}/playback/presentation/{recording.record_id}"

    simulator.hide_recording(recording.record_id)

    assert client.ask("getRecordings", "state=any").get("messageKey") == "noRecordings"
    assert client.ask("publishRecordings", f"recordID={recording.record_id}&publish=true").key == "notFound"
    assert client.fetch(url).status == 404
    assert simulator.recordings == {}
    simulator.finish_recordings()
    simulator.show_recording(recording.record_id)
    answer = client.ask("getRecordings", "meetingID=m-1")
    assert [one.text for one in answer.xml.iterfind(".//format/type")] == ["presentation", "podcast"]
    assert client.fetch(url).status == 200


def test_recording_that_is_forgotten_is_not_made(simulator, steps):
    recording = record(simulator)
    simulator._recordings.reset()
    steps.clear()

    simulator.finish_recordings()

    assert recording.formats == []
    assert steps == []


@pytest.mark.parametrize("method", ["hide_recording", "show_recording"])
def test_what_is_not_there_is_neither_hidden_nor_shown(simulator, method):
    with pytest.raises(LookupError, match="nothing"):
        getattr(simulator, method)("nothing")


@pytest.mark.parametrize("kind", ["presentation", "video", "screenshare", "podcast", "notes", "statistics"])
def test_each_format_has_numbers_and_a_page(simulator, make_client, kind):
    recording = simulator.add_recording("m-1", formats=[kind], minutes=45)

    (made,) = recording.formats
    page = make_client(simulator).fetch(f"{simulator.address}/playback/{kind}/{recording.record_id}")

    assert made.length == 45
    assert made.size > 4_000
    assert made.processing_time > 0
    assert page.status == 200
    assert kind in page.text
    assert ("<img" in page.text) is (kind == "presentation")


def test_video_is_larger_than_sound_and_sound_than_notes(simulator):
    formats = simulator.add_recording("m-1", formats=["video", "podcast", "notes"]).formats

    sizes = [one.size for one in formats]

    assert sizes == sorted(sizes, reverse=True)
