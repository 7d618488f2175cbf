"""Recordings: how they come to be, and the four calls about them."""

import hashlib

import pytest


def record_class(simulator, meeting_id="m-1", **settings):
    """Hold a class that is recorded, and return its recording."""
    meeting = simulator.create_meeting(meeting_id, name="Algebra & <Co>", record=True, **settings)
    simulator.join(meeting_id, "Emmy", user_id="u1")
    simulator.join(meeting_id, "David", user_id="u2")
    simulator.set_recording(meeting_id, True)
    simulator.advance(150)
    simulator.end_meeting(meeting_id)
    return simulator.recordings[meeting.internal_id]


def listed(answer):
    return [one.text for one in answer.xml.iterfind("recordings/recording/recordID")]


def test_recording_is_listed_in_full(simulator, client):
    recording = record_class(simulator, metadata={"bbb-origin": "Site"})
    simulator.finish_recordings()

    answer = client.ask("getRecordings", "meetingID=m-1")

    (found,) = answer.xml.iterfind("recordings/recording")
    assert found.findtext("recordID") == found.findtext("internalMeetingID") == recording.record_id
    assert found.findtext("meetingID") == "m-1"
    assert found.findtext("name") == "Algebra & <Co>"
    assert (found.findtext("published"), found.findtext("state")) == ("true", "published")
    assert recording.record_id.endswith(found.findtext("startTime"))
    assert int(found.findtext("endTime")) - int(found.findtext("startTime")) >= 150_000
    assert found.findtext("participants") == "2"
    assert int(found.findtext("rawSize")) > 0
    assert {one.tag: one.text for one in found.find("metadata")} == {
        "bbb-origin": "Site",
        "isBreakout": "false",
        "meetingName": "Algebra & <Co>",
        "meetingId": "m-1",
    }
    formats = found.findall("playback/format")
    assert [one.findtext("type") for one in formats] == ["presentation", "video"]
    assert [one.findtext("length") for one in formats] == ["2", "2"]
    assert int(found.findtext("size")) == sum(int(one.findtext("size")) for one in formats)
    assert all(int(one.findtext("processingTime")) > 0 for one in formats)
    images = formats[0].findall("preview/images/image")
    assert [image.get("alt") for image in images] == ["Slide 1", "Slide 2", "Slide 3"]
    assert formats[1].find("preview") is None


def test_playback_page_and_thumbnails_are_there_while_it_is_published(simulator, client):
    recording = record_class(simulator)
    simulator.finish_recordings()
    answer = client.ask("getRecordings", "meetingID=m-1")
    pages = [one.text for one in answer.xml.iterfind(".//format/url")]
    images = [one.text for one in answer.xml.iterfind(".//image")]

    published = [client.fetch(url) for url in pages + images]
    client.ask("publishRecordings", f"recordID={recording.record_id}&publish=false")
    unpublished = [client.fetch(url) for url in pages + images]

    assert [one.status for one in published] == [200] * 5
    assert "Algebra &amp; &lt;Co&gt;" in published[0].text
    assert all(one.body.startswith(b"\x89PNG\r\n") for one in published[2:])
    assert [one.status for one in unpublished] == [404] * 5


@pytest.mark.parametrize(
    "path",
    ["playback/podcast/{0}", "presentation/{0}/thumbnails/thumb-4.png", "presentation/{0}/thumbnails/thumb-0.png"],
)
def test_what_a_recording_does_not_have_is_not_found(simulator, client, path):
    recording = simulator.add_recording("m-1")

    answer = client.fetch(f"{simulator.address}/{path.format(recording.record_id)}")

    assert answer.status == 404


@pytest.mark.parametrize("settings", [{"record": True}, {"record": False}])
def test_class_that_was_not_recorded_leaves_no_recording(simulator, settings):
    simulator.create_meeting("m-1", name="Algebra", **settings)
    simulator.join("m-1", "Emmy")

    simulator.end_meeting("m-1")

    assert simulator.recordings == {}


def test_record_button_is_missing_without_record(simulator):
    simulator.create_meeting("m-1", name="Algebra")

    with pytest.raises(ValueError, match="m-1"):
        simulator.set_recording("m-1", True)


def test_recording_that_was_stopped_before_the_end_is_kept(simulator):
    simulator.create_meeting("m-1", name="Algebra", record=True)
    simulator.join("m-1", "Emmy")
    simulator.set_recording("m-1", True)
    simulator.set_recording("m-1", False)

    simulator.end_meeting("m-1")

    assert len(simulator.recordings) == 1


