"""Calls about recordings over a transport that knows one answer, and over the simulator where it knows the call."""

import email
import json
import logging
from email.policy import HTTP
from urllib.parse import parse_qsl, urlsplit

import pytest

from django_bbb.api import (
    BigBlueButtonClient,
    InvalidParameters,
    RecordingNotFound,
    ServerError,
    SignedURL,
    TextTrack,
    TextTrackKind,
    UnreadableResponse,
    UnsupportedCall,
)

URL = "https://bbb.example.org/bigbluebutton/api/"
SECRET = "SENTINEL-secret-that-must-never-be-seen"


def failed(key: str, message: str = "Some words.") -> bytes:
    return (
        f"<response><returncode>FAILED</returncode><messageKey>{key}</messageKey>"
        f"<message>{message}</message></response>"
    ).encode()


def answering(returncode: str = "SUCCESS", **inside: object) -> bytes:
    return json.dumps({"response": {"returncode": returncode, **inside}}).encode()


# --- get, publish, delete -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2, 30])
def test_recordings_are_as_many_as_there_are(client_hearing, success, number):  # pitfalls.md 2
    recordings = "".join(f"<recording><recordID>r-{n}</recordID></recording>" for n in range(number))

    found = client_hearing(success(f"<recordings>{recordings}</recordings>")).recordings.get_recordings(state="any")

    assert [recording.record_id for recording in found] == [f"r-{n}" for n in range(number)]


@pytest.mark.parametrize("inside", ["<recordings/><messageKey>noRecordings</messageKey>", "", "<message/>"])
def test_no_recordings_is_no_error(client_hearing, success, inside):  # pitfalls.md 2
    assert client_hearing(success(inside)).recordings.get_recordings() == ()


def test_recording_cut_in_two_by_a_page_is_put_together(client_hearing, success):
    def part(playback: str, data: str, name: str) -> str:
        kinds = [
            "".join(f"<format><type>{kind}</type></format>" for kind in kinds.split()) for kinds in (playback, data)
        ]
        return (
            f"<recording><recordID>r-1</recordID><name>{name}</name>"
            f"<playback>{kinds[0]}</playback><data>{kinds[1]}</data></recording>"
        )

    body = success(
        "<recordings>"
        + part("presentation", "statistics", "older")
        + "<recording><recordID>r-2</recordID></recording>"
        + part("presentation video", "", "newer")
        + part("podcast", "captions", "newest")
        + "</recordings>"
    )

    first, second = client_hearing(body).recordings.get_recordings(limit=2)

    assert (first.record_id, first.name, second.record_id) == ("r-1", "newest", "r-2")
    assert [one.type for one in first.formats] == ["presentation", "video", "podcast"]
    assert [one.type for one in first.data] == ["statistics", "captions"]


def test_recordings_are_asked_for_by_id_state_and_facts(canned, success):
    transport = canned(success("<recordings/>"))

    BigBlueButtonClient(URL, SECRET, transport=transport).recordings.get_recordings(
        record_id=["r-1", "r-2"], state="any", meta={"course": "7b"}, limit=50, offset=100
    )

    assert parse_qsl(urlsplit(transport.urls[0]).query)[:-1] == [
        ("recordID", "r-1,r-2"),
        ("state", "any"),
        ("meta_course", "7b"),
        ("limit", "50"),
        ("offset", "100"),
    ]


@pytest.mark.parametrize("publish", [True, False])
def test_publishing_calls_its_own_endpoint(canned, success, publish):  # pitfalls.md 11
    transport = canned(success(f"<published>{str(publish).lower()}</published>"))

    BigBlueButtonClient(URL, SECRET, transport=transport).recordings.publish_recordings(
        record_id="r-1", publish=publish
    )

    expected = f"{URL}publishRecordings?recordID=r-1&publish={str(publish).lower()}&checksum="
    assert transport.urls[0].startswith(expected)


