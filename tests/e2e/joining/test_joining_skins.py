"""Style sheets and script under hashed names, and in the colours of a site's Bootstrap."""

from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import Context, Template
from playwright.sync_api import expect

from django_bbb.models import Meeting
from tests.e2e.joining.people import Look, address

pytestmark = pytest.mark.browser

#: What of Bootstrap our skin looks at, with values of a site's own.
BOOTSTRAP = """
:root { --bs-primary: rgb(102, 16, 242); --bs-white: #fff; --bs-border-radius: 3px; --bs-body-color: #212529;
  --bs-secondary-color: #5a6268; --bs-body-bg: #fff; --bs-border-color: #dee2e6; --bs-danger: #b02a37;
  --bs-success-text-emphasis: #0a3622; --bs-body-font-family: sans-serif; }
"""


@pytest.fixture
def collected(settings, tmp_path):
    """The files as `collectstatic` puts them down with names that change with their content."""
    settings.STATIC_ROOT = str(tmp_path)
    storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    call_command("collectstatic", verbosity=0, interactive=False)
    return tmp_path


def serve(visitor, folder):
    """Serve static files as a web server does: from that folder, and nothing that is not in it."""

    def answer(route):
        file = folder / route.request.url.partition("/static/")[2]
        route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)

    visitor.page.route("**/static/**", answer)


def colour_of_button(visitor):
    return visitor.page.locator(".bbb-primary").first.evaluate("(one) => getComputedStyle(one).backgroundColor")


def test_under_hashed_names_the_page_is_alive(visit, room, student, collected):
    visitor = visit(student)
    serve(visitor, collected)

    visitor.go(address("join", room(access=Meeting.Access.SIGNED_IN)))

    expect(visitor.page.locator("[data-again]")).not_to_be_empty()
    visitor.check_page()
    files = {Path(one.url).name for one in visitor.asked if "/static/" in one.url}
    assert len(files) == 2
    assert not files & {"django_bbb.css", "django_bbb.js"}


def test_the_colours_of_bootstrap_are_taken_under_hashed_names(visit, room, teacher, collected, settings, tmp_path):
    (tmp_path / "bootstrap.css").write_text(BOOTSTRAP)
    visitor = visit(teacher)
    serve(visitor, collected)
    base = tmp_path / "django_bbb" / "base.html"
    base.write_text(
        '{% load django_bbb %}<!doctype html><html lang="en" dir="ltr"><title>{% block title %}{% endblock %}</title>'
        '<link rel="stylesheet" href="/static/bootstrap.css">{% bbb_media "bootstrap" %}'
        "{% block head %}{% endblock %}<main>{% block content %}{% endblock %}</main>"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]

    visitor.go(address("join", room()))

    assert colour_of_button(visitor) == "rgb(102, 16, 242)"
    assert visitor.page.locator(".bbb-primary").evaluate("(one) => getComputedStyle(one).borderRadius") == "3px"
    visitor.check_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_elements_are_dark_only_where_the_page_around_them_is(visit, room, teacher, settings, tmp_path, scheme):
    (tmp_path / "django_bbb").mkdir()
    (tmp_path / "django_bbb" / "base.html").write_text(
        '{% load django_bbb %}<!doctype html><html lang="en" dir="ltr"><title>{% block title %}{% endblock %}</title>'
        "{% bbb_media %}<main>{% block content %}{% endblock %}</main>"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    visitor = visit(teacher, Look(scheme=scheme))

    visitor.go(address("join", room()))

    assert colour_of_button(visitor) == "rgb(11, 87, 164)"


@pytest.mark.parametrize("skin", ["plain", "bootstrap"])
def test_every_skin_has_its_files(collected, skin):
    page = Template("{% load django_bbb %}{% bbb_media skin %}").render(Context({"skin": skin}))

    names = [part.split('"')[0].removeprefix("/static/") for part in page.split("/static/")[1:]]
    assert len(names) == 2
    assert all(staticfiles_storage.exists(name) for name in names)