def test_formats_come_one_after_another(make_simulator, make_client):
    simulator = make_simulator(recording_delay=60)
    client = make_client(simulator)
    record_class(simulator)

    def look():
        answer = client.ask("getRecordings", "meetingID=m-1&state=any")
        return answer.get("recordings/recording/state"), [one.text for one in answer.xml.iterfind(".//format/type")]

    seen = [look()]
    hidden = client.ask("getRecordings", "meetingID=m-1").get("messageKey")
    for _ in range(2):
        simulator.advance(61)
        seen.append(look())

    assert hidden == "noRecordings"
    assert seen == [
        ("processing", []),
        ("published", ["presentation"]),
        ("published", ["presentation", "video"]),
    ]


def test_pending_formats_can_be_finished_without_waiting(make_simulator):
    simulator = make_simulator(recording_delay=3600)
    recording = record_class(simulator)

    simulator.finish_recordings()

    assert [one.type for one in recording.formats] == ["presentation", "video"]


def test_format_that_comes_after_unpublishing_does_not_publish_again(make_simulator, make_client):
    simulator = make_simulator(recording_delay=60)
    recording = record_class(simulator)
    simulator.advance(61)
    make_client(simulator).ask("publishRecordings", f"recordID={recording.record_id}&publish=false")

    simulator.finish_recordings()

    assert recording.state == "unpublished"
    assert len(recording.formats) == 2


def test_format_that_comes_after_deletion_is_dropped(make_simulator, make_client):
    simulator = make_simulator(recording_delay=60)
    recording = record_class(simulator)
    simulator.advance(61)
    make_client(simulator).ask("deleteRecordings", f"recordID={recording.record_id}")

    simulator.finish_recordings()

    assert recording.state == "deleted"
    assert len(recording.formats) == 1


def test_meeting_ids_match_by_the_sha1_at_the_beginning_of_record_ids(simulator, client):
    first, second = simulator.add_recording("m-1"), simulator.add_recording("m-1")
    other = simulator.add_recording("m-2")
    simulator.add_recording("m-11")

    one, two = client.ask("getRecordings", "meetingID=m-1"), client.ask("getRecordings", "meetingID=m-1,m-2")

    assert first.record_id.startswith(hashlib.sha1(b"m-1").hexdigest())
    assert listed(one) == [first.record_id, second.record_id]
    assert listed(two) == [first.record_id, second.record_id, other.record_id]


def test_record_ids_match_by_their_beginnings_and_win_over_meeting_ids(simulator, client):
    first, second = simulator.add_recording("m-1"), simulator.add_recording("m-1")
    simulator.add_recording("m-2")

    whole = client.ask("getRecordings", f"recordID={first.record_id}")
    beginning = client.ask("getRecordings", f"recordID={first.record_id[:40]}")
    both = client.ask("getRecordings", f"recordID={first.record_id}&meetingID=m-2")

    assert listed(whole) == [first.record_id]
    assert listed(beginning) == [first.record_id, second.record_id]
    assert listed(both) == [first.record_id]


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ("", ["published", "unpublished"]),
        ("&state=published", ["published"]),
        ("&state=processing,deleted", ["processing", "deleted"]),
        ("&state=any", ["processing", "processed", "published", "unpublished", "deleted"]),
    ],
)
def test_states_choose_what_is_listed(simulator, client, states, found):
    for state in ("processing", "processed", "published", "unpublished", "deleted"):
        simulator.add_recording("m-1", state=state)

    answer = client.ask("getRecordings", f"meetingID=m-1{states}")

    assert [one.text for one in answer.xml.iterfind("recordings/recording/state")] == found
    assert [one.text == "true" for one in answer.xml.iterfind("recordings/recording/published")] == [
        state == "published" for state in found
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meta_course=algebra-1", ["m-1"]),
        ("meta_course=algebra%25", ["m-1", "m-2"]),
        ("meta_course=%25-1", ["m-1", "m-3"]),
        ("meta_course=%25metr%25", ["m-3"]),
        ("meta_course=algebra%25&meta_year=2026", ["m-2"]),
        ("meta_unknown=x", []),
    ],
)
def test_metadata_filters_must_all_match(simulator, client, query, found):
    simulator.add_recording("m-1", metadata={"course": "algebra-1"})
    simulator.add_recording("m-2", metadata={"course": "algebra-2", "year": "2026"})
    simulator.add_recording("m-3", metadata={"course": "geometry-1"})

    answer = client.ask("getRecordings", query)

    assert [one.text for one in answer.xml.iterfind("recordings/recording/meetingID")] == found


