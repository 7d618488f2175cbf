"""Pages for people: templates with everything escaped, headers that keep session tokens private."""

from functools import cache
from importlib.resources import files

from markupsafe import Markup
from werkzeug.wrappers import Response

#: Where the pages find the stylesheet.
STYLESHEET = "/simulator/static/simulator.css"

_HEADERS = {
    "Cache-Control": "no-store",
    # The address of a classroom holds a session token: it must not travel on to other sites.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # No form-action: Leave is a form that is answered by a redirect to another site.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'",
}


@cache
def template(name: str) -> Markup:
    """Return a template of this package; `.format()` on it escapes what is put in."""
    return Markup(files(__package__).joinpath("templates", name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def page(title: str, body: Markup, *, refresh: int | None = None, status: int = 200) -> Response:
    """Return a whole page around a body; with `refresh` the browser loads it again after so many seconds."""
    reload = Markup('<meta http-equiv="refresh" content="{}">').format(refresh) if refresh else Markup()
    text = template("page.html").format(title=title, body=body, reload=reload, stylesheet=STYLESHEET)
    return Response(text, status=status, content_type="text/html;charset=utf-8", headers=_HEADERS)


def message(title: str, text: str, *, link: str = "", link_text: str = "", status: int = 200) -> Response:
    """Return a page with one message and perhaps one link."""
    paragraph = Markup('<p><a class="button" href="{}">{}</a></p>').format(link, link_text) if link else Markup()
    body = template("message.html").format(title=title, text=text, link=paragraph)
    return page(title, body, status=status)


def stylesheet() -> Response:
    text = files(__package__).joinpath("static", "simulator.css").read_text(encoding="utf-8")
    return Response(text, content_type="text/css;charset=utf-8", headers={"Cache-Control": "no-cache"})
