"""Every page of the admin in a real browser: nothing a strict policy blocks, and nothing that shuts people out.

What Django's own pages do themselves is not counted: the same is found on those of its users and groups.
"""

import re

import pytest
from django.contrib.admin import TabularInline
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import sync_playwright

from tests import content_policy, lacking
from tests.e2e import axe
from tests.e2e.admin_world import World
from tests.e2e.running import CHROMIUM_ARGUMENTS, find_chromium

pytestmark = pytest.mark.browser

WIDE = {"width": 1280, "height": 900}
LOOKS = [("light", WIDE), ("dark", {"width": 320, "height": 700})]
#: What Django's forms do that none of its own has: a table of nothing but facts, wider than a telephone.
OF_DJANGO = {("scrollable-region-focusable", where, "<div") for where in ("#table", ".wrapper")}


#: What is not looked at: pages that only take something, or answer a script.
UNSEEN = {f"server_{name}" for name in ("test", "enable", "drain", "disable", "panic")}
UNSEEN |= {"meeting_badges", "recording_try_again", "recording_look_for_text_tracks"}
UNSEEN |= {"meeting_presentation", "meeting_presentation_send"}
#: Pages that are as that for publishing is.
UNSEEN |= {f"recording_{name}" for name in ("unpublish", "protect", "unprotect", "keep", "resync", "trash", "restore")}
#: Pages that come of an action of a list.
ASKING = {"server": ["disable", "panic"], "meeting": ["end", "message", "move"]}
#: What servers made has no such page.
CLOSED = {f"{model}_add" for model in ("recording", "meetingsession", "attendance", "callbackdelivery", "consent")}
CLOSED |= {f"{model}_delete" for model in ("server", "meetingsession", "attendance", "callbackdelivery")}


@pytest.fixture
def world(transactional_db, bbb, server, simulator, teacher):
    return World(server=server, simulator=simulator, teacher=teacher)


class Visitor:
    """Somebody in a browser that holds every page to the policy."""

    def __init__(self, browser, site, cookie, **options):
        self.site, self.problems = site, []
        self.context = browser.new_context(viewport=WIDE, **options)
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
        self.context.add_init_script(content_policy.COUNT)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.note)

    def note(self, line):
        if line.type == "error" and not line.location["url"].endswith("/favicon.ico"):
            self.problems.append(line.text)

    def open(self, address):
        """Open a page; return what was wrong with it."""
        self.problems.clear()
        self.page.set_viewport_size(WIDE)
        address, _mark, action = address.partition("#")
        self.page.goto(f"{self.site}{address}")
        if action:
            self.page.locator("#action-toggle").check()
            self.page.locator("select[name=action]").select_option(action)
            self.page.get_by_role("button", name="Go").or_(self.page.locator("button[name=index]")).first.click()
            self.page.locator("input[name=confirmed]").wait_for(state="attached")
        return [*self.problems, *self.page.evaluate("blocked")]


@pytest.fixture
def ours(world):
    """Addresses of our pages; the database is out of reach for those who drive a browser."""
    unseen = UNSEEN | CLOSED
    pages = [page.address for page in world.pages if page.name not in unseen and not page.name.endswith("_history")]
    lists = {model: reverse(f"admin:django_bbb_{model}_changelist") for model in ASKING}
    return pages + [f"{lists[model]}#{action}_selected" for model, actions in ASKING.items() for action in actions]


class People(TabularInline):
    """A table of Django's own in a form."""

    model = User.groups.through
    extra = 1


class PeopleByNumber(People):
    raw_id_fields = ("user",)


@pytest.fixture
def stock(admin_user, monkeypatch):
    """Addresses of pages of the same kinds that are Django's alone, with what our lists have of Django's as well."""
    for name, value in {
        "search_help_text": "Names",
        "show_full_result_count": False,
        "date_hierarchy": "date_joined",
    }.items():
        monkeypatch.setattr(UserAdmin, name, value)
    monkeypatch.setattr(GroupAdmin, "inlines", [People, PeopleByNumber])
    group = Group.objects.create(name="Teachers")
    LogEntry.objects.log_actions(admin_user.pk, [group], CHANGE)
    lists = ("user_changelist", "user_add", "group_changelist", "group_add")
    found = [reverse(f"admin:auth_{name}") for name in lists]
    found += [f"{found[0]}?q=a", reverse("admin:app_list", args=["auth"])]
    found += [reverse(f"admin:auth_group_{name}", args=[group.pk]) for name in ("change", "delete", "history")]
    return [*found, reverse("admin:auth_user_change", args=[admin_user.pk])]