@pytest.mark.parametrize("value", ["", "%25"])
def test_empty_metadata_filter_breaks_the_server_as_the_real_one(simulator, client, value):
    answer = client.ask("getRecordings", f"meta_course={value}")

    assert answer.status == 500
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("paging", "found"),
    [
        ("limit=2", [0, 1]),
        ("limit=2&offset=2", [2, 3]),
        ("limit=2&offset=4", [4]),
        ("limit=0", [0]),
        ("limit=1000", [0, 1, 2, 3, 4]),
    ],
)
def test_pages_tell_how_many_there_are(simulator, client, paging, found):
    recordings = [simulator.add_recording("m-1") for _ in range(5)]

    answer = client.ask("getRecordings", f"meetingID=m-1&{paging}")

    assert listed(answer) == [recordings[index].record_id for index in found]
    assert answer.get("totalElements") == "5"


def test_offset_without_limit_does_nothing(simulator, client):
    simulator.add_recording("m-1")

    answer = client.ask("getRecordings", "meetingID=m-1&offset=1")

    assert len(listed(answer)) == 1
    assert answer.get("totalElements") is None


def test_nothing_found_is_a_success_with_a_key(client):
    answer = client.ask("getRecordings", "meetingID=m-1")

    assert answer.get("returncode") == "SUCCESS"
    assert answer.get("messageKey") == "noRecordings"
    assert listed(answer) == []


def test_publishing_repeats_the_word_that_was_sent(simulator, client):
    recording = simulator.add_recording("m-1")

    answers = []
    for word in ("false", "true", "maybe"):
        answer = client.ask("publishRecordings", f"recordID={recording.record_id}&publish={word}")
        answers.append((answer.get("published"), recording.state))

    assert answers == [("false", "unpublished"), ("true", "published"), ("maybe", "unpublished")]


def test_publishing_succeeds_if_one_of_several_exists(simulator, client):
    recording = simulator.add_recording("m-1")

    answer = client.ask("publishRecordings", f"recordID=nothing,{recording.record_id}&publish=false")

    assert answer.get("returncode") == "SUCCESS"
    assert recording.state == "unpublished"


def test_deleting_a_second_time_finds_nothing(simulator, client):
    recording = simulator.add_recording("m-1")

    first = client.ask("deleteRecordings", f"recordID={recording.record_id}")
    second = client.ask("deleteRecordings", f"recordID={recording.record_id}")

    assert first.get("deleted") == "true"
    assert second.key == "notFound"
    assert client.ask("getRecordings", "meetingID=m-1&state=deleted").get("recordings/recording/state") == "deleted"


def test_updating_sets_and_removes_metadata_of_all_that_begin_so(simulator, client):
    first = simulator.add_recording("m-1", metadata={"a": "1", "b": "2"})
    second = simulator.add_recording("m-1", state="deleted")

    answer = client.ask("updateRecordings", f"recordID={first.record_id[:40]}&meta_A=&meta_c=3")

    assert answer.get("updated") == "true"
    assert first.metadata == {"b": "2", "c": "3"}
    assert second.metadata == {"c": "3"}


@pytest.mark.parametrize(
    ("call", "query", "key"),
    [
        ("publishRecordings", "publish=true", "missingParamRecordID"),
        ("publishRecordings", "recordID=&publish=true", "missingParamRecordID"),
        ("publishRecordings", "recordID=x", "missingParamPublish"),
        ("publishRecordings", "recordID=x&publish=true", "notFound"),
        ("deleteRecordings", "", "missingParamRecordID"),
        ("deleteRecordings", "recordID=x", "notFound"),
        ("updateRecordings", "meta_a=1", "missingParamRecordID"),
        ("updateRecordings", "recordID=x&meta_a=1", "notFound"),
    ],
)
def test_recording_calls_say_what_is_wrong(client, call, query, key):
    answer = client.ask(call, query)

    assert answer.status == 200
    assert answer.key == key


def test_breakout_recording_names_its_parent_and_the_parent_its_rooms(simulator, client):
    parent = simulator.create_meeting("m-1", name="Algebra", record=True)
    simulator.join("m-1", "Emmy")
    simulator.set_recording("m-1", True)
    client.ask("create", "name=Room&meetingID=m-2&isBreakout=true&parentMeetingID=m-1&sequence=1&record=true")
    room = simulator.meetings["m-2"]
    simulator.join("m-2", "Emmy")
    simulator.set_recording("m-2", True)
    simulator.end_meeting("m-2")
    simulator.end_meeting("m-1")
    simulator.finish_recordings()

    of_room = client.ask("getRecordings", f"recordID={room.internal_id}")
    of_parent = client.ask("getRecordings", f"recordID={parent.internal_id}")

    assert of_room.get("recordings/recording/breakout/parentId") == parent.internal_id
    assert of_parent.get("recordings/recording/breakoutRooms/breakoutRoom") == room.internal_id
