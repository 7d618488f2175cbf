"""Subtitles and captions of recordings."""

import json

import pytest

SUBRIP = b"\xef\xbb\xbf1\r\n00:00:01,500 --> 00:00:03,000\r\nGood morning\r\n"
WEBVTT = b"WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nGood morning\n"


@pytest.fixture
def recording(simulator):
    return simulator.add_recording("m-1")


@pytest.fixture
def put(client, recording):
    """Return the function that uploads a track."""

    def put(query="kind=subtitles&lang=en_US&label=English", content=WEBVTT, record_id=""):
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.vtt"\r\n\r\n'
        answer = client.ask(
            "putRecordingTextTrack",
            f"recordID={record_id or recording.record_id}&{query}",
            method="POST",
            body=head + content + b"\r\n--x--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        return json.loads(answer.body)["response"]

    return put


@pytest.fixture
def tracks(client, recording):
    """Return the function that lists tracks."""
    return lambda: json.loads(client.ask("getRecordingTextTracks", f"recordID={recording.record_id}").body)["response"]


def test_uploaded_track_is_listed(put, tracks, recording):
    answer = put()

    (track,) = tracks()["tracks"]
    assert answer["messageKey"] == "upload_text_track_success"
    assert (answer["returncode"], answer["recordId"]) == ("SUCCESS", recording.record_id)
    assert sorted(track) == ["href", "kind", "label", "lang", "source"]
    assert (track["kind"], track["label"], track["lang"]) == ("subtitles", "English", "en-US")
    assert track["source"] == "upload"


@pytest.mark.parametrize("content", [WEBVTT, SUBRIP], ids=["WebVTT", "SubRip"])
def test_track_is_served_as_webvtt(client, put, tracks, content):
    put(content=content)

    answer = client.fetch(tracks()["tracks"][0]["href"])

    assert answer.headers["content-type"] == "text/vtt;charset=utf-8"
    assert answer.text.startswith("WEBVTT\n\n")
    assert "00:00:01.500 --> 00:00:03.000\nGood morning" in answer.text


def test_link_to_a_track_works_once(client, put, tracks):
    put()
    first, second = tracks()["tracks"][0]["href"], tracks()["tracks"][0]["href"]

    statuses = [client.fetch(url).status for url in (first, first, second)]

    assert statuses == [200, 404, 200]


def test_link_to_a_track_works_for_an_hour(simulator, client, put, tracks):
    put()
    early, late = tracks()["tracks"][0]["href"], tracks()["tracks"][0]["href"]

    simulator.advance(3590)
    in_time = client.fetch(early).status
    simulator.advance(20)

    assert (in_time, client.fetch(late).status) == (200, 404)


def test_link_opens_no_other_track(client, put, tracks):
    put()
    put("kind=captions&lang=de")
    url = tracks()["tracks"][0]["href"]

    assert client.fetch(url.replace("subtitles_en-US", "captions_de")).status == 404


def test_same_kind_and_language_take_the_place_of_the_older(simulator, put, recording):
    put()
    put("kind=subtitles&lang=en_US&label=Better")
    put("kind=captions&lang=en_US")

    assert [track.label for track in simulator.text_tracks(recording.record_id)] == ["Better", "en-US"]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("lang=en", "paramError"),
        ("kind=subtitles", "paramError"),
        ("kind=lyrics&lang=en", "invalidKind"),
        ("kind=captions&lang=en-US", "invalidLang"),
        ("kind=captions&lang=eng", "invalidLang"),
        ("kind=captions&lang=EN", "invalidLang"),
    ],
)
def test_what_a_server_does_not_understand_is_refused(simulator, put, recording, query, key):
    answer = put(query)

    assert (answer["returncode"], answer["messageKey"]) == ("FAILED", key)
    assert simulator.text_tracks(recording.record_id) == []
    assert simulator.calls("putRecordingTextTrack")[0].outcome == key


@pytest.mark.parametrize(
    ("content", "key"), [(b"", "empty_uploaded_text_track"), (b"\xff\xfe\x00", "upload_text_track_failed")]
)
def test_file_must_be_text(put, content, key):
    assert put(content=content)["messageKey"] == key


def test_file_must_be_there(client, recording):
    answer = client.ask(
        "putRecordingTextTrack", f"recordID={recording.record_id}&kind=captions&lang=en", method="POST", body=b""
    )

    assert json.loads(answer.body)["response"]["messageKey"] == "empty_uploaded_text_track"


def test_recording_must_exist(client, put):
    listed = json.loads(client.ask("getRecordingTextTracks", "recordID=unknown").body)["response"]

    assert listed["messageKey"] == put(record_id="unknown")["messageKey"] == "noRecordings"


def test_recording_without_tracks_says_so(tracks):
    assert (tracks()["returncode"], tracks()["messageKey"]) == ("FAILED", "noCaptionsFound")


def test_missing_record_id_is_told_in_xml(client):
    assert client.ask("getRecordingTextTracks").key == "missingParamRecordID"


def test_reset_forgets_tracks(simulator, put, recording):
    put()

    simulator.reset()

    assert simulator.text_tracks(recording.record_id) == []
