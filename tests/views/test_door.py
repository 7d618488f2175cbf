"""What people say at the door: name, code, consent; links that let them in."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_bbb.models import Consent, Invitation, Meeting
from django_bbb.services.codes import MOST_BY_GUEST
from django_bbb.services.guests import COOKIE


def page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})


@pytest.fixture
def set_up(meeting):
    def set_up(**fields):
        for name, value in fields.items():
            setattr(meeting, name, value)
        meeting.save()

    return set_up


def told(answer):
    """Return what the server is told of whoever is let in."""
    assert answer.status_code == 302, answer.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def templates(answer):
    return [one.name for one in answer.templates]


class TestLink:
    """Everybody who has the link."""

    @pytest.fixture(autouse=True)
    def open_to_all(self, set_up):
        set_up(access=Meeting.Access.LINK)

    def test_a_guest_says_a_name_and_is_in(self, client, meeting, running):
        asked = client.get(page("join", meeting))
        moved = client.post(page("door", meeting), {"name": "Eva"})
        entered = told(client.get(page("join", meeting)))

        assert "django_bbb/who.html" in templates(asked)
        assert moved.status_code == 200  # no redirect: a strict form-action would block the next one
        assert page("join", meeting) in moved.content.decode()
        assert (entered["fullName"], entered["role"], entered["guest"]) == ("Eva", "VIEWER", "true")
        assert entered["userID"].startswith("g")

    def test_the_same_guest_has_the_same_id_each_time(self, client, meeting, running):
        client.post(page("door", meeting), {"name": "Eva"})
        first = told(client.get(page("join", meeting)))
        client.post(page("door", meeting), {"name": "Eva M."})
        second = told(client.get(page("join", meeting)))

        assert first["userID"] == second["userID"]
        assert second["fullName"] == "Eva M."

    def test_the_cookie_is_as_strict_as_that_of_sessions(self, client, meeting, settings):
        settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_SAMESITE = True, "Strict"

        cookie = client.post(page("door", meeting), {"name": "Eva"}).cookies[COOKIE]

        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
        assert "Eva" not in cookie.value

    def test_whoever_has_an_account_needs_no_name(self, client, student, meeting, running):
        client.force_login(student)

        entered = told(client.get(page("join", meeting)))

        assert entered["userID"] == f"u{student.pk}"
        assert "guest" not in entered

    def test_a_guest_cannot_start(self, client, meeting):
        client.post(page("door", meeting), {"name": "Eva"})

        assert client.post(page("start", meeting)).status_code == 403

    @pytest.mark.parametrize("extra", [{"role": "MODERATOR"}, {"userID": "u1"}, {"guest": "false"}])
    def test_nothing_else_in_the_form_counts(self, client, meeting, running, extra):  # threats.md 91
        client.post(page("door", meeting), {"name": "Eva&role=MODERATOR", **extra})

        entered = told(client.get(page("join", meeting), extra))

        assert (entered["role"], entered["guest"]) == ("VIEWER", "true")
        assert entered["fullName"] == "Eva&role=MODERATOR"

    def test_the_form_is_protected_against_other_sites(self, meeting):
        strict = Client(enforce_csrf_checks=True)

        assert strict.post(page("door", meeting), {"name": "Eva"}).status_code == 403


class TestCode:
    @pytest.fixture(autouse=True)
    def with_codes(self, set_up):
        set_up(access=Meeting.Access.CODE, viewer_code="learn-now", moderator_code="teach-now")

    def test_without_the_code_one_is_asked_for_it(self, client, meeting, running):
        answer = client.get(page("join", meeting))

        assert answer.status_code == 403
        assert "django_bbb/no/code.html" in templates(answer)

    def test_a_guest_with_the_code_is_in(self, client, meeting, running):
        client.post(page("door", meeting), {"code": "learn-now", "name": "Eva"})

        assert told(client.get(page("join", meeting)))["role"] == "VIEWER"

    def test_whoever_is_logged_in_types_it_too(self, client, student, meeting, running):
        client.force_login(student)
        before = client.get(page("join", meeting))
        client.post(page("door", meeting), {"code": "learn-now"})

        assert before.status_code == 403
        assert told(client.get(page("join", meeting)))["userID"] == f"u{student.pk}"

    def test_the_code_of_moderators_makes_one(self, client, meeting, simulator):
        client.post(page("door", meeting), {"code": "teach-now", "name": "Dr. Noether"})

        started = client.post(page("start", meeting))

        assert started.status_code == 200
        assert told(client.get(page("join", meeting)))["role"] == "MODERATOR"

    def test_a_wrong_code_is_told_so(self, client, meeting):
        answer = client.post(page("door", meeting), {"code": "wrong!", "name": "Eva"})

        assert answer.status_code == 403
        assert "not the code of this class" in answer.content.decode()

    def test_too_many_tries_are_told_kindly(self, client, meeting):
        for _ in range(MOST_BY_GUEST):
            client.post(page("door", meeting), {"code": "wrong!", "name": "Eva"})

        answer = client.post(page("door", meeting), {"code": "learn-now", "name": "Eva"})

        assert answer.status_code == 429
        assert "django_bbb/no/too_many_tries.html" in templates(answer)
        assert 0 < int(answer["Retry-After"]) <= 15 * 60

    def test_a_new_code_is_asked_for_again(self, client, meeting, running, set_up):
        client.post(page("door", meeting), {"code": "learn-now", "name": "Eva"})
        set_up(viewer_code="another")

        assert client.get(page("join", meeting)).status_code == 403

    def test_the_code_stands_on_no_page(self, client, meeting, running):
        pages = [
            client.post(page("door", meeting), {"code": "learn-now"}),
            client.post(page("door", meeting), {"code": "guess-at-it"}),
            client.get(page("meeting", meeting)),
        ]

        assert not any("learn-now" in one.content.decode() + str(one.cookies) for one in pages)
        assert "guess-at-it" not in pages[1].content.decode()


class TestProxies:
    @pytest.fixture(autouse=True)
    def with_codes(self, set_up):
        set_up(access=Meeting.Access.CODE, viewer_code="learn-now")

    def tries(self, meeting, times, **meta):
        """Be wrong with a new cookie each time."""
        return [Client(**meta).post(page("door", meeting), {"code": "wrong!"}).status_code for _ in range(times)]

    def test_what_a_stranger_writes_does_not_count(self, meeting):
        answers = [
            Client(REMOTE_ADDR="203.0.113.7").post(
                page("door", meeting), {"code": "wrong!"}, headers={"X-Forwarded-For": f"198.51.100.{number}"}
            )
            for number in range(101)
        ]

        assert answers[-1].status_code == 429

    def test_people_behind_a_trusted_proxy_are_told_apart(self, meeting, bbb):
        bbb["TRUSTED_PROXIES"] = ["10.0.0.0/8"]
        answers = [
            Client(REMOTE_ADDR="10.0.0.1").post(
                page("door", meeting), {"code": "wrong!"}, headers={"X-Forwarded-For": f"6.6.6.6, 198.51.100.{number}"}
            )
            for number in range(101)
        ]

        assert {one.status_code for one in answers} == {403}

    def test_they_cannot_write_it_themselves_there_either(self, meeting, bbb):
        bbb["TRUSTED_PROXIES"] = ["10.0.0.0/8"]
        answers = [
            Client(REMOTE_ADDR="10.0.0.1").post(
                page("door", meeting), {"code": "wrong!"}, headers={"X-Forwarded-For": f"6.6.6.{number}, 198.51.100.1"}
            )
            for number in range(101)
        ]

        assert answers[-1].status_code == 429


class TestInvitation:
    @pytest.fixture
    def invitation(self, meeting, set_up):
        set_up(access=Meeting.Access.MEMBERS)
        return Invitation.objects.create(meeting=meeting, role=Invitation.Role.MODERATOR)

    @pytest.fixture
    def come_in(self, client, meeting, invitation):
        """Send the form of the link's page."""

        def come_in(**more):
            return client.post(page("door", meeting), {"invitation": invitation.token, **more})

        return come_in

    def test_opening_the_link_uses_nothing_up(self, client, invitation):
        shown = client.get(invitation.get_absolute_url())
        client.head(invitation.get_absolute_url())

        assert "as a moderator" in shown.content.decode()
        invitation.refresh_from_db()
        assert (invitation.use_count, invitation.last_used_at) == (0, None)

    def test_whoever_says_a_name_is_in_and_counted(self, client, meeting, running, invitation, come_in):
        moved = come_in(name="Dr. Noether")

        assert moved.status_code == 200
        entered = told(client.get(page("join", meeting)))
        assert (entered["fullName"], entered["role"]) == ("Dr. Noether", "MODERATOR")
        invitation.refresh_from_db()
        assert invitation.use_count == 1
        assert invitation.last_used_at is not None

    def test_it_is_good_for_whoever_is_logged_in_too(self, client, student, meeting, running, come_in):
        client.force_login(student)
        come_in()

        entered = told(client.get(page("join", meeting)))
        assert (entered["userID"], entered["role"]) == (f"u{student.pk}", "MODERATOR")

    def test_a_withdrawn_link_lets_nobody_in_and_whoever_had_used_it_out(
        self, client, meeting, running, invitation, come_in
    ):
        come_in(name="Eva")
        invitation.revoked_at = timezone.now()
        invitation.save()

        for answer in (client.get(invitation.get_absolute_url()), come_in()):
            assert answer.status_code == 410
            assert "withdrawn" in answer.content.decode()
        assert "login" in client.get(page("join", meeting))["Location"]

    def test_an_expired_link_says_so(self, client, invitation):
        invitation.expires_at = timezone.now() - timedelta(minutes=1)
        invitation.save()

        answer = client.get(invitation.get_absolute_url())

        assert answer.status_code == 410
        assert "was good until" in answer.content.decode()

    def test_a_link_that_never_was(self, client, db):
        assert client.get(reverse("django_bbb:invitation", kwargs={"token": "made-up"})).status_code == 404

    def test_that_of_another_meeting(self, client, invitation):
        other = Meeting.objects.create(name="Geometry")

        answer = client.post(page("door", other), {"invitation": invitation.token, "name": "Eva"})

        assert answer.status_code == 403
        invitation.refresh_from_db()
        assert invitation.use_count == 0

    def test_the_link_of_an_archived_meeting(self, client, meeting, invitation):
        meeting.delete()

        assert client.get(invitation.get_absolute_url()).status_code == 404

    def test_the_log_does_not_name_it(self, meeting, invitation, caplog):
        browser = Client(enforce_csrf_checks=True)
        address = invitation.get_absolute_url()
        answers = [browser.post(address), browser.put(address), browser.post(page("door", meeting), {"name": "Eva"})]
        invitation.revoked_at = timezone.now()
        invitation.save()
        answers.append(browser.get(address))

        assert [one.status_code for one in answers] == [405, 405, 403, 410]
        assert invitation.token not in caplog.text

    def test_it_stays_good_under_a_new_key(self, client, invitation, settings):
        settings.SECRET_KEY = "another"

        assert client.get(invitation.get_absolute_url()).status_code == 200


