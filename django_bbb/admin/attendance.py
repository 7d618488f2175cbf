"""Who was in class: to look at, and to take along as a table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Attendance

from .base import MirroredAdmin
from .exports import csv_response, log_export, moment
from .long_lists import LongList

#: What a report counts, by its key, in the order of the table.
_ACTIVITY = {
    "chats": _("chat messages"),
    "talks": _("times spoken"),
    "talk_seconds": _("seconds spoken"),
    "hands": _("hands raised"),
    "emojis": _("emojis"),
    "votes": _("votes in polls"),
}


class InsideFilter(admin.SimpleListFilter):
    """People who are in class at this moment, or not."""

    title = _("is inside")
    parameter_name = "inside"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(is_inside=self.value() == "yes") if self.value() else queryset


@admin.register(Attendance)
class AttendanceAdmin(LongList, MirroredAdmin):
    """A row per person and class.  Whoever may look at them may take them along, which is logged."""

    list_display = ("__str__", "meeting", "began", "came", "went", "minutes", "was_moderator")
    list_filter = (InsideFilter, "was_moderator", "session__server")
    list_select_related = ("session__meeting", "user")
    search_fields = ("name", "external_id", "session__meeting__name")
    search_help_text = _("Names of people or meetings, or the ID a server knows somebody by.")
    date_hierarchy = "session__claimed_at"
    ordering = ("-session__claimed_at", "name", "pk")
    sortable_by = ("began",)
    fields = ("name", "user", "external_id", "session", "was_moderator", "is_inside", "visits_list", "minutes", "done")
    actions = ["export_selected"]

    def has_delete_permission(self, request: HttpRequest, obj: Attendance | None = None) -> bool:
        return False

    @admin.display(description=_("meeting"))
    def meeting(self, person: Attendance) -> str:
        return str(person.session.meeting)

    @admin.display(description=_("class began"), ordering="session__claimed_at")
    def began(self, person: Attendance) -> datetime:
        return person.session.claimed_at

    @admin.display(description=_("came"), empty_value="–")
    def came(self, person: Attendance) -> datetime | None:
        return next((start for start, _end in person.intervals), None)

    @admin.display(description=_("went"), empty_value="–")
    def went(self, person: Attendance) -> datetime | None:
        return next((end for _start, end in reversed(person.intervals)), None)

    @admin.display(description=_("minutes"))
    def minutes(self, person: Attendance) -> int:
        return round(person.duration(now=timezone.now()).total_seconds() / 60)

    @admin.display(description=_("was there"), empty_value="–")
    def visits_list(self, person: Attendance) -> SafeString | None:
        shown = [(_in_words(start), _in_words(end) if end else "…") for start, end in person.intervals]
        return format_html_join("", "<div>{} – {}</div>", shown) if shown else None

    @admin.display(description=_("did"), empty_value="–")
    def done(self, person: Attendance) -> SafeString | None:
        counted = [(name, person.activity[key]) for key, name in _ACTIVITY.items() if person.activity.get(key)]
        return format_html_join("", "<div>{}: {}</div>", counted) if counted else None

    # --- take along -----------------------------------------------------------------------------------

    @admin.action(permissions=["view"], description=_("Save selected attendances as a table (CSV)"))
    def export_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> StreamingHttpResponse:
        people = queryset.select_related("session__meeting", "user")
        log_export(request, queryset)
        head = [
            _("meeting"),
            _("class began"),
            _("name"),
            _("user ID"),
            _("user"),
            _("moderator"),
            _("came"),
            _("went"),
        ]
        head += [_("minutes"), *_ACTIVITY.values()]
        return csv_response("attendance", head=head, rows=self._rows(people))

    def _rows(self, people: "QuerySet[Attendance]") -> Iterator[list[Any]]:
        for person in people.iterator(chunk_size=500):
            facts: list[Any] = [
                self.meeting(person),
                moment(self.began(person)),
                person.name,
                person.external_id,
                person.user or "",
                _("Yes") if person.was_moderator else _("No"),
                moment(self.came(person)),
                moment(self.went(person)),
            ]
            yield [*facts, self.minutes(person), *(person.activity.get(key, "") for key in _ACTIVITY)]


def _in_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