def test_deleting_calls_its_own_endpoint(canned, success):  # pitfalls.md 11
    transport = canned(success("<deleted>true</deleted>"))

    BigBlueButtonClient(URL, SECRET, transport=transport).recordings.delete_recordings(record_id=["r-1", "r-2"])

    assert transport.urls[0].startswith(f"{URL}deleteRecordings?recordID=r-1%2Cr-2&checksum=")


@pytest.mark.parametrize("call", ["publish_recordings", "delete_recordings"])
def test_recording_that_is_gone_is_not_found(client_hearing, call):
    arguments = {"record_id": "r-1", **({"publish": True} if call == "publish_recordings" else {})}

    with pytest.raises(RecordingNotFound):
        getattr(client_hearing(failed("notFound")).recordings, call)(**arguments)


@pytest.mark.parametrize("call", ["publish_recordings", "delete_recordings"])
def test_nothing_is_deleted_or_published_without_an_id(canned, call):
    transport = canned()
    recordings = BigBlueButtonClient(URL, SECRET, transport=transport).recordings
    more = {"publish": True} if call == "publish_recordings" else {}

    for nothing in (None, "", [], ()):
        with pytest.raises(InvalidParameters):
            getattr(recordings, call)(record_id=nothing, **more)

    assert transport.urls == []


def test_broken_recording_among_many_is_left_out_and_counted(client_hearing, success, caplog):  # threats.md 73
    good = "".join(f"<recording><recordID>r-{n}</recordID></recording>" for n in range(100))
    broken = "<recording><name>SENTINEL</name></recording>"
    body = success(f"<recordings>{good}{broken}{broken}</recordings>")

    with caplog.at_level(logging.WARNING):
        found = client_hearing(body, name="Room server").recordings.get_recordings(state="any")

    assert (len(found), found.skipped) == (100, 2)
    assert caplog.messages == [
        "Room server answered getRecordings with 2 of 102 that cannot be read; they are left out."
    ]


def test_nothing_but_broken_recordings_is_not_an_empty_list(client_hearing, success):  # threats.md 73
    with pytest.raises(UnreadableResponse):
        client_hearing(success("<recordings><recording/></recordings>")).recordings.get_recordings()


@pytest.mark.parametrize(
    ("told", "total"),
    [
        ("<totalElements>1,234</totalElements>", 1234),
        (
            "<pagination><pageable><limit>2</limit></pageable><totalElements>7</totalElements></pagination>",
            7,
        ),
        ("", None),
        ("<totalElements/>", None),
    ],
)
def test_number_on_all_pages_is_told_in_both_shapes(client_hearing, success, told, total):
    body = success(f"<recordings><recording><recordID>r</recordID></recording></recordings>{told}")

    assert client_hearing(body).recordings.get_recordings(limit=1).total == total


def test_no_recordings_is_no_error_even_as_a_refusal(client_hearing):
    assert client_hearing(failed("noRecordings")).recordings.get_recordings() == ()


def test_simulator_pages(simulator):
    for _number in range(3):
        simulator.add_recording("m-1")
    client = BigBlueButtonClient(simulator.url, simulator.secret)

    first = client.recordings.get_recordings(meeting_id="m-1", limit=2)
    rest = client.recordings.get_recordings(meeting_id="m-1", limit=2, offset=2)

    assert (len(first), first.total, len(rest), rest.total) == (2, 3, 1, 3)
    assert len({one.record_id for one in (*first, *rest)}) == 3


# --- update -------------------------------------------------------------------------------------------


