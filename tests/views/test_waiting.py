"""The status, as pages ask for it."""

import pytest
from django.urls import reverse

from django_bbb.api import Role
from django_bbb.services import meetings
from django_bbb.services.joining import Admission
from django_bbb.services.waiting import status_address


@pytest.fixture
def address(meeting):
    return status_address(meeting=meeting, admission=Admission(Role.VIEWER))


def test_it_tells_the_state_and_when_to_ask_again(client, address):
    answer = client.get(address)

    assert answer.json()["state"] == "waiting"
    assert int(answer["Retry-After"]) >= answer.json()["pause"]
    assert "no-cache" in answer["Cache-Control"]


def test_as_long_as_nothing_happens_it_is_short(client, address):
    etag = client.get(address)["ETag"]

    answer = client.get(address, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert int(answer["Retry-After"]) >= 1


def test_news_is_told_in_full(client, address, meeting):
    etag = client.get(address)["ETag"]
    meetings.start_meeting(meeting=meeting)

    answer = client.get(address, headers={"If-None-Match": etag})

    assert answer.json()["state"] == "open"


def test_neither_session_nor_user_is_loaded(client, student, address, django_assert_num_queries):
    client.force_login(student)

    with django_assert_num_queries(1):
        client.get(address)


def test_it_tells_no_stranger_anything(client):
    answer = client.get(reverse("django_bbb:status", kwargs={"token": "made:up"}))

    assert (answer.status_code, answer.json()) == (410, {"state": "expired"})


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_a_site_that_asks_for_a_login_everywhere_makes_an_exception(client, address, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]

    assert client.get(address).status_code == 200
