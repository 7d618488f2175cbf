"""The list of meetings: columns, filters, and badges that refresh by themselves."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from django_bbb.models import Meeting, MeetingSession, Recording, Server

from .long_lists import LongList

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

_OPEN = Prefetch("sessions", MeetingSession.objects.open().select_related("server"), to_attr="open_sessions")

#: Badges in one request: a page of the list has a hundred.
_MOST = 200


class RunningFilter(admin.SimpleListFilter):
    """Meetings with or without a class at this moment."""

    title = _("running")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        running = MeetingSession.objects.open().values("meeting")
        if self.value() == "yes":
            return queryset.filter(pk__in=running)
        return queryset.exclude(pk__in=running) if self.value() == "no" else queryset


class ServerFilter(admin.SimpleListFilter):
    """Meetings that run on a server, or always will."""

    title = _("server")
    parameter_name = "on"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(server.slug, server.name) for server in Server.objects.all()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if not self.value():
            return queryset
        # Its key, and no OR: databases know how many rows a key has, and use an index for each half of a union.
        server = Server.objects.filter(slug=self.value()).first()
        if server is None:
            return queryset.none()
        there = MeetingSession.objects.open().filter(server=server).order_by().values("meeting")
        always = Meeting.objects.filter(server=server).order_by().values("pk")
        return queryset.filter(pk__in=there.union(always))


class OwnerFilter(admin.SimpleListFilter):
    """One's own meetings, and those of nobody.  Others are found by the search: there may be thousands of owners."""

    title = _("owner")
    parameter_name = "owned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("me")), ("nobody", _("nobody"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "mine":
            return queryset.filter(owner=request.user.pk)
        return queryset.filter(owner=None) if self.value() == "nobody" else queryset


class MeetingList(LongList):
    """What stands in the list.  Nothing here calls a server: our rows say what the last poll saw."""

    list_display = ("name", "status", "people", "running_on", "owner", "access", "next_opening", "recording_count")
    list_filter = (RunningFilter, ServerFilter, "access", OwnerFilter)
    sortable_by = ("name", "owner", "next_opening")
    date_hierarchy = "created_at"

    class Media:
        css = {"all": ["django_bbb/admin_meetings.css"]}
        js = [forms.Script("django_bbb/admin_meetings.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return Meeting.objects.active().prefetch_related(_OPEN, "owner", "preset")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist: Any = super().get_changelist_instance(request)
        changelist.result_list = meetings = list(changelist.result_list)
        recordings = Recording.objects.existing().filter(meeting__in=meetings).order_by().values_list("meeting")
        counts = dict(recordings.annotate(Count("pk")))
        for meeting in meetings:
            meeting.recordings_there = counts.get(meeting.pk, 0)
        return changelist

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return ["name", "meeting_id", f"owner__{get_user_model().USERNAME_FIELD}"]

    @admin.display(description=_("status"))
    def status(self, meeting: Meeting) -> "SafeString":
        badge = badge_of(meeting)
        return format_html(
            '<span class="bbb-badge bbb-{}" data-bbb-status="{}">{}</span>',
            badge["state"],
            meeting.pk,
            badge["status"],
        )

    @admin.display(description=_("people"))
    def people(self, meeting: Meeting) -> "SafeString":
        return format_html('<span data-bbb-people="{}">{}</span>', meeting.pk, badge_of(meeting)["people"])

    @admin.display(description=_("runs on"))
    def running_on(self, meeting: Meeting) -> "SafeString":
        return format_html('<span data-bbb-server="{}">{}</span>', meeting.pk, badge_of(meeting)["server"])

    @admin.display(description=_("next opening"), ordering="opens_at", empty_value="–")
    def next_opening(self, meeting: Meeting) -> Any:
        return meeting.opens_at if meeting.opens_at and meeting.opens_at > timezone.now() else None

    @admin.display(description=_("recordings"))
    def recording_count(self, meeting: Meeting) -> int:
        return int(getattr(meeting, "recordings_there", 0))

    # --- badges ---------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(never_cache(self.badges_view))
        return [path("badges/", view, name="django_bbb_meeting_badges"), *super().get_urls()]

    def badges_view(self, request: HttpRequest) -> HttpResponse:
        """Return what the badges of some meetings say now, as JSON; one question for a whole page."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        asked = [key for key in request.GET.get("ids", "").split(",")[:_MOST] if re.fullmatch("[0-9]{1,18}", key)]
        meetings = self.get_queryset(request).filter(pk__in=asked)
        return JsonResponse({str(one.pk): badge_of(one) for one in meetings})


def open_session_of(meeting: Meeting) -> MeetingSession | None:
    """Return the class that is open, as the list has fetched it."""
    found: list[MeetingSession] = getattr(meeting, "open_sessions", [])
    return found[0] if found else None


def badge_of(meeting: Meeting) -> dict[str, str]:
    """Return what the list says of a meeting's class now, each for its column."""
    session = open_session_of(meeting)
    if session is None:
        return {"state": "idle", "status": gettext("not running"), "people": "–", "server": "–"}
    limit = meeting.effective_options().get("max_participants")
    people = f"{session.participant_count} / {limit}" if limit else str(session.participant_count)
    return _state_of(session) | {"people": people, "server": str(session.server)}


def _state_of(session: MeetingSession) -> dict[str, str]:
    if session.create_time is None:
        return {"state": "opening", "status": gettext("being opened")}
    facts = {"time": timesince(session.create_time, depth=1)}
    if session.being_recorded:
        return {"state": "recorded", "status": gettext("live for %(time)s, being recorded") % facts}
    return {"state": "live", "status": gettext("live for %(time)s") % facts}
