"""Access codes and invitation links; threats.md 96, 98."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from django_bbb.api import Role
from django_bbb.exceptions import TooManyTries, WrongCode
from django_bbb.models import Invitation, Meeting, WrongTry
from django_bbb.services import codes, retention
from django_bbb.services.codes import MOST_BY_ADDRESS, MOST_BY_GUEST, code_of, role_by_code, try_code
from django_bbb.services.invitations import revoke_invitation

ADDRESS = "203.0.113.7"


@pytest.fixture
def room(db):
    return Meeting.objects.create(name="Algebra", viewer_code="learn-now", moderator_code="teach-now")


def attempt(room, code="wrong!", *, guest="g1", address=ADDRESS):
    return try_code(meeting=room, code=code, guest_id=guest, address=address)


def be_wrong(room, times, **who):
    for _ in range(times):
        with pytest.raises(WrongCode):
            attempt(room, **who)


class TestCodes:
    def test_each_code_has_its_role(self, room):
        assert attempt(room, "learn-now") is Role.VIEWER
        assert attempt(room, " teach-now ") is Role.MODERATOR

    @pytest.mark.parametrize("code", ["", "Learn-now", "learn", "learn-now-", "\x00", "\ud800", "é" * 40])
    def test_others_have_none(self, room, code):
        with pytest.raises(WrongCode):
            attempt(room, code)

    @pytest.mark.parametrize("code", ["", " ", "\t"])
    def test_a_room_without_codes_is_opened_by_none(self, db, code):
        bare = Meeting.objects.create(name="Algebra")

        assert role_by_code(meeting=bare, code=code) is None

    def test_the_two_of_one_room_differ(self, room):
        room.moderator_code = room.viewer_code

        with pytest.raises(ValidationError) as refusal:
            room.full_clean()

        assert list(refusal.value.message_dict) == ["moderator_code"]

    def test_the_code_of_another_room_is_none(self, room):
        other = Meeting.objects.create(name="Geometry", viewer_code="triangle")

        assert role_by_code(meeting=other, code="learn-now") is None


class TestLimits:
    def test_ten_are_free_and_then_the_right_one_is_refused_too(self, room):
        be_wrong(room, MOST_BY_GUEST)

        with pytest.raises(TooManyTries) as refusal:
            attempt(room, "learn-now")

        assert timezone.now() < refusal.value.until <= timezone.now() + codes.PERIOD

    def test_nobody_else_is_kept_out(self, room):
        be_wrong(room, MOST_BY_GUEST)

        assert attempt(room, "learn-now", guest="g2") is Role.VIEWER

    def test_another_room_has_a_count_of_its_own(self, room):
        other = Meeting.objects.create(name="Geometry", viewer_code="triangle")
        be_wrong(room, MOST_BY_GUEST)

        assert attempt(other, "triangle") is Role.VIEWER

    def test_a_new_cookie_each_time_helps_up_to_a_hundred_times(self, room):
        for number in range(MOST_BY_ADDRESS):
            be_wrong(room, 1, guest=f"g{number}")

        with pytest.raises(TooManyTries):
            attempt(room, "learn-now", guest="another")
        assert attempt(room, "learn-now", guest="another", address="203.0.113.8") is Role.VIEWER

    def test_a_network_of_ipv6_is_one_address(self, room):
        for number in range(MOST_BY_ADDRESS):
            be_wrong(room, 1, guest=f"g{number}", address=f"2001:db8:1:2::{number:x}")

        with pytest.raises(TooManyTries):
            attempt(room, "learn-now", guest="another", address="2001:db8:1:2:ffff::1")
        assert attempt(room, "learn-now", guest="another", address="2001:db8:1:3::1") is Role.VIEWER

    def test_right_codes_are_not_counted(self, room):
        for number in range(MOST_BY_ADDRESS * 2):
            assert attempt(room, "learn-now", guest=f"g{number % 3}") is Role.VIEWER

    def test_counts_are_forgotten_when_they_count_no_more(self, room, monkeypatch):
        be_wrong(room, 2)
        now = timezone.now()
        kept = []
        for later in (codes.PERIOD, 3 * codes.PERIOD):
            monkeypatch.setattr(retention.timezone, "now", lambda later=later: now + later)
            kept.append((retention.forget_what_is_old()["tries"], WrongTry.objects.count()))

        assert kept == [(0, 2), (2, 0)]

    def test_after_the_period_one_may_try_again(self, room, monkeypatch):
        be_wrong(room, MOST_BY_GUEST)
        later = timezone.now() + codes.PERIOD
        monkeypatch.setattr(codes.timezone, "now", lambda: later)

        assert attempt(room, "learn-now") is Role.VIEWER

    def test_the_log_names_neither_code_nor_address(self, room, caplog):
        be_wrong(room, MOST_BY_GUEST)
        with pytest.raises(TooManyTries):
            attempt(room, "guess-at-it")

        assert room.meeting_id in caplog.text
        assert "guess-at-it" not in caplog.text
        assert ADDRESS not in caplog.text

    def test_no_address_is_stored(self, room):
        be_wrong(room, 1)

        assert not any(ADDRESS in one.by for one in WrongTry.objects.all())

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_get_no_more_looks_than_one_after_the_other(self, room, monkeypatch):
        looked = []
        look = codes.role_by_code
        monkeypatch.setattr(codes, "role_by_code", lambda **what: looked.append(1) or look(**what))

        def guess():
            try:
                for _ in range(5):
                    with pytest.raises((WrongCode, TooManyTries)):
                        attempt(room)
            finally:
                connection.close()

        threads = [threading.Thread(target=guess) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert 1 <= len(looked) <= MOST_BY_GUEST


class TestInvitations:
    @pytest.fixture
    def invitation(self, room):
        return Invitation.objects.create(meeting=room, role=Invitation.Role.MODERATOR)

    def test_a_link_has_its_role(self, room, invitation):
        assert role_by_code(meeting=room, code=code_of(invitation)) is Role.MODERATOR

    def test_it_is_good_for_its_meeting_alone(self, room, invitation):
        other = Meeting.objects.create(name="Geometry")

        assert role_by_code(meeting=other, code=code_of(invitation)) is None

    def test_a_revoked_one_lets_nobody_in_any_more(self, room, invitation):
        assert revoke_invitation(invitation=invitation)
        assert not revoke_invitation(invitation=invitation)

        assert role_by_code(meeting=room, code=code_of(invitation)) is None

    def test_it_expires(self, room, invitation):
        invitation.expires_at = timezone.now() + timedelta(hours=1)
        invitation.save()

        at = {name: timezone.now() + timedelta(minutes=minutes) for name, minutes in (("before", 59), ("after", 61))}
        assert role_by_code(meeting=room, code=code_of(invitation), now=at["before"]) is Role.MODERATOR
        assert role_by_code(meeting=room, code=code_of(invitation), now=at["after"]) is None

    def test_it_cannot_be_typed_as_a_code(self, room, invitation):
        with pytest.raises(WrongCode):
            attempt(room, code_of(invitation))

    def test_links_cannot_be_guessed(self, room):
        tokens = {Invitation.objects.create(meeting=room).token for _ in range(20)}

        assert len(tokens) == 20
        assert all(len(one) >= 32 for one in tokens)
