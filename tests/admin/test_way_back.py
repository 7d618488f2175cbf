"""Where one is after an operation, or after a no: on the page whose button one pressed, or in the list."""

import re

import pytest
from django.urls import reverse

from django_bbb.models import Recording
from django_bbb.services.meetings import start_meeting


def address(model, page="changelist", *keys):
    return reverse(f"admin:django_bbb_{model}_{page}", args=keys)


def pressed(answer, action):
    """Return what the browser sends when a button on the page of a meeting is pressed."""
    (form,) = re.findall(r'<form method="post" class="bbb-operations" action=.*?</form>', answer, re.DOTALL)
    assert f'value="{action}"' in form
    return hidden(form) | {"action": action}


def hidden(text):
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', text))


def no(answer):
    """Return where *No, take me back* leads to."""
    (link,) = re.findall(r'<a href="([^"]+)" class="(?:button cancel-link|closelink)">', answer.content.decode())
    return link


class TestMeetings:
    @pytest.fixture
    def page(self, meeting):
        start_meeting(meeting=meeting)
        return address("meeting", "change", meeting.pk)

    @pytest.mark.parametrize(
        ("action", "asks", "typed"),
        [
            ("sync_selected", False, {}),
            ("clone_selected", False, {}),
            ("end_selected", True, {}),
            ("message_selected", True, {"text": "Hello"}),
        ],
    )
    def test_a_button_comes_back_to_its_page(self, admin_client, page, action, asks, typed):
        data = pressed(admin_client.get(page).content.decode(), action)

        answer = admin_client.post(address("meeting"), data)
        if asks:
            assert no(answer) == page
            answer = admin_client.post(address("meeting"), data | hidden(answer.content.decode()) | typed)

        assert (answer.status_code, answer["Location"]) == (302, page)

    def test_so_does_moving(self, admin_client, meeting):
        page = address("meeting", "change", meeting.pk)
        data = pressed(admin_client.get(page).content.decode(), "move_selected")

        answer = admin_client.post(address("meeting"), data | {"confirmed": "yes", "server": ""})

        assert (answer.status_code, answer["Location"]) == (302, page)

    def test_the_list_comes_back_to_the_list(self, admin_client, page, meeting):
        data = {"action": "end_selected", "_selected_action": [meeting.pk]}

        asked = admin_client.post(address("meeting") + "?access__exact=signed_in", data)
        done = admin_client.post(address("meeting") + "?access__exact=signed_in", data | {"confirmed": "yes"})

        assert no(asked) == address("meeting")
        assert done["Location"] == address("meeting") + "?access__exact=signed_in"


class TestServers:
    @pytest.mark.parametrize("operation", ["test", "drain", "disable", "panic"])
    def test_a_button_comes_back_to_its_page(self, admin_client, server, operation):
        page, where = address("server", "change", server.pk), address("server", operation, server.pk)

        answer = admin_client.post(where)
        if answer.status_code == 200:
            assert no(answer) == page
            answer = admin_client.post(where, hidden(answer.content.decode()))

        assert (answer.status_code, answer["Location"]) == (302, page)

    def test_the_list_comes_back_to_the_list(self, admin_client, server):
        answer = admin_client.post(address("server"), {"action": "disable_selected", "_selected_action": [server.pk]})

        assert no(answer) == address("server")


class TestRecordings:
    @pytest.fixture
    def recording(self, server, simulator, meeting):
        remote = simulator.add_recording(meeting.meeting_id, name="Lesson")
        return Recording.objects.create(server=server, record_id=remote.record_id, meeting=meeting, published=True)

    @pytest.mark.parametrize(
        ("act", "typed"),
        [("unpublish", {}), ("rename", {"with-title": "Fractions"}), ("audience", {"with-audience": "anyone"})],
    )
    def test_a_link_comes_back_to_its_page(self, admin_client, recording, act, typed):
        page, where = address("recording", "change", recording.pk), address("recording", act, recording.pk)

        asked = admin_client.get(where)
        done = admin_client.post(where, hidden(asked.content.decode()) | typed)

        assert no(asked) == page
        assert (done.status_code, done["Location"]) == (302, page)

    def test_one_that_is_gone_leads_to_the_list(self, admin_client, recording):
        where = address("recording", "delete_for_good", recording.pk)

        done = admin_client.post(where, {"confirmed": "yes"})

        assert (done.status_code, done["Location"]) == (302, address("recording"))

    def test_the_list_comes_back_to_the_list(self, admin_client, recording):
        data = {"action": "rename_selected", "_selected_action": [recording.pk]}

        assert no(admin_client.post(address("recording"), data)) == address("recording")
