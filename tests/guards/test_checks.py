"""``manage.py check``: what is wrong with a site's settings, and what to type."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.schedules import crontab
from django.core.checks import run_checks
from django.db import connections

from django_bbb import broker, checks

GOOD = {"URL": "https://bbb.example.org/bigbluebutton/api/", "SECRET": "x" * 40}


def ids(check):
    found = list(check(None))
    assert all(one.hint for one in found)
    return [one.id for one in found]


@pytest.fixture
def bbb(settings):
    settings.DJANGO_BBB = {"SERVERS": {"default": dict(GOOD)}, "CALLBACK_BASE_URL": "https://lms.example.org"}
    return settings.DJANGO_BBB


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_good_settings_pass(bbb, check):
    assert ids(check) == []


def test_naive_times_are_an_error(settings):
    settings.USE_TZ = False

    assert ids(checks.check_time_zones) == ["django_bbb.E001"]


def test_an_unknown_key_is_an_error_that_names_the_nearest(bbb):
    bbb["JOIN_POLICE"] = "lms.may_join"

    (found,) = checks.check_names(None)

    assert found.id == "django_bbb.E002"
    assert "'JOIN_POLICY'" in found.hint


def test_an_unknown_key_of_a_server_is_an_error_that_names_the_nearest(bbb):
    bbb["SERVERS"]["default"]["PROXY"] = "http://proxy.example.org"

    (found,) = checks.check_ways_of_calling(None)

    assert found.id == "django_bbb.E009"
    assert "'PROXIES'" in found.hint


@pytest.mark.parametrize("key", ["LONG_REQUESTS", "HOOKS_ALGORITHM"])
def test_a_way_of_calling_there_is_not_is_an_error(bbb, key):
    bbb["SERVERS"]["default"][key] = "nonsense"

    (found,) = checks.check_ways_of_calling(None)

    assert found.id == "django_bbb.E010"
    assert "nonsense" in found.msg


def test_all_ways_of_calling_pass(bbb):
    bbb["SERVERS"]["default"] |= {
        "TIMEOUT": 5,
        "DEADLINE": 20,
        "RETRIES": 2,
        "CA_BUNDLE": "/etc/ssl/private-ca.pem",
        "PROXIES": {"https": "http://proxy.example.org:3128"},
        "TRUST_ENV": True,
        "HOOKS_ALGORITHM": "sha1",
        "LONG_REQUESTS": "form",
        "MOST_IN_QUERY": 1000,
        "LARGEST_DOCUMENT": 10_000_000,
    }

    assert ids(checks.check_ways_of_calling) == []


def test_without_a_server_it_is_a_warning(bbb):
    bbb["SERVERS"] = {}

    assert ids(checks.check_servers) == ["django_bbb.W001"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"URL": "bbb.example.org"}, ["django_bbb.E003"]),
        ({"URL": "https://user:pw@bbb.example.org/"}, ["django_bbb.E003"]),
        ({"SECRET": ""}, ["django_bbb.E004"]),
        ({"SECRET": "   "}, ["django_bbb.E004"]),
        ({"SECRET": None}, ["django_bbb.E004"]),
        ({"SECRET": "short"}, ["django_bbb.W002"]),
        ({"ALGORITHM": "md5"}, ["django_bbb.E005"]),
    ],
)
def test_servers_that_cannot_be_called(bbb, changed, expected):
    bbb["SERVERS"]["default"] |= changed

    assert ids(checks.check_servers) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"KIND": "teams"},
        {"KIND": "scalelite", "ALGORITHM": "sha384"},
        {"TAGS": "exam"},
        {"TAGS": ["Two Words"]},
    ],
)
def test_kinds_and_tags_there_are_not(bbb, changed):
    bbb["SERVERS"]["default"] |= changed

    assert ids(checks.check_kinds_and_tags) == ["django_bbb.E011"]


def test_kinds_and_tags_there_are_pass(bbb):
    bbb["SERVERS"]["default"] |= {"KIND": "scalelite", "TAGS": ["exam", "region-eu"]}

    assert ids(checks.check_kinds_and_tags) == []
    assert ids(checks.check_ways_of_calling) == []


def test_addresses_in_house_are_a_warning(bbb):
    bbb["IN_HOUSE_SERVERS"] = True

    assert ids(checks.check_in_house) == ["django_bbb.W005"]


def test_messages_never_hold_a_secret(bbb):
    bbb["SERVERS"]["default"]["SECRET"] = "SENTINEL"

    assert "SENTINEL" not in "".join(map(str, checks.check_servers(None)))


def test_without_an_address_to_call_back_it_is_a_warning(bbb):
    bbb["CALLBACK_BASE_URL"] = ""

    assert ids(checks.check_callback_address) == ["django_bbb.W003"]


@pytest.mark.parametrize("address", ["lms.example.org", "ftp://lms.example.org", "https://lms.example.org/?a=b"])
def test_an_address_that_is_none_is_an_error(bbb, address):
    bbb["CALLBACK_BASE_URL"] = address

    assert ids(checks.check_callback_address) == ["django_bbb.E006"]


@pytest.mark.parametrize("path", ["lms.nothing.here", "os.path.sep", "lms", 7])
def test_a_hook_that_is_no_function_is_an_error(bbb, path):
    bbb["JOIN_POLICY"] = path

    assert ids(checks.check_functions) == ["django_bbb.E007"]


def test_defaults_that_create_would_not_take_are_an_error(bbb):
    bbb["CREATE_DEFAULTS"] = {"recrod": True}

    assert ids(checks.check_create_defaults) == ["django_bbb.E008"]


def test_a_site_without_celery_is_told_so(bbb, monkeypatch):
    monkeypatch.setattr(broker, "_app", Celery("default", set_as_current=False))

    assert ids(checks.check_celery) == ["django_bbb.W004"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"schedule": 10, "options": {"expires": 10}}, []),
        ({"schedule": timedelta(seconds=10), "options": {"expires": timedelta(seconds=9)}}, []),
        ({"schedule": 10, "options": {"expires": 60}}, ["django_bbb.W006"]),
        ({"schedule": 10}, ["django_bbb.W006"]),
        ({"schedule": crontab(minute="*"), "options": {"expires": 60}}, []),
        ({"schedule": crontab(minute="*")}, ["django_bbb.W006"]),
    ],
)
def test_periodic_tasks_that_outlive_their_period_pile_up(bbb, monkeypatch, entry, expected):
    schedule = {"poll": {"task": "django_bbb.poll_servers", **entry}, "theirs": {"task": "site.mail", "schedule": 1}}
    app = Celery("site", set_as_current=False)
    app.conf.beat_schedule = schedule
    monkeypatch.setattr(broker, "_app", app)

    assert ids(checks.check_schedule) == expected


def test_those_of_the_example_expire():
    source = (Path(__file__).parents[2] / "example_project/config/settings.py").read_text()

    assert '"options": {"expires": seconds}' in source
    assert set(re.findall(r'every\(\d+, "django_bbb\.(\w+)"\)', source)) >= {"poll_servers", "sweep_callbacks"}


def test_a_database_without_time_zones_is_a_warning(bbb, monkeypatch):
    assert list(checks.check_zones_of_databases(None, databases=["default"])) == []
    monkeypatch.setattr(connections["default"].features, "has_zoneinfo_database", False)

    (found,) = run_checks(tags=["database"], databases=["default"])

    assert found.id == "django_bbb.W007"
    assert "default" in found.msg
    assert list(checks.check_zones_of_databases(None)) == []  # not asked for
