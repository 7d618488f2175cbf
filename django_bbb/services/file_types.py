"""What a file is by its content: the few kinds that BigBlueButton makes slides of.

A table of our own, since libraries that look into office files need one of the system's.  Nothing is unpacked: of an
archive the names at its end are read, so that it does not matter how much it would unfold to.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

_PIECE = 64 * 1024

#: Bytes of names in an archive that are looked at; large presentations have some ten thousand.
_MOST_NAMES = 1024 * 1024

#: The record at the end of an archive, and the longest comment that may follow it.
_END, _LONGEST_END = b"PK\x05\x06", 22 + 0xFFFF

_ENTRY = b"PK\x01\x02"

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")

#: What servers take for something else than plain text, however it is called.
_NOT_TEXT = (b"<", b"%PDF", b"%!PS", b"{\\rtf")


class Readable(Protocol):
    """A file that is looked at here and there."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> object: ...

    def tell(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file, and how it is known."""

    content_type: str
    fits: Callable[[Readable], bool]


def type_by_name(name: str) -> FileType | None:
    """Return what a file says it is by the ending of its name; None for what no server makes slides of."""
    return TYPES.get(PurePosixPath(name).suffix.lower())


# --- how they are known -------------------------------------------------------------------------------


def _begins(*beginnings: bytes) -> Callable[[Readable], bool]:
    return lambda file: _head(file).startswith(beginnings)


def _is_webp(file: Readable) -> bool:
    head = _head(file)
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _is_text(file: Readable) -> bool:
    if _head(file).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_NOT_TEXT):
        return False
    return not any(_CONTROL.search(piece) for piece in _pieces(file))


def _old_office(*streams: str) -> Callable[[Readable], bool]:
    """Word, Excel and PowerPoint until 2003 share a container; its streams are named in UTF-16."""
    wanted = [stream.encode("utf-16-le") for stream in streams]
    return lambda file: (
        _head(file).startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and any(_contains(file, one) for one in wanted)
    )


def _office(part: bytes) -> Callable[[Readable], bool]:
    return lambda file: _head(file).startswith(b"PK\x03\x04") and {b"[Content_Types].xml", part} <= _names(file)


def _open_document(content_type: str) -> Callable[[Readable], bool]:
    # Its first entry says what it is, and is not compressed; what follows is the next entry.
    wanted = content_type.encode() + b"PK"

    def fits(file: Readable) -> bool:
        head = _head(file)
        says_so = head.startswith(b"PK\x03\x04") and head[30:].startswith(b"mimetype" + wanted)
        return says_so and b"content.xml" in _names(file)

    return fits


# --- reading ------------------------------------------------------------------------------------------


def _head(file: Readable) -> bytes:
    file.seek(0)
    return file.read(512)


def _pieces(file: Readable) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _contains(file: Readable, wanted: bytes) -> bool:
    kept = b""
    for piece in _pieces(file):
        if wanted in kept + piece:
            return True
        kept = piece[1 - len(wanted) :]
    return False


def _names(file: Readable) -> frozenset[bytes]:
    """Return the names in an archive; none where there are too many, or it is damaged."""
    end = _last(file, _LONGEST_END)
    at = end.rfind(_END)
    if at < 0 or len(end) - at < 22:
        return frozenset()
    size, offset = struct.unpack_from("<II", end, at + 12)
    if size > _MOST_NAMES:
        return frozenset()
    file.seek(offset)
    return frozenset(_names_in(file.read(size)))


def _names_in(directory: bytes) -> Iterator[bytes]:
    at = 0
    while directory.startswith(_ENTRY, at) and len(directory) - at >= 46:
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        yield directory[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment


def _last(file: Readable, count: int) -> bytes:
    file.seek(0, 2)
    file.seek(max(0, file.tell() - count))
    return file.read(count)


# --- the table ----------------------------------------------------------------------------------------

_OPEN = "application/vnd.oasis.opendocument"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"

#: By ending: what bbb-web takes (``FileTypeConstants.java``, ``MimeTypeUtils.java``), without what it then refuses
#: itself (.rtf), and without .svg, which may hold scripts.  It takes no .gif.
TYPES: Mapping[str, FileType] = {
    ".pdf": FileType("application/pdf", _begins(b"%PDF-")),
    ".pptx": FileType(f"{_OPEN_XML}.presentationml.presentation", _office(b"ppt/presentation.xml")),
    ".docx": FileType(f"{_OPEN_XML}.wordprocessingml.document", _office(b"word/document.xml")),
    ".xlsx": FileType(f"{_OPEN_XML}.spreadsheetml.sheet", _office(b"xl/workbook.xml")),
    ".odp": FileType(f"{_OPEN}.presentation", _open_document(f"{_OPEN}.presentation")),
    ".odt": FileType(f"{_OPEN}.text", _open_document(f"{_OPEN}.text")),
    ".ods": FileType(f"{_OPEN}.spreadsheet", _open_document(f"{_OPEN}.spreadsheet")),
    ".ppt": FileType("application/vnd.ms-powerpoint", _old_office("PowerPoint Document")),
    ".doc": FileType("application/msword", _old_office("WordDocument")),
    ".xls": FileType("application/vnd.ms-excel", _old_office("Workbook", "Book")),
    ".png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".webp": FileType("image/webp", _is_webp),
    ".txt": FileType("text/plain", _is_text),
}
