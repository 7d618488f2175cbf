"""Every call once, over real HTTP, against a server that shares no code with the client."""

import pytest

from django_bbb.api import (
    BBBError,
    BigBlueButtonClient,
    ChecksumError,
    Document,
    HookNotFound,
    MeetingNotFound,
    RecordingNotFound,
    ServerError,
    TextTrackKind,
)
from django_bbb.simulator import BigBlueButtonSimulator

SECRET = "SENTINEL-secret-that-must-never-be-seen"
SUBTITLES = b"1\n00:00:00,000 --> 00:00:01,000\nGood morning\n"


@pytest.fixture
def server():
    with BigBlueButtonSimulator(secret=SECRET) as simulator:
        yield simulator


@pytest.fixture(params=["sha1", "sha256", "sha384", "sha512"])
def client(server, request):
    return BigBlueButtonClient(server.url, SECRET, algorithm=request.param)


@pytest.fixture
def meeting(server, client):
    client.meetings.create_meeting(name="Mathematics 7b", meeting_id="m-1", record=True)
    return server.meetings["m-1"]


def outcomes(server, call):
    return [(entry.method, entry.checksum, entry.outcome) for entry in server.calls(call)]


def test_slides_are_inserted_by_address_and_by_content(server, client, meeting):
    slides = [
        Document(url="https://lms.example.org/Brüche & Co.pdf?a=1&b=2", current=True, downloadable=True),
        Document(content=b"%PDF-1.7", filename="fractions.pdf", removable=False),
    ]

    client.meetings.insert_document(meeting_id="m-1", slides=slides)

    assert outcomes(server, "insertDocument") == [("POST", "good", "SUCCESS")]
    with pytest.raises(ServerError, match="insertDocument"):  # it gives no key for it
        client.meetings.insert_document(meeting_id="m-2", slides=slides)


def test_chat_messages_are_said(server, client, meeting):
    with pytest.raises(MeetingNotFound):  # nobody is inside
        client.meetings.send_chat_message(meeting_id="m-1", message="Hello?")
    server.join("m-1", "Ada")

    client.meetings.send_chat_message(meeting_id="m-1", message="Five minutes & a bit", user_name="The school")

    (said,) = [event for event in meeting.history if event.kind == "chat-group-message-sent"]
    assert said.facts["message"] == "Five minutes & a bit"
    assert said.facts["sender_name"] == "The school"


def test_somebody_inside_gets_another_link(server, client, meeting):
    person = server.join("m-1", "Ada", role="MODERATOR")

    url = client.meetings.get_join_url(session_token=person.session_token)

    assert url.startswith(f"{server.url}join?")
    assert person.session_token not in repr(url)


def test_the_learning_dashboard_tells_who_is_there(server, client, meeting):
    person = server.join("m-1", "Ada", role="MODERATOR", user_id="u1")

    dashboard = client.meetings.learning_dashboard(session_token=person.session_token)

    assert (dashboard.meeting_id, dashboard.name) == ("m-1", "Mathematics 7b")
    assert [(user.name, user.is_moderator) for user in dashboard.users] == [("Ada", True)]


def test_sessions_are_told(server, client, meeting):
    server.join("m-1", "Ada")

    (session,) = client.meetings.get_sessions()

    assert (session.user_name, session.internal_meeting_id) == ("Ada", meeting.internal_id)


@pytest.mark.parametrize(("name", "kind"), [("a.srt", TextTrackKind.SUBTITLES), ("a.vtt", "captions")])
def test_text_tracks_are_uploaded_and_listed(server, client, name, kind):
    recording = server.add_recording("m-1")
    content = SUBTITLES if name.endswith("srt") else b"WEBVTT\n\n00:00.000 --> 00:01.000\nGood morning\n"

    client.recordings.put_recording_text_track(
        record_id=recording.record_id, kind=kind, lang="en_US", label="English", content=content, filename=name
    )

    (track,) = client.recordings.get_recording_text_tracks(record_id=recording.record_id)
    assert (track.kind, track.lang, track.label, track.source) == (str(kind), "en-US", "English", "upload")
    assert track.href not in repr(track)
    with pytest.raises(RecordingNotFound):
        client.recordings.get_recording_text_tracks(record_id="none")


def test_hooks_are_made_listed_and_removed(server, client):
    address = "https://lms.example.org/hook?token=a&b=c"

    created = client.hooks.create_hook(callback_url=address, meeting_id="m-1", event_id=["user-joined", "user-left"])

    assert not created.already_existed
    assert client.hooks.create_hook(callback_url=address).already_existed
    (hook,) = client.hooks.list_hooks()
    assert (hook.hook_id, hook.callback_url, hook.meeting_id) == (created.hook_id, address, "m-1")
    assert hook.event_ids == ("user-joined", "user-left")
    client.hooks.destroy_hook(hook_id=hook.hook_id)
    assert client.hooks.list_hooks() == ()
    with pytest.raises(HookNotFound):
        client.hooks.destroy_hook(hook_id=hook.hook_id)


def test_long_calls_arrive_whole(server, client):
    text = ", ".join(["Größe & mehr?"] * 400)

    created = client.meetings.create_meeting(name="7b", meeting_id="m-1", welcome=text, meta={"note": text})

    assert created.meeting_id == "m-1"
    assert server.meetings["m-1"].settings.welcome == text
    assert client.meetings.get_meeting_info(meeting_id="m-1").metadata["note"] == text


@pytest.mark.parametrize(
    ("profile", "way"),
    [("2.7", "split"), ("3.0", "split"), ("scalelite", "split"), ("2.7", "sorted-form"), ("3.0", "form")],
)
def test_long_calls_arrive_whole_in_each_way_that_a_server_takes(profile, way):
    text = "Größe & mehr? a~b*c 'd' " * 200

    with BigBlueButtonSimulator(secret=SECRET, profile=profile) as server:
        client = BigBlueButtonClient(server.url, SECRET, long_requests=way)
        client.meetings.create_meeting(
            name="7b", meeting_id="m-1", welcome=text, meta={"z": "1", "note": text, "a": "2"}
        )

        settings = server.meetings["m-1"].settings
    assert settings.welcome == text
    assert settings.metadata == {"z": "1", "note": text, "a": "2"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.meetings.get_meetings(),
        lambda client: client.meetings.send_chat_message(meeting_id="m-1", message="Hello"),
        lambda client: client.meetings.insert_document(meeting_id="m-1", slides=[Document(url="https://a.example/b.pdf")]),
        lambda client: client.recordings.get_recordings(),
        lambda client: client.recordings.get_recording_text_tracks(record_id="r-1"),
        lambda client: client.recordings.put_recording_text_track(
            record_id="r-1", kind="captions", lang="en", label="English", content=SUBTITLES, filename="a.srt"
        ),
        lambda client: client.hooks.list_hooks(),
    ],
)  # fmt: skip
def test_a_wrong_secret_is_told_by_every_kind_of_call(server, ask):
    client = BigBlueButtonClient(server.url, "SENTINEL-wrong")

    with pytest.raises(BBBError) as caught:
        ask(client)

    assert isinstance(caught.value, ChecksumError)
    assert "SENTINEL" not in str(caught.value)
