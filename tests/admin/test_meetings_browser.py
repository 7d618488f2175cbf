"""The pages of meetings in a browser, under a strict content security policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import sync_playwright

from django_bbb.models import Meeting, MeetingPreset, MeetingSession
from tests import content_policy, lacking
from tests.e2e.running import CHROMIUM_ARGUMENTS, find_chromium


@pytest.fixture
def running(transactional_db, server):
    preset = MeetingPreset.objects.create(name="Exam", options={"max_participants": 25})
    meeting = Meeting.objects.create(name="Mathematics 7b", preset=preset)
    begun = "2026-01-02T10:00Z"
    return MeetingSession.objects.create(
        meeting=meeting, server=server, claimed_until=begun, create_time=begun, participant_count=3
    )


@pytest.fixture
def page(cookies, running):
    chromium = find_chromium()
    if chromium is None:
        lacking.skip("There is no Chromium on this machine; install one, or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context()
        context.add_cookies(cookies)
        context.add_init_script(content_policy.COUNT)
        page = context.new_page()
        page.clock.install()
        yield page
        browser.close()


def test_the_policy_blocks_nothing_of_ours(page, live_server, running):
    keys = {"changelist": [], "add": [], "change": [1], "why": [1], "invitation": [1]}
    addresses = [
        reverse(f"admin:django_bbb_meeting_{name}", args=[running.meeting_id] if key else [])
        for name, key in keys.items()
    ]

    blocked = {}
    for address in (*addresses, reverse("admin:django_bbb_meetingpreset_add")):
        page.goto(f"{live_server.url}{address}")
        blocked[address] = page.evaluate("blocked")

    assert all(found == [] for found in blocked.values()), blocked


def test_badges_refresh_by_one_question_every_ten_seconds(page, live_server, running):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "badges" in request.url else None)
    page.goto(f"{live_server.url}{reverse('admin:django_bbb_meeting_changelist')}")
    people = page.locator(f'[data-bbb-people="{running.meeting_id}"]')
    page.evaluate(f"document.querySelector('[data-bbb-people=\"{running.meeting_id}\"]').textContent = 'old'")

    page.clock.run_for(9_000)
    early = list(asked)
    with page.expect_response(lambda answer: "badges" in answer.url):
        page.clock.run_for(1_500)
    people.get_by_text("3 / 25").wait_for()

    assert early == []
    assert asked == [f"{live_server.url}{reverse('admin:django_bbb_meeting_badges')}?ids={running.meeting_id}"]


def test_the_invitation_is_copied_by_a_button(page, live_server, running):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}{reverse('admin:django_bbb_meeting_invitation', args=[running.meeting_id])}")

    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Mathematics 7b" in copied
    assert f"/bbb/meetings/{running.meeting.meeting_id}/join/" in copied
