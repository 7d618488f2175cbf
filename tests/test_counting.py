"""What happens thousands of times a minute is a line in the log once a minute."""

import logging

import pytest

from django_bbb import counting


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(counting, "monotonic", lambda: now[0])
    return now


def test_the_first_is_told_at_once_and_the_others_a_minute_later(clock, caplog):
    counted = counting.OnceAMinute(logging.getLogger("tests"), "%d refused, the last by %s.")

    for name in ("Ada", "Ben", "Eve"):
        counted.warn(name)
    clock[0] += 60
    counted.warn("Kim")

    assert [one.getMessage() for one in caplog.records] == [
        "1 refused, the last by Ada.",
        "3 refused, the last by Kim.",
    ]
