"""A running demo, and a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import lacking
from tests.e2e.running import CHROMIUM_ARGUMENTS, Demo, find_chromium, running_demo

#: Seconds until each format of a recording is ready: long enough to see "Being processed" before.
RECORDING_DELAY = 4


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; without one the test is skipped, and with REQUIRE_ALL=1 it fails."""
    path = find_chromium()
    if path is None:
        lacking.skip("There is no Chromium on this machine; install one, or name it in CHROMIUM.")
    return path


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    # One per test: Playwright's event loop would be in the way of tests that use the database.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as `make demo` starts it, shared by the tests of a module."""
    with running_demo(tmp_path_factory.mktemp("demo"), "--recording-delay", str(RECORDING_DELAY)) as demo:
        yield demo


@pytest.fixture
def demo_that_loses_callbacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "--lose-callbacks", "--recording-delay", "1") as demo:
        yield demo


@pytest.fixture
def demo_without_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "--no-worker", "--recording-delay", "1") as demo:
        yield demo
