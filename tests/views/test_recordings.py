"""Watching recordings: the right is asked for at each click."""

import pytest
from django.urls import reverse

from django_bbb.models import Meeting, Playback, Recording
from django_bbb.simulator import CloseConnection


@pytest.fixture
def playback(meeting, server):
    recording = Recording.objects.create(server=server, record_id="r-1", meeting=meeting, published=True)
    return Playback.objects.create(recording=recording, type="presentation", url="https://bbb.example.org/playback/1")


def test_whoever_may_join_may_watch(client, student, playback):
    client.force_login(student)

    answer = client.get(playback.get_absolute_url())

    assert (answer.status_code, answer["Location"]) == (302, "https://bbb.example.org/playback/1")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_others_learn_nothing(client, student, playback):  # threats.md 93, 99
    Meeting.objects.update(access=Meeting.Access.MEMBERS)
    client.force_login(student)

    assert client.get(playback.get_absolute_url()).status_code == 404
    assert client.get("/bbb/playback/99999/").status_code == 404


def test_without_a_login_there_is_nothing(client, playback):
    assert client.get(playback.get_absolute_url()).status_code == 404


def test_a_guest_watches_what_a_code_opens(client, meeting, playback):
    Meeting.objects.update(access=Meeting.Access.CODE, viewer_code="learn-now")
    before = client.get(playback.get_absolute_url())
    door = reverse("django_bbb:door", kwargs={"meeting_id": meeting.meeting_id})
    client.post(door, {"code": "learn-now", "name": "Eva"})

    assert before.status_code == 404
    assert client.get(playback.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("change", [{"published": False}, {"deleted_at": "2026-01-01T00:00Z"}])
def test_what_is_not_published_cannot_be_watched(client, teacher, playback, change):  # threats.md 94
    Recording.objects.update(**change)
    client.force_login(teacher)

    assert client.get(playback.get_absolute_url()).status_code == 404


def test_one_of_no_meeting_is_for_staff_with_the_permission(client, person, student, playback):
    Recording.objects.update(meeting=None)
    client.force_login(student)
    refused = client.get(playback.get_absolute_url())
    client.force_login(person("support", permissions=("view_recording",)))

    assert refused.status_code == 404
    assert client.get(playback.get_absolute_url()).status_code == 302


def test_an_address_that_was_no_web_address_goes_nowhere(client, teacher, playback):
    Playback.objects.update(url="")
    client.force_login(teacher)

    assert client.get(playback.get_absolute_url()).status_code == 404


@pytest.fixture
def protected(simulator, meeting, server):
    """A protected recording, on the server and here."""
    there = simulator.add_recording(meeting.meeting_id, protected=True)
    recording = Recording.objects.create(
        server=server, record_id=there.record_id, meeting=meeting, published=True, protected=True
    )
    return Playback.objects.create(recording=recording, type="presentation", url="https://bbb.example.org/used-up")


def test_a_protected_one_has_a_new_address_for_each_click(client, student, protected, simulator):
    client.force_login(student)

    addresses = [client.get(protected.get_absolute_url())["Location"] for _click in range(2)]

    assert len(set(addresses)) == 2
    assert all(one.startswith(simulator.address) and "token=" in one for one in addresses)
    assert not Playback.objects.filter(url__contains="token=").exists()  # it opens once: nobody else needs it


def test_nobody_asks_for_a_protected_one_who_may_not_watch_it(client, student, protected, simulator):
    Meeting.objects.update(access=Meeting.Access.MEMBERS)
    client.force_login(student)

    assert client.get(protected.get_absolute_url()).status_code == 404
    assert simulator.calls("getRecordings") == []


def test_one_that_is_gone_from_its_server_is_not_found(client, student, protected, simulator):
    simulator.hide_recording(protected.recording.record_id)
    client.force_login(student)

    assert client.get(protected.get_absolute_url()).status_code == 404


def test_a_server_that_is_away_is_told(client, student, protected, simulator):
    simulator.faults.set(CloseConnection(), call="getRecordings")
    client.force_login(student)

    answer = client.get(protected.get_absolute_url())

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "does not answer" in answer.content.decode()
