"""Recordings: published, unpublished and deleted on their server, from here."""

import logging
from collections.abc import Callable
from functools import partial
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
from django_bbb.services import publishing
from django_bbb.services.publishing import Outcome, Result

from .base import CallsServers, MirroredAdmin

logger = logging.getLogger(__name__)


@admin.register(Recording)
class RecordingAdmin(CallsServers, MirroredAdmin):
    """Each action has a permission of its own; each recording keeps its own outcome."""

    list_display = ("__str__", "meeting", "started_at", "formats", "published", "state", "server")
    list_filter = ("published", "state", "server")
    list_select_related = ("meeting", "server")
    search_fields = ("name", "record_id", "meeting__name")
    date_hierarchy = "started_at"
    fields = (
        "name",
        "title",
        "meeting",
        "server",
        "record_id",
        "state",
        "published",
        "protected",
        "hidden",
        "missing_since",
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
    actions = ["publish_selected", "unpublish_selected", "protect_selected", "unprotect_selected", "delete_selected"]

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

    def has_protect_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """Asked by the actions ``protect_selected`` and ``unprotect_selected``."""
        return request.user.has_perm("django_bbb.protect_recording")

    @admin.action(permissions=["publish"], description=_("Publish selected recordings"))
    def publish_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.report(request, queryset, publishing.publish_recordings, log="Published.")
        if done:
            text = ngettext("%(count)d recording published.", "%(count)d recordings published.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    @admin.action(permissions=["unpublish"], description=_("Unpublish selected recordings"))
    def unpublish_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.report(request, queryset, publishing.unpublish_recordings, log="Unpublished.")
        if done:
            text = ngettext("%(count)d recording unpublished.", "%(count)d recordings unpublished.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    @admin.action(permissions=["protect"], description=_("Protect selected recordings with personal links"))
    def protect_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.report(request, queryset, publishing.protect_recordings, log="Protected.")
        if done:
            text = ngettext("%(count)d recording protected.", "%(count)d recordings protected.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    @admin.action(permissions=["protect"], description=_("End the protection of selected recordings"))
    def unprotect_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        done = self.report(
            request, queryset, partial(publishing.protect_recordings, protect=False), log="No longer protected."
        )
        if done:
            text = ngettext("%(count)d recording unprotected.", "%(count)d recordings unprotected.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    def report(
        self, request: HttpRequest, queryset: "QuerySet[Any]", service: Callable[..., list[Outcome]], *, log: str
    ) -> int:
        """Call the service, say what failed or cannot be seen yet, and return how many are done."""
        recordings = list(queryset.select_related("server"))
        names = {one.pk: str(one) for one in recordings}  # a deleted one has none
        done = 0
        for outcome in service(recordings=recordings):
            facts = {"name": names[outcome.recording.pk], "reason": outcome.error}
            if outcome.result is Result.FAILED:
                logger.warning("%s", outcome.error)
                self.message_user(request, _("“%(name)s” is as it was: %(reason)s") % facts, messages.ERROR)
                continue
            self.log_change(request, outcome.recording, log)
            if outcome.result is Result.REQUESTED:
                text = _("Requested for “%(name)s”; the server does not show it yet. It is looked at again later.")
                self.message_user(request, text % facts, messages.WARNING)
            else:
                done += 1
        return done

    # --- delete ---------------------------------------------------------------------------------------

    @admin.action(permissions=["delete"], description=_("Delete selected recordings on their server"))
    def delete_selected(self, request: HttpRequest, queryset: "QuerySet[Any]") -> TemplateResponse | None:
        """In the place of Django's own, which deletes rows only: whoever has a link could still watch."""
        page = self.confirm_deletion(request, queryset)
        if page is not None:
            return page
        done = self.report(request, queryset, publishing.delete_recordings, log="Deleted on the server.")
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
