"""People without an account: a stable id, a name, and the codes they have shown, in a cookie of theirs.

The cookie is encrypted under keys made from ``SECRET_KEY``: nobody makes one up, and nobody reads a code in it.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django_bbb.api import Secret
from django_bbb.models import Meeting, encryption

COOKIE = "django_bbb_guest"

#: A cookie has room for this many.
_MOST_CODES = 20


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes without an account, or shows a code.

    ``id`` is ``g`` and 32 hexadecimal digits: the same at each visit, so that whoever comes back is one person in
    the attendance list.  ``codes`` are what was shown at the doors of meetings, by ``meeting_id``.
    """

    id: str = field(default_factory=lambda: f"g{secrets.token_hex(16)}")
    name: str = ""
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def code_for(self, meeting: Meeting) -> str:
        """Return what this guest has shown at the door of a meeting."""
        return self.codes.get(meeting.meeting_id, "")

    def with_code(self, meeting: Meeting, code: str) -> "Guest":
        """Return the same guest, who has now shown a code; the oldest of too many is forgotten."""
        others = {known: shown for known, shown in self.codes.items() if known != meeting.meeting_id}
        kept = list(others.items())[-(_MOST_CODES - 1) :]
        return replace(self, codes=dict([*kept, (meeting.meeting_id, code)]))

    def named(self, name: str) -> "Guest":
        """Return the same guest under a name."""
        return replace(self, name=name)


def guest_in(cookies: Mapping[str, str]) -> Guest | None:
    """Return the guest of a cookie; None without one, and for one that is not ours."""
    sealed = cookies.get(COOKIE)
    opened = encryption.decrypt(sealed, purpose=encryption.GUESTS) if sealed and sealed.isascii() else None
    return _from(json.loads(opened.reveal())) if opened else None


def _from(known: dict[str, Any]) -> Guest:
    return Guest(id=known["id"], name=known["name"], codes=known["codes"])


def sealed(guest: Guest) -> str:
    """Return what stands in the cookie."""
    known = {"id": guest.id, "name": guest.name, "codes": dict(guest.codes)}
    return encryption.encrypt(Secret(json.dumps(known, separators=(",", ":"))), purpose=encryption.GUESTS)
