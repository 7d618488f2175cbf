"""Pictures as SVG: well-formed, without style attributes, and interrupted where nothing is known."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from django_bbb.admin.charts import bar, chart, sparkline

TIMES = [datetime(2026, 3, 1, tzinfo=UTC) + n * timedelta(minutes=15) for n in range(96)]


def read(svg):
    root = etree.fromstring(svg)
    assert not root.xpath("//@style")
    assert not root.xpath("//script | //style")
    return root


def lines(root):
    return [
        [tuple(map(float, one.split(","))) for one in line.get("points").split()] for line in root.iter("polyline")
    ]


def test_a_line_goes_through_its_values():
    assert lines(read(sparkline([0, 5, 10], label="x"))) == [[(0, 18), (48, 9), (96, 0)]]


def test_a_line_is_interrupted_where_nobody_has_polled():
    assert [len(one) for one in lines(read(sparkline([1, 2, None, None, 3, 4, 5], label="x")))] == [2, 3]


def test_one_value_alone_is_a_dot():
    assert lines(read(sparkline([None, 0, None], label="x"))) == [[(48, 18), (48, 18)]]


@pytest.mark.parametrize("values", [[], [None], [None] * 24])
def test_nothing_is_no_line(values):
    assert lines(read(sparkline(values, label="x"))) == []


@pytest.mark.parametrize(("share", "width"), [(0, 0), (0.5, 40), (1, 80), (7, 80), (-1, 0)])
def test_a_bar_is_filled_to_its_share(share, width):
    assert float(read(bar(share, label="x")).findall("rect")[1].get("width")) == width


@pytest.mark.parametrize(("most", "top"), [(0, 1), (1, 1), (3, 4), (17, 20), (42, 60), (99, 100), (100, 100)])
def test_the_scale_ends_at_a_number_that_reads_well(most, top):
    root = read(chart([("people", [most] * 96)], TIMES, label="x"))

    assert str(top) in [one.text for one in root.iter("text")]


def test_a_day_is_marked_each_six_hours_and_a_week_each_day():
    week = [datetime(2026, 3, 1, tzinfo=UTC) + n * timedelta(hours=2) for n in range(84)]

    marks = [
        len([one for one in read(chart([], times, label="x")).iter("text") if one.get("text-anchor") == "middle"])
        for times in (TIMES, week)
    ]

    assert 3 <= marks[0] <= 4
    assert 6 <= marks[1] <= 7


def test_labels_are_text():
    assert read(sparkline([1], label='<script>"')).get("aria-label") == '<script>"'
