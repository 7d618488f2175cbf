"""Everybody walks through the whole admin: who sees which page, and who can do what.

The pages are those of the admin's urls and the permissions those of the models, so that new ones are walked as well;
what a new page asks for is to be said in `NEEDS`.
"""

from itertools import product

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import ERROR
from django.contrib.messages.storage.session import SessionStorage
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponseForbidden, HttpResponseNotFound
from django.test import Client, RequestFactory
from django.urls import resolve
from lxml import html

from tests.e2e.admin_offers import offers_on
from tests.e2e.admin_world import World

OURS = list(apps.get_app_config("django_bbb").get_models())
VIEW, NOBODY = "view_{0}|change_{0}", "nobody"


def one_of_each(*groups):
    """Return alternatives that have one of each of these groups of alternatives."""
    return "|".join("+".join(chosen) for chosen in product(*(group.split("|") for group in groups)))


#: What each page asks for: one of the alternatives between bars, and all that stands there with a plus.
NEEDS = {
    # Of every model, where nothing else is said of it below.
    "changelist": VIEW,
    "change": VIEW,
    "history": VIEW,
    "add": "add_{0}",
    "delete": "delete_{0}",
    # Everybody on the staff.
    "index": "",
    # What servers made, and what is never thrown away.
    "server_delete": NOBODY,
    "recording_add": NOBODY,
    "meetingsession_add": NOBODY,
    "meetingsession_delete": NOBODY,
    "attendance_add": NOBODY,
    "attendance_delete": NOBODY,
    "callbackdelivery_add": NOBODY,
    "consent_add": NOBODY,
    "callbackdelivery_delete": NOBODY,
    # Pages of our own.
    "server_load": VIEW,
    "server_loads": VIEW,
    "server_rotate": "change_server",
    "server_test": "test_server+view_server|test_server+change_server",
    "server_enable": "change_server",
    "server_drain": "change_server",
    "server_disable": "change_server",
    "server_panic": "panic_server+view_server|panic_server+change_server",
    "meeting_badges": VIEW,
    "meeting_invitation": VIEW,
    "meeting_why": "view_user+view_meeting|view_user+change_meeting",
    "meeting_presentation": one_of_each("view_meeting|change_meeting", "view_presentation|change_presentation"),
    "meeting_presentation_send": one_of_each("change_meeting", "view_presentation|change_presentation"),
    "recording_jobs": VIEW,
    "recording_job": VIEW,
    "recording_try_again": "publish_recording+view_recording",
    "recording_text_tracks": VIEW,
    "recording_look_for_text_tracks": "change_recording",
    "recording_publish": "publish_recording",
    "recording_unpublish": "unpublish_recording",
    "recording_protect": "protect_recording",
    "recording_unprotect": "protect_recording",
    **{f"recording_{name}": "change_recording" for name in ("rename", "audience", "expiry", "keep", "resync")},
    **{f"recording_{name}": "delete_recording" for name in ("trash", "restore", "delete_for_good")},
}
#: Pages that only take what is sent to them.
ONLY_POSTED = {f"server_{name}" for name in ("test", "enable", "drain", "disable", "panic")}
ONLY_POSTED |= {"recording_try_again", "recording_look_for_text_tracks", "meeting_presentation_send"}
#: The permissions are cut into as many parts as may be walked at the same time.
PARTS = 2


@pytest.fixture(autouse=True)
def no_word_of_each_refusal(caplog):
    caplog.set_level("ERROR", logger="django.request")


@pytest.fixture
def world(bbb, server, simulator, teacher):
    bbb["IN_HOUSE_SERVERS"] = True  # for those that are added here
    return World(server=server, simulator=simulator, teacher=teacher)


