"""The whole admin of the app as a site's own, under another prefix and name: nothing there leads to Django's."""

import re

import pytest
from django.contrib import admin
from django.test import Client, override_settings
from django.urls import include, path, reverse

from tests.e2e.admin_world import World


class OwnSite(admin.AdminSite):
    """An admin with what goes on on its start page."""

    index_template = "admin/django_bbb/index.html"


own_site = OwnSite(name="school")
for _model, _page in admin.site._registry.items():
    if _model._meta.app_label == "django_bbb":
        own_site.register(_model, type(_page))

urlpatterns = [
    path("school/", own_site.urls),
    path("admin/", admin.site.urls),
    path("bbb/", include("django_bbb.urls")),
]


@pytest.fixture
def world(bbb, server, simulator, teacher):
    with override_settings(ROOT_URLCONF=__name__):
        yield World(server=server, simulator=simulator, teacher=teacher)


@pytest.fixture
def boss(world, admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


def test_no_page_leads_out_of_it(world, boss):
    wrong = {}
    for page in world.pages_of(own_site):
        answer = boss.get(page.address)
        assert answer.status_code in (200, 302, 403, 405)
        if found := re.findall(r'"(/admin/[^"]*)"', answer.content.decode()):
            wrong[page.address] = found

    assert wrong == {}


@pytest.mark.parametrize(
    "what", ["server_enable", "server_test", "recording_publish", "recording_keep", "recording_try_again"]
)
def test_buttons_come_back_to_it(world, boss, what):
    address = reverse(f"school:django_bbb_{what}", kwargs=world.keys(what)[0])

    answer = boss.post(address, {"confirmed": "yes"})

    assert answer.status_code == 302
    assert answer.url.startswith("/school/django_bbb/")
