"""The list of servers, and the pages of their load: what polls saw, and nobody is asked for it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from django_bbb.api import ChecksumError, ServerUnreachable, Timeout, UnreadableResponse
from django_bbb.models import Server, ServerLoad
from django_bbb.services import polling, servers

LIST = "admin:django_bbb_server_changelist"
ALL = "admin:django_bbb_server_loads"


def load_page(server):
    return reverse("admin:django_bbb_server_load", args=[server.pk])


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def remember(server, *, ago, people):
    minute = (timezone.now() - ago).replace(second=0, microsecond=0)
    ServerLoad.objects.create(server=server, minute=minute, participant_count=people, meeting_count=1)


class TestList:
    def health(self, server):
        server.refresh_from_db()
        return admin.site._registry[Server].health(server)

    def test_a_server_that_answers_is_reachable(self, server):
        assert self.health(server) == "not asked yet"

        polling.poll_servers()

        assert self.health(server) == "yes"

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (Timeout("x"), "it did not answer in time"),
            (ServerUnreachable("x has a name that does not resolve", sent=False), "its name does not resolve"),
            (ServerUnreachable("x refused the connection", sent=False), "it refused the connection"),
            (
                ServerUnreachable("x has a certificate that is not trusted", sent=False),
                "its certificate is not trusted, or TLS fails",
            ),
            (ServerUnreachable("TLS cannot be used", server="TLS", sent=False), "it cannot be reached"),
            (ServerUnreachable("x broke off the connection"), "it cannot be reached"),
        ],
    )
    def test_after_the_second_failure_the_reason_is_told_in_words(self, server, error, reason):
        servers.note_failure(server=server, error=error)
        assert self.health(server) == f"in doubt: {reason}"

        servers.note_failure(server=server, error=error)

        assert self.health(server) == f"no: {reason}"

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (ChecksumError("no"), "wrong secret or algorithm"),
            (UnreadableResponse("no"), "what answers is not BigBlueButton"),
            (KeyError("no"), "the poll failed"),
        ],
    )
    def test_what_answers_and_is_of_no_use_is_told_apart(self, server, error, reason):
        servers.note_failure(server=server, error=error)

        assert self.health(server) == f"in doubt: {reason}"

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://nowhere.invalid/bigbluebutton/api/", Server.Failure.NAME),
            ("http://127.0.0.1:9/bigbluebutton/api/", Server.Failure.REFUSED),
        ],
    )
    def test_the_reason_is_what_a_real_poll_has_met(self, server, bbb, url, reason):
        bbb["SERVERS"]["default"]["URL"] = url

        polling.poll_servers()

        assert Server.objects.get().failure == reason

    def test_a_secret_that_is_refused_is_told_and_forgotten_once_it_is_right(self, server, bbb):
        right = bbb["SERVERS"]["default"]["SECRET"]
        bbb["SERVERS"]["default"]["SECRET"] = "wrong"
        polling.poll_servers()
        assert Server.objects.get().failure == Server.Failure.WRONG_SECRET
        bbb["SERVERS"]["default"]["SECRET"] = right

        polling.poll_servers()

        assert Server.objects.get().failure == ""

    def test_a_disabled_one_is_not_asked(self, server):
        Server.objects.update(state="disabled")

        assert "disabled" in self.health(server)

    def test_the_version_comes_from_the_settings_or_is_typed(self, admin_client, server, bbb):
        change = reverse("admin:django_bbb_server_change", args=[server.pk])
        assert 'name="version"' in text_of(admin_client, change)
        bbb["SERVERS"]["default"]["VERSION"] = "3.0.10"
        servers.register_declared_servers()

        text = text_of(admin_client, reverse(LIST))

        assert "3.0.10" in text
        assert 'name="version"' not in text_of(admin_client, change)

    def test_the_last_day_is_a_line_and_the_load_a_bar(self, admin_client, server):
        remember(server, ago=timedelta(hours=3), people=17)
        Server.objects.update(participant_count=50, polled_at=timezone.now())

        text = text_of(admin_client, reverse(LIST))

        assert 'aria-label="At most 17 people"' in text
        assert 'aria-label="Load of 50 at weight 100"' in text
        assert '<rect width="40.0"' in text
        assert "style=" not in text.partition('id="result_list"')[2].partition("</table>")[0]

    def test_a_hundred_rows_cost_no_more_queries_than_one(self, admin_client, server, simulator):
        admin_client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as with_one:
            admin_client.get(reverse(LIST))
        added = [Server(slug=f"s{n}", name=f"S{n}", url="http://127.0.0.1:9/") for n in range(99)]
        for one in Server.objects.bulk_create(added):
            remember(one, ago=timedelta(hours=1), people=1)
        simulator.clear_journal()

        with CaptureQueriesContext(connection) as with_hundred:
            text = text_of(admin_client, reverse(LIST))

        assert text.count('aria-label="At most 1 person"') == 99
        assert len(with_hundred) == len(with_one)
        assert simulator.journal == []

    def test_it_says_who_is_at_work(self, admin_client, server):
        before = text_of(admin_client, reverse(LIST))

        polling.poll_servers()
        after = text_of(admin_client, reverse(LIST))

        assert "Nobody has polled the servers yet" in before
        assert "Polled 0 seconds ago." in after


class TestLoadPages:
    def test_they_show_a_line_and_a_table(self, admin_client, server, simulator):
        remember(server, ago=timedelta(hours=2), people=23)
        remember(server, ago=timedelta(days=3), people=42)
        simulator.clear_journal()

        text = text_of(admin_client, load_page(server))

        first, second = text.split("<h2>The last 7 days")
        assert ("<td>23</td>" in first, "<td>42</td>" in first) == (True, False)
        assert ("<td>23</td>" in second, "<td>42</td>" in second) == (True, True)
        assert "<svg" in first
        assert "style=" not in text.partition('id="content"')[2]
        assert simulator.journal == []

    def test_that_of_all_adds_up(self, admin_client, server):
        other = Server.objects.create(slug="other", name="Other", url="http://127.0.0.1:9/")
        for one, people in ((server, 20), (other, 3)):
            remember(one, ago=timedelta(hours=2), people=people)

        assert "<td>23</td>" in text_of(admin_client, reverse(ALL))
        assert "<td>20</td>" in text_of(admin_client, load_page(server))

    def test_without_polls_they_say_so(self, admin_client, server):
        assert "nothing is known" in text_of(admin_client, reverse(ALL))

    def test_they_need_the_permission_to_look(self, client, person, server):
        client.force_login(person("nobody", is_staff=True))

        assert [client.get(one).status_code for one in (reverse(ALL), load_page(server))] == [403, 403]

    def test_who_may_look_at_servers_may_look_at_their_load(self, client, person, server):
        client.force_login(person("staff", is_staff=True, permissions=("view_server",)))

        assert [client.get(one).status_code for one in (reverse(ALL), load_page(server))] == [200, 200]

    def test_they_take_no_post(self, admin_client, server):
        assert admin_client.post(load_page(server)).status_code == 405

    def test_a_name_is_text(self, admin_client, server):
        Server.objects.update(name="<script>alert(1)</script>")
        pages = [load_page(server), reverse(LIST), reverse("admin:django_bbb_server_change", args=[server.pk])]

        assert not any("<script>alert" in text_of(admin_client, one) for one in pages)
