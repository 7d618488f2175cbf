"""People without an account, and the cookie they are known by."""

import re

import pytest
from django.test import override_settings

from django_bbb.models import Meeting, encryption
from django_bbb.services.guests import COOKIE, Guest, guest_in, sealed


def cookies(guest):
    return {COOKIE: sealed(guest)}


def room(number):
    return Meeting(meeting_id=f"m-{number}")


def test_a_guest_has_an_id_of_their_own():
    one, other = Guest(), Guest()

    assert re.fullmatch(r"g[0-9a-f]{32}", one.id)
    assert one.id != other.id


def test_a_guest_comes_back_as_the_same_person():
    guest = Guest(name="Éva").with_code(room(1), "123456")

    assert guest_in(cookies(guest)) == guest
    assert guest_in(cookies(guest)).code_for(room(1)) == "123456"


def test_codes_stand_in_no_cookie_and_no_repr():
    guest = Guest(name="Eva").with_code(room(1), "open-sesame")

    assert "open-sesame" not in sealed(guest) + repr(guest)


@pytest.mark.parametrize("value", ["", "x", "gAAAA", "é", "0" * 5000])
def test_what_is_not_ours_is_nobody(value):
    assert guest_in({COOKIE: value}) is None


def test_nobody_makes_a_cookie_up():
    mine = sealed(Guest(name="Eva"))

    assert guest_in({COOKIE: mine[:-10] + ("A" * 10)}) is None


def test_a_cookie_survives_a_new_key():
    with override_settings(SECRET_KEY="old"):
        old = cookies(Guest(name="Eva"))

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert guest_in(old).name == "Eva"
    with override_settings(SECRET_KEY="new"):
        assert guest_in(old) is None


def test_the_oldest_codes_are_forgotten_first():
    guest = Guest()
    for number in range(30):
        guest = guest.with_code(room(number), "123456")

    assert (guest.code_for(room(0)), guest.code_for(room(29))) == ("", "123456")
    assert len(sealed(guest)) < 4000


def test_a_cookie_of_something_else_under_the_same_key_is_nobody():
    from django_bbb.api import Secret

    assert guest_in({COOKIE: encryption.encrypt(Secret("another secret of this site"))}) is None
