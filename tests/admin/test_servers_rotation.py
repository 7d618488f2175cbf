"""A secret is replaced in two steps; neither is ever shown."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_bbb.api import Secret
from django_bbb.models import Server
from django_bbb.services import servers
from tests.conftest import SECRET

NEW = "a-new-secret-that-is-long-enough-for-anybody"


@pytest.fixture
def added(server, simulator):
    found = Server(slug="added", name="Added", url=simulator.url)
    found.remember_secret(Secret(SECRET))
    found.save()
    return found


def address(server):
    return reverse("admin:django_bbb_server_rotate", args=[server.pk])


def secrets(server):
    return Server.objects.get(pk=server.pk).secrets


def told(response):
    return [one.level_tag for one in response.context["messages"]]


def test_typed_it_is_taken_for_callbacks_and_nothing_is_called(admin_client, added, simulator):
    answer = admin_client.post(address(added), {"new_secret": NEW}, follow=True)

    assert secrets(added) == (Secret(SECRET), Secret(NEW))
    assert told(answer) == ["success"]
    assert simulator.journal == []
    assert LogEntry.objects.get().change_message == "Typed the secret to come."


def test_nothing_is_changed_until_the_server_takes_it(admin_client, added):
    admin_client.post(address(added), {"new_secret": NEW})

    answer = admin_client.post(address(added), {"use": "yes"}, follow=True)

    assert secrets(added) == (Secret(SECRET), Secret(NEW))
    assert told(answer) == ["success", "error"]
    assert "does not take the new secret yet" in answer.content.decode()


def test_once_the_server_takes_it_it_is_the_present_one(admin_client, added, simulator):
    # The other way round: the simulator cannot change its secret, so the row begins with the wrong one.
    added.remember_secret(Secret(NEW))
    added.save()

    answer = admin_client.post(address(added), {"use": "yes"}, follow=True)

    assert secrets(added) == (Secret(SECRET), Secret(NEW))
    assert told(answer) == ["success"]
    assert LogEntry.objects.get().change_message == "Made the other secret the present one."
    assert not {SECRET, NEW} & set(answer.content.decode().split('"'))


def test_neither_secret_stands_on_the_page_or_in_the_log(admin_client, added):
    pages = [
        admin_client.post(address(added), {"new_secret": NEW}, follow=True),
        admin_client.post(address(added), {"new_secret": NEW[:20]}),
        admin_client.get(address(added)),
    ]

    assert not any(secret in one.content.decode() for one in pages for secret in (SECRET, NEW, NEW[:20]))
    assert NEW not in str(list(LogEntry.objects.values()))


@pytest.mark.parametrize("typed", ["", "   ", "too short"])
def test_what_is_no_secret_is_refused(admin_client, added, typed):
    text = admin_client.post(address(added), {"new_secret": typed}).content.decode()

    assert "errorlist" in text
    assert secrets(added) == (Secret(SECRET),)


def test_without_another_secret_there_is_none_to_use(admin_client, added):
    answer = admin_client.post(address(added), {"use": "yes"}, follow=True)

    assert told(answer) == ["error"]
    assert secrets(added) == (Secret(SECRET),)


def test_of_a_declared_server_it_says_what_to_type(admin_client, server):
    text = admin_client.get(address(server)).content.decode()
    admin_client.post(address(server), {"new_secret": NEW})

    assert "PREVIOUS_SECRET" in text
    assert 'type="password"' not in text
    assert Server.objects.get(pk=server.pk).encrypted_previous_secret == ""


def test_it_needs_the_permission_to_change_servers(client, person, added):
    client.force_login(person("staff", is_staff=True, permissions=("view_server", "test_server", "panic_server")))

    assert client.get(address(added)).status_code == 403
    assert client.post(address(added), {"new_secret": NEW}).status_code == 403
    assert secrets(added) == (Secret(SECRET),)


def test_what_somebody_else_has_changed_meanwhile_stays(added):
    mine = Server.objects.get(pk=added.pk)
    servers.expect_secret(server=mine, secret=Secret(NEW))
    servers.expect_secret(server=added, secret=Secret("of somebody else"))

    assert servers.use_other_secret(server=mine) is False
    assert secrets(added) == (Secret(SECRET), Secret("of somebody else"))
