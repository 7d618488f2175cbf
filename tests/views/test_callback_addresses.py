"""Addresses as servers are given them are answered at once by 200, whatever middleware a site has.

Most senders follow no redirect and some count it as a failure, so that one would lose what they tell.
"""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

import pytest
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.test import Client
from django.urls import get_script_prefix, resolve, reverse, set_script_prefix

from django_bbb.models import CallbackDelivery, MeetingSession
from django_bbb.services import addresses, hooks, meetings

#: Every kind of callback there is: a class from start to end, with its recording, makes a server send all of them.
KINDS = ["meeting-ended", "recording-ready", "analytics", "webhook"]

HOST = "www.lms.example.org"

OUTERMOST = ["django.middleware.cache.UpdateCacheMiddleware"]
INNERMOST = [
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.common.BrokenLinkEmailsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
]


@pytest.fixture(autouse=True)
def nothing_cached():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def bbb(bbb, settings):
    settings.ALLOWED_HOSTS = [".example.org"]
    bbb |= {"CALLBACK_BASE_URL": f"https://{HOST}", "EVENTS": "server"}
    return bbb


@pytest.fixture
def add_middleware(settings):
    def add(*, outermost=(), innermost=()):
        settings.MIDDLEWARE = [*outermost, *settings.MIDDLEWARE, *innermost]

    return add


@pytest.fixture(params=KINDS)
def callback(request, simulator, meeting):
    """What a server sends, and where: to the address that it was given when the class was created."""
    simulator.lose_callbacks = True
    hooks.register_hooks()
    meetings.start_meeting(meeting=meeting)
    simulator.join(meeting.meeting_id, "Ada Weber", role="moderator")
    simulator.set_recording(meeting.meeting_id, True)
    simulator.end_meeting(meeting.meeting_id)
    simulator.finish_recordings()
    assert simulator.wait_for_callbacks()
    return next(one.callback for one in simulator.callbacks if one.kind == request.param)


def send(callback, *, url="", **headers):
    """Make the request as its sender would, with nothing but its own headers and these."""
    parts = urlsplit(url or callback.url)
    given = {name.title(): value for name, value in callback.headers.items() if value is not None}
    return Client(enforce_csrf_checks=True).generic(
        callback.method,
        f"{parts.path}?{parts.query}",
        data=callback.body,
        content_type=given.pop("Content-Type", ""),
        secure=parts.scheme == "https",
        headers={"Host": parts.netloc, **given, **headers},
    )


def assert_accepted(answer, callback):
    assert answer.status_code == 200
    assert not answer.cookies
    assert CallbackDelivery.objects.get().kind == callback.kind


@pytest.mark.parametrize(
    "setting", ["SECURE_SSL_REDIRECT", "PREPEND_WWW", "APPEND_SLASH", "SESSION_SAVE_EVERY_REQUEST"]
)
def test_no_setting_of_django_stands_in_the_way(settings, callback, setting):  # threats.md 18
    setattr(settings, setting, True)

    answer = send(callback)

    assert_accepted(answer, callback)


@pytest.mark.parametrize("name", INNERMOST, ids=lambda name: name.rpartition(".")[2])
def test_no_middleware_of_django_stands_in_the_way(add_middleware, callback, name):  # threats.md 18, 20
    add_middleware(outermost=OUTERMOST, innermost=[name])

    answer = send(callback)

    assert_accepted(answer, callback)


def test_the_language_of_the_sender_does_not_matter(callback):  # threats.md 18
    answer = send(callback, **{"Accept-Language": "de"})

    assert answer["Content-Language"] == "de"  # the middleware has been asked
    assert_accepted(answer, callback)


@pytest.fixture
def strictest_site(settings, add_middleware, monkeypatch, callback):
    """Everything at once."""
    add_middleware(outermost=OUTERMOST, innermost=INNERMOST)
    settings.SECURE_SSL_REDIRECT = settings.PREPEND_WWW = settings.APPEND_SLASH = True
    settings.SESSION_SAVE_EVERY_REQUEST = settings.CSRF_USE_SESSIONS = True
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)


