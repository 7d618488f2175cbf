"""Bytes to a safe element tree, or an error.

Any DOCTYPE is refused: lxml's usual hardening (``resolve_entities=False`` and so on) *accepts* documents with
external and internal entities and quietly returns empty text in their place.  ``huge_tree`` is never used, so
libxml2's own limits on depth and text size stay in force.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from .errors import UnreadableResponse

Element = etree._Element

#: What stands in the root beside a list.
BESIDE = ("returncode", "messageKey", "message", "errors", "totalElements", "pagination")

#: One recording in a long answer; the whole of it may be any size.
MOST_PER_ITEM = 1024 * 1024

#: A parser is made of these for each document: a shared one would make threads wait for each other.
_SAFE: dict[str, Any] = {
    "encoding": "utf-8",  # what the server sends; a declaration of another encoding is not believed
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse(body: bytes, *, call: str = "", server: str = "") -> Element:
    """Return the ``<response>`` of an answer; raises `UnreadableResponse` for anything else."""
    if not body.strip():
        raise unreadable("an empty page", call=call, server=server)
    root: Element | None
    try:
        root = etree.fromstring(body, etree.XMLParser(**_SAFE))
    except (etree.XMLSyntaxError, ValueError):
        root = None
    # Raised here and not above: lxml's error text quotes the document.
    if root is None:
        raise unreadable(describe(body), call=call, server=server)
    _check_root(root, call=call, server=server)
    return root


def walk(chunks: Iterable[bytes], *, path: tuple[str, str], call: str = "", server: str = "") -> Iterator[Element]:
    """Walk through an answer while it comes: the items of a list, and what stands beside the list (`BESIDE`).

    ``path`` names the list and its items, such as ``("recordings", "recording")``.  Each element is emptied once
    the caller asks for the next, so that memory does not grow with the answer; one alone may take `MOST_PER_ITEM`
    bytes.  Raises `UnreadableResponse`, also after good items: what is cut off was not all.
    """
    listed, item = path
    # Only these tags: an event for each element would cost more than everything else.
    parser = etree.XMLPullParser(events=("start", "end"), tag=("response", item, *BESIDE), **_SAFE)
    beginning, waiting = b"", 0
    for chunk in chunks:
        beginning, waiting = beginning or chunk, waiting + len(chunk)
        if waiting > MOST_PER_ITEM:
            raise unreadable(f"an item of more than {MOST_PER_ITEM} bytes", call=call, server=server)
        if not _feed(parser, chunk):
            raise unreadable(describe(beginning), call=call, server=server)
        for event, element in parser.read_events():
            if event == "start":
                if element.getparent() is None:
                    _check_root(element, call=call, server=server)
            elif element.tag != "response" and _stands_in(element, listed if element.tag == item else ""):
                waiting = 0
                yield element
                _forget(element)
    root = _end(parser)
    if root is None:
        what = describe(beginning) if beginning.strip() else "an empty page"
        raise unreadable(what, call=call, server=server)
    _check_root(root, call=call, server=server)


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> bool:
    try:
        parser.feed(chunk)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def _end(parser: etree.XMLPullParser) -> Element | None:
    try:
        root: Element = parser.close()
        return root
    except (etree.XMLSyntaxError, ValueError):
        return None


def _stands_in(element: Element, listed: str) -> bool:
    """Whether an element stands in the list that stands in the root; without a list, whether it stands in the root.

    A recording's metadata may have a name like those we look for.
    """
    parent = element.getparent()
    above = None if parent is None else parent.getparent()
    if parent is None or not listed:
        return above is None
    return parent.tag == listed and above is not None and above.getparent() is None


def _forget(element: Element) -> None:
    """Empty an element and drop those before it: what was read is not kept."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _check_root(root: Element, *, call: str, server: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise unreadable("a document that declares a DOCTYPE", call=call, server=server)
    if root.tag != "response":
        raise unreadable(f"<{str(root.tag)[:40]}>", call=call, server=server)


def unreadable(what: str, *, call: str, server: str) -> UnreadableResponse:
    """Return the error for an answer that is something else; it says what, and quotes nothing."""
    return UnreadableResponse(
        f"{server} answered {call} with {what}, which is not BigBlueButton's. "
        "Check the address: it usually ends in /bigbluebutton/api/.",
        server=server,
        call=call,
    )


def describe(body: bytes) -> str:
    """Say in a few words what came in place of an answer, without quoting it."""
    start = body[:1000].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    return "ill-formed or cut-off XML" if start.startswith(b"<") else "something that is no XML"