def test_updating_sends_facts_and_empty_ones(canned, success):
    transport = canned(success("<updated>true</updated>"))

    result = BigBlueButtonClient(URL, SECRET, transport=transport).recordings.update_recordings(
        record_id=["r-1", "r-2"], meta={"course": "7b", "old": ""}, protect=True
    )

    assert result is None
    assert parse_qsl(urlsplit(transport.urls[0]).query, keep_blank_values=True)[:-1] == [
        ("recordID", "r-1,r-2"),
        ("meta_course", "7b"),
        ("meta_old", ""),
        ("protect", "true"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        failed("notFound"),
        b"<response><returncode>SUCCESS</returncode><updated> false </updated></response>",
    ],
)
def test_recording_to_update_that_is_gone_is_not_found(client_hearing, body):  # threats.md 65
    with pytest.raises(RecordingNotFound) as caught:
        client_hearing(body).recordings.update_recordings(record_id="r-1", meta={"course": "7b"})

    assert (caught.value.call, caught.value.message_key) == ("updateRecordings", "notFound")
    assert caught.value.server == "bbb.example.org"


def test_simulator_updates(simulator):
    recording = simulator.add_recording("m-1", metadata={"old": "x"})
    client = BigBlueButtonClient(simulator.url, simulator.secret)

    client.recordings.update_recordings(record_id=recording.record_id, meta={"course": "Ä & b", "old": ""})

    (found,) = client.recordings.get_recordings(record_id=recording.record_id)
    assert found.metadata["course"] == "Ä & b"
    assert "old" not in found.metadata
    with pytest.raises(RecordingNotFound):
        client.recordings.update_recordings(record_id="0" * 40, meta={"course": "7b"})


# --- text tracks --------------------------------------------------------------------------------------

TRACK = {
    "href": "https://bbb.example.org/captions/r-1/en.vtt?token=SENTINEL",
    "kind": "captions",
    "label": "English",
    "lang": "en-US",
    "source": "upload",
}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_text_tracks_are_as_many_as_there_are(canned, number):  # pitfalls.md 12
    transport = canned(answering(tracks=[TRACK] * number))

    found = BigBlueButtonClient(URL, SECRET, transport=transport).recordings.get_recording_text_tracks(record_id="r-1")

    expected = TextTrack(
        href=SignedURL(TRACK["href"]), kind="captions", lang="en-US", label="English", source="upload"
    )
    assert found == (expected,) * number
    assert transport.urls[0].startswith(f"{URL}getRecordingTextTracks?recordID=r-1&checksum=")
    assert "SENTINEL" not in repr(found)


def test_broken_text_track_is_left_out_and_counted(client_hearing):  # threats.md 73
    tracks = [TRACK, None, [], {}, {"href": 5}, {"href": "javascript:alert(1)"}]

    found = client_hearing(answering(tracks=tracks)).recordings.get_recording_text_tracks(record_id="r-1")

    assert (len(found), found.skipped) == (1, 5)


@pytest.mark.parametrize(
    "body",
    [
        answering("FAILED", messageKey="noCaptionsFound", message="x"),
        answering(),
        answering(tracks=None),
        failed("noCaptionsFound"),
    ],
)
def test_no_text_tracks_is_no_error(client_hearing, body):
    if body.startswith(b"<"):
        with pytest.raises(UnreadableResponse, match="XML in place of JSON"):
            client_hearing(body).recordings.get_recording_text_tracks(record_id="r-1")
    else:
        assert client_hearing(body).recordings.get_recording_text_tracks(record_id="r-1") == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (answering("FAILED", messageKey="noRecordings", message="x"), RecordingNotFound),
        (answering("FAILED", messageKey="missingParamRecordID"), ServerError),
        (answering("FAILED", messageKey=["noRecordings"], message={"a": 1}), ServerError),
        (failed("notFound"), RecordingNotFound),
        (b"\n" + failed("missingParamRecordID"), ServerError),
    ],
)
def test_refused_text_tracks_are_told_in_json_or_xml(client_hearing, body, kind):  # pitfalls.md 12
    with pytest.raises(ServerError) as caught:
        client_hearing(body).recordings.get_recording_text_tracks(record_id="r-1")

    assert type(caught.value) is kind
    assert caught.value.call == "getRecordingTextTracks"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty page"),
        (b" \n", "an empty page"),
        (b"<!DOCTYPE html><p>Log in", "an HTML page"),
        (b"<response><returncode>SUCCESS</returncode></response>", "XML in place of JSON"),
        (b"nonsense", "something that is no JSON"),
        (b'{"response":{"returncode":"SUCC', "something that is no JSON"),
        (b'{"response":{"returncode":"SUCCESS","tracks":[' + b"9" * 5000 + b"]}}", "something that is no JSON"),
        (b"[" * 200_000, "something that is no JSON"),
        (b'{"response":"\xff"}', "something that is no JSON"),
        (b"{}", "other JSON"),
        (b"[]", "other JSON"),
        (b"5", "other JSON"),
        (b'{"response":[]}', "other JSON"),
        (b'{"returncode":"SUCCESS"}', "other JSON"),
        (b'{"response":{}}', "without a returncode"),
        (b'{"response":{"returncode":true}}', "without a returncode"),
        (b'{"response":{"returncode":"OK"}}', "without a returncode"),
    ],
)
def test_other_things_in_place_of_json_are_unreadable(client_hearing, body, what):  # pitfalls.md 8, threats.md 64
    with pytest.raises(UnreadableResponse, match=what) as caught:
        client_hearing(body, name="Room server").recordings.get_recording_text_tracks(record_id="r-1")

    assert (caught.value.server, caught.value.call) == ("Room server", "getRecordingTextTracks")


