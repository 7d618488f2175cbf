"""Runs of meetings: to look at, and to take along as a table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Attendance, MeetingSession

from .base import MirroredAdmin
from .exports import csv_response, log_export, moment
from .long_lists import LongList


class OpenFilter(admin.SimpleListFilter):
    """Classes that go on, or are over."""

    title = _("running")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "yes":
            return queryset.filter(is_open=True)
        return queryset.filter(is_open__isnull=True) if self.value() == "no" else queryset


@admin.register(MeetingSession)
class MeetingSessionAdmin(LongList, MirroredAdmin):
    """A row per run, as its server told of it."""

    list_display = ("meeting", "server", "claimed_at", "ended_at", "minutes", "end_reason", "was_recorded", "people")
    list_filter = (OpenFilter, "server", "end_reason")
    list_select_related = ("meeting", "server")
    search_fields = ("meeting__name", "internal_id")
    date_hierarchy = "claimed_at"
    sortable_by = ("claimed_at",)
    # Not the parameters: they hold the address of the end callback, which is its proof.
    fields = (
        "meeting",
        "server",
        "internal_id",
        "claimed_at",
        "create_time",
        "ended_at",
        "end_reason",
        "has_recording_marks",
        "being_recorded",
        "running",
        "participant_count",
        "moderator_count",
        "voice_count",
        "video_count",
        "people",
        "reported_at",
        "synced_at",
    )
    actions = ["export_selected"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        inside = Attendance.objects.filter(session=OuterRef("pk")).order_by().values("session")
        people = Subquery(inside.annotate(count=Count("pk")).values("count"))
        return MeetingSession.objects.annotate(people_count=Coalesce(people, 0))

    def has_delete_permission(self, request: HttpRequest, obj: MeetingSession | None = None) -> bool:
        return False

    @admin.display(description=_("minutes"))
    def minutes(self, session: MeetingSession) -> int:
        return round(((session.ended_at or timezone.now()) - session.claimed_at).total_seconds() / 60)

    @admin.display(description=_("was recorded"), boolean=True)
    def was_recorded(self, session: MeetingSession) -> bool | None:
        return session.has_recording_marks

    @admin.display(description=_("people who were there"))
    def people(self, session: Any) -> int:
        """How many there are rows of: where nobody takes that down, or no longer, none."""
        return int(session.people_count)

    @admin.action(permissions=["view"], description=_("Save selected sessions as a table (CSV)"))
    def export_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> StreamingHttpResponse:
        log_export(request, queryset)
        head = [_("meeting"), _("meeting ID"), _("server"), _("began"), _("ended"), _("minutes"), _("why it ended")]
        head += [_("was recorded"), _("people who were there")]
        return csv_response("sessions", head=head, rows=self._rows(queryset.select_related("meeting", "server")))

    def _rows(self, sessions: "QuerySet[Any]") -> Iterator[list[Any]]:
        for one in sessions.iterator(chunk_size=500):
            told = {True: _("Yes"), False: _("No"), None: ""}[one.has_recording_marks]
            times: list[datetime | None] = [one.claimed_at, one.ended_at]
            facts = [one.meeting.name, one.meeting.meeting_id, one.server.name, *map(moment, times), self.minutes(one)]
            yield [*facts, one.get_end_reason_display(), told, self.people(one)]
