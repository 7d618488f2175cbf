"""A first try of an installed wheel, away from the checkout: ``python smoke.py``."""

import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

PACKAGE = Path(str(files("django_bbb")))


class Addresses:
    """Stands for the site's urls module."""

    urlpatterns: ClassVar[list[object]] = []


def main() -> None:
    """Migrate, start a class on the simulator, join, and see that everything the package needs came along."""
    for needed in (
        "py.typed",
        "templates/django_bbb/waiting.html",
        "templates/admin/django_bbb/confirm.html",
        "static/django_bbb/django_bbb.css",
        "static/django_bbb/admin_meetings.js",
        "migrations/0001_initial.py",
        "locale/pt_BR/LC_MESSAGES/django.mo",
        "simulator/templates/classroom.html",
        "simulator/static/simulator.css",
    ):
        assert (PACKAGE / needed).is_file(), f"The wheel lacks {needed}."
    assert not (PACKAGE.parent / "example_project").exists(), "The wheel brings the example along."

    from django_bbb.simulator import BigBlueButtonSimulator

    secret = "a secret for this minute only, and long enough"
    with BigBlueButtonSimulator(secret=secret) as simulator, tempfile.TemporaryDirectory() as folder:
        settings.configure(
            SECRET_KEY="smoke",
            USE_TZ=True,
            INSTALLED_APPS=["django_bbb", "django.contrib.auth", "django.contrib.contenttypes"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/db.sqlite3"}},
            DJANGO_BBB={"SERVERS": {"default": {"URL": simulator.url, "SECRET": secret}}},
            ROOT_URLCONF=Addresses,
            SILENCED_SYSTEM_CHECKS=["django_bbb.W003", "django_bbb.W004"],
        )
        django.setup()
        Addresses.urlpatterns.append(path("bbb/", include("django_bbb.urls")))
        call_command("check", fail_level="WARNING")
        call_command("migrate", verbosity=0)
        _start_a_class(simulator)
    print(f"django-bbb {version('django-bbb')} works from its wheel, with Django {django.__version__}.")


def _start_a_class(simulator: object) -> None:
    from django_bbb.models import Server
    from django_bbb.services.meetings import create_meeting, end_meeting, start_meeting

    assert Server.objects.get().slug == "default"
    meeting = create_meeting(name="Smoke test")
    assert start_meeting(meeting=meeting).is_joinable
    assert end_meeting(meeting=meeting)


if __name__ == "__main__":
    main()
