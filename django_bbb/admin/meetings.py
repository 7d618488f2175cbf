"""Meetings and their classes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_bbb.models import Meeting, MeetingSession
from django_bbb.services.meetings import end_meeting

from .base import CallsServers, MirroredAdmin

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    Inline = admin.TabularInline

_OPEN = Prefetch("sessions", MeetingSession.objects.open().select_related("server"), to_attr="open_sessions")


class RunningFilter(admin.SimpleListFilter):
    """Meetings with or without a class at this moment."""

    title = _("running")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        running = Meeting.objects.running().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=running)
        return queryset.exclude(pk__in=running) if self.value() == "no" else queryset


class SessionInline(Inline):
    """The classes of a meeting, newest first; nothing here is edited."""

    model = MeetingSession
    fields = readonly_fields = ("claimed_at", "ended_at", "end_reason", "server", "participant_count")
    extra = 0
    max_num = 0
    can_delete = False
    ordering = ("-claimed_at",)


@admin.register(Meeting)
class MeetingAdmin(CallsServers):
    """Rooms.  Deleting one archives it: its recordings stay."""

    list_display = ("name", "status", "people", "running_on", "owner", "access")
    list_filter = (RunningFilter, "access")
    list_select_related = ("owner",)
    search_fields = ("name", "meeting_id")
    raw_id_fields = ("owner",)
    readonly_fields = ("meeting_id", "created_at")
    fieldsets = [
        (None, {"fields": ["name", "owner", "access", "server", "required_tags", "preferred_tags", "options"]}),
        (_("Identity"), {"fields": ["meeting_id", "created_at"]}),
    ]
    inlines = [SessionInline]
    actions = ["end_selected"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return Meeting.objects.active().prefetch_related(_OPEN)

    @admin.display(description=_("status"))
    def status(self, meeting: Meeting) -> str:
        session = self._open(meeting)
        if session is None:
            return str(_("not running"))
        return str(_("live") if session.is_joinable else _("being opened"))

    @admin.display(description=_("people"), empty_value="–")
    def people(self, meeting: Meeting) -> int | None:
        session = self._open(meeting)
        return session.participant_count if session else None

    @admin.display(description=_("server"), empty_value="–")
    def running_on(self, meeting: Meeting) -> str | None:
        session = self._open(meeting)
        return str(session.server) if session else None

    @staticmethod
    def _open(meeting: Meeting) -> MeetingSession | None:
        found: list[MeetingSession] = getattr(meeting, "open_sessions", [])
        return found[0] if found else None

    # --- end ------------------------------------------------------------------------------------------

    def has_end_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """Asked by the action ``end_selected``."""
        return request.user.has_perm("django_bbb.end_any_meeting")

    @admin.action(permissions=["end"], description=_("End selected meetings"))
    def end_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        page = self.confirm(
            request,
            queryset,
            action="end_selected",
            title=_("End classes?"),
            warning=_("Everybody leaves these classes at once."),
            button=_("Yes, end them"),
        )
        if page is not None:
            return page
        ended = self.call_for_each(request, queryset, lambda one: end_meeting(meeting=one), log="Ended.")
        if ended:
            text = ngettext("%(count)d meeting ended.", "%(count)d meetings ended.", ended)
            self.message_user(request, text % {"count": ended}, messages.SUCCESS)
        return None

    # --- delete: archives, and calls no server ----------------------------------------------------------

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Only the meetings themselves go; one that runs is protected."""
        running = set(Meeting.objects.running().filter(pk__in=[one.pk for one in objs]).values_list("pk", flat=True))
        protected = [str(one) for one in objs if one.pk in running]
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(one) for one in objs], {model_ngettext(self.opts, len(objs)): len(objs)}, needed, protected


@admin.register(MeetingSession)
class MeetingSessionAdmin(MirroredAdmin):
    """Runs of meetings, as the servers told them."""

    list_display = ("meeting", "server", "claimed_at", "ended_at", "end_reason", "participant_count")
    list_filter = ("server", "end_reason")
    list_select_related = ("meeting", "server")
    date_hierarchy = "claimed_at"
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
        "running",
        "participant_count",
        "moderator_count",
        "voice_count",
        "video_count",
        "synced_at",
    )

    def has_delete_permission(self, request: HttpRequest, obj: MeetingSession | None = None) -> bool:
        return False