class TestConsent:
    @pytest.fixture(autouse=True)
    def asking(self, set_up):
        set_up(asks_about_recording=True, asks_about_attendance=True)

    def questions(self, client, meeting):
        return client.get(page("join", meeting)).context["questions"]

    def test_nobody_enters_before_they_have_agreed(self, client, student, meeting, running):
        client.force_login(student)
        asked = client.get(page("join", meeting))
        agreed = [one.digest for one in asked.context["questions"]]
        client.post(page("door", meeting), {"agree": agreed})

        assert "django_bbb/consent.html" in templates(asked)
        assert told(client.get(page("join", meeting)))["userID"] == f"u{student.pk}"
        assert {(one.user, one.about) for one in Consent.objects.all()} == {
            (student, "recording"),
            (student, "attendance"),
        }

    def test_agreeing_to_half_of_it_is_not_enough(self, client, student, meeting, running):
        client.force_login(student)
        first, second = self.questions(client, meeting)
        answer = client.post(page("door", meeting), {"agree": [first.digest]})

        assert [one.about for one in answer.context["questions"]] == [second.about]

    def test_nobody_agrees_to_words_that_are_not_asked(self, client, student, meeting, running):
        client.force_login(student)
        client.post(page("door", meeting), {"agree": ["0" * 64, "x"]})

        assert not Consent.objects.exists()

    def test_whoever_may_not_join_leaves_no_receipt(self, client, person, meeting, running, set_up):
        set_up(access=Meeting.Access.MEMBERS)
        client.force_login(person("stranger"))

        answer = client.post(page("door", meeting), {"agree": ["x"]})

        assert answer.status_code == 403
        assert not Consent.objects.exists()

    def test_the_teacher_is_asked_before_starting(self, client, teacher, meeting):
        client.force_login(teacher)

        answer = client.post(page("start", meeting))

        assert "django_bbb/consent.html" in templates(answer)
        assert not meeting.sessions.exists()

    def test_a_guest_is_asked_after_the_name(self, client, meeting, running, set_up):
        set_up(access=Meeting.Access.LINK)
        asked = client.post(page("door", meeting), {"name": "Eva"})
        client.post(page("door", meeting), {"agree": [one.digest for one in asked.context["questions"]]})

        assert told(client.get(page("join", meeting)))["fullName"] == "Eva"
        assert {one.name for one in Consent.objects.all()} == {"Eva"}
