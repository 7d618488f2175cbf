"""What goes into the body of a call: slides, the other modules of create, text tracks.

The server reports none of what goes wrong with slides later on (it answers create and insertDocument before it
fetches and converts them), so all that can be known beforehand is checked here.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from os import PathLike
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

#: ``maxFileSizeUpload`` of bbb-web, unless its administrator changed it.
LARGEST_DOCUMENT = 30_000_000

#: What XML cannot hold, and what has no business in the name of a file.
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

#: Bytes that are turned into base64 at once; a multiple of three, so that the pieces join without padding.
_PIECE = 3 * 64 * 1024

_TEXT_TRACK_TYPES = {
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".ssa": "text/x-ssa",
    ".ass": "text/x-ssa",
}


@dataclass(frozen=True, kw_only=True)
class Document:
    """Slides: an address the server fetches (``url``), a file (``path``), or its bytes (``content``).

    The server tells the kind of a file by the extension of ``filename``, which is that of ``path`` unless given.
    By its own settings it fetches from https addresses of public hosts only; for a site on your own machine send
    the file.

    ``current`` shows these slides first: in create the first document is shown where none says so, in
    insertDocument the view then stays as it is.  ``downloadable`` (false unless sent) offers the file to
    everybody, ``removable`` (true unless sent) lets presenters take it away.
    """

    #: May hold a token of yours.
    url: str = field(default="", repr=False)
    path: str | PathLike[str] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    filename: str = ""
    current: bool | None = None
    downloadable: bool | None = None
    removable: bool | None = None

    @property
    def name(self) -> str:
        """What the file is called; empty for an address without a ``filename``."""
        return self.filename or (PurePath(self.path).name if self.path is not None else "")


@dataclass(frozen=True, kw_only=True)
class Modules:
    """What create takes in its body beside slides.

    The settings need ``allowOverrideClientSettingsOnCreateCall`` on the server, and an address given by the
    parameter of the same name wins over each of these.  A server before 3.0 passes over them.
    """

    client_settings_override: Mapping[str, Any] | None = None
    #: The blocks of BlockNote.
    shared_notes_initial_content_json: Sequence[Any] | None = None
    #: 3.0.33 and newer.
    shared_notes_initial_content_markdown: str | None = None


@dataclass(frozen=True, kw_only=True)
class Body:
    """What is posted beside the signed parameters, or why it cannot be."""

    content: bytes = field(default=b"", repr=False)
    content_type: str = ""
    #: A sentence each.
    problems: Sequence[str] = ()


# --- slides and modules -------------------------------------------------------------------------------


def encode_modules(
    slides: Sequence[Document], modules: Modules | None = None, *, largest: int = LARGEST_DOCUMENT
) -> Body | None:
    """Return the XML of slides and modules, each file of at most ``largest`` bytes; None where there is nothing."""
    texts, problems = _module_texts(modules or Modules())
    for number, slide in enumerate(slides):
        problems += [f"slides[{number}] {problem}." for problem in _problems_of(slide, largest)]
    if problems:
        return Body(problems=problems)
    if not slides and not texts:
        return None
    xml = BytesIO()
    try:
        _write_modules(xml, slides, texts)
    except OSError:
        return Body(problems=["A file of the slides cannot be read to its end."])
    return Body(content=xml.getvalue(), content_type="application/xml")


def _write_modules(xml: BytesIO, slides: Sequence[Document], texts: Mapping[str, str]) -> None:
    # Not buffered: lxml would keep most of it until the end, and then copy it.
    with etree.xmlfile(xml, encoding="utf-8", buffered=False) as out, out.element("modules"):
        if slides:
            with out.element("module", name="presentation"):
                for slide in slides:
                    with out.element("document", _attributes(slide)):
                        for piece in _pieces(slide):
                            out.write(b64encode(piece).decode("ascii"))
        for name, text in texts.items():
            with out.element("module", name=name):
                out.write(text)


def _attributes(slide: Document) -> dict[str, str]:
    # The server reads the name of an embedded file from `name`, that of an address from `filename`.
    attributes = {"url": slide.url, "filename": slide.name} if slide.url else {"name": slide.name}
    for name in ("current", "downloadable", "removable"):
        value = getattr(slide, name)
        if value is not None:
            attributes[name] = "true" if value else "false"
    return {name: value for name, value in attributes.items() if value}


def _pieces(slide: Document) -> Iterator[bytes | memoryview]:
    """Read a file piece by piece: beside the body that is sent, no second copy of it is in memory."""
    if slide.content is not None:
        view = memoryview(slide.content)
        yield from (view[start : start + _PIECE] for start in range(0, len(view), _PIECE))
    if slide.path is not None:
        with Path(slide.path).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _problems_of(slide: object, largest: int) -> Iterator[str]:
    if not isinstance(slide, Document):
        yield "must be a Document"
    elif sum((bool(slide.url), slide.path is not None, slide.content is not None)) != 1:
        yield "must have one of url, path and content"
    elif any(flag not in (None, True, False) for flag in (slide.current, slide.downloadable, slide.removable)):
        yield "must have True or False as current, downloadable and removable"
    elif slide.url:
        yield from _problems_of_url(slide.url)
        if slide.name:
            yield from _problems_of_name(slide.name)
    else:
        yield from _problems_of_name(slide.name)
        yield from _problems_of_size(slide.name, slide.path, slide.content, largest)


def _problems_of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or _UNWANTED.search(url) or url != url.strip():
        yield "must have an absolute http or https address as its url"


def _problems_of_name(name: str) -> Iterator[str]:
    if _UNWANTED.search(name) or "/" in name or "\\" in name:
        yield "must have a filename without control characters and folders"
    elif not PurePath(name).suffix:
        yield f"must have a filename with an extension, such as slides.pdf, not {name[:100]!r}"


def _problems_of_size(
    name: str, path: str | PathLike[str] | None, content: bytes | None, largest: int
) -> Iterator[str]:
    name = repr(name[:100])
    try:
        size = _size(path) if content is None else memoryview(content).nbytes
    except TypeError:
        yield f"{name} must be given as bytes"
        return
    except (OSError, ValueError):  # ValueError: a path with NUL in it
        yield f"{name} cannot be read"
        return
    if not size:
        yield f"{name} is empty"
    if size > largest:
        yield f"{name} has {size} bytes; the server takes {largest} at most"


def _size(path: str | PathLike[str] | None) -> int:
    file = Path(path or "")
    if not file.is_file():  # what has no end cannot be sent
        raise OSError
    return file.stat().st_size


def _module_texts(modules: Modules) -> tuple[dict[str, str], list[str]]:
    texts, problems = {}, []
    for name, wire_name, value in (
        ("client_settings_override", "clientSettingsOverride", modules.client_settings_override),
        (
            "shared_notes_initial_content_json",
            "sharedNotesInitialContentJson",
            modules.shared_notes_initial_content_json,
        ),
    ):
        if value is not None:
            try:
                # In ASCII, so that XML can hold whatever is in it.
                texts[wire_name] = json.dumps(value, allow_nan=False)
            except (TypeError, ValueError, RecursionError):
                problems.append(f"{name} must be data that JSON can hold.")
    markdown = modules.shared_notes_initial_content_markdown
    if markdown:
        texts["sharedNotesInitialContentMarkdown"] = markdown
        if _UNWANTED.search(re.sub(r"[\t\r\n]", "", markdown)):
            problems.append("shared_notes_initial_content_markdown must have no control characters.")
    return texts, problems


# --- text tracks --------------------------------------------------------------------------------------


def encode_text_track(
    *, path: str | PathLike[str] | None, content: bytes | None, filename: str, largest: int = LARGEST_DOCUMENT
) -> Body:
    """Return a text track of at most ``largest`` bytes as the one part of a form."""
    if (path is None) is (content is None):
        return Body(problems=["file must be given by one of path and content."])
    name = _safe_name(filename or (PurePath(path).name if path is not None else ""))
    problems = [f"file {problem}." for problem in _problems_of_size(name, path, content, largest)]
    kind = _TEXT_TRACK_TYPES.get(PurePath(name).suffix.lower())
    if kind is None:
        problems.append(f"filename must end in one of {', '.join(_TEXT_TRACK_TYPES)}.")
    if problems:
        return Body(problems=problems)
    try:
        part = RequestField("file", Path(path).read_bytes() if path is not None else content or b"", filename=name)
    except OSError:
        return Body(problems=[f"file {name!r} cannot be read."])
    part.make_multipart(content_type=kind)
    form, content_type = encode_multipart_formdata([part])
    return Body(content=form, content_type=content_type)


def _safe_name(name: str) -> str:
    """Return a name that means the same everywhere; of the given one the server only needs the extension."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", re.split(r"[/\\]", name)[-1]).lstrip(".")[-100:]
