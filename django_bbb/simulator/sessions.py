"""Sessions: who holds which token, and in which meeting."""

import secrets
import string
from dataclasses import dataclass

from .guests import GuestStatus
from .meetings import Meeting, Person, Role

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Session:
    """Who holds a session token, and where."""

    meeting: Meeting
    person: Person


def new_person(
    *,
    name: str,
    role: Role,
    user_id: str,
    guest: bool,
    bot: bool,
    status: GuestStatus,
    avatar_url: str,
    logout_url: str,
    custom_data: dict[str, str],
    now: float,
) -> Person:
    """Return somebody with ids and tokens of their own."""
    internal_user_id = f"w_{random_text(12).lower()}"
    return Person(
        name=name,
        role=role,
        user_id=user_id or internal_user_id,
        internal_user_id=internal_user_id,
        session_token=random_text(16).lower(),
        auth_token=random_text(12).lower(),
        guest=guest,
        guest_status=status,
        bot=bot,
        avatar_url=avatar_url,
        logout_url=logout_url,
        custom_data=custom_data,
        let_in_at=now,
    )


def random_text(length: int) -> str:
    # Not `secrets.choice`: a hundred thousand people would wait ten times as long.
    return "".join([_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length)])
