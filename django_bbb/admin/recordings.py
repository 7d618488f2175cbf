"""Recordings: published, unpublished and deleted on their server, from here."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_bbb.models import Recording
from django_bbb.services import recordings

from .base import CallsServers, MirroredAdmin


@admin.register(Recording)
class RecordingAdmin(CallsServers, MirroredAdmin):
    """Each action has a permission of its own and calls the server for each recording."""

    list_display = ("__str__", "meeting", "started_at", "formats", "published", "state", "server")
    list_filter = ("published", "state", "server")
    list_select_related = ("meeting", "server")
    search_fields = ("name", "record_id", "meeting__name")
    date_hierarchy = "started_at"
    fields = (
        "name",
        "meeting",
        "server",
        "record_id",
        "state",
        "published",
        "started_at",
        "ended_at",
        "participants",
        "size",
        "formats",
        "thumbnails",
        "metadata_list",
        "synced_at",
    )
    readonly_fields = fields
    actions = ["publish_selected", "unpublish_selected", "delete_selected"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return Recording.objects.existing().prefetch_related("playbacks")

    @admin.display(description=_("formats"), empty_value="–")
    def formats(self, recording: Recording) -> SafeString | str | None:
        shown = [
            (one.get_absolute_url(), one.type) for one in recording.playbacks.all() if one.url and recording.published
        ]
        names = ", ".join(one.type for one in recording.playbacks.all())
        return format_html_join(" · ", '<a href="{}">{}</a>', shown) if shown else names or None

    @admin.display(description=_("thumbnails"), empty_value="–")
    def thumbnails(self, recording: Recording) -> SafeString | None:
        images = [
            (image["url"], image["alt"])
            for one in recording.playbacks.all()
            for image in one.thumbnails
            if recording.published
        ]
        picture = '<img src="{}" alt="{}" height="80" loading="lazy" referrerpolicy="no-referrer"> '
        return format_html_join("", picture, images) if images else None

    @admin.display(description=_("metadata"), empty_value="–")
    def metadata_list(self, recording: Recording) -> SafeString | None:
        # Without addresses: the end callback's is its proof, and comes back as metadata.
        facts = [(name, text) for name, text in recording.metadata.items() if "://" not in str(text)]
        return format_html_join("", "<div>{}: {}</div>", facts) if facts else None

    # --- publish and unpublish ------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """Asked by the action ``publish_selected``."""
        return request.user.has_perm("django_bbb.publish_recording")

    def has_unpublish_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """Asked by the action ``unpublish_selected``."""
        return request.user.has_perm("django_bbb.unpublish_recording")

    @admin.action(permissions=["publish"], description=_("Publish selected recordings"))
    def publish_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.call_for_each(
            request, queryset, lambda one: recordings.publish_recording(recording=one), log="Published."
        )
        if done:
            text = ngettext("%(count)d recording published.", "%(count)d recordings published.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    @admin.action(permissions=["unpublish"], description=_("Unpublish selected recordings"))
    def unpublish_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.call_for_each(
            request, queryset, lambda one: recordings.unpublish_recording(recording=one), log="Unpublished."
        )
        if done:
            text = ngettext("%(count)d recording unpublished.", "%(count)d recordings unpublished.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    # --- delete ---------------------------------------------------------------------------------------

    @admin.action(permissions=["delete"], description=_("Delete selected recordings on their server"))
    def delete_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        """In the place of Django's own, which deletes rows only: whoever has a link could still watch."""
        page = self.confirm_deletion(request, queryset)
        if page is not None:
            return page
        done = self.call_for_each(
            request, queryset, lambda one: recordings.delete_recording(recording=one), log="Deleted on the server."
        )
        if done:
            text = ngettext("%(count)d recording deleted.", "%(count)d recordings deleted.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return None

    def confirm_deletion(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        """Say what breaks."""
        return self.confirm(
            request,
            queryset,
            action="delete_selected",
            title=_("Delete recordings?"),
            warning=_(
                "They are deleted on their server, and all links to them stop working. This cannot be undone here."
            ),
            button=_("Yes, delete them"),
        )

    @method_decorator(transaction.non_atomic_requests)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form's Delete button: the same question; its answer goes to the action."""
        recording = self.get_object(request, object_id)
        if recording is None:
            raise Http404
        if not self.has_delete_permission(request, recording):
            raise PermissionDenied
        page = self.confirm_deletion(request, self.get_queryset(request).filter(pk=recording.pk))
        return page or HttpResponseRedirect(reverse(f"{self.admin_site.name}:django_bbb_recording_changelist"))
