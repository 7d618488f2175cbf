"""Addresses as pictures that a telephone reads."""

from itertools import groupby

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

#: White modules around the code; readers need them on a dark page as well.
_BORDER = 4
_SIZE = 5  # pixels of a module


def svg_of(*, text: str, label: str) -> SafeString:
    """Return an inline SVG of a text: no style sheet, no id, so that it stands several times on a strict page."""
    code = segno.make_qr(text, error="m")
    dark = []
    for y, row in enumerate(code.matrix_iter(border=_BORDER)):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                dark.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    side = code.symbol_size(border=_BORDER)[0]
    return format_html(
        '<svg class="bbb-qr" role="img" aria-label="{label}" width="{size}" height="{size}" '
        'viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        '<path fill="#000" d="{path}"/></svg>',
        label=label,
        side=side,
        size=side * _SIZE,
        path="".join(dark),
    )