@pytest.fixture
def staff(person):
    """Make somebody new on the staff with these permissions."""

    def make(*names):
        user = person(f"staff{User.objects.count()}", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        return user

    return make


@pytest.fixture
def log_in(staff):
    def log_in(*names):
        client = Client()
        client.force_login(staff(*names))
        return client

    return log_in


class Caller:
    """Asks views as somebody, without middleware and without rendering: so thousands of refusals are quick."""

    def __init__(self, user):
        self.user = user

    def get(self, address, data=None):
        return self.call(RequestFactory().get(address, data))

    def post(self, address, data):
        return self.call(RequestFactory().post(address, data))

    def call(self, request):
        request.user, request.session, request._dont_enforce_csrf_checks = self.user, {}, True
        request._messages = SessionStorage(request)
        match = resolve(request.path)
        try:
            return match.func(request, *match.args, **match.kwargs)
        except PermissionDenied:
            return HttpResponseForbidden()
        except Http404:
            return HttpResponseNotFound()


@pytest.fixture
def boss(world, admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


def permissions(**which):
    """Return code names of this app's permissions."""
    found = Permission.objects.filter(content_type__app_label="django_bbb", **which)
    return sorted(found.values_list("codename", flat=True))


def may_open(name, names):
    """Whether somebody with these permissions is to see a page."""
    model, _bar, rest = name.partition("_")
    needed = NEEDS.get(name, NEEDS.get(rest))
    assert needed is not None, f"What does {name} ask for? Say it in NEEDS."
    alternatives = needed.format(model).split("|")
    return any(set(filter(None, one.split("+"))) <= set(names) for one in alternatives)


def may_open_one(names):
    """Whether there is a model that somebody with these permissions may do something with."""
    models = [model._meta.model_name for model in admin.site._registry if model in OURS]
    return any(may_open(f"{model}_{page}", names) for model in models for page in ("changelist", "add", "delete"))


def expected_status(name, names, *, is_boss):
    if name in ONLY_POSTED:
        return {403, 405}  # which of the two comes first is nobody's business
    if name == "app_list":
        return {200} if is_boss or may_open_one(names) else {404}
    may = NEEDS.get(name) != NOBODY if is_boss else may_open(name, names)
    allowed = 302 if name == "meeting_presentation" else 200  # which leads to the file
    return {allowed} if may else {403}


def wrong_answers(client, world, names, *, is_boss=False):
    found = {}
    for page in world.pages:
        status, expected = client.get(page.address).status_code, expected_status(page.name, names, is_boss=is_boss)
        if status not in expected:
            found[page.address, names] = (status, expected)
    return found


# --- pages ------------------------------------------------------------------------------------------------


def test_a_superuser_sees_every_page(world, boss):
    assert wrong_answers(boss, world, (), is_boss=True) == {}


def test_without_permissions_there_is_nothing_to_see(world, log_in):
    assert wrong_answers(log_in(), world, ()) == {}


def test_with_all_that_is_for_looking_nothing_else_opens(world, log_in):
    names = tuple(permissions(codename__startswith="view_"))

    assert wrong_answers(log_in(*names), world, names) == {}


def test_somebody_who_is_not_on_the_staff_is_asked_to_log_in(world, client, student):
    client.force_login(student)

    answers = {client.get(page.address).status_code for page in world.pages}

    assert answers == {302}


@pytest.mark.parametrize("part", range(PARTS))
def test_one_permission_opens_its_pages_and_no_other(world, staff, part):
    wrong = {}
    for name in permissions()[part::PARTS]:
        wrong |= wrong_answers(Caller(staff(name)), world, (name,))

    assert wrong == {}


def test_who_may_look_at_people_is_told_why_somebody_cannot_join(world, log_in):
    names = ("view_user", "view_meeting")

    assert wrong_answers(log_in(*names), world, names) == {}


# --- buttons ----------------------------------------------------------------------------------------------


class Walker:
    """Somebody who presses everything, and finds all as it was before each button."""

    def __init__(self, client, world, *, leaving_out=(), near=None, saving=("_save",)):
        self.client, self.world = client, world
        self.leaving_out, self.near, self.saving = leaving_out, near, saving
        self.served = 0
        self.pressed, self.problems = set(), []

    def walk(self, *, links=False):
        """Press what is offered on each page that opens, and on those that ask first."""
        for page in self.world.pages:
            if self.near and page.name.partition("_")[0] not in self.near:
                continue
            answer = self.client.get(page.address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                self.press_all(answer, page.address, links=links)
        return self

    def press_all(self, answer, address, *, links=False):
        for offer in offers_on(answer.content.decode(), f"http://testserver{address}"):
            if offer in self.pressed or offer in self.leaving_out or (offer.method == "get" and not links):
                continue
            self.pressed.add(offer)
            if offer.saves and not dict(offer.button).keys() & set(self.saving):
                continue
            here, served = connection.savepoint(), self.served
            self.press(offer)
            connection.savepoint_rollback(here)
            if self.world.simulator.journal or self.served != served:
                self.world.serve()
                self.served += 1

    def press(self, offer):
        answer = offer.send(self.client)
        asks = offer.method == "post" and answer.status_code == 200 and not answer.streaming
        if answer.status_code == 302 and answer.url.startswith("/admin/"):
            answer = self.client.get(answer.url)
        if answer.status_code >= 400:
            self.problems.append((offer, answer.status_code))
        elif offer.method == "post":
            self.look_for_errors(offer, answer)
        if asks:
            self.press_all(answer, offer.path)

    def look_for_errors(self, offer, answer):
        if not answer.context or offer.is_of_a_list:  # of many it may be impossible with some
            return
        told = html.fromstring(answer.content).xpath("//*[contains(@class, 'errorlist')]//text()")
        if not any(path in offer.path for path in (f"server/{self.world.added.pk}/test/", "/rotate/")):
            told += [str(one) for one in answer.context.get("messages", ()) if one.level >= ERROR]
        if told:
            self.problems.append((offer, told))


def test_everything_a_superuser_is_offered_works(world, boss):
    walker = Walker(boss, world, saving=("_save", "_addanother", "_continue")).walk(links=True)

    assert walker.problems == []
    assert len(walker.pressed) > 200


def test_everything_works_that_is_offered_to_those_who_look(world, log_in):
    walker = Walker(log_in(*permissions(codename__startswith="view_")), world).walk(links=True)

    assert walker.problems == []
    assert {offer.button for offer in walker.pressed if offer.method == "post"} == {(("action", "export_selected"),)}


@pytest.mark.parametrize("part", range(PARTS))
def test_one_more_permission_gives_buttons_that_work_and_no_others(world, boss, staff, log_in, part):
    looking = tuple(permissions(codename__startswith="view_"))
    of_all = Walker(boss, world, saving=()).walk().pressed
    of_lookers = Walker(log_in(*looking), world).walk().pressed
    before = remembered()

    wrong = []
    for names in at_a_time(looking)[part::PARTS]:
        somebody = staff(*looking, *names)
        client = Client()
        client.force_login(somebody)
        walker = Walker(client, world, leaving_out=of_lookers, near=near(names)).walk()
        wrong += [(names, *problem) for problem in walker.problems]
        saved = {offer.address for offer in walker.pressed if offer.saves}
        others = {
            offer
            for offer in of_all - walker.pressed - of_lookers
            # "Save and add another" is "Save" and a link.  Actions of lists that nothing was added to are not tried
            # by each: where none is chosen, Django works out the whole list before it says so.
            if not (offer.saves and offer.address in saved)
            and not (offer.is_of_a_list and offer.path.split("/")[3] not in near(names))
        }
        wrong += [(names, "is not offered", *found) for found in what_is_done(Caller(somebody), world, others)]
        if remembered() != before:
            wrong.append((names, "Something is not as it was."))

    assert wrong == []


def at_a_time(looking):
    """Return what is added to looking: one permission at a time, and all those of models without pages at once."""
    without_pages, found = [], []
    for name in permissions():
        if not near([name]) & {model._meta.model_name for model in admin.site._registry}:
            without_pages.append(name)
        elif name not in looking:
            found.append((name,))
    return [*found, tuple(without_pages)]


def near(names):
    """Return the models on whose pages permissions can give buttons: their own, and those that show these inline."""
    found = Permission.objects.filter(content_type__app_label="django_bbb", codename__in=names)
    own = {one.content_type.model_class() for one in found.select_related("content_type")}
    shown = {model for model, page in admin.site._registry.items() if own & {one.model for one in page.inlines}}
    return {model._meta.model_name for model in own | shown}


def what_is_done(caller, world, offers):
    """Send what is not offered; return those that are not refused."""
    for offer in offers:
        status = offer.send(caller).status_code
        # An action that is not in the list of actions is no action: the list comes again.
        refused = {403, 200, 302} if offer.is_of_a_list else {403}
        if status not in refused or world.simulator.journal:
            yield offer, status
            world.simulator.clear_journal()


def remembered():
    """Return all that there is of ours, and what the admin's log says.

    Not by which names servers know recordings: those are others whenever the world is put back in order.
    """
    rows = [row for model in (*OURS, LogEntry) for row in model._default_manager.order_by("pk").values()]
    return [{name: value for name, value in row.items() if name != "record_id"} for row in rows]
