"""Files of every kind that servers make slides of, as small as they can be, and a storage that fails."""

import io
import struct
import zipfile
from typing import Any

from django.core.files.storage import InMemoryStorage

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
HTML = b"<!doctype html><script>alert(1)</script>"


def archive(*names: str, first: bytes = b"", comment: bytes = b"") -> bytes:
    """Return a zip archive with these names in it; before them what an OpenDocument says of itself."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        if first:
            out.writestr(zipfile.ZipInfo("mimetype"), first)
        for name in names:
            out.writestr(name, "<x/>")
        out.comment = comment
    return made.getvalue()


def office(part: str, **more: Any) -> bytes:
    return archive("[Content_Types].xml", "_rels/.rels", part, **more)


def open_document(kind: str) -> bytes:
    return archive("content.xml", first=f"application/vnd.oasis.opendocument.{kind}".encode())


def old_office(stream: str) -> bytes:
    """Return what a container looks like to whoever looks for the names in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(70_000) + stream.encode("utf-16-le") + bytes(64)


def jpeg() -> bytes:
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


def webp() -> bytes:
    return b"RIFF" + struct.pack("<I", 4) + b"WEBPVP8 "


GOOD = {
    ".pdf": PDF,
    ".pptx": office("ppt/presentation.xml"),
    ".docx": office("word/document.xml"),
    ".xlsx": office("xl/workbook.xml", comment=b"made by a test"),
    ".odp": open_document("presentation"),
    ".odt": open_document("text"),
    ".ods": open_document("spreadsheet"),
    ".ppt": old_office("PowerPoint Document"),
    ".doc": old_office("WordDocument"),
    ".xls": old_office("Workbook"),
    ".png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    ".jpg": jpeg(),
    ".jpeg": jpeg(),
    ".webp": webp(),
    ".txt": "Brüche\n\t1/2 < 3/4\n".encode(),
}


class BrokenStorage(InMemoryStorage):
    """A storage that takes files and never gives them back."""

    def _open(self, name: str, mode: str = "rb") -> Any:
        raise OSError("The disk is gone.")

    def delete(self, name: str) -> None:
        raise OSError("The disk is gone.")


def scan(*, file: Any, name: str) -> None:
    """Look at a file as a site's own scanner would: refuse one, break down at another, say nothing of the others."""
    from django.core.exceptions import ValidationError

    text = file.read()
    if b"EICAR" in text:
        raise ValidationError("The file has a virus.")
    if b"BOMB" in text:
        raise ConnectionError("The scanner does not answer.")
