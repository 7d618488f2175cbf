"""Text tracks: what was sent, and what the server has taken in."""

import pytest

from django_bbb import api
from django_bbb.api import RecordingNotFound, ServerUnreachable
from django_bbb.exceptions import ReadOnly
from django_bbb.models import TextTrack
from django_bbb.services.servers import client_for
from django_bbb.services.text_tracks import refresh_text_tracks, send_text_track
from django_bbb.simulator.faults import HtmlAnswer

SUBRIP = b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n"

TOLD = api.TextTrack(href=api.SignedURL("https://bbb.example.org/1"), kind="captions", lang="en", label="", source="")


def send(recording, **more):
    facts = {"kind": "subtitles", "lang": "pt-BR", "label": "Português", "content": SUBRIP, "filename": "a.srt"}
    return send_text_track(recording=recording, **(facts | more))


def test_what_was_sent_is_there_and_then_taken_in(recording):
    sent = send(recording)

    (seen,) = refresh_text_tracks(recording=recording)

    assert (sent.seen_at, sent.sent_at is not None) == (None, True)
    assert seen.pk == sent.pk
    assert (seen.lang, seen.kind, seen.label, seen.seen_at is not None) == ("pt-BR", "subtitles", "Português", True)


def test_asked_again_it_was_seen_when_it_was_seen_first(recording):
    send(recording)
    (first,) = refresh_text_tracks(recording=recording)

    (second,) = refresh_text_tracks(recording=recording)

    assert second.seen_at == first.seen_at


def test_of_one_language_and_kind_there_is_one(recording):
    send(recording)
    refresh_text_tracks(recording=recording)

    again = send(recording, label="Better")

    assert TextTrack.objects.get() == again
    assert again.seen_at is None


def test_what_others_sent_is_heard_of(recording, server):
    client_for(server).recordings.put_recording_text_track(
        record_id=recording.record_id, kind="captions", lang="en", content=SUBRIP, filename="b.srt"
    )

    (found,) = refresh_text_tracks(recording=recording)

    assert (found.lang, found.kind, found.sent_at) == ("en", "captions", None)


def test_what_the_server_does_not_have_any_more_is_gone(recording, simulator):
    send(recording)
    refresh_text_tracks(recording=recording)
    simulator._text_tracks.clear()

    assert refresh_text_tracks(recording=recording) == []


def test_what_it_has_not_taken_in_yet_stays(recording, simulator):
    sent = send(recording)
    simulator._text_tracks.clear()

    assert refresh_text_tracks(recording=recording) == [sent]


def test_an_answer_that_could_not_be_read_whole_takes_nothing_away(recording):
    TextTrack.objects.mirror(recording, [TOLD], complete=True)

    TextTrack.objects.mirror(recording, [], complete=False)

    assert TextTrack.objects.count() == 1


def test_where_the_server_does_not_answer_nothing_is_noted(recording, simulator):
    simulator.faults.set(HtmlAnswer(status=503))

    with pytest.raises(ServerUnreachable):
        send(recording)
    with pytest.raises(ServerUnreachable):
        refresh_text_tracks(recording=recording)
    assert not TextTrack.objects.exists()


def test_a_recording_the_server_does_not_have_is_said(recording):
    recording.record_id = "0" * 40 + "-1700000000000"

    with pytest.raises(RecordingNotFound):
        refresh_text_tracks(recording=recording)


def test_a_copy_of_a_site_sends_nothing(recording, bbb):
    bbb["READ_ONLY"] = True

    with pytest.raises(ReadOnly):
        send(recording)
    assert not TextTrack.objects.exists()


def test_a_deleted_recording_keeps_none(recording):
    send(recording)

    recording.bury()

    assert not TextTrack.objects.exists()
