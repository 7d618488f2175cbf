"""Servers: declared in the settings, chosen by load, left out while they fail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_bbb.api import ServerUnreachable, Timeout
from django_bbb.exceptions import NoServerAvailable, ServerNotConfigured
from django_bbb.models import Server
from django_bbb.services import servers
from tests.conftest import SECRET


class TestDeclared:
    def test_a_change_in_the_settings_is_taken_over(self, server, bbb):
        bbb["SERVERS"]["default"] |= {"URL": "https://bbb.example.org", "ALGORITHM": "SHA512", "NAME": "Main"}

        servers.register_declared_servers()

        server.refresh_from_db()
        assert server.url == "https://bbb.example.org/bigbluebutton/api/"
        assert (server.algorithm, server.name) == ("sha512", "Main")

    def test_what_people_chose_stays(self, server, bbb):
        Server.objects.update(state=Server.State.DRAINING, weight=7)

        servers.register_declared_servers()

        server.refresh_from_db()
        assert (server.state, server.weight) == ("draining", 7)

    def test_one_that_is_gone_from_the_settings_is_disabled_and_stays(self, server, bbb):
        bbb["SERVERS"] = {}

        servers.register_declared_servers()

        server.refresh_from_db()
        assert server.state == Server.State.DISABLED

    def test_without_a_secret_it_is_not_called(self, server, bbb):  # threats.md 7
        bbb["SERVERS"]["default"]["SECRET"] = "   "

        with pytest.raises(ServerNotConfigured, match="SECRET"):
            servers.client_for(server)

    def test_the_secret_stands_in_no_repr(self, server):
        assert SECRET not in repr(server.secrets) + repr(servers.client_for(server)) + repr(vars(server))

    def test_the_client_is_kept_with_its_connections(self, server):
        assert servers.client_for(server) is servers.client_for(server)

    def test_each_may_be_called_in_its_own_way(self, server, bbb):
        bbb["TIMEOUT"] = 9
        bbb["SERVERS"]["default"] |= {
            "DEADLINE": 30,
            "RETRIES": 2,
            "HOOKS_ALGORITHM": "sha1",
            "LONG_REQUESTS": "form",
            "LARGEST_DOCUMENT": 1000,
            "PROXIES": {"http": "http://127.0.0.1:1"},
        }

        client = servers.client_for(server)

        connection, transport = client._connection, client._connection.transport
        assert (connection.retries, connection.deadline, connection.largest_document) == (2, 30, 1000)
        assert (transport.read, transport.deadline) == (9, 30)
        assert (connection.signer.algorithm, connection.hooks_signer.algorithm) == ("sha256", "sha1")
        assert connection.signer.long_requests == "form"
        assert servers.client_for(server) is client
        with pytest.raises(ServerUnreachable, match="through the proxy"):
            client.get_server_info()

    def test_a_new_secret_is_used_at_once(self, server, bbb):
        before = servers.client_for(server)
        bbb["SERVERS"]["default"]["SECRET"] = "new" * 20

        assert servers.client_for(server) is not before


class TestChoice:
    @pytest.fixture
    def pool(self, server, bbb):
        for slug in ("second", "third"):
            bbb["SERVERS"][slug] = {"URL": "https://bbb.example.org", "SECRET": "x" * 40}
        servers.register_declared_servers()
        return bbb

    def load(self, slug, **facts):
        Server.objects.filter(slug=slug).update(**facts)

    def test_the_least_loaded_one_is_chosen(self, pool):
        self.load("default", participant_count=20)
        self.load("second", participant_count=10)
        self.load("third", participant_count=30)

        assert servers.choose_server().slug == "second"

    def test_weight_counts(self, pool):
        self.load("default", participant_count=20, weight=300)
        self.load("second", participant_count=10)
        self.load("third", participant_count=30)

        assert servers.choose_server().slug == "default"

    def test_a_pinned_meeting_goes_to_its_server(self, pool):
        self.load("third", participant_count=30)
        third = Server.objects.get(slug="third")

        assert servers.choose_server(pinned=third) == third

    def test_one_that_keeps_failing_is_left_out_for_a_while(self, pool):
        self.load("second", participant_count=1)
        self.load("third", participant_count=2)
        for _twice in range(2):
            default = Server.objects.get(slug="default")
            servers.note_failure(server=default, error=Timeout("no answer"))

        default.refresh_from_db()
        assert servers.choose_server().slug == "second"
        assert default.next_try_at > timezone.now()

    def test_the_pause_grows_with_each_failure_and_has_an_end(self, server):
        pauses = []
        for _time in range(12):
            server.refresh_from_db()
            servers.note_failure(server=server, error=ServerUnreachable("no answer"))
            server.refresh_from_db()
            left = server.next_try_at - timezone.now() if server.next_try_at else timedelta()
            pauses.append(round(left.total_seconds()))

        assert pauses == [0, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300]

    def test_an_answer_forgives(self, server, simulator):
        for _twice in range(3):
            server.refresh_from_db()
            servers.note_failure(server=server, error=ServerUnreachable("no answer"))
        server.refresh_from_db()

        servers.ask_for_meetings(server=server)

        server.refresh_from_db()
        assert (server.reachable, server.failures, server.next_try_at) == (True, 0, None)

    def test_without_any_server_it_says_so(self, db, settings):
        settings.DJANGO_BBB = {}
        Server.objects.all().delete()

        with pytest.raises(NoServerAvailable):
            servers.choose_server()

    def test_servers_declared_since_the_last_migrate_are_found(self, bbb, db):
        Server.objects.all().delete()

        assert servers.choose_server().slug == "default"
