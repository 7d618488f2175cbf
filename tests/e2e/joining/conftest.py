"""The site with a simulator, its pages in their own layout, and Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, sync_playwright

import django_bbb
from django_bbb.models import Meeting
from django_bbb.services.meetings import create_meeting
from tests import content_policy
from tests.e2e.joining.people import Look, Visitor
from tests.e2e.running import CHROMIUM_ARGUMENTS

OURS = Path(django_bbb.__file__).parent / "templates"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One for a module: what people have in it is in contexts of their own."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, in which Django would refuse to ask the database.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(transactional_db: None, live_server: Any, settings: Any, bbb: dict[str, Any], server: Any) -> str:
    """The address of the site, whose pages are in our own layout and not in that of the example."""
    bbb["CALLBACK_BASE_URL"] = live_server.url
    bbb["WAITING_REFRESH"] = 1
    content_policy.send_with_each_page(settings)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [OURS]}]
    address: str = live_server.url
    return address


@pytest.fixture
def room(site: str, teacher: User) -> Callable[..., Meeting]:
    """Make a meeting of the teacher's."""
    return lambda **fields: create_meeting(name="Mathematics 7b", owner=teacher, **fields)


@pytest.fixture
def visit(browser: Browser, site: str, simulator: Any) -> Iterator[Callable[..., Visitor]]:
    """Open a browser for somebody."""
    visitors: list[Visitor] = []

    def visit(user: User | None = None, look: Look | None = None) -> Visitor:
        visitors.append(Visitor(browser, site, simulator.url, look or Look(), user))
        return visitors[-1]

    yield visit
    for one in visitors:
        one.context.close()
