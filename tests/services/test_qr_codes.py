"""QR codes: what is drawn is what a telephone would read."""

import re
from xml.etree import ElementTree

import segno

from django_bbb.services.qr_codes import svg_of

ADDRESS = "https://lms.example.org/bbb/meetings/m-abcdefghijklmnopqrstuvwxyz/join/"


def drawn(svg, side):
    """Return the modules that the path of a picture covers, row by row."""
    rows = [[0] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for at in range(int(x), int(x) + int(width)):
            rows[int(y)][at] = 1
    return rows


def test_the_picture_has_the_modules_of_the_code_and_a_quiet_border():
    code = segno.make_qr(ADDRESS, error="m")
    side = code.symbol_size(border=4)[0]

    svg = svg_of(text=ADDRESS, label="The room")

    assert drawn(svg, side) == [[int(bool(one)) for one in row] for row in code.matrix_iter(border=4)]
    assert f'viewBox="0 0 {side} {side}"' in svg


def test_it_has_a_name_and_no_style():
    picture = ElementTree.fromstring(svg_of(text=ADDRESS, label="Room “7b” & more <b>"))

    assert (picture.get("role"), picture.get("aria-label")) == ("img", "Room “7b” & more <b>")
    assert {one.tag for one in picture} == {"rect", "path"}
    assert not [one for one in picture.iter() if one.get("style") or one.get("id")]
