"""Pictures of recordings come from this site, for those who may watch, from nowhere else."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from django_bbb.api import Reply
from django_bbb.models import Meeting, Playback, Recording
from django_bbb.services import syncing, thumbnails
from django_bbb.simulator.faults import Hang, HtmlAnswer


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def playback(meeting, server, simulator):
    simulator.add_recording(meeting.meeting_id)
    syncing.sync_recordings(server=server)
    simulator.clear_journal()
    return Playback.objects.exclude(thumbnails=[]).get()


def address(playback, number=0):
    return reverse("django_bbb:thumbnail", kwargs={"pk": playback.pk, "number": number})


def look(client, playback, number=0):
    return client.get(address(playback, number))


@pytest.fixture
def replies(monkeypatch):
    """Answer in place of a recording's server, which the simulator does as BigBlueButton does."""
    asked = []

    class Canned:
        reply = thumbnails.RequestsTransport

        def __init__(self, **options):
            asked.append(options)

        def send(self, method, url, **more):
            asked.append(url)
            return Canned.reply

    def answer(status=200, body=b"x", **headers):
        Canned.reply = thumbnails_reply(status, body, headers)
        return asked

    monkeypatch.setattr(thumbnails, "RequestsTransport", Canned)
    return answer


def thumbnails_reply(status, body, headers):
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class TestWhoSeesIt:
    def test_a_member_does(self, client, student, playback):
        client.force_login(student)

        answer = look(client, playback)

        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer.content.startswith(b"\x89PNG")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "private" in answer["Cache-Control"]

    def test_others_do_not_although_it_is_in_the_cache(self, client, student, playback):
        client.force_login(student)
        look(client, playback)
        Meeting.objects.update(access=Meeting.Access.MEMBERS)

        assert look(client, playback).status_code == 404
        client.logout()
        assert look(client, playback).status_code == 404

    def test_nobody_is_asked_for_who_may_not_watch(self, client, playback, simulator, monkeypatch):
        monkeypatch.setattr(thumbnails, "RequestsTransport", None)  # would fail

        assert look(client, playback).status_code == 404

    @pytest.mark.parametrize(
        "change",
        [
            {"published": False},
            {"protected": True},
            {"trashed_at": "2026-01-01T00:00Z"},
            {"deleted_at": "2026-01-01T00:00Z"},
            {"expires_at": "2026-01-01T00:00Z"},
            {"missing_since": "2026-01-01T00:00Z"},
        ],
    )
    def test_of_what_cannot_be_watched_nobody_does(self, client, teacher, playback, change):
        Recording.objects.update(**change)
        client.force_login(teacher)

        assert look(client, playback).status_code == 404

    @pytest.mark.parametrize("number", [3, 99])
    def test_there_are_not_more_than_there_are(self, client, teacher, playback, number):
        client.force_login(teacher)

        assert look(client, playback, number).status_code == 404

    def test_it_is_only_looked_at(self, client, teacher, playback):
        client.force_login(teacher)

        assert client.post(address(playback)).status_code == 405


class TestWhereItComesFrom:
    @pytest.fixture(autouse=True)
    def signed_in(self, client, teacher):
        client.force_login(teacher)

    def test_it_is_asked_for_once(self, client, playback, replies):
        asked = replies(Content_Type="image/jpeg", body=b"jpeg")

        pictures = [look(client, playback) for _again in range(3)]

        assert [one.content for one in pictures] == [b"jpeg"] * 3
        assert len([one for one in asked if isinstance(one, str)]) == 1

    @pytest.mark.parametrize(
        "told",
        [
            "https://evil.example/thumb.png",
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            "gopher://{own}/x.png",
            "https://{own}/x.png",
            "http://{own}@evil.example/x.png",
            "http://evil.example#@{own}/x.png",
            "http://{own}\\@evil.example/x.png",
            "http://{own}.evil.example/x.png",
            "http://127.0.0.1:1/x.png",
            "http://{own}/x y.png",
            "http://{own}:99999999/x.png",
            "",
        ],
    )
    def test_nothing_is_fetched_from_elsewhere(self, client, playback, replies, simulator, told):
        asked = replies(Content_Type="image/png")
        own = simulator.address.partition("://")[2]
        Playback.objects.update(thumbnails=[{"url": told.format(own=own), "alt": "Slide"}])

        assert look(client, playback).status_code == 404
        assert asked == []

    def test_hosts_in_the_settings_are_asked_too(self, client, playback, replies, bbb):
        bbb["RECORDING_HOSTS"] = ["Rec.example.org", "other.example.org:8443"]
        asked = replies(Content_Type="image/png")
        found = []
        for told in (
            "https://rec.example.org/1.png",
            "https://other.example.org:8443/2.png",
            "https://other.example.org/3.png",
        ):
            Playback.objects.update(thumbnails=[{"url": told, "alt": "Slide"}])
            found.append(look(client, playback).status_code)

        assert found == [200, 200, 404]
        assert [one for one in asked if isinstance(one, str)] == [
            "https://rec.example.org/1.png",
            "https://other.example.org:8443/2.png",
        ]

    @pytest.mark.parametrize(
        ("status", "content_type"),
        [
            (200, "text/html"),
            (200, "image/svg+xml"),
            (200, ""),
            (302, "image/png"),
            (404, "image/png"),
            (206, "image/png"),
        ],
    )
    def test_only_pictures_are_passed_on(self, client, playback, replies, status, content_type):
        asked = replies(status, b"<script>", Content_Type=content_type, Location="http://evil.example/")

        assert look(client, playback).status_code == 404
        assert look(client, playback).status_code == 404
        assert len([one for one in asked if isinstance(one, str)]) == 1  # a no is kept for a while as well

    def test_no_redirect_is_followed(self, client, playback, simulator):
        simulator.faults.set(HtmlAnswer(status=302))
        Playback.objects.update(thumbnails=[{"url": f"{simulator.url}getMeetings?moved", "alt": "Slide"}])

        assert look(client, playback).status_code == 404

    def test_what_is_too_large_is_none(self, client, playback, monkeypatch):
        monkeypatch.setattr(thumbnails, "MOST_BYTES", 100)

        assert look(client, playback).status_code == 404

    def test_a_server_that_says_nothing_is_not_waited_for_with_each(self, client, playback, simulator, monkeypatch):
        monkeypatch.setattr(thumbnails, "_DEADLINE", 0.2)
        simulator.faults.set(Hang(), call="getMeetings")
        hangs = {"url": f"{simulator.url}getMeetings", "alt": "Slide"}
        Playback.objects.update(thumbnails=[hangs, {**hangs, "url": f"{simulator.url}getMeetings?2"}])

        assert [look(client, playback, number).status_code for number in (0, 1)] == [404, 404]
        assert len(simulator.calls("getMeetings")) == 1


def test_a_page_of_the_site_shows_no_address_of_a_server(client, student, playback, simulator, meeting):
    client.force_login(student)

    text = client.get(meeting.get_absolute_url()).content.decode()

    assert address(playback) in text
    assert f'src="{simulator.address}' not in text
