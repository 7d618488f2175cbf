"""Small pictures of slides that nobody ever showed, as PNG files made here."""

import struct
import zlib
from functools import cache

WIDTH = 176
HEIGHT = 136

_PAPER = (250, 250, 252)
_INK = (200, 205, 214)
_TITLES = ((38, 84, 160), (30, 122, 94), (150, 70, 30))


@cache
def thumbnail(number: int) -> bytes:
    """Return the PNG of slide 1, 2, 3…: a coloured title bar and some lines of text."""
    title = _TITLES[(number - 1) % len(_TITLES)]
    rows = []
    for y in range(HEIGHT):
        pixels = [_PAPER] * WIDTH
        if 14 <= y < 34:
            pixels[14 : WIDTH - 40] = [title] * (WIDTH - 54)
        line, within = divmod(y - 50, 16)
        if y >= 50 and within < 6 and line <= number:
            pixels[14 : WIDTH - 14 - 12 * line] = [_INK] * (WIDTH - 28 - 12 * line)
        rows.append(b"\0" + bytes(value for pixel in pixels for value in pixel))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
