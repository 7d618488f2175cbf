"""Meetings and their classes."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import model_ngettext
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from django_bbb.forms.options import in_words
from django_bbb.models import Meeting, MeetingSession, Membership, Recording
from django_bbb.services.joining import admit

from .invitations import InvitationInline
from .meeting_forms import MeetingForm
from .meeting_list import MeetingList
from .meeting_operations import MeetingOperations
from .options import option_fieldsets
from .presentations import MeetingPresentations, PresentationInline
from .raw_ids import KnownRawId, KnownRawIds

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    Inline = admin.TabularInline[Any, Any]
    FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    Inline, FormSet = admin.TabularInline, BaseInlineFormSet


class MembershipInline(Inline):
    """Who belongs to a meeting."""

    model = Membership
    fields = ("user", "group", "role", "valid_from", "valid_until")
    formset = KnownRawIds
    raw_id_fields = ("user", "group")
    extra = 1  # one can be added without JavaScript, too

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).select_related("user", "group", "meeting")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.raw_id_fields:
            kwargs["widget"] = KnownRawId(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class _NewestOnes(FormSet):
    """The first rows alone: a room has hundreds of classes after some years."""

    MOST = 50

    def get_queryset(self) -> Any:
        if not hasattr(self, "_newest"):
            self._newest = super().get_queryset()[: self.MOST]
        return self._newest


class MirroredInline(Inline):
    """Rows that servers made, on the page of their meeting, the newest of them; nothing here is edited."""

    formset = _NewestOnes
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SessionInline(MirroredInline):
    """The classes of a meeting, newest first."""

    model = MeetingSession
    fields = readonly_fields = ("claimed_at", "ended_at", "end_reason", "server", "participant_count")
    ordering = ("-claimed_at",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).select_related("server", "meeting")


class RecordingInline(MirroredInline):
    """The recordings of a meeting, newest first."""

    model = Recording
    fields = readonly_fields = ("started_at", "standing", "published")
    ordering = ("-started_at",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).filter(pk__in=Recording.objects.existing())

    @admin.display(description=_("state"))
    def standing(self, recording: Recording) -> str:
        return recording.state_in_words


#: For those alone who may change them: whoever knows a code gets in.
_CODES: tuple[Any, Any] = (_("Access codes"), {"fields": ["viewer_code", "moderator_code"]})


@admin.register(Meeting)
class MeetingAdmin(MeetingPresentations, MeetingOperations, MeetingList):
    """Rooms.  Deleting one archives it: its recordings stay."""

    form = MeetingForm
    search_fields = ("name", "meeting_id")
    raw_id_fields = ("owner",)
    readonly_fields = ("meeting_id", "created_at", "options_in_effect")
    fieldsets = [
        (_("General"), {"fields": ["name", "owner", "preset", "meeting_id", "created_at"]}),
        (_("Access"), {"fields": ["access", "wait_for", "lobby", "opens_at", "closes_at"]}),
        _CODES,
        (_("Consent"), {"fields": ["asks_about_recording", "asks_about_attendance"]}),
        (_("Server"), {"fields": ["server", "required_tags", "preferred_tags"], "classes": ["collapse"]}),
    ]
    inlines = [MembershipInline, InvitationInline, PresentationInline, SessionInline, RecordingInline]

    def get_fieldsets(self, request: HttpRequest, obj: Meeting | None = None) -> list[Any]:
        in_effect = (_("Options"), {"fields": ["options_in_effect"]})
        if obj is not None and not self.has_change_permission(request, obj):
            return [*(one for one in self.fieldsets if one != _CODES), in_effect]
        return [*self.fieldsets, *([in_effect] if obj else []), *option_fieldsets()]

    @admin.display(description=_("in effect for the next class"), empty_value="–")
    def options_in_effect(self, meeting: Meeting) -> "SafeString | None":
        rows = (
            (name.replace("_", " ").capitalize(), in_words(one.value), one.source.label)
            for name, one in sorted(meeting.options_by_source().items())
        )
        return format_html_join("", "<div>{}: {} ({})</div>", rows) or None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        meeting = context.get("original")
        if meeting is not None:
            context |= {
                "buttons": self.buttons(request, meeting),
                "checkbox": ACTION_CHECKBOX_NAME,
                "presentations_to_send": self.presentations_to_send(request, meeting),
                "may_join": admit(user=request.user, meeting=meeting).role is not None,
                "may_ask_why": self.has_why_permission(request, meeting),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- delete: archives, and calls no server ----------------------------------------------------------

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Only the meetings themselves go; one that runs is protected."""
        running = set(Meeting.objects.running().filter(pk__in=[one.pk for one in objs]).values_list("pk", flat=True))
        protected = [str(one) for one in objs if one.pk in running]
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(one) for one in objs], {model_ngettext(self.opts, len(objs)): len(objs)}, needed, protected
