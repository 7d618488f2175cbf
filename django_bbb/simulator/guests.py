"""Who may come in, who waits and who is turned away (`calcGuestStatus` in bbb-common-web's `Meeting.java`)."""

from enum import StrEnum


class GuestStatus(StrEnum):
    """What a join comes to, by its name on the wire."""

    ALLOW = "ALLOW"
    WAIT = "WAIT"
    DENY = "DENY"


def guest_status(
    policy: str, *, is_moderator: bool, guest: bool, authenticated: bool, authenticated_guests: bool = True
) -> GuestStatus:
    """Return what becomes of somebody under a guest policy; an unknown policy lets no viewer in.

    With `authenticated_guests`, as servers have it, the policy is for everybody but moderators; without, for those
    who come as guests.
    """
    if is_moderator or not (guest or authenticated_guests):
        return GuestStatus.ALLOW
    match policy:
        case "ALWAYS_ACCEPT":
            return GuestStatus.ALLOW
        case "ASK_MODERATOR":
            return GuestStatus.WAIT if guest or authenticated else GuestStatus.ALLOW
        case "ALWAYS_ACCEPT_AUTH":
            return GuestStatus.WAIT if guest and authenticated_guests else GuestStatus.ALLOW
        case _:
            return GuestStatus.DENY
