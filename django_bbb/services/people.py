"""What a person is on servers: their id, name, picture, language."""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import translation

from django_bbb.conf import conf
from django_bbb.models import Meeting

from .guests import Guest

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

_LONGEST_NAME = 100
#: Where Django names a script, BigBlueButton names a region.
_REGIONS_OF_SCRIPTS = {"hans": "CN", "hant": "TW"}
#: Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def default_user_id(*, user: "AbstractBaseUser") -> str:
    """``u42`` for whole numbers, ``x`` and the text in hex for other keys.

    BigBlueButton's analytics rewrite anything but ``[a-z0-9_]`` in ids.
    """
    key = user.pk
    return f"u{key}" if isinstance(key, int) and key >= 0 else f"x{str(key).encode().hex()}"


def users_of(external_ids: Iterable[str]) -> dict[str, Any]:
    """Return the primary keys of those whom servers know by these ids; what is no id of a user is left out.

    Ids like those of `default_user_id` are found, and taken back to ``USER_ID``: what it does not say of a user is
    somebody else's.
    """
    keys = {found: key for found in external_ids if (key := _key_in(found)) is not None}
    users = get_user_model()._default_manager.in_bulk(_usable_keys(keys.values()))
    by_id = {conf.USER_ID(user=user): user.pk for user in users.values()}
    return {found: by_id[found] for found in keys if found in by_id}


def find_person(*, text: str) -> Any:
    """Return who logs in with this name, or is the only one with this e-mail address; None where nobody is.

    Exactly as it was typed: whoever asks has to know it already.
    """
    model = get_user_model()
    found = _named(model.USERNAME_FIELD, text)
    email = getattr(model, "EMAIL_FIELD", "")
    if not found and email and email != model.USERNAME_FIELD:
        found = _named(email, text)
    return found[0] if len(found) == 1 else None


def _named(field: str, text: str) -> list[Any]:
    # MariaDB compares without capitals and accents.
    found = get_user_model()._default_manager.filter(**{field: text}) if text else []
    return [one for one in found if one.is_active and getattr(one, field) == text]


def _key_in(external_id: str) -> str | None:
    if re.fullmatch(r"u[0-9]{1,18}", external_id):
        return external_id[1:]
    try:
        return bytes.fromhex(external_id[1:]).decode() if external_id.startswith("x") else None
    except ValueError:
        return None


def _usable_keys(keys: Iterable[str]) -> list[Any]:
    field = get_user_model()._meta.pk
    usable = []
    for key in keys:
        with suppress(ValidationError):
            usable.append(field.to_python(key))
    return usable


def default_display_name(*, user: "AbstractBaseUser") -> str:
    """The full name, or whatever the site shows for the person."""
    full_name = getattr(user, "get_full_name", str)()
    return str(full_name or user)


def clean_name(name: str) -> str:
    """Without control characters and those that turn the direction of what others read after it.

    Joiners stay: Persian and emoji need them.
    """
    kept = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cs") and one not in _TURNING)
    return kept.strip()[:_LONGEST_NAME] or "?"


def default_avatar_url(*, user: "AbstractBaseUser") -> str:
    """None: Django knows no pictures of people."""
    return ""


def default_language(*, user: "AbstractBaseUser | None") -> str:
    """The language of the page somebody came from, as BigBlueButton writes it: ``pt-BR``."""
    language, _dash, region = (translation.get_language() or "").partition("-")
    region = _REGIONS_OF_SCRIPTS.get(region, region)
    return f"{language}-{region.upper()}" if len(region) == 2 else language


def join_parameters(
    *, user: "AbstractBaseUser | AnonymousUser", guest: Guest | None, meeting: Meeting
) -> dict[str, Any]:
    """Return what a server is told of a person who joins.

    What the site's hook adds wins over the rest, but cannot change who somebody is: that is put in last.
    """
    account = user if user.is_authenticated else None
    said: dict[str, Any] = {
        "avatar_url": conf.AVATAR_URL(user=account) if account else "",
        "userdata_bbb_override_default_locale": conf.LANGUAGE(user=account),
    }
    said = {name: value for name, value in said.items() if value}
    return said | dict(conf.JOIN_PARAMETERS(user=account, meeting=meeting)) | _identity(user, guest)


def _identity(user: "AbstractBaseUser | AnonymousUser", guest: Guest | None) -> dict[str, Any]:
    if user.is_authenticated:
        return {"full_name": clean_name(conf.DISPLAY_NAME(user=user)), "user_id": conf.USER_ID(user=user)}
    if guest is None:
        raise ValueError("Whoever has no account joins as a guest.")
    return {"full_name": clean_name(guest.name), "user_id": guest.id, "guest": True}


def name_in_class(*, user: "AbstractBaseUser | AnonymousUser", guest: Guest | None) -> str:
    """Return what others see of somebody in class."""
    return str(_identity(user, guest)["full_name"])


def default_join_parameters(*, user: "AbstractBaseUser | None", meeting: Meeting) -> dict[str, Any]:
    """None beside name, picture and language."""
    return {}


def person_of(*, user: "AbstractBaseUser | AnonymousUser", guest: Guest | None) -> str:
    """Return the id by which servers know somebody; empty for a guest who has told no name yet."""
    if user.is_authenticated:
        return str(conf.USER_ID(user=user))
    return guest.id if guest is not None else ""
