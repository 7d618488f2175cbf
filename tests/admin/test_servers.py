"""Servers in the admin: added with a secret that never comes out again, and taken out of service in panic."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from django_bbb.api import Secret
from django_bbb.models import MeetingSession, Server
from django_bbb.services.meetings import start_meeting
from django_bbb.simulator.faults import HtmlAnswer
from tests.conftest import SECRET

ADD = "admin:django_bbb_server_add"
FORM = {
    "name": "Added",
    "slug": "added",
    "url": "https://bbb.example.org",
    "kind": "bigbluebutton",
    "algorithm": "sha256",
    "state": "enabled",
    "weight": "100",
    "tags": '["exam"]',
    "secret": SECRET,
}


def change(server):
    return reverse("admin:django_bbb_server_change", args=[server.pk])


@pytest.fixture
def added(admin_client, server):
    admin_client.post(reverse(ADD), FORM)
    return Server.objects.get(slug="added")


class TestForm:
    def test_a_server_is_added(self, added):
        assert added.url == "https://bbb.example.org/bigbluebutton/api/"
        assert (added.declared, added.tags, added.secrets) == (False, ["exam"], (Secret(SECRET),))

    def test_the_secret_stands_on_no_page_and_in_no_log(self, admin_client, added):
        pages = [
            admin_client.get(change(added)),
            admin_client.get(reverse("admin:django_bbb_server_history", args=[added.pk])),
            admin_client.post(reverse(ADD), FORM | {"url": "nonsense", "previous_secret": SECRET}),
        ]

        assert [one.status_code for one in pages] == [200, 200, 200]
        assert not any(SECRET in one.content.decode() for one in pages)
        assert not any(added.encrypted_secret in one.content.decode() for one in pages)
        assert SECRET not in str(list(LogEntry.objects.values()))

    def test_without_a_secret_it_is_refused(self, admin_client, server):
        answer = admin_client.post(reverse(ADD), FORM | {"secret": "  "})

        assert "without a secret" in answer.content.decode()
        assert Server.objects.count() == 1

    def test_an_empty_secret_keeps_the_one_there_is(self, admin_client, added):
        admin_client.post(change(added), FORM | {"secret": "", "weight": "7"})

        added.refresh_from_db()
        assert (added.weight, added.secrets) == (7, (Secret(SECRET),))

    def test_a_new_secret_goes_on_taking_the_one_before(self, admin_client, added):
        admin_client.post(change(added), FORM | {"secret": "new" * 20})

        added.refresh_from_db()
        assert added.secrets == (Secret("new" * 20), Secret(SECRET))

    def test_in_two_steps_both_are_taken_all_the_time(self, admin_client, added):
        new = Secret("new" * 20)
        steps = [
            ({"secret": "", "previous_secret": new.reveal()}, (Secret(SECRET), new)),
            ({"secret": new.reveal()}, (new, Secret(SECRET))),
            ({"secret": "", "forget_previous": "on"}, (new,)),
        ]
        for typed, taken in steps:
            admin_client.post(change(added), FORM | typed)

            added.refresh_from_db()
            assert added.secrets == taken

    @pytest.mark.parametrize("url", ["http://bbb.example.org", "https://169.254.169.254/", "https://127.0.0.1/"])
    def test_an_address_that_must_not_be_typed_is_explained_at_its_field(self, admin_client, server, url):
        answer = admin_client.post(reverse(ADD), FORM | {"url": url})

        assert list(answer.context["adminform"].form.errors) == ["url"]

    def test_its_slug_stays(self, admin_client, added):
        admin_client.post(change(added), FORM | {"slug": "other"})

        added.refresh_from_db()
        assert added.slug == "added"

    def test_only_who_may_add_servers_can(self, client, person, server):
        client.force_login(person("staff", is_staff=True, permissions=("view_server", "change_server")))

        assert client.post(reverse(ADD), FORM).status_code == 403

    def test_who_may_only_look_sees_no_secret_to_fill_in(self, client, person, added):
        client.force_login(person("staff", is_staff=True, permissions=("view_server",)))

        text = client.get(change(added)).content.decode()

        assert 'type="password"' not in text
        assert added.encrypted_secret not in text

    def test_a_declared_one_asks_for_none(self, admin_client, server):
        text = admin_client.get(change(server)).content.decode()

        assert 'type="password"' not in text
        assert 'name="tags"' in text

    def test_tags_of_the_settings_are_not_edited(self, admin_client, server, bbb):
        bbb["SERVERS"]["default"]["TAGS"] = ["exam"]

        assert 'name="tags"' not in admin_client.get(change(server)).content.decode()


class TestPanic:
    def act(self, client, server, **more):
        data = {"action": "panic_selected", "_selected_action": [server.pk], **more}
        return client.post(reverse("admin:django_bbb_server_changelist"), data, follow=True).content.decode()

    def test_it_asks_first(self, admin_client, server, meeting, simulator):
        start_meeting(meeting=meeting)

        text = self.act(admin_client, server)

        server.refresh_from_db()
        assert "everybody leaves" in text
        assert (server.state, list(simulator.meetings)) == ("enabled", [meeting.meeting_id])

    def test_confirmed_it_disables_and_ends(self, admin_client, server, meeting, simulator):
        start_meeting(meeting=meeting)

        text = self.act(admin_client, server, confirmed="yes")

        server.refresh_from_db()
        assert "Default is disabled, 1 class ended." in text
        assert (server.state, list(simulator.meetings)) == ("disabled", [])
        assert LogEntry.objects.get().change_message == "Disabled in panic."

    def test_what_could_not_be_ended_is_told(self, admin_client, server, meeting, simulator):
        start_meeting(meeting=meeting)
        simulator.faults.set(HtmlAnswer(status=500), call="end")

        text = self.act(admin_client, server, confirmed="yes")

        assert "may still run on default" in text
        assert MeetingSession.objects.open().count() == 1

    def test_without_the_permission_nothing_happens(self, client, person, server, meeting, simulator):
        start_meeting(meeting=meeting)
        permissions = ("view_server", "change_server", "add_server", "end_any_meeting")
        client.force_login(person("staff", is_staff=True, permissions=permissions))

        text = self.act(client, server, confirmed="yes")

        server.refresh_from_db()
        assert 'value="panic_selected"' not in text
        assert (server.state, list(simulator.meetings)) == ("enabled", [meeting.meeting_id])
