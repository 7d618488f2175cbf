"""The pytest plugin in a project that is not ours: its own settings, its own URLs, its own test runs."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

SETTINGS = """
SECRET_KEY = "only for tests"
USE_TZ = True
STATIC_URL = "/static/"  # a live server asks for it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "school.urls"
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = ["django_bbb", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "TEST": {"NAME": "test.sqlite3"}}}
DJANGO_BBB = {"CREATE_DEFAULTS": {"record": True}}
CELERY_BROKER_URL = "memory://"
"""
URLS = """
from django.urls import include, path

urlpatterns = [path("classrooms/", include("django_bbb.urls"))]
"""
CONFTEST = 'pytest_plugins = ["django_bbb.testing.plugin"]\n'
TESTS = """
import threading

import pytest
from django.core.signals import request_finished
from django_bbb.services.meetings import start_meeting


@pytest.fixture(scope="module")
def seen():
    ports = []
    yield ports
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("run", range(3))
def test_class_from_start_to_end(run, seen, bbb_simulator, bbb_server, bbb_meeting, bbb_callbacks):
    session = start_meeting(meeting=bbb_meeting)
    seen.append(bbb_simulator.port)
    assert bbb_simulator.meetings[bbb_meeting.meeting_id].settings.record

    assert bbb_callbacks.meeting_ended(bbb_meeting, forged="wrong-secret") == [403]
    assert bbb_callbacks.meeting_ended(bbb_meeting, times=2) == [200, 200]
    bbb_callbacks.work_off()

    session.refresh_from_db()
    assert session.is_open is None


def test_recording(bbb_recording, bbb_callbacks):
    assert bbb_callbacks.recording_ready(bbb_recording) == [200]
    assert bbb_recording.playbacks.count() == 2


def test_site_that_listens(live_server, bbb_simulator, bbb_meeting):
    start_meeting(meeting=bbb_meeting)
    answered = threading.Semaphore(0)
    request_finished.connect(lambda **kwargs: answered.release(), weak=False)

    bbb_simulator.end_meeting(bbb_meeting.meeting_id)
    bbb_simulator.wait_for_callbacks()

    told = bbb_simulator.callbacks
    assert [(one.kind, one.status) for one in told] == [("meeting-ended", 200), ("analytics", 200)]
    assert all(answered.acquire(timeout=30) for _one in told)  # its threads have closed their connections


def test_nothing_is_left_running():
    assert [one.name for one in threading.enumerate() if one.name.startswith("bbb-simulator")] == []
"""


@pytest.fixture
def project(pytester, monkeypatch):
    """A site of somebody else, in a folder of its own."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(**{"school/__init__": "", "school/settings": SETTINGS, "school/urls": URLS})
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = school.settings\npythonpath = .\nfilterwarnings = error")
    pytester.makepyfile(test_school=TESTS)
    return pytester


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "two processes"])
def test_fixtures_work_in_another_project(project, options):
    result = project.runpytest_subprocess("-p", "no:cacheprovider", *options)

    result.assert_outcomes(passed=6)


def test_fixtures_are_described(project):
    result = project.runpytest_subprocess("--fixtures", "-v")

    for name in ("bbb_simulator", "bbb_server", "bbb_meeting", "bbb_recording", "bbb_callbacks"):
        result.stdout.re_match_lines([rf"{name}\b.*"])
    assert "no docstring available" not in "\n".join(line for line in result.outlines if line.startswith("bbb_"))


def test_only_the_plugin_needs_pytest():
    code = (
        "import sys, django_bbb.testing, django_bbb.simulator.__main__;"
        "print([one for one in ('pytest', '_pytest', 'django') if one in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_without_pytest_it_is_a_context_manager():
    code = (
        "from django_bbb.testing import BigBlueButtonSimulator\n"
        "with BigBlueButtonSimulator() as server: print(server.url)"
    )

    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("http://127.0.0.1:")
