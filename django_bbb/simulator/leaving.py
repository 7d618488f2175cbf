"""Where people go when they leave, and the pages they see then."""

from urllib.parse import quote_plus, urlsplit

from werkzeug.wrappers import Response

from . import pages
from .meetings import Meeting, Person
from .sessions import Session


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


def farewell(session: Session, title: str, text: str) -> Response:
    """Return a page that says why it is over, with a link to where people go after class."""
    url = logout_url(session.meeting, session.person)
    return pages.message(title, text, link=url, link_text="Continue")


def see_other(url: str) -> Response:
    """Send a browser on after it has posted something; the address may hold a session token."""
    return Response(
        "",
        status=303,
        headers={"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
