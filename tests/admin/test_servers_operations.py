"""Buttons of a server: what each does, whom it is offered, and who is told no."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client, override_settings
from django.urls import include, path, reverse

from django_bbb.admin.server_operations import ServerOperations
from django_bbb.models import MeetingSession, Server
from django_bbb.services import polling
from django_bbb.services.meetings import start_meeting
from django_bbb.simulator.faults import HtmlAnswer
from tests.conftest import SECRET

OPERATIONS = ("test", "enable", "drain", "disable", "panic")
ALL_BUT = {
    "test": ("view_server", "change_server", "panic_server"),
    "enable": ("view_server", "test_server", "panic_server"),
    "drain": ("view_server", "test_server", "panic_server"),
    "disable": ("view_server", "test_server", "panic_server"),
    "panic": ("view_server", "change_server", "test_server", "end_any_meeting"),
}
other_site = admin.AdminSite(name="other")
other_site.register(Server, type(admin.site._registry[Server]))
urlpatterns = [path("other/", other_site.urls), path("", include("config.urls"))]


def button(server, name):
    return reverse(f"admin:django_bbb_server_{name}", args=[server.pk])


def page(server):
    return reverse("admin:django_bbb_server_change", args=[server.pk])


def told(response):
    return [(one.level_tag, one.message) for one in response.context["messages"]]


@pytest.fixture
def staff(client, person):
    def log_in(*permissions):
        client.force_login(person("staff", is_staff=True, permissions=permissions))
        return client

    return log_in


@pytest.fixture
def running(meeting, simulator):
    start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator", user_id="u1")
    polling.poll_servers()
    return meeting


class TestPermissions:
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_who_has_all_but_the_permission_gets_a_no_and_no_button(self, staff, server, running, simulator, name):
        Server.objects.update(state="disabled" if name == "enable" else "enabled")
        before = Server.objects.values().get()
        client = staff(*ALL_BUT[name])
        simulator.clear_journal()

        answer = client.post(button(server, name), {"confirmed": "yes"})

        assert answer.status_code == 403
        assert f'formaction="{button(server, name)}"' not in client.get(page(server)).content.decode()
        assert Server.objects.values().get() == before
        assert (simulator.journal, list(simulator.meetings)) == ([], [running.meeting_id])

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_the_permission_alone_is_enough_for_the_action_it_names(self, staff, server, name):
        Server.objects.update(state="disabled" if name == "enable" else "enabled")
        permission = {"test": "test_server", "panic": "panic_server"}.get(name, "change_server")
        client = staff("view_server", permission)

        assert f'formaction="{button(server, name)}"' in client.get(page(server)).content.decode()
        assert client.post(button(server, name), {"confirmed": "yes"}).status_code == 302

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_actions_of_the_list_are_offered_to_the_same_people(self, staff, server, name):
        text = staff(*ALL_BUT[name]).get(reverse("admin:django_bbb_server_changelist")).content.decode()

        assert f'value="{name}_selected"' not in text

    def test_who_only_looks_is_offered_nothing(self, staff, server):
        client = staff("view_server")
        text = client.get(page(server)).content.decode()

        assert "formaction" not in text
        assert "Rotate secret" not in text
        assert client.get(reverse("admin:django_bbb_server_rotate", args=[server.pk])).status_code == 403

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_a_permission_for_some_servers_is_asked_for_each(self, admin_client, server, monkeypatch, name):
        other = Server.objects.create(slug="other", name="Other", url=server.url)
        permission = {"test": "test", "panic": "panic"}.get(name, "change")
        model_admin = admin.site._registry[Server]
        only_other = lambda request, obj=None: obj is None or obj == other  # noqa: E731
        monkeypatch.setattr(model_admin, f"has_{permission}_permission", only_other, raising=False)
        data = {"action": f"{name}_selected", "_selected_action": [server.pk, other.pk], "confirmed": "yes"}

        answer = admin_client.post(reverse("admin:django_bbb_server_changelist"), data)

        assert (answer.status_code, admin_client.post(button(server, name)).status_code) == (403, 403)
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_strangers_are_sent_to_the_login(self, client, server, name):
        assert client.post(button(server, name)).status_code == 302
        assert Server.objects.get().state == "enabled"


class TestRequests:
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_looking_changes_nothing(self, admin_client, server, running, simulator, name):
        before = Server.objects.values().get()
        simulator.clear_journal()

        answer = admin_client.get(button(server, name), {"confirmed": "yes"})

        assert answer.status_code == 405
        assert (Server.objects.values().get(), simulator.journal) == (before, [])

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_a_server_that_is_gone_is_a_404(self, admin_client, server, name):
        assert admin_client.post(reverse(f"admin:django_bbb_server_{name}", args=[server.pk + 1])).status_code == 404

    @pytest.mark.parametrize("name", OPERATIONS)
    def test_without_a_token_it_is_refused(self, admin_user, server, name):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(admin_user)

        assert strict.post(button(server, name), {"confirmed": "yes"}).status_code == 403

    @pytest.mark.parametrize("name", [*OPERATIONS, "rotate"])
    def test_no_transaction_is_open_while_a_server_may_be_called(self, admin_client, server, monkeypatch, name):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        usual, seen = len(connection.atomic_blocks), []
        require = ServerOperations.require

        def watched(*args):  # asked in the view; the call itself may be in a thread with a connection of its own
            seen.append(len(connection.atomic_blocks))
            return require(*args)

        monkeypatch.setattr(ServerOperations, "require", watched)

        admin_client.post(button(server, name), {"confirmed": "yes"})

        assert seen
        assert set(seen) == {usual}

    @override_settings(ROOT_URLCONF=__name__)
    def test_on_another_admin_site_it_stays_there(self, admin_client, server):
        text = admin_client.get(f"/other/django_bbb/server/{server.pk}/change/").content.decode()

        answer = admin_client.post(f"/other/django_bbb/server/{server.pk}/drain/")

        assert f'formaction="/other/django_bbb/server/{server.pk}/drain/"' in text
        assert f'href="/other/django_bbb/server/{server.pk}/rotate/"' in text
        assert answer.headers["Location"] == f"/other/django_bbb/server/{server.pk}/change/"

    @override_settings(ROOT_URLCONF=__name__)
    @pytest.mark.parametrize("page", ["", "load/", "{}/load/", "{}/rotate/", "{}/change/"])
    def test_no_page_of_another_admin_site_leads_to_the_usual_one(self, admin_client, server, page):
        answer = admin_client.get(f"/other/django_bbb/server/{page.format(server.pk)}")

        assert answer.status_code == 200
        assert 'href="/admin/' not in answer.content.decode()

    @override_settings(ROOT_URLCONF=__name__)
    def test_the_question_stays_on_another_admin_site_too(self, admin_client, server):
        text = admin_client.post(f"/other/django_bbb/server/{server.pk}/panic/").content.decode()

        assert "Disable this server and end all our classes there?" in text
        assert 'href="/admin/' not in text


class TestConnection:
    def test_one_that_is_well_is_told_so(self, admin_client, server):
        answer = admin_client.post(button(server, "test"), follow=True)

        ((level, text),) = told(answer)
        assert (level, "answers and takes our checksum" in text) == ("success", True)
        assert LogEntry.objects.get().change_message == "Tested the connection: reachable."

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"url": "http://nowhere.invalid/bigbluebutton/api/"}, "has a name that does not resolve"),
            ({"url": "http://127.0.0.1:9/bigbluebutton/api/"}, "refused the connection"),
            ({"algorithm": "sha512"}, ""),
        ],
    )
    def test_causes_are_told_apart(self, admin_client, server, facts, words):
        Server.objects.update(**facts)

        answer = admin_client.post(button(server, "test"), follow=True)

        ((level, text),) = told(answer)
        assert (level, words in text) == ("error" if words else "success", True)

    def test_a_wrong_secret_is_told(self, admin_client, server, bbb):
        bbb["SERVERS"]["default"]["SECRET"] = "wrong"

        ((level, text),) = told(admin_client.post(button(server, "test"), follow=True))

        assert (level, "does not take our secret" in text) == ("error", True)
        assert SECRET not in text

    def test_the_address_that_works_is_suggested(self, admin_client, server, simulator):
        Server.objects.update(url=simulator.url.replace("/bigbluebutton/api/", "/learn/"))

        ((level, text),) = told(admin_client.post(button(server, "test"), follow=True))

        assert (level, f"It is at {simulator.url}" in text) == ("error", True)

    def test_several_are_each_told_of(self, admin_client, server):
        other = Server.objects.create(slug="other", name="Other", url=server.url)
        data = {"action": "test_selected", "_selected_action": [server.pk, other.pk]}

        answer = admin_client.post(reverse("admin:django_bbb_server_changelist"), data, follow=True)

        assert sorted(level for level, _text in told(answer)) == ["error", "success"]


class TestState:
    @pytest.mark.parametrize(
        ("name", "state"), [("enable", "enabled"), ("drain", "draining"), ("disable", "disabled")]
    )
    def test_it_is_set_logged_and_said(self, admin_client, server, simulator, name, state):
        Server.objects.update(state="draining" if name == "enable" else "enabled")
        simulator.clear_journal()

        answer = admin_client.post(button(server, name), {"confirmed": "yes"}, follow=True)

        assert Server.objects.get().state == state
        assert LogEntry.objects.get().change_message == f"Set to {state}."
        assert [level for level, _text in told(answer)] == ["success"]
        assert simulator.journal == []

    def test_what_is_so_already_is_not_offered(self, admin_client, server):
        text = admin_client.get(page(server)).content.decode()

        assert button(server, "enable") not in text
        assert button(server, "drain") in text

    def test_disabling_asks_first(self, admin_client, server):
        text = admin_client.post(button(server, "disable")).content.decode()

        assert "draining is kinder" in text
        assert Server.objects.get().state == "enabled"

    def test_many_are_told_of_once_with_a_count(self, admin_client, server):
        Server.objects.create(slug="other", name="Other", url=server.url)
        pks = list(Server.objects.values_list("pk", flat=True))
        data = {"action": "drain_selected", "_selected_action": pks}

        answer = admin_client.post(reverse("admin:django_bbb_server_changelist"), data, follow=True)

        assert told(answer) == [("success", "2 servers take no new classes; those that run go on.")]

    def test_one_that_is_gone_from_the_settings_is_not_enabled(self, admin_client, server):
        Server.objects.create(slug="gone", name="Gone", url=server.url, declared=True, state="disabled")
        pks = list(Server.objects.values_list("pk", flat=True))
        data = {"action": "enable_selected", "_selected_action": pks}

        answer = admin_client.post(reverse("admin:django_bbb_server_changelist"), data, follow=True)

        assert told(answer) == [
            ("error", "“Gone” is as it was: it is gone from the settings."),
            ("success", "1 server is enabled."),
        ]
        assert Server.objects.get(slug="gone").state == "disabled"


class TestPanic:
    def test_it_asks_first_and_says_how_many(self, admin_client, server, running, simulator):
        text = admin_client.post(button(server, "panic")).content.decode()

        assert "1 class of this site" in text
        assert "1 person inside" in text
        assert (Server.objects.get().state, list(simulator.meetings)) == ("enabled", [running.meeting_id])

    def test_the_page_that_asks_answers_to_its_own_address(self, admin_client, server, running, simulator):
        admin_client.post(button(server, "panic"))

        answer = admin_client.post(button(server, "panic"), {"confirmed": "yes"}, follow=True)

        assert told(answer) == [("success", "default is disabled, 1 class ended.")]
        assert (Server.objects.get().state, list(simulator.meetings)) == ("disabled", [])

    def test_the_answer_to_the_lists_question_goes_to_the_list(self, admin_client, server, running):
        data = {"action": "panic_selected", "_selected_action": [server.pk]}

        text = admin_client.post(reverse("admin:django_bbb_server_changelist"), data).content.decode()

        assert '<input type="hidden" name="action" value="panic_selected">' in text
        assert f'<input type="hidden" name="_selected_action" value="{server.pk}">' in text

    def test_what_could_not_be_ended_is_told(self, admin_client, server, running, simulator):
        simulator.faults.set(HtmlAnswer(status=500), call="end")

        answer = admin_client.post(button(server, "panic"), {"confirmed": "yes"}, follow=True)

        assert [level for level, _text in told(answer)] == ["error", "success"]
        assert MeetingSession.objects.open().count() == 1
