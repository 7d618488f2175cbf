"""Text tracks in the admin: looked at by who may view, sent by who may change."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from django_bbb.admin import recording_text_tracks
from django_bbb.models import Recording, TextTrack
from django_bbb.services import syncing
from django_bbb.simulator.faults import HtmlAnswer

SUBRIP = b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n"


@pytest.fixture
def recording(meeting, server, simulator):
    simulator.add_recording(meeting.meeting_id, name="Lesson")
    syncing.sync_recordings(server=server)
    simulator.clear_journal()
    return Recording.objects.get()


def address(recording, what="text_tracks"):
    return reverse(f"admin:django_bbb_recording_{what}", args=[recording.pk])


def typed(*, name="lesson.srt", content=SUBRIP, **more):
    facts = {"file": SimpleUploadedFile(name, content), "kind": "subtitles", "lang": "en_US", "label": "English"}
    return facts | more


def send(client, recording, **more):
    return client.post(address(recording), typed(**more), follow=True).content.decode()


def test_a_track_is_sent_and_then_seen(admin_client, recording, simulator):
    after_sending = send(admin_client, recording)
    after_look = admin_client.post(address(recording, "look_for_text_tracks"), follow=True).content.decode()

    (track,) = simulator.text_tracks(recording.record_id)
    assert (track.lang, track.kind, track.label) == ("en-US", "subtitles", "English")
    assert "takes it in later" in after_sending
    assert "not yet" in after_sending
    assert "seen " in after_look
    assert "not yet" not in after_look
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {
        "Text track sent.",
        "Looked for text tracks.",
    }


def test_a_look_at_the_page_calls_no_server(admin_client, recording, simulator):
    assert admin_client.get(address(recording)).status_code == 200
    assert simulator.journal == []


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ({"name": "lesson.pdf"}, "Servers take files that end in"),
        ({"lang": "english"}, "at most 5 characters"),
        ({"lang": "EN"}, "Write the language like"),
        ({"kind": "poems"}, "Select a valid choice"),
        ({"content": b""}, "The submitted file is empty"),
    ],
)
def test_mistakes_are_explained_and_nothing_is_sent(admin_client, recording, simulator, mistake, said):
    assert said in send(admin_client, recording, **mistake)
    assert simulator.journal == []


def test_what_is_too_large_is_not_read(admin_client, recording, simulator, monkeypatch):
    monkeypatch.setattr(recording_text_tracks, "MOST_BYTES", 10)

    assert "larger than" in send(admin_client, recording)
    assert simulator.journal == []


@pytest.mark.parametrize("what", ["text_tracks", "look_for_text_tracks"])
def test_where_the_server_does_not_answer_it_is_said(admin_client, recording, simulator, what):
    simulator.faults.set(HtmlAnswer(status=503))

    text = admin_client.post(address(recording, what), typed(), follow=True).content.decode()

    assert "HTTP 503" in text
    assert not TextTrack.objects.exists()
    assert not LogEntry.objects.exists()


class TestPermissions:
    @pytest.fixture
    def staff(self, client, person):
        def log_in(*permissions):
            client.force_login(person("staff", is_staff=True, permissions=permissions))
            return client

        return log_in

    def test_who_may_only_look_sends_nothing(self, staff, recording, simulator):
        client = staff("view_recording", "publish_recording", "delete_recording")

        page = client.get(address(recording))
        answers = [client.post(address(recording, what), typed()) for what in ("text_tracks", "look_for_text_tracks")]

        assert page.status_code == 200
        assert 'type="file"' not in page.content.decode()
        assert "Ask the server</" not in page.content.decode()
        assert 'value="Ask the server"' not in page.content.decode()
        assert [one.status_code for one in answers] == [403, 403]
        assert simulator.journal == []

    def test_who_may_change_recordings_does(self, staff, recording, simulator):
        send(staff("view_recording", "change_recording"), recording)

        assert simulator.text_tracks(recording.record_id)

    @pytest.mark.parametrize("what", ["text_tracks", "look_for_text_tracks"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_who_may_not_view_recordings_sees_nothing(self, staff, recording, simulator, what, method):
        client = staff("view_meeting", "publish_recording")

        assert getattr(client, method)(address(recording, what)).status_code in (403, 405)
        assert simulator.journal == []

    def test_a_get_does_not_look(self, admin_client, recording, simulator):
        assert admin_client.get(address(recording, "look_for_text_tracks")).status_code == 405
        assert simulator.journal == []

    def test_the_tracks_of_nothing_are_not_found(self, admin_client, db):
        assert admin_client.get(address(Recording(pk=99))).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["text_tracks", "look_for_text_tracks"])
def test_the_server_is_called_outside_of_the_requests_transaction(
    transactional_db, admin_client, recording, what
):  # threats.md 43; the guard in conftest fails a call inside one
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        answer = admin_client.post(address(recording, what), typed())
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert answer.status_code == 302
