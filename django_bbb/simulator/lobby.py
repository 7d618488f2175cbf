"""The lobby: people whom the guest policy lets wait, the page they see, and what moderators see of them."""

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from . import pages
from .answers import redirect
from .guests import GuestStatus
from .join_call import classroom_url, lobby_url
from .leaving import farewell, logout_url, see_other
from .meetings import Meeting, Person
from .sessions import Session
from .world import World

PATH = "/html5client/guestWait"
#: Seconds after which the page looks again whether it may go on.
REFRESH = 3


def waiting(meeting: Meeting, world: World) -> list[Person]:
    """Return who waits to be let in, the first to come first."""
    with world.lock:
        return list(meeting.lobby.values())


def answer(request: Request, world: World, *, address: str) -> Response:
    """Show the lobby to who holds the session token; go on to the classroom once they are let in."""
    session = world.session(request.args.get("sessionToken", ""))
    if session is None:
        return pages.message("You are not in a class", "This link is not known here, or no longer.", status=404)
    if request.method == "POST":
        world.leave(session)
        return see_other(logout_url(session.meeting, session.person))
    return page(session) or redirect(classroom_url(address, session.person.session_token))


def instead_of_classroom(request: Request, world: World) -> Response | None:
    """Return what somebody sees at the address of the classroom who is not let in; None if they are."""
    session = world.session(request.args.get("sessionToken", ""))
    return page(session) if session is not None else None


def page(session: Session) -> Response | None:
    """Return what somebody sees who is not let in; None if they are."""
    meeting, person = session.meeting, session.person
    if person.guest_status is GuestStatus.ALLOW:
        return None
    if person.guest_status is GuestStatus.DENY:
        return farewell(session, "You were not let in", f"A moderator of {meeting.name} has turned you away.")
    if meeting.ended:
        return farewell(session, "The class has ended", f"{meeting.name} is over.")
    if person.left_at is not None:
        return farewell(session, "You have left the lobby", f"{meeting.name} goes on without you.")
    body = pages.template("lobby.html").format(name=meeting.name)
    return pages.page(meeting.name, body, refresh=REFRESH)


def block(meeting: Meeting) -> Markup:
    """Return who waits, with buttons to let them in or not, for the page of a moderator; nothing if nobody does."""
    people = tuple(meeting.lobby.values())
    if not people:
        return Markup()
    line = pages.template("waiting.html")
    lines = Markup().join(line.format(name=one.name, id=one.internal_user_id) for one in people)
    return pages.template("lobby-block.html").format(count=len(people), people=lines)


def do(action: str, *, target: str, meeting: Meeting, world: World) -> bool:
    """Do what a button of the block says, to one person or to `all`; return whether it was one of its buttons."""
    deeds = {"admit": world.admit, "deny": world.deny}
    if action not in deeds:
        return False
    for person in waiting(meeting, world):
        if target in {"all", person.internal_user_id}:
            deeds[action](meeting, person)
    return True


def url(address: str, person: Person) -> str:
    return lobby_url(address, person.session_token)
