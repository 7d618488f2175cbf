"""The admin's lists of 100 000 meetings and 500 000 recordings, beside Django's own list of the same rows.

Django's has as many columns of the table itself, joins what they refer to, and counts as it does unless told not to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from .database import prepare

MEETINGS, RECORDINGS = 100_000, 500_000
ROUNDS = 3


def sites() -> dict[str, dict[str, Any]]:
    """Return our admin and Django's own for each model, of the same rows."""
    from django.contrib import admin

    from django_bbb.models import Meeting, Recording

    class PlainMeetings(admin.ModelAdmin):
        list_display = ("name", "meeting_id", "opens_at", "closes_at", "owner", "access", "created_at", "preset")
        list_filter = ("access",)
        list_select_related = ("owner", "preset")
        search_fields = ("name", "meeting_id", "owner__username")
        change_list_template = "admin/change_list.html"

    class PlainRecordings(admin.ModelAdmin):
        list_display = (
            "name", "title", "published", "state", "started_at", "ended_at", "participants", "raw_size", "size",
            "audience", "expires_at", "meeting", "server",
        )  # fmt: skip
        list_filter = ("published",)
        list_select_related = ("meeting", "server")
        search_fields = ("name", "title", "record_id", "meeting__name")
        change_list_template = "admin/change_list.html"

    plain = admin.AdminSite("plain")
    plain.register(Meeting, PlainMeetings)
    plain.register(Recording, PlainRecordings)
    return {
        model.__name__: {"ours": admin.site.get_model_admin(model), "plain": plain.get_model_admin(model)}
        for model in (Meeting, Recording)
    }


def page(model_admin: Any, query: str) -> Any:
    """Return a page of a list as a superuser gets it."""
    from django.contrib.auth.models import User
    from django.test import RequestFactory

    request = RequestFactory().get(f"/?{query}")
    request.user = User(pk=1, is_active=True, is_staff=True, is_superuser=True)
    response = model_admin.changelist_view(request)
    if response.status_code != 200:
        raise AssertionError(f"{model_admin}: {query} is not a page")
    response.render()
    return response


@dataclass(frozen=True)
class List:
    """A page of our list beside the same page of Django's, in turn."""

    name: str
    model: str
    query: str
    limit: float = 3

    def ratio(self) -> float:
        if lacking:
            print(f"Not run, {lacking}")
            return 0.0
        found = filled()[self.model]
        ours, plain = (partial(page, found[whose], self.query) for whose in ("ours", "plain"))
        shown = [len(one().context_data["cl"].result_list) for one in (ours, plain)]
        if shown[0] != shown[1] or not shown[0]:
            raise AssertionError(f"{self.name}: {shown[0]} rows, and Django's own has {shown[1]}")
        return median(seconds(ours) / seconds(plain) for _round in range(ROUNDS))


def seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


_sites: dict[str, dict[str, Any]] = {}


def filled() -> dict[str, dict[str, Any]]:
    """Make the rows when the first asks for them."""
    if not _sites:
        from tests.many_rows import fill

        fill(meetings=MEETINGS, recordings=RECORDINGS)
        _sites.update(sites())
    return _sites


class Last(List):
    """The last one, after which the tables are empty again."""

    def ratio(self) -> float:
        try:
            return super().ratio()
        finally:
            if not lacking:
                empty()


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_bbb_meeting, django_bbb_recording, django_bbb_server, auth_user CASCADE")


lacking = prepare()

BENCHMARKS = [
    List("100 000 meetings in the admin, to a plain list", "Meeting", ""),
    List("the same, of one kind of access", "Meeting", "access__exact=signed_in"),
    List("the same, found by a name", "Meeting", "q=Latin+4713"),
    List("the same, the hundredth page", "Meeting", "p=100"),
    List("the same, from the end of the alphabet", "Meeting", "o=-1"),
    List("500 000 recordings in the admin, to a plain list", "Recording", ""),
    List("the same, unpublished ones", "Recording", "published__exact=0"),
    List("the same, found by a name", "Recording", "q=Music+4711"),
    List("the same, the hundredth page", "Recording", "p=100"),
    Last("the same, the oldest first", "Recording", "o=5"),
]
