"""Small pictures as SVG, made here: no script and no style attribute, so that a strict CSP lets them through.

Colours are presentation attributes; the style sheet may say others, for dark pages too.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

_Values = Sequence[int | None]
_Size = tuple[float, float]

#: Of the large picture: all of it, what the axes leave, and where that begins.
_WIDTH, _HEIGHT = 720, 200
_PLOT: _Size = (660, 160)
_LEFT, _TOP = 50, 10

#: Lines can be told apart without colours.
_DASHES = ("none", "6 3", "2 3", "8 3 2 3")


def sparkline(values: _Values, *, label: str) -> SafeString:
    """Return a line without axes, for a row of a list."""
    size = (96.0, 18.0)
    return format_html(
        '<svg class="bbb-sparkline" role="img" aria-label="{}" width="100" height="20" viewBox="-2 -1 100 20" '
        'direction="ltr"><title>{}</title>{}</svg>',
        label,
        label,
        _lines(values, top=_top(values), size=size),
    )


def bar(share: float, *, label: str) -> SafeString:
    """Return a bar that is filled to a share of 0 to 1."""
    return format_html(
        '<svg class="bbb-bar" role="img" aria-label="{}" width="80" height="10" viewBox="0 0 80 10"><title>{}</title>'
        '<rect width="80" height="10" rx="2" fill="currentColor" fill-opacity="0.15"/>'
        '<rect width="{}" height="10" rx="2" fill="currentColor"/></svg>',
        label,
        label,
        f"{80 * min(max(share, 0), 1):.1f}",
    )


def chart(series: Sequence[tuple[str, _Values]], times: Sequence[datetime], *, label: str) -> SafeString:
    """Return lines over time, with axes; each of the series has a name."""
    top = _top([value for _name, values in series for value in values])
    lines = format_html_join(
        "",
        '<g class="bbb-series-{}" stroke-dasharray="{}">{}</g>',
        [
            (number, _DASHES[number % len(_DASHES)], _lines(values, top=top, size=_PLOT))
            for number, (_name, values) in enumerate(series)
        ],
    )
    return format_html(
        '<svg class="bbb-chart" role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}" direction="ltr">'
        '<g transform="translate({} {})">{}{}{}</g></svg>',
        label,
        *(_WIDTH, _HEIGHT, _WIDTH, _HEIGHT, _LEFT, _TOP),
        _height_marks(top),
        _time_marks(times),
        lines,
    )


def sample(number: int) -> SafeString:
    """Return a piece of the line of a series, for a legend."""
    return format_html(
        '<svg class="bbb-series-{}" width="30" height="10" viewBox="0 0 30 10" aria-hidden="true">'
        '<line x1="0" y1="5" x2="30" y2="5" stroke="currentColor" stroke-width="2" stroke-dasharray="{}"/></svg>',
        number,
        _DASHES[number % len(_DASHES)],
    )


def _top(values: _Values) -> int:
    """Return where the scale ends: the next number that reads well."""
    most = max((value for value in values if value is not None), default=0)
    power = int("1".ljust(len(str(most)), "0"))
    return next(factor * power for factor in (1, 2, 4, 6, 8, 10) if factor * power >= most)


def _lines(values: _Values, *, top: int, size: _Size) -> SafeString:
    """Return the values as lines, interrupted where nobody has polled."""
    width, height = size
    step = width / max(len(values) - 1, 1)
    pieces: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{number * step:.1f},{height - height * value / top:.1f}")
    line = (
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    )
    # One value alone is a dot: a line that ends where it begins, with round caps.
    return format_html_join("", line, [(" ".join(one if len(one) > 1 else one * 2),) for one in pieces if one])


def _height_marks(top: int) -> SafeString:
    width, height = _PLOT
    mark = (
        '<line x1="0" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-opacity="0.2"/>'
        '<text x="-8" y="{}" text-anchor="end" dominant-baseline="middle" font-size="12" fill="currentColor">{}</text>'
    )
    heights = [(f"{height - height * value / top:.1f}", value) for value in sorted({0, top // 2, top})]
    return format_html_join("", mark, [(y, int(width), y, y, value) for y, value in heights])


def _time_marks(times: Sequence[datetime]) -> SafeString:
    width, height = _PLOT
    step = width / max(len(times) - 1, 1)
    is_long = bool(times) and (times[-1] - times[0]).days >= 2
    moments = [localtime(one) for one in times]
    # A mark where a day begins, or each six hours.
    marked = [
        (number, moment)
        for number, (before, moment) in enumerate(zip([None, *moments[:-1]], moments, strict=True))
        if before is not None and _slot(before, is_long=is_long) != _slot(moment, is_long=is_long)
    ]
    mark = (
        '<line x1="{}" y1="0" x2="{}" y2="{}" stroke="currentColor" stroke-opacity="0.2"/>'
        '<text x="{}" y="{}" text-anchor="middle" font-size="12" fill="currentColor">{}</text>'
    )
    style = "D j" if is_long else "TIME_FORMAT"  # seven whole dates side by side are too long in some languages
    facts = [(f"{number * step:.1f}", date_format(moment, style)) for number, moment in marked]
    return format_html_join("", mark, [(x, x, int(height), x, int(height) + 18, text) for x, text in facts])


def _slot(moment: datetime, *, is_long: bool) -> tuple[object, ...]:
    return (moment.date(),) if is_long else (moment.date(), moment.hour // 6)
