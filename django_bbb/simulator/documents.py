"""Slides that come with create or insertDocument: read from XML, noted, never fetched."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lxml import etree

from .failures import Failed


@dataclass(frozen=True, kw_only=True)
class Document:
    """One file of slides, and what people may do with it."""

    name: str
    #: The address it would be fetched from, or "" if it came in the body.  It may hold a signature.
    url: str = field(default="", repr=False)
    #: Bytes, for one that came in the body.
    size: int = 0
    #: What the body says; None if it does not.
    current: bool | None = None
    downloadable: bool = False
    removable: bool = True

    @staticmethod
    def name_in(url: str) -> str:
        """Return the file name that an address ends with."""
        try:
            return unquote(urlsplit(url).path.rpartition("/")[2])
        except ValueError:
            return ""


def read_documents(body: bytes, *, check_addresses: bool = False) -> tuple[Document, ...]:
    """Return the slides named in a posted body, in order."""
    if not body:
        return ()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Failed("malformedXml", "The body is not well-formed XML.") from error
    found = tuple(_document(one) for one in root.iterfind(".//module[@name='presentation']/document"))
    if check_addresses and not all(_is_fetchable(one.url) for one in found if one.url):
        raise Failed("invalidPresentationUrl", "The address of a presentation begins with http or https.")
    return found


def current_place(documents: Sequence[Document]) -> int | None:
    """Return the place of the slides to show, by the first that says so; None if none does."""
    return next((place for place, one in enumerate(documents) if one.current), None)


def _document(element: etree._Element) -> Document:
    url = element.get("url") or ""
    text = (element.text or "").strip()
    current = element.get("current")
    return Document(
        name=element.get("filename") or element.get("name") or Document.name_in(url) or url,
        url=url,
        size=0 if url else _size(text),
        current=None if current is None else current == "true",
        downloadable=element.get("downloadable") == "true",
        removable=element.get("removable") != "false",
    )


def _size(text: str) -> int:
    try:
        return len(base64.b64decode(text))
    except binascii.Error:
        return 0


def _is_fetchable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
