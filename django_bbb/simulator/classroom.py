"""The classroom in a browser: who is here, recording on and off, leave, end.  No script, no cookies."""

from urllib.parse import quote_plus, urlsplit

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from . import pages
from .join_call import classroom_url
from .meetings import Meeting, Person, Role
from .world import Session, World

#: Seconds after which the page looks again who is here.
REFRESH = 3


def answer(request: Request, world: World, *, address: str) -> Response:
    """Show the classroom to who holds the session token, or do what was pressed there."""
    session = world.session(request.args.get("sessionToken", ""))
    if session is None:
        return pages.message("You are not in a class", "This link is not known here, or no longer.", status=404)
    if request.method == "POST":
        return _do(request.form.get("action", ""), session, world, address=address)
    if session.meeting.ended:
        return _farewell(session, "The class has ended", f"{session.meeting.name} is over.")
    if session.person.left_at is not None:
        return _farewell(session, "You have left the class", f"{session.meeting.name} goes on without you.")
    world.enter(session)
    return _classroom(session, world)


def logout_url(meeting: Meeting, person: Person) -> str:
    """Return where somebody goes after class: the logoutURL of their join, else of create, else here."""
    url = person.logout_url or meeting.settings.logout_url
    for keyword, value in (
        ("%%MEETINGID%%", meeting.internal_id),
        ("%%USERID%%", person.internal_user_id),
        ("%%USERNAME%%", person.name),
    ):
        url = url.replace(keyword, quote_plus(value))
    try:
        is_web_page = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_web_page = False
    return url if is_web_page else "/"


def _do(action: str, session: Session, world: World, *, address: str) -> Response:
    """Do what a button says; a button that this person does not have does nothing."""
    meeting, person = session.meeting, session.person
    if action == "leave":
        world.leave(session)
        return _see_other(logout_url(meeting, person))
    if person.role is Role.MODERATOR and not meeting.ended and person.left_at is None:
        if action == "end":
            world.end(meeting, forcibly=True)
        if action in {"start-recording", "stop-recording"} and _has_record_button(meeting):
            world.set_recording(meeting, action == "start-recording")
    return _see_other(classroom_url(address, person.session_token))


def _classroom(session: Session, world: World) -> Response:
    meeting, me = session.meeting, session.person
    people = sorted(world.people_inside(meeting), key=lambda one: (one.role, one.name.casefold()))
    entry = pages.template("person.html")
    body = pages.template("classroom.html").format(
        name=meeting.name,
        count=len(people),
        people=Markup().join(
            entry.format(
                name=one.name,
                role=one.role.label,
                # An attribute, so that a browser test can tell whose line it is.
                current="true" if one is me else "false",
                you=" (you)" if one is me else "",
            )
            for one in people
        ),
        recording=_recording_status(meeting),
        buttons=Markup().join(
            pages.template("button.html").format(action=action, label=label, kind=kind)
            for action, label, kind in _buttons(meeting, me)
        ),
    )
    return pages.page(meeting.name, body, refresh=REFRESH)


def _buttons(meeting: Meeting, person: Person) -> list[tuple[str, str, str]]:
    """Return action, label and look of each button this person has."""
    buttons = []
    is_moderator = person.role is Role.MODERATOR
    if is_moderator and _has_record_button(meeting):
        on = meeting.is_being_recorded
        label = "Stop recording" if on else "Start recording"
        buttons.append(("stop-recording" if on else "start-recording", label, "plain"))
    buttons.append(("leave", "Leave", "plain"))
    if is_moderator:
        buttons.append(("end", "End class", "danger"))
    return buttons


def _has_record_button(meeting: Meeting) -> bool:
    return meeting.settings.record and meeting.settings.allow_start_stop_recording


def _recording_status(meeting: Meeting) -> str:
    if meeting.is_being_recorded:
        return "This class is being recorded."
    return "Recording is off." if meeting.settings.record else "This class cannot be recorded."


def _farewell(session: Session, title: str, text: str) -> Response:
    url = logout_url(session.meeting, session.person)
    return pages.message(title, text, link=url, link_text="Continue")


def _see_other(url: str) -> Response:
    return Response(
        "",
        status=303,
        headers={"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