@pytest.fixture
def visit(ours, stock, live_server, settings, admin_user, person):
    chromium = find_chromium()
    if chromium is None:
        lacking.skip("There is no Chromium on this machine; install one, or name it in CHROMIUM.")
    content_policy.send_with_each_page(settings)
    looker = person("looker", is_staff=True)
    looker.user_permissions.set(
        Permission.objects.filter(content_type__app_label="django_bbb", codename__startswith="view_")
    )
    cookies = {}
    for name, user in (("superuser", admin_user), ("looker", looker)):
        client = Client()
        client.force_login(user)
        cookies[name] = client.cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield lambda who="superuser", **options: Visitor(browser, live_server.url, cookies[who], **options)
        browser.close()


def kind(finding):
    """Return what a finding is about, without what is different on each page.

    Fields in a table of a form are alike, and so are the two halves of a field for a date and a time.
    """
    rule, where, text = finding
    if rule == "label-title-only":  # a field in a table that has a help text besides
        rule = "label" if re.search(r"#id_[\w-]+-\d+-\w+", where) else rule
    where = re.sub(r"#id_[\w-]+-\d+-\w+", "#in_a_table", where)
    where = re.sub(r'fieldset\[aria-labelledby="[\w-]+"\] > ', "", where)
    where = re.sub(r"#id_\w+_[01]\b", "#half", where)
    where = re.sub(r"#\w+-group\b", "#table", where)
    return rule, re.sub(r"\[[^]]*\]|\([^)]*\)|\d+", "", where), re.match(r"<\w+", text).group()


def look(visitor, addresses, *, right_to_left):
    """Return what axe finds on each page: wide and light, narrow and dark; from right to left only the latter.

    Colours depend on the theme alone and all else on the size, so two of the four say it all.
    """
    found = {}
    for address in addresses:
        visitor.open(address)
        seen = []
        for scheme, size in LOOKS[1:] if right_to_left else LOOKS:
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.page.set_viewport_size(size)
            seen += map(tuple, axe.find(visitor.page))
            if not visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                seen.append(("wider than the window", "", "<html>"))
        found[address] = seen
    return found


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_nobody_is_shut_out_of_a_page(visit, ours, stock, locale):
    visitor, right_to_left = visit(locale=locale), locale == "ar"
    of_django = OF_DJANGO | {
        kind(one) for seen in look(visitor, stock, right_to_left=right_to_left).values() for one in seen
    }

    found = look(visitor, ours, right_to_left=right_to_left)

    wrong = {address: [one for one in seen if kind(one) not in of_django] for address, seen in found.items()}
    assert {address: seen for address, seen in wrong.items() if seen} == {}
    assert (visitor.page.locator("html").get_attribute("dir") == "rtl") is right_to_left


def test_people_of_how_many_are_so_from_right_to_left(visit, ours):
    visitor = visit(locale="ar")

    visitor.open(next(address for address in ours if address.endswith("/meeting/")))

    assert "3 / 25" in visitor.page.locator(".field-people").all_inner_texts()
    assert visitor.page.locator("[data-bbb-people]").first.evaluate("one => getComputedStyle(one).direction") == "ltr"


@pytest.mark.policy
def test_a_strict_policy_blocks_nothing(visit, ours):
    visitor = visit()

    wrong = {address: visitor.open(address) for address in ours}

    assert {address: seen for address, seen in wrong.items() if seen} == {}


@pytest.mark.policy
def test_nor_for_those_who_may_only_look_and_who_can_save_nothing(visit, ours):
    visitor = visit("looker")
    save = visitor.page.locator("[name=_save], [name=_continue], [name=_addanother]")

    wrong = {}
    for address in ours:
        if "#" not in address:  # they have no actions
            # A page they may not open is refused, which a browser reports.
            found = [one for one in visitor.open(address) if "status of 403" not in one]
            wrong[address] = found + ["It can be saved."] * bool(save.count())

    assert {address: seen for address, seen in wrong.items() if seen} == {}
