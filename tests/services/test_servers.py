"""Servers: declared in the settings, chosen by load, left out while they fail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils import timezone
from django.utils.timezone import now

from django_bbb.api import ChecksumError, Secret, ServerUnreachable, Timeout
from django_bbb.exceptions import NoServerAvailable, NoServerWithTags, ServerNotConfigured, UnreadableSecret
from django_bbb.models import Meeting, MeetingSession, Server, ServerLoad
from django_bbb.services import choosing, retention, servers
from django_bbb.services.meetings import start_meeting
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

    def test_without_any_server_it_says_so(self, db, settings):
        settings.DJANGO_BBB = {}
        Server.objects.all().delete()

        with pytest.raises(NoServerAvailable):
            servers.choose_server()

    def test_servers_declared_since_the_last_migrate_are_found(self, bbb, db):
        Server.objects.all().delete()

        assert servers.choose_server().slug == "default"

    def test_classes_no_poll_has_seen_yet_count(self, pool, meeting):
        self.load("second", meeting_count=1)
        self.load("third", meeting_count=3)
        for number in range(2):
            other = Meeting.objects.create(name=f"Class {number}")
            MeetingSession.objects.create(
                meeting=other, server=Server.objects.get(slug="default"), claimed_until=now()
            )

        assert servers.choose_server(meeting=meeting).slug == "second"

    def test_classes_a_poll_has_seen_count_once(self, pool, meeting):
        self.load("default", meeting_count=1)
        self.load("second", meeting_count=2)
        self.load("third", meeting_count=3)
        seen = {"claimed_until": now(), "synced_at": now()}
        MeetingSession.objects.create(meeting=meeting, server=Server.objects.get(slug="default"), **seen)
        other = Meeting.objects.create(name="Another")

        assert servers.choose_server(meeting=other).slug == "default"

    def test_a_balancer_that_hides_its_list_has_at_least_our_classes(self, pool, meeting):
        self.load("second", meeting_count=1)
        self.load("third", meeting_count=3)
        seen = {"claimed_until": now(), "synced_at": now(), "participant_count": 30}
        MeetingSession.objects.create(meeting=meeting, server=Server.objects.get(slug="default"), **seen)
        other = Meeting.objects.create(name="Another")

        as_a_server = servers.choose_server(meeting=other).slug
        self.load("default", kind=Server.Kind.SCALELITE)

        assert (as_a_server, servers.choose_server(meeting=other).slug) == ("default", "second")

    def test_cameras_weigh_more_than_voices_and_voices_more_than_ears(self):
        people, voices, cameras = (
            choosing.load(Server(participant_count=10, voice_count=voices, video_count=cameras))
            for voices, cameras in ((0, 0), (5, 0), (5, 5))
        )

        assert people < voices < cameras
        assert cameras - voices > voices - people

    def test_a_function_of_the_site_may_choose(self, pool, meeting):
        pool["CHOOSE_SERVER"] = f"{__name__}.the_last"
        self.load("third", participant_count=99)

        assert servers.choose_server(meeting=meeting).slug == "third"

    def test_what_that_function_makes_up_is_refused(self, pool, meeting):
        pool["CHOOSE_SERVER"] = f"{__name__}.another"

        with pytest.raises(ImproperlyConfigured, match="CHOOSE_SERVER"):
            servers.choose_server(meeting=meeting)


def the_last(*, servers, meeting):
    assert meeting is not None
    return max(servers, key=lambda server: server.pk)


def another(*, servers, meeting):
    return Server(slug="made-up")


class TestTags:
    @pytest.fixture
    def pool(self, server, bbb):
        for slug, tags in {"default": [], "exam": ["exam"], "both": ["exam", "region-eu"]}.items():
            bbb["SERVERS"].setdefault(slug, {"URL": "https://bbb.example.org", "SECRET": "x" * 40})
            bbb["SERVERS"][slug]["TAGS"] = tags
        servers.register_declared_servers()
        Server.objects.filter(slug="exam").update(participant_count=5)
        Server.objects.filter(slug="both").update(participant_count=50)

    @pytest.mark.parametrize(
        ("required", "preferred", "chosen"),
        [
            ([], [], "default"),
            (["exam"], [], "exam"),
            (["exam", "region-eu"], [], "both"),
            ([], ["region-eu"], "both"),
            (["exam"], ["region-eu"], "both"),
            (["exam"], ["region-us"], "exam"),
            ([], ["region-us"], "default"),
        ],
    )
    def test_required_ones_must_be_there_and_preferred_ones_are_taken_if_they_can(
        self, pool, meeting, required, preferred, chosen
    ):
        meeting.required_tags, meeting.preferred_tags = required, preferred

        assert servers.choose_server(meeting=meeting).slug == chosen

    def test_a_preferred_server_that_is_out_is_no_obstacle(self, pool, meeting):
        meeting.preferred_tags = ["region-eu"]
        Server.objects.filter(slug="both").update(state=Server.State.DRAINING)

        assert servers.choose_server(meeting=meeting).slug == "default"

    def test_without_a_server_that_has_them_it_says_which_tags(self, pool, meeting):
        meeting.required_tags = ["gpu"]

        with pytest.raises(NoServerWithTags, match="gpu"):
            servers.choose_server(meeting=meeting)

    def test_a_pinned_server_needs_them_too(self, pool, meeting):
        meeting.server, meeting.required_tags = Server.objects.get(slug="default"), ["exam"]

        with pytest.raises(NoServerWithTags):
            servers.choose_server(meeting=meeting)

    @pytest.mark.parametrize("tags", ["exam", [1], ["two words"], [""], {"exam": 1}, ["Exam"]])
    def test_what_is_no_list_of_tags_is_refused(self, pool, meeting, tags):
        meeting.required_tags = tags

        with pytest.raises(ValidationError) as caught:
            meeting.full_clean()

        assert list(caught.value.message_dict) == ["required_tags"]


class TestHealth:
    def test_the_pause_grows_with_each_failure_and_has_an_end(self, server):
        pauses = []
        for _time in range(12):
            server.refresh_from_db()
            servers.note_failure(server=server, error=ServerUnreachable("no answer"))
            server.refresh_from_db()
            left = server.next_try_at - timezone.now() if server.next_try_at else timedelta()
            pauses.append(round(left.total_seconds()))

        assert pauses == [0, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300]

    def ask(self, server, *outcomes):
        """Let polls of a server succeed (True) or fail, and return whether it was reachable after each."""
        states = []
        for good in outcomes:
            server.refresh_from_db()
            if good:
                servers.note_answer(server=server, meetings=[])
            else:
                servers.note_failure(server=server, error=ServerUnreachable("no answer"))
            server.refresh_from_db()
            states.append(server.reachable)
        return states

    def test_a_hiccup_is_forgotten_with_the_next_answer(self, server):
        assert self.ask(server, True, False, True) == [True, True, True]
        assert (server.failures, server.next_try_at, server.unreachable_since) == (0, None, None)

    def test_two_failures_in_a_row_take_it_out(self, server):
        assert self.ask(server, True, False, False) == [True, True, False]
        assert Server.objects.open_for_classes().count() == 0

    def test_the_second_answer_in_a_row_takes_it_back(self, server):
        assert self.ask(server, False, False, True, True)[1:] == [False, False, True]
        assert (server.failures, server.next_try_at, server.last_error) == (0, None, "")

    @pytest.mark.parametrize("first", [(True, True), (False, False)])
    def test_flapping_changes_nothing(self, server, first):  # threats.md 60
        (*_before, state) = self.ask(server, *first)

        states = self.ask(server, *(n % 2 == (not first[0]) for n in range(20)))

        assert set(states) == {state}

    def test_a_failure_that_is_an_answer_leaves_it_out_but_reachable(self, server):
        self.ask(server, True)
        for _twice in range(2):
            servers.note_failure(server=server, error=ChecksumError("wrong secret"))

        server.refresh_from_db()
        assert server.reachable is True
        assert Server.objects.open_for_classes().count() == 0

    def test_marking_it_down_ends_nothing(self, server, meeting, simulator):  # threats.md 59
        session = start_meeting(meeting=meeting)
        before = MeetingSession.objects.values().get(pk=session.pk)

        self.ask(server, False, False, False)

        assert MeetingSession.objects.values().get(pk=session.pk) == before
        assert meeting.meeting_id in simulator.meetings


class TestAddedInTheAdmin:
    @pytest.fixture
    def added(self, server):
        other = Server(slug="added", name="Added", url="https://bbb.example.org/bigbluebutton/api/")
        other.remember_secret(Secret(SECRET))
        other.save()
        return other

    def test_its_secret_is_used_and_stands_nowhere_in_the_database(self, added):  # threats.md 80
        added.refresh_from_db()

        assert added.secrets == (Secret(SECRET),)
        assert SECRET not in str(Server.objects.filter(pk=added.pk).values())
        assert SECRET not in serializers.serialize("json", [added])

    def test_the_settings_do_not_disable_it(self, added, bbb):
        servers.register_declared_servers()
        bbb["SERVERS"] = {}
        servers.register_declared_servers()

        added.refresh_from_db()
        assert added.state == Server.State.ENABLED

    def test_the_settings_take_over_one_of_the_same_slug(self, added, bbb):
        bbb["SERVERS"]["added"] = {"URL": "https://declared.example.org", "SECRET": "y" * 40}

        servers.register_declared_servers()

        added.refresh_from_db()
        assert added.url.startswith("https://declared")
        assert added.secrets == (Secret("y" * 40),)

    def test_until_then_its_own_secret_goes_to_its_own_address_only(self, added, bbb):
        proxies = {"https": "http://127.0.0.1:1"}
        bbb["SERVERS"]["added"] = {"URL": "https://declared.example.org", "SECRET": "y" * 40, "PROXIES": proxies}

        assert servers.secret_of(added) == Secret(SECRET)
        assert "proxies" not in servers.client_options(added)

    def test_without_a_secret_it_is_not_called(self, added):
        added.encrypted_secret = ""

        with pytest.raises(ServerNotConfigured, match="in the admin"):
            servers.client_for(added)

    @pytest.mark.parametrize("stored", ["gAAAAA-nonsense", SECRET, "x"])
    def test_one_that_cannot_be_decrypted_is_an_error_and_never_sent(self, added, stored):
        added.encrypted_secret = stored

        with pytest.raises(UnreadableSecret, match=r"Added.*bbb_rotate_keys") as caught:
            servers.client_for(added)

        assert stored == "x" or stored not in str(caught.value)

    def test_another_secret_key_fails_closed(self, added, settings):
        settings.SECRET_KEY = "another"

        with pytest.raises(UnreadableSecret):
            added.secrets  # noqa: B018

    def test_a_key_that_became_a_fallback_still_opens_it(self, added, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

        assert added.secrets == (Secret(SECRET),)
        assert added.is_under_old_key

    def test_a_rotation_of_keys_lets_the_old_one_go(self, added, settings):
        added.remember_previous_secret(Secret("previous"))
        added.save()
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

        first, second = servers.rotate_keys(), servers.rotate_keys()
        settings.SECRET_KEY_FALLBACKS = []

        added.refresh_from_db()
        assert added.secrets == (Secret(SECRET), Secret("previous"))
        assert (first, second) == (([added], []), ([], []))
        assert not added.is_under_old_key

    def test_a_secret_typed_in_during_a_rotation_stays(self, added, settings, monkeypatch):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        renew = Server.renew_encryption

        def meanwhile(server):
            typed = Server.objects.get(pk=server.pk)
            typed.remember_secret(Secret("typed in meanwhile"))
            typed.save()
            renew(server)

        monkeypatch.setattr(Server, "renew_encryption", meanwhile)

        assert servers.rotate_keys() == ([], [])
        added.refresh_from_db()
        assert added.secrets[0] == Secret("typed in meanwhile")

    def test_what_a_rotation_cannot_read_stays_and_is_told(self, added, settings):
        settings.SECRET_KEY = "another"

        changed, failures = servers.rotate_keys()

        before = added.encrypted_secret
        added.refresh_from_db()
        assert (changed, len(failures), added.encrypted_secret) == ([], 1, before)

    def test_hs512_is_only_for_a_scalelite_that_uses_it(self, added):  # threats.md 5
        added.algorithm = "sha512"
        assert added.callback_algorithms == ("HS256",)
        added.kind, added.algorithm = Server.Kind.SCALELITE, "sha512"
        assert added.callback_algorithms == ("HS256", "HS512")

    @pytest.mark.parametrize(("kind", "form"), [("bigbluebutton", "split"), ("bbblb", "sorted-form")])
    def test_long_calls_go_as_its_kind_wants_them(self, added, kind, form):
        added.kind = kind

        assert servers.client_for(added)._connection.signer.long_requests == form

    def test_an_algorithm_its_kind_does_not_take_is_refused(self, added):
        added.kind, added.algorithm = Server.Kind.SCALELITE, "sha384"

        with pytest.raises(ValidationError, match="does not take"):
            added.full_clean()


class TestLoads:
    def test_a_minute_is_kept_once(self, server):
        minute = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        for second, people in ((3, 20), (13, 30), (63, 40)):
            server.participant_count = people
            servers.remember_load(server, minute + timedelta(seconds=second))

        kept = ServerLoad.objects.order_by("minute").values_list("minute", "participant_count")
        assert list(kept) == [(minute, 20), (minute + timedelta(minutes=1), 40)]

    def test_it_holds_what_the_poll_saw(self, server):
        server.meeting_count, server.voice_count, server.video_count = 1, 2, 3

        servers.remember_load(server, now())

        load = ServerLoad.objects.get()
        assert (load.meeting_count, load.voice_count, load.video_count) == (1, 2, 3)

    def test_minutes_go_after_a_week(self, server):
        for days in (0, 6, 8, 30):
            servers.remember_load(server, now() - timedelta(days=days))

        assert retention.forget_what_is_old()["loads"] == 2
        assert ServerLoad.objects.count() == 2
