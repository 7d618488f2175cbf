"""The classroom in a browser: who is here and what they do.  No script, no cookies."""

from collections.abc import Iterable
from contextlib import suppress

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from . import lobby, pages
from .activity import REACTIONS, Activity, NotPossible, chat, documents
from .buttons import (
    Button,
    Press,
    buttons_beside,
    class_buttons,
    deed,
    is_leading,
    is_moderator,
    own_buttons,
    poll_buttons,
)
from .join_call import classroom_url
from .leaving import farewell, logout_url, see_other
from .meetings import Meeting, Person
from .sessions import Session
from .world import World

#: Seconds after which the page looks again who is here.
REFRESH = 3
#: How many messages the page shows.
_LAST_MESSAGES = 50


def answer(request: Request, world: World, activity: Activity, *, address: str) -> Response:
    """Show the classroom to who holds the session token, or do what was pressed there."""
    session = world.session(request.args.get("sessionToken", ""))
    if session is None:
        return pages.message("You are not in a class", "This link is not known here, or no longer.", status=404)
    if request.method == "POST":
        return _do(request, session, world, activity, address=address)
    if session.meeting.ended:
        return farewell(session, "The class has ended", f"{session.meeting.name} is over.")
    if session.person.left_at is not None:
        return farewell(session, "You have left the class", f"{session.meeting.name} goes on without you.")
    world.enter(session)
    return _classroom(session, world, writing=request.args.get("write", ""))


def _do(request: Request, session: Session, world: World, activity: Activity, *, address: str) -> Response:
    """Do what a button says; a button that this person does not have does nothing, nor one that comes too late."""
    meeting, person = session.meeting, session.person
    name, _, target = request.form.get("action", "").partition(":")
    if name == "leave":
        activity.leave(person)
        return see_other(logout_url(meeting, person))
    if not meeting.ended and person.left_at is None:
        if is_moderator(person):
            lobby.do(name, target=target, meeting=meeting, world=world)
        does = deed(name, person)
        if does is not None:
            with suppress(NotPossible, LookupError, ValueError):
                does(Press(session, target, request.form, world, activity))
    return see_other(classroom_url(address, request.args["sessionToken"]))


# --- the page -----------------------------------------------------------------------------------------


def _classroom(session: Session, world: World, *, writing: str) -> Response:
    meeting, me = session.meeting, session.person
    people = sorted(world.people_inside(meeting), key=lambda one: (one.role, one.name.casefold()))
    body = pages.template("classroom.html").format(
        name=meeting.name,
        recording=_recording_status(meeting),
        buttons=_buttons(class_buttons(meeting, me)),
        lobby=lobby.block(meeting) if is_moderator(me) else "",
        own=_buttons(own_buttons(me)),
        count=len(people),
        people=Markup().join(_person(one, me) for one in people),
        poll=_poll(meeting, me, writing=writing == "poll"),
        chat=_chat(meeting, me, writing=writing == "chat"),
        slides=_slides(meeting, me),
    )
    # A page that loads itself again would take away what somebody is writing.
    refresh = None if writing in {"chat", "poll"} else REFRESH
    return pages.page(meeting.name, body, refresh=refresh)


def _person(one: Person, me: Person) -> Markup:
    return pages.template("person.html").format(
        name=one.name,
        role=one.role.label,
        # An attribute, so that a browser test can tell whose line it is.
        current="true" if one is me else "false",
        you=" (you)" if one is me else "",
        state=", ".join(_state(one)),
        buttons=_buttons(buttons_beside(one, me)),
    )


def _state(one: Person) -> Iterable[str]:
    """Yield what others see of somebody, in words."""
    if one.is_presenter:
        yield "presenter"
    if one.guest:
        yield "guest"
    if one.hand_raised:
        yield "hand raised"
    if one.emoji != "none":
        yield REACTIONS.get(one.emoji, one.emoji).lower()
    if one.has_joined_voice:
        yield "muted" if one.is_muted else "talking"
    if one.is_listening_only:
        yield "listening only"
    if one.webcam:
        yield "webcam on"


def _poll(meeting: Meeting, me: Person, *, writing: bool) -> Markup:
    parts = Markup()
    if meeting.polls:
        poll = meeting.polls[-1]
        answered = f"{len(poll.votes)} of {len(meeting.people)} have answered." if poll.is_open else "Result:"
        result = [] if poll.is_open else poll.result
        line = Markup("<li>{}: <strong>{}</strong></li>")
        parts += pages.template("poll.html").format(
            question=poll.question,
            status=answered,
            buttons=_buttons(poll_buttons(meeting, me)),
            result=Markup().join(line.format(option, votes) for option, votes in result),
        )
    if is_leading(me):
        parts += _form("poll-form.html", me) if writing else _link_to_form("poll", "Start a poll", me)
    return parts


def _chat(meeting: Meeting, me: Person, *, writing: bool) -> Markup:
    line = Markup('<li><span class="name">{}:</span> {}</li>')
    messages = Markup().join(line.format(sender, text) for sender, text in chat(meeting)[-_LAST_MESSAGES:])
    listed = Markup('<ul id="chat" class="people">{}</ul>').format(messages) if messages else Markup()
    return listed + (_form("chat-form.html", me) if writing else _link_to_form("chat", "Write a message", me))


def _slides(meeting: Meeting, me: Person) -> Markup:
    """Return the names of the slides; the presenter chooses which are on show."""
    lines = Markup()
    for number, name in enumerate(documents(meeting)):
        on_show = number == meeting.current_document
        choice = [Button(f"show:{number}", "Show", about=name)] if me.is_presenter and not on_show else []
        lines += Markup('<li class="person"><span>{}</span> <span class="role">{}</span>{}</li>').format(
            name, "on show" if on_show else "", _buttons(choice)
        )
    return lines


def _buttons(buttons: list[Button]) -> Markup:
    """Return buttons as a form of their own, so that no field of another goes along."""
    if not buttons:
        return Markup()
    template = pages.template("button.html")
    inner = Markup().join(
        template.format(action=one.action, label=one.label, about=f" {one.about}" if one.about else "", kind=one.kind)
        for one in buttons
    )
    return Markup('<form method="post" class="buttons">{}</form>').format(inner)


def _form(template: str, me: Person) -> Markup:
    return pages.template(template).format(back=_own_page(me))


def _link_to_form(name: str, label: str, me: Person) -> Markup:
    link = Markup('<p><a class="button" id="write-{}" href="{}&amp;write={}#{}-form">{}</a></p>')
    return link.format(name, _own_page(me), name, name, label)


def _own_page(me: Person) -> str:
    return f"?sessionToken={me.session_token}"


def _recording_status(meeting: Meeting) -> str:
    if meeting.is_being_recorded:
        return "This class is being recorded."
    return "Recording is off." if meeting.settings.record else "This class cannot be recorded."