UPLOADED = answering(messageKey="upload_text_track_success", message="x", recordId="r-1")


def parts(transport) -> list[tuple[str, str, bytes]]:
    """Name of the file, type and content of each part, read by an independent parser."""
    head = f"Content-Type: {transport.content_types[0]}\r\n\r\n".encode()
    message = email.message_from_bytes(head + transport.bodies[0], policy=HTTP)
    return [(one.get_filename(), one.get_content_type(), one.get_payload(decode=True)) for one in message.iter_parts()]


def test_text_track_is_uploaded_with_the_parameters_signed_in_the_query(canned):
    transport = canned(UPLOADED)

    result = BigBlueButtonClient(URL, SECRET, transport=transport).recordings.put_recording_text_track(
        record_id="r-1",
        kind=TextTrackKind.SUBTITLES,
        lang="en_US",
        label="English",
        content=b"WEBVTT\n\n--x\r\n",
        filename="english.vtt",
    )

    assert result is None
    assert transport.methods == ["POST"]
    assert transport.urls[0].startswith(
        f"{URL}putRecordingTextTrack?recordID=r-1&kind=subtitles&lang=en_US&label=English&checksum="
    )
    assert transport.content_types[0].startswith("multipart/form-data; boundary=")
    assert b'Content-Disposition: form-data; name="file"; filename="english.vtt"' in transport.bodies[0]
    assert parts(transport) == [("english.vtt", "text/vtt", b"WEBVTT\n\n--x\r\n")]


