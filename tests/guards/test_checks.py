"""``manage.py check``: what is wrong with a site's settings, and what to type."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.schedules import crontab
from django.conf.urls.i18n import i18n_patterns
from django.core.checks import run_checks
from django.db import connections
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy

from django_bbb import broker, checks

GOOD = {"URL": "https://bbb.example.org/bigbluebutton/api/", "SECRET": "x" * 40}


def ids(check):
    found = list(check(None))
    assert all(one.hint for one in found)
    return [one.id for one in found]


@pytest.fixture
def bbb(settings):
    settings.ALLOWED_HOSTS = ["lms.example.org"]
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


NO_ADDRESSES = [
    "lms.example.org",
    "ftp://lms.example.org",
    "https://lms.example.org/?a=b",
    "https://lms.example.org/lms",
    "https://lms.example.org/#lms",
    "https://user:password@lms.example.org",
    "https://lms.example.org ",
    "https://schule-müller.example.org",  # Java's URI finds no host in it
    "https://[::1",
    "https://",
    "https://:8000",
    "None",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_is_an_error_and_the_only_one(bbb, address):
    bbb["CALLBACK_BASE_URL"] = address

    assert [one for check in checks.CHECKS for one in ids(check)] == ["django_bbb.E006"]


def test_the_error_about_a_path_says_what_to_set_instead(bbb):
    bbb["CALLBACK_BASE_URL"] = "https://lms.example.org/lms"

    (found,) = checks.check_callback_address(None)

    assert "FORCE_SCRIPT_NAME" in found.hint


@pytest.mark.parametrize(
    ("address", "exempt", "expected"),
    [
        ("https://lms.example.org", [], []),
        ("HTTPS://lms.example.org", [], []),
        ("http://lms.example.org", [], ["django_bbb.E012"]),
        ("http://lms.example.org", ["^health/$"], ["django_bbb.E012"]),
        ("http://lms.example.org", ["^bbb/callbacks/recording-ready/"], ["django_bbb.E012"]),  # and the others?
        ("http://lms.example.org", ["^health/$", "^bbb/callbacks/"], []),
        ("", [], []),
    ],
)
def test_callbacks_that_would_be_redirected_to_https_are_an_error(bbb, settings, address, exempt, expected):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = exempt
    bbb["CALLBACK_BASE_URL"] = address

    assert ids(checks.check_redirects) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://lms.example.org", ["django_bbb.E013"]),
        ("https://www.example.org:8443", []),
        ("https://WWW.example.org", []),
        ("", []),
    ],
)
def test_callbacks_that_would_be_redirected_to_www_are_an_error(bbb, settings, address, expected):
    settings.PREPEND_WWW = True
    bbb["CALLBACK_BASE_URL"] = address

    assert ids(checks.check_redirects) == expected


@pytest.mark.parametrize(
    ("address", "allowed", "expected"),
    [
        ("https://lms.example.org", ["other.example.org"], ["django_bbb.E014"]),
        ("https://lms.example.org", [], ["django_bbb.E014"]),
        ("https://LMS.example.org:8443", ["lms.example.org"], []),
        ("https://lms.example.org", [".example.org"], []),
        ("https://lms.example.org", ["*"], []),
        ("https://[2001:db8::7]:8443", ["[2001:db8::7]"], []),
        ("http://localhost:8000", [], ["django_bbb.E014"]),
    ],
)
def test_a_host_that_django_refuses_is_an_error(bbb, settings, address, allowed, expected):
    settings.ALLOWED_HOSTS = allowed
    bbb["CALLBACK_BASE_URL"] = address

    assert ids(checks.check_allowed_hosts) == expected


@pytest.mark.parametrize("host", ["localhost", "lms.localhost", "127.0.0.1", "[::1]"])
def test_while_developing_this_machine_needs_no_allowed_hosts(bbb, settings, host):
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = []
    bbb["CALLBACK_BASE_URL"] = f"http://{host}:8000"

    assert ids(checks.check_allowed_hosts) == []


def site_urls(*urlpatterns):
    """Stand for the urls module of a site."""
    return type("Urls", (), {"urlpatterns": list(urlpatterns)})


OURS = path("bbb/", include("django_bbb.urls"))


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (site_urls(), ["django_bbb.E015"]),
        (site_urls(path("lms/", include(([OURS], "lms")))), ["django_bbb.E015"]),  # reverse() finds nothing there
        (site_urls(*i18n_patterns(OURS)), ["django_bbb.E016"]),
        (site_urls(*i18n_patterns(OURS, prefix_default_language=False)), ["django_bbb.E016"]),
        (site_urls(*i18n_patterns(path("lms/", include([OURS])))), ["django_bbb.E016"]),
        (site_urls(path(gettext_lazy("name"), include("django_bbb.urls"))), ["django_bbb.E016"]),
        (site_urls(re_path(gettext_lazy("name"), include("django_bbb.urls"))), ["django_bbb.E016"]),
        (site_urls(OURS), []),
        (site_urls(path("", include([path("lms/", include([OURS]))]))), []),
        (site_urls(OURS, *i18n_patterns(path("", include([])))), []),
        (site_urls(path("bbb/", include("django_bbb.urls", namespace="classrooms"))), []),
    ],
)
def test_addresses_that_lack_ours_or_depend_on_a_language_are_an_error(bbb, settings, urls, expected):
    settings.ROOT_URLCONF = urls

    assert ids(checks.check_urls) == expected


def test_a_project_without_addresses_is_told_so(bbb, settings):
    del settings.ROOT_URLCONF

    assert ids(checks.check_urls) == ["django_bbb.E015"]


def test_a_site_that_is_not_called_needs_none_of_our_addresses(bbb, settings):
    settings.ROOT_URLCONF = site_urls()
    bbb["CALLBACK_BASE_URL"] = ""

    assert ids(checks.check_urls) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://lms.example.org", []),
        ("https://8.8.8.8", []),
        ("https://[2606:4700::1111]", []),
        ("http://lms.example.org", ["django_bbb.W008"]),
        ("https://localhost", ["django_bbb.W008"]),
        ("https://lms", ["django_bbb.W008"]),
        ("https://lms.local", ["django_bbb.W008"]),
        ("https://LMS.Internal:8443", ["django_bbb.W008"]),
        ("https://10.0.0.5", ["django_bbb.W008"]),
        ("https://192.168.0.5", ["django_bbb.W008"]),
        ("https://127.0.0.1", ["django_bbb.W008"]),
        ("https://169.254.0.5", ["django_bbb.W008"]),
        ("https://[fd00::5]", ["django_bbb.W008"]),
        ("https://[fe80::5]", ["django_bbb.W008"]),
        ("", []),
    ],
)
def test_an_address_that_new_servers_do_not_call_is_a_warning(bbb, address, expected):  # threats.md 23
    bbb["CALLBACK_BASE_URL"] = address

    assert ids(checks.check_public_address) == expected


def test_while_developing_it_is_none(bbb, settings):
    settings.DEBUG = True
    bbb["CALLBACK_BASE_URL"] = "http://127.0.0.1:8000"

    assert ids(checks.check_public_address) == []


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (["http://127.0.0.1:8090/bigbluebutton/api/", "http://localhost:8091"], []),
        (["http://[::1]:8090", "http://bbb.localhost"], []),
        (["http://127.0.0.1:8090", "https://bbb.example.org"], ["django_bbb.W008"]),
        (["http://10.0.0.5"], ["django_bbb.W008"]),
        (["http://[::1"], ["django_bbb.W008"]),
        ([], ["django_bbb.W008"]),  # those added in the admin are elsewhere
    ],
)
def test_where_all_servers_are_on_this_machine_any_address_of_it_will_do(bbb, servers, expected):
    bbb["SERVERS"] = {f"s{number}": GOOD | {"URL": url} for number, url in enumerate(servers)}
    bbb["CALLBACK_BASE_URL"] = "http://127.0.0.1:8000"

    assert ids(checks.check_public_address) == expected


@pytest.mark.parametrize("hook", ["lms.nothing.here", "os.path.sep", "lms", 7])
def test_a_hook_that_is_no_function_is_an_error(bbb, hook):
    bbb["JOIN_POLICY"] = hook

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


@pytest.mark.parametrize(
    ("word", "expected"),
    [("server", []), ("meeting", []), ("none", []), ("all", ["django_bbb.E017"]), (True, ["django_bbb.E017"])],
)
def test_events_are_asked_for_in_a_word_there_is(bbb, word, expected):
    bbb["EVENTS"] = word
    assert ids(checks.check_events) == expected

    del bbb["EVENTS"]
    bbb["SERVERS"]["default"]["EVENTS"] = word
    assert ids(checks.check_events) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("fetch", []), ("embed", []), ("Fetch", ["django_bbb.E018"]), (True, ["django_bbb.E018"])],
)
def test_presentations_go_to_servers_in_a_way_there_is(bbb, word, expected):
    bbb["PRESENTATION_DELIVERY"] = word
    assert ids(checks.check_presentations) == expected

    del bbb["PRESENTATION_DELIVERY"]
    bbb["SERVERS"]["default"]["PRESENTATION_DELIVERY"] = word
    assert ids(checks.check_presentations) == expected


def test_presentations_are_fetched_from_a_site_that_says_where_it_is(bbb):
    bbb |= {"PRESENTATION_DELIVERY": "fetch", "CALLBACK_BASE_URL": ""}

    assert ids(checks.check_presentations) == ["django_bbb.E018"]


def test_presentations_are_kept_in_a_storage_there_is(bbb):
    bbb["PRESENTATION_STORAGE"] = "slides"

    assert ids(checks.check_presentations) == ["django_bbb.E019"]


def test_the_scanner_of_presentations_can_be_imported(bbb):
    bbb["PRESENTATION_SCANNER"] = "tests.slides.scann"
    assert ids(checks.check_functions) == ["django_bbb.E007"]

    bbb["PRESENTATION_SCANNER"] = "tests.slides.scan"
    assert ids(checks.check_functions) == []


@pytest.mark.parametrize("names", [[], ["name", "access", "record", "lock_settings_disable_cam"]])
def test_what_people_may_change_of_a_room(bbb, names):
    bbb["EDITABLE"] = names

    assert ids(checks.check_editable) == []


@pytest.mark.parametrize(
    "name", ["nmae", "owner", "server", "options", "meeting_id", "meta_end_callback_url", "lockSettings"]
)
def test_what_they_cannot_is_an_error(bbb, name):
    bbb["EDITABLE"] = ["name", name, name]

    assert ids(checks.check_editable) == ["django_bbb.E020"]
