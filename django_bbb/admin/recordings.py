"""Recordings: published, renamed, thrown away and deleted on their server, from here."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from django_bbb.models import Recording
from django_bbb.services import jobs
from django_bbb.services.choices import MODERATORS
from django_bbb.services.publishing import Outcome, Result

from .base import CallsServers, MirroredAdmin
from .long_lists import LongList
from .recording_acts import ACTS, ALL_ACTS, DELETE, Act
from .recording_columns import RecordingColumns, StateFilter, TrashFilter
from .recording_forms import DATETIME_LOCAL
from .recording_jobs import RecordingJobs
from .recording_text_tracks import RecordingTextTracks

logger = logging.getLogger(__name__)

#: Of more the person who asked does not wait for the end.
MOST_AT_ONCE = 10

#: So many are named before something is done with them.
_MOST_NAMED = 50


def _action_of(act: Act) -> Callable[..., Any]:
    """Return the list's action that does this."""

    @admin.action(permissions=[act.permission])
    def action(self: "RecordingAdmin", request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self.ask_or_do(request, queryset, act)

    action.__name__ = f"{act.name}_selected"
    action.short_description = act.description  # type: ignore[attr-defined]
    return action


@admin.register(Recording)
class RecordingAdmin(RecordingColumns, RecordingTextTracks, RecordingJobs, CallsServers, LongList, MirroredAdmin):
    """Each action has a permission of its own; each recording keeps its own outcome."""

    list_display = (
        "picture",
        "__str__",
        "switch",
        "standing",
        "began",
        "length",
        "participants",
        "formats",
        "total_size",
        "watchers",
        "expiry",
        "meeting",
        "server",
    )
    list_display_links = ("__str__",)
    list_filter = (TrashFilter, "published", StateFilter, "audience", "keep", "server")
    sortable_by = ("began", "total_size", "expiry")
    search_fields = ("name", "title", "record_id", "meeting__name")
    date_hierarchy = "started_at"
    fields = (
        "name",
        "title",
        "meeting",
        "server",
        "record_id",
        "standing",
        "published",
        "protected",
        "hidden",
        "audience",
        "expiry",
        "trashed_at",
        "missing_since",
        "started_at",
        "ended_at",
        "length",
        "participants",
        "total_size",
        "formats",
        "thumbnails",
        "metadata_list",
        "synced_at",
    )
    readonly_fields = fields
    actions = [_action_of(act) for act in (*ACTS, DELETE)]

    class Media:
        css = {"all": ["django_bbb/admin_recordings.css"]}

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return Recording.objects.existing().prefetch_related("playbacks", "meeting", "server")

    def get_list_display(self, request: HttpRequest) -> Any:
        switch = self.switch_for(request, may=lambda name, one: self.may(request, ALL_ACTS[name], one))
        return [switch if column == "switch" else column for column in self.list_display]

    # --- who may --------------------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """For publishing."""
        return _has_permission(request, "publish_recording", obj)

    def has_unpublish_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """For unpublishing."""
        return _has_permission(request, "unpublish_recording", obj)

    def has_protect_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """For protection with personal links, and for its end."""
        return _has_permission(request, "protect_recording", obj)

    def has_edit_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        """For a title, an audience, an expiry, and for asking the server again.

        Not `has_change_permission`, which is about the form of mirrored facts: nobody has that.
        """
        return _has_permission(request, "change_recording", obj)

    def may(self, request: HttpRequest, act: Act, obj: Recording | None = None) -> bool:
        """Return whether somebody may do this with recordings, or with this one."""
        return bool(getattr(self, f"has_{act.permission}_permission")(request, obj))

    # --- pages of one recording -----------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<path:object_id>/{'delete-for-good' if act is DELETE else act.path}/",
                transaction.non_atomic_requests(self.admin_site.admin_view(partial(self.act_view, act=act))),
                name="django_bbb_recording_delete_for_good" if act is DELETE else act.url_name,
            )
            for act in ALL_ACTS.values()
        ]
        return [*self.get_job_urls(), *self.get_text_track_urls(), *pages, *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """Ask whether something is to be done with a recording; a POST does it."""
        recording = self._find(request, object_id, act)
        chosen = self.get_queryset(request).filter(pk=recording.pk)
        if request.method != "POST":
            return self.ask(request, chosen, act, _filled_in(act, recording))
        return self.ask_or_do(request, chosen, act) or HttpResponseRedirect(self._way_back(request, recording))

    @method_decorator(transaction.non_atomic_requests)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form's Delete button asks, and leaves the answer to the page that deletes on the server."""
        recording = self._find(request, object_id, DELETE)
        address = self._address("delete_for_good", recording.pk)
        return self.ask(request, self.get_queryset(request).filter(pk=recording.pk), DELETE, None, address=address)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        recording = self.get_object(request, unquote(object_id))
        links = [
            (self._address(act.name, recording.pk), act.label)
            for act in ACTS
            if recording is not None and act.fits(recording) and self.may(request, act, recording)
        ]
        links.append((self._address("text_tracks", object_id), _("Text tracks")))
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "bbb_links": links})

    def _find(self, request: HttpRequest, object_id: str, act: Act) -> Recording:
        recording: Recording | None = self.get_object(request, unquote(object_id))
        if recording is None:
            raise Http404
        if not self.may(request, act, recording):
            raise PermissionDenied
        return recording

    def _way_back(self, request: HttpRequest, recording: Recording) -> str:
        """Return the list where the person came from there, or where the recording is gone; else its page."""
        filters = request.GET.get("_changelist_filters")
        if filters is None and Recording.objects.existing().filter(pk=recording.pk).exists():
            return self._address("change", recording.pk)
        return self._address("changelist") + (f"?{filters}" if filters else "")

    def _address(self, what: str, *arguments: Any) -> str:
        return reverse(f"admin:django_bbb_recording_{what}", args=arguments, current_app=self.admin_site.name)

    # --- ask, and do ----------------------------------------------------------------------------------

    def ask_or_do(self, request: HttpRequest, queryset: "QuerySet[Any]", act: Act) -> HttpResponse | None:
        """Do something with recordings once it was confirmed; a page where that is still to be done, or long."""
        confirmed = request.POST.get("confirmed") == "yes"
        form = act.form(request.POST if confirmed else None, prefix="with") if act.form else None
        if act.asks and not (confirmed and (form is None or form.is_valid())):
            return self.ask(request, queryset, act, form)
        arguments = form.cleaned_data if form else {}
        keys = self._allowed(request, queryset, act)
        chosen = Recording.objects.existing().filter(pk__in=keys)
        if act.choose is not None:
            done = act.choose(recordings=chosen, **arguments)
            self._log_all(request, chosen, act.log)
            self._tell_done(request, act, done)
            return None
        if len(keys) > MOST_AT_ONCE:
            self._log_all(request, chosen, f"{act.log} (asked for)")
            return self.start_job(request, action=act.name, arguments=arguments, keys=keys)
        recordings = list(chosen.select_related("server"))
        self._tell_done(request, act, self._report(request, recordings, act, arguments))
        return None

    def ask(
        self,
        request: HttpRequest,
        queryset: "QuerySet[Any]",
        act: Act,
        form: forms.Form | None,
        *,
        address: str = "",
    ) -> TemplateResponse:
        """Return the page that says what will happen, and asks what is needed for it."""
        count = queryset.count()
        context = self.admin_site.each_context(request) | {
            "title": act.title,
            "act": act,
            "form": form,
            "address": address,
            "back": self._address("changelist") if "action" in request.POST else self._way_back(request, queryset[0]),
            "objects": queryset[:_MOST_NAMED],
            "others": max(0, count - _MOST_NAMED),
            "opts": self.opts,
            "media": self.media,
            # What brings the answer back to the same action on the same recordings.
            "repeated": [
                (name, value)
                for name in ("action", "select_across", ACTION_CHECKBOX_NAME)
                for value in self._repeated(request, name)
            ],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_bbb/recording_question.html", context)

    def _repeated(self, request: HttpRequest, name: str) -> list[str]:
        values = request.POST.getlist(name)
        # Of all that the list has one is enough: it is told by its filters which they are.
        return values[:1] if name != ACTION_CHECKBOX_NAME or request.POST.get("select_across") == "1" else values

    def _allowed(self, request: HttpRequest, queryset: "QuerySet[Any]", act: Act) -> list[int]:
        """Return the recordings somebody may do this with, and say of the others that they may not."""
        allowed: list[int] = []
        for one in queryset.prefetch_related(None).iterator(chunk_size=500):
            if self.may(request, act, one):
                allowed.append(one.pk)
            else:
                text = _("“%(name)s” is as it was: you may not do this with it.") % {"name": one}
                self.message_user(request, text, messages.ERROR)
        return allowed

    def _report(self, request: HttpRequest, recordings: list[Recording], act: Act, arguments: dict[str, Any]) -> int:
        """Call the service, say what failed or cannot be seen yet, and return how many are done."""
        names = {one.pk: str(one) for one in recordings}  # a deleted one has none
        done = 0
        for outcome in jobs.perform(action=act.name, recordings=recordings, arguments=arguments):
            done += self._tell(request, outcome, names[outcome.recording.pk], act)
        return done

    def _tell(self, request: HttpRequest, outcome: Outcome, name: str, act: Act) -> bool:
        """Say what became of one, unless it is what was asked for; whether it is."""
        facts = {"name": name, "reason": outcome.error}
        if outcome.result is Result.FAILED:
            logger.warning("%s", outcome.error)
            self.message_user(request, _("“%(name)s” is as it was: %(reason)s") % facts, messages.ERROR)
            return False
        self.log_change(request, outcome.recording, act.log)
        if outcome.result is Result.REQUESTED:
            text = _("Requested for “%(name)s”; the server does not show it yet. It is looked at again later.")
            self.message_user(request, text % facts, messages.WARNING)
            return False
        return True

    def _tell_done(self, request: HttpRequest, act: Act, count: int) -> None:
        if count:
            self.message_user(request, act.done(count) % {"count": count}, messages.SUCCESS)

    def _log_all(self, request: HttpRequest, chosen: "QuerySet[Any]", text: str) -> None:
        user_id: Any = request.user.pk
        LogEntry.objects.log_actions(user_id, chosen, CHANGE, change_message=text)


def _filled_in(act: Act, recording: Recording) -> forms.Form | None:
    """Return the form of an act with what holds for a recording now."""
    known = {"title": str(recording), "audience": MODERATORS if recording.hidden else recording.audience}
    if recording.expires_at is not None:
        known["expires_at"] = localtime(recording.expires_at).strftime(DATETIME_LOCAL)
    return act.form(prefix="with", initial=known) if act.form else None


def _has_permission(request: HttpRequest, name: str, obj: Recording | None) -> bool:
    # Django's own backend knows no permissions on single objects, others (guardian, rules) do.
    user, wanted = request.user, f"django_bbb.{name}"
    return user.has_perm(wanted) or (obj is not None and user.has_perm(wanted, obj))