def test_text_track_may_be_a_file(canned, tmp_path):
    transport = canned(UPLOADED)
    path = tmp_path / "Untertitel für 7b.SRT"
    path.write_bytes(b"1\n")

    BigBlueButtonClient(URL, SECRET, transport=transport).recordings.put_recording_text_track(
        record_id="r-1", kind="subtitles", lang="de", path=path
    )

    assert parts(transport) == [("Untertitel_f_r_7b.SRT", "application/x-subrip", b"1\n")]


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("a.srt", "a.srt"),
        ("a.vtt", "a.vtt"),
        ("a.ssa", "a.ssa"),
        ("a.ass", "a.ass"),
        ("../../etc/passwd.srt", "passwd.srt"),
        ("C:\\tracks\\a b.srt", "a_b.srt"),
        ('a"; name="other.srt', "a_name_other.srt"),
        ("a\r\nX-Header: b.srt", "a_X-Header_b.srt"),
        ("ä\ud800\0.vtt", "_.vtt"),
        ("x" * 300 + ".srt", "x" * 96 + ".srt"),
        ("..a.srt", "a.srt"),
    ],
)
def test_name_of_a_text_track_means_the_same_everywhere(canned, given, safe):
    transport = canned(UPLOADED)

    BigBlueButtonClient(URL, SECRET, transport=transport).recordings.put_recording_text_track(
        record_id="r-1", kind="subtitles", lang="en", content=b"1", filename=given
    )

    assert parts(transport)[0][0] == safe


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({}, "file must be given by one of path and content."),
        ({"path": "a.srt", "content": b"1"}, "file must be given by one of path and content."),
        ({"path": "nowhere/a.srt"}, "file 'a.srt' cannot be read."),
        ({"path": "nowhere/a\0.srt"}, "file 'a_.srt' cannot be read."),
        ({"content": b"1"}, "filename must end in one of .srt, .vtt, .ssa, .ass."),
        ({"content": b"1", "filename": "a.txt"}, "filename must end in one of .srt, .vtt, .ssa, .ass."),
        ({"content": b"", "filename": "a.srt"}, "file 'a.srt' is empty."),
        ({"content": "1", "filename": "a.srt"}, "file 'a.srt' must be given as bytes."),
        ({"content": b"12345", "filename": "a.srt"}, "file 'a.srt' has 5 bytes; the server takes 4 at most."),
    ],
)
def test_text_track_that_is_none_is_refused_before_it_is_sent(canned, file, problem):
    transport = canned()

    with pytest.raises(InvalidParameters) as caught:
        BigBlueButtonClient(URL, SECRET, transport=transport, largest_document=4).recordings.put_recording_text_track(
            record_id="r-1", kind="subtitles", lang="en", **file
        )

    assert caught.value.problems == (problem,)
    assert transport.urls == []


def test_text_track_that_goes_away_while_it_is_read_is_refused(canned, going_away):
    with pytest.raises(InvalidParameters, match=r"file 'a\.srt' cannot be read"):
        BigBlueButtonClient(URL, SECRET, transport=canned()).recordings.put_recording_text_track(
            record_id="r-1", kind="subtitles", lang="en", path=going_away, filename="a.srt"
        )


def test_language_is_sent_as_the_server_reads_it(canned):
    with pytest.raises(InvalidParameters, match="lang must match"):
        BigBlueButtonClient(URL, SECRET, transport=canned()).recordings.put_recording_text_track(
            record_id="r-1", kind="subtitles", lang="en-US", content=b"1", filename="a.srt"
        )


@pytest.mark.parametrize(
    ("body", "key", "kind"),
    [
        (answering("FAILED", messageKey="upload_text_track_failed"), "upload_text_track_failed", ServerError),
        (answering("SUCCESS", messageKey="upload_text_track_failed"), "upload_text_track_failed", ServerError),
        (answering("SUCCESS", messageKey="empty_uploaded_text_track"), "empty_uploaded_text_track", ServerError),
        (answering("FAILED", messageKey="noRecordings"), "noRecordings", RecordingNotFound),
        (answering("FAILED", messageKey="invalidLang"), "invalidLang", ServerError),
        (failed("paramError"), "paramError", ServerError),
    ],
)
def test_text_track_that_was_not_taken_is_an_error(client_hearing, body, key, kind):  # threats.md 65
    with pytest.raises(ServerError) as caught:
        client_hearing(body).recordings.put_recording_text_track(
            record_id="r-1", kind="subtitles", lang="en", content=b"1", filename="a.srt"
        )

    assert type(caught.value) is kind
    assert (caught.value.message_key, caught.value.call) == (key, "putRecordingTextTrack")


def test_server_without_text_tracks_says_so_by_404(client_hearing):
    with pytest.raises(UnsupportedCall):
        client_hearing(b"<html>", status=404).recordings.get_recording_text_tracks(record_id="r-1")
    with pytest.raises(UnreadableResponse):
        client_hearing(b"<html>", status=404).recordings.get_recordings()