def test_all_of_it_together_does_not_either(strictest_site, callback):  # threats.md 18, 20
    answer = send(callback, **{"Accept-Language": "de", "Accept-Encoding": "gzip"})

    assert_accepted(answer, callback)


def test_addresses_other_than_those_given_are_redirected_there(strictest_site, callback):
    """So the tests above ask a site that does redirect."""
    others = [
        callback.url.replace("https:", "http:"),
        callback.url.replace("www.", ""),
        callback.url.replace(urlsplit(callback.url).path, urlsplit(callback.url).path.rstrip("/")),
    ]

    answers = [send(callback, url=other).status_code for other in others]

    assert answers == [301, 301, 301]
    assert not CallbackDelivery.objects.exists()


def test_addresses_end_in_a_slash(callback):
    assert urlsplit(callback.url).path.endswith("/")


def test_no_cache_answers_in_our_place(strictest_site, callback):
    answers = [send(callback) for _time in range(3)]

    assert CallbackDelivery.objects.get().asked == 3
    assert all("no-store" in one["Cache-Control"] for one in answers)  # nor one that is not Django's


def test_no_transaction_is_around_the_view(strictest_site, callback):  # the 200 comes after the commit
    view = resolve(urlsplit(callback.url).path).func

    assert BaseHandler().make_view_atomic(view) is view


def test_a_site_below_a_path_is_called_below_it(settings, simulator, meeting, request):
    settings.FORCE_SCRIPT_NAME = "/lms"
    before = get_script_prefix()
    request.addfinalizer(lambda: set_script_prefix(before))
    set_script_prefix("/lms/")  # as django.setup() does it, in workers too
    meetings.start_meeting(meeting=meeting)

    given = simulator.meetings[meeting.meeting_id].settings.metadata

    assert given["endcallbackurl"].startswith(f"https://{HOST}/lms/bbb/callbacks/meeting-ended/")
    assert given["bbb-recording-ready-url"] == f"https://{HOST}/lms/bbb/callbacks/recording-ready/default/"


def test_also_where_a_thread_of_a_worker_says_how(settings, meeting, simulator, request):
    session = meetings.start_meeting(meeting=meeting)
    settings.FORCE_SCRIPT_NAME = "/lms"
    before = get_script_prefix()
    request.addfinalizer(lambda: set_script_prefix(before))
    set_script_prefix("/lms/")
    with ThreadPoolExecutor(1) as threads:
        session.server.declaration, session.meeting.name  # noqa: B018 - what the rows refer to is read here
        told = threads.submit(addresses.callback_parameters, session).result()

    given = [value for value in told.values() if isinstance(value, str)]
    assert len(given) == 3
    assert all(one.startswith(f"https://{HOST}/lms/bbb/callbacks/") for one in given)


@pytest.mark.parametrize("is_trusted", [False, True])
def test_a_host_that_somebody_made_up_is_in_no_address(
    settings, client, teacher, simulator, meeting, is_trusted
):  # threats.md 108
    settings.ALLOWED_HOSTS = ["*"]
    settings.USE_X_FORWARDED_HOST = is_trusted
    evil = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Port": "666"}
    client.force_login(teacher)

    started = client.post(_page("start", meeting), headers=evil)
    joined = client.get(_page("join", meeting), headers=evil)

    assert (started.status_code, joined.status_code) == (200, 302)
    created = simulator.meetings[meeting.meeting_id].settings
    stored = MeetingSession.objects.get().parameters
    addresses = [created.metadata["endcallbackurl"], created.metadata["bbb-recording-ready-url"], created.logout_url]
    assert all(one.startswith(f"https://{HOST}/") for one in addresses)
    assert "evil" not in unquote(f"{created} {stored} {joined['Location']}")


def _page(name, meeting):
    return reverse(f"django_bbb:{name}", kwargs={"meeting_id": meeting.meeting_id})
