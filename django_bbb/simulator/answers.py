"""Answers as BigBlueButton's FreeMarker templates write them: XML, nearly always with HTTP status 200.

Each element ends its line, as in the templates: one that holds others and is empty holds a line break.  Programs
have been seen to stumble over that on a real server, and over its absence.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from werkzeug.wrappers import Response

from .failures import Failed, JsonFailed, KeylessFailed

_SPECIAL: Final = re.compile(r"""[&<>"'\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]""")
#: What `<#compress>` around each template (all but those about recordings) makes smaller.
_BLANKS: Final = re.compile(r"[ \t\r\n]{2,}|[\t\r]")
_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def escape(text: str) -> str:
    """Return the text fit for an XML document; characters that no document may hold are left out."""
    # Most texts need nothing, and a list of meetings holds a hundred thousand of them.
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], ""), text)


def element(name: str, content: str | int | bool) -> str:
    """Return an element with text in it."""
    if isinstance(content, bool):
        content = "true" if content else "false"
    return f"<{name}>{escape(str(content))}</{name}>\n"


def elements(**contents: str | int | bool) -> str:
    """Return one element with text for each name, in this order."""
    return "".join([element(name, content) for name, content in contents.items()])


def wrap(name: str, parts: Iterable[str]) -> str:
    """Return an element around XML that is already written."""
    return f"<{name}>\n{''.join(parts)}</{name}>\n"


def from_keys(name: str, pairs: Mapping[str, str]) -> str:
    """Return an element whose children are named by keys.

    The server does not check the names (`get-meeting-info.ftlx`), so a join with `userdata-1x=` makes the
    document ill-formed; so does it here.
    """
    return wrap(name, [f"<{key}>{escape(value)}</{key}>\n" for key, value in pairs.items()])


def xml(text: str) -> Response:
    return Response(text, headers={"Content-Type": "text/xml;charset=utf-8", "Cache-Control": "no-cache"})


def success(content: str) -> Response:
    return xml(wrap("response", [element("returncode", "SUCCESS"), content]))


def compressed(content: str) -> str:
    """Return what FreeMarker's `<#compress>` leaves: of blanks in a row one, in what people wrote as well."""
    return _BLANKS.sub(lambda found: "\n" if "\n" in found[0] or "\r" in found[0] else " ", content)


def failure(failed: Failed, *, as_json: bool = False) -> Response:
    """Return the answer to a call that failed; ApiController writes JSON where it is asked for."""
    if isinstance(failed, JsonFailed):
        key = {"messageKey": failed.key} if failed.key else {}
        return json_answer({"returncode": "FAILED", **key, "message": failed.message, **failed.facts})
    if isinstance(failed, KeylessFailed):
        return xml(wrap("response", [elements(returncode="FAILED", message=failed.message)]))
    if as_json:
        return json_answer({"returncode": "FAILED", "messageKey": failed.key, "message": failed.message})
    content = elements(returncode="FAILED", messageKey=failed.key, message=failed.message)
    return xml(wrap("response", [content]))


def failure_list(failures: Sequence[Failed]) -> Response:
    errors = [wrap("error", [elements(key=one.key, message=one.message)]) for one in failures]
    return xml(wrap("response", [elements(returncode="FAILED"), wrap("errors", errors) if errors else ""]))


def json_answer(content: Mapping[str, object]) -> Response:
    headers = {"Content-Type": "application/json;charset=utf-8", "Cache-Control": "no-cache"}
    return Response(json.dumps({"response": content}), headers=headers)


def redirect(url: str) -> Response:
    # Not werkzeug's `redirect`: its body would repeat an address that may hold a session token.
    return Response("", status=302, headers={"Location": url, "Cache-Control": "no-cache"})


def html_error(status: int, title: str) -> Response:
    """Return the kind of page a client meets where no XML comes."""
    page = f"<!DOCTYPE html><html lang=en><title>{status} {title}</title><h1>{status} {title}</h1></html>"
    return Response(page, status=status, content_type="text/html;charset=utf-8")
