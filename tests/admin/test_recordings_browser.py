"""The pages of recordings in a browser, under a strict content security policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from django_bbb.models import Recording, RecordingJob
from django_bbb.services import syncing
from tests import content_policy, lacking
from tests.e2e.running import CHROMIUM_ARGUMENTS, find_chromium


@pytest.fixture
def recording(transactional_db, server, meeting, simulator):
    simulator.add_recording(meeting.meeting_id, name="Lesson")
    syncing.sync_recordings(server=server)
    return Recording.objects.get()


@pytest.fixture
def job(recording, admin_user):
    job = RecordingJob.objects.start(action="publish", arguments={}, user=admin_user, recordings=[recording.pk])
    job.items.update(result="failed", error="The server does not answer.")
    return job


@pytest.fixture
def open_page(cookies, recording, job):
    chromium = find_chromium()
    if chromium is None:
        lacking.skip("There is no Chromium on this machine; install one, or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)

        def open_it(**options):
            context = browser.new_context(**options)
            context.add_cookies(cookies)
            context.add_init_script(content_policy.COUNT)
            return context.new_page()

        yield open_it
        browser.close()


def address(live_server, what, *arguments):
    return live_server.url + reverse(f"admin:django_bbb_recording_{what}", args=arguments)


def test_the_policy_blocks_nothing_of_ours(open_page, live_server, recording, job):
    ours = [("changelist",), ("jobs",), ("job", job.pk)]
    ours += [(what, recording.pk) for what in ("change", "delete", "text_tracks", "rename", "audience", "expiry")]
    page = open_page()

    blocked = {}
    for where in ours:
        page.goto(address(live_server, *where))
        blocked[where] = page.evaluate("blocked")

    assert all(found == [] for found in blocked.values()), blocked


def test_pictures_are_shown(open_page, live_server, recording):
    page = open_page()

    page.goto(address(live_server, "change", recording.pk))

    for picture in page.locator(".field-thumbnails img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 176)
    assert page.locator(".field-thumbnails img").count() == 3


def test_the_switch_needs_no_script(open_page, live_server, recording, simulator):
    page = open_page(java_script_enabled=False)
    page.goto(address(live_server, "changelist") + "?trash=all")

    page.get_by_role("switch", name="“Lesson” is published").click()

    expect(page.get_by_text("1 recording unpublished.")).to_be_visible()
    expect(page.get_by_role("switch")).not_to_be_checked()
    assert page.url.endswith("?trash=all")
    assert str(simulator.recordings[recording.record_id].state) == "unpublished"


def test_the_page_of_a_job_looks_again_without_a_script(open_page, live_server, recording, job):
    page = open_page(java_script_enabled=False)

    page.goto(address(live_server, "job", job.pk))

    with page.expect_navigation(timeout=20_000):
        pass  # by itself
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
