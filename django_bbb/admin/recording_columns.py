"""What the list of recordings shows, and by what it can be filtered.  Rows of ours only: no server is asked."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import date as as_date
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_bbb.api import RecordingState
from django_bbb.models import Recording

from .base import ModelAdmin

#: What people see of a state; one that servers invent later is shown as it is.
_IN_WORK = (RecordingState.PROCESSING, RecordingState.PROCESSED)
_TOLD_BY_SWITCH = (RecordingState.PUBLISHED, RecordingState.UNPUBLISHED)

_NOTHING = "–"


class TrashFilter(admin.SimpleListFilter):
    """What is in the trash is shown to those who look for it."""

    title = _("trash")
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("in the trash")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("not in the trash")}, *others]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "all":
            return queryset
        return queryset.filter(trashed_at__isnull=self.value() != "yes")


class StateFilter(admin.SimpleListFilter):
    """States we know of: to look for others, Django would read all recordings for each page."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = {RecordingState.PUBLISHED: _("published"), RecordingState.UNPUBLISHED: _("unpublished")}
        return [("in-work", _("being processed")), *((str(state.value), word) for state, word in words.items())]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "in-work":
            return queryset.filter(state__in=_IN_WORK)
        return queryset.filter(state=self.value()) if self.value() else queryset


class RecordingColumns(ModelAdmin):
    """Columns."""

    @admin.display(description=_("picture"))
    def picture(self, recording: Recording) -> SafeString | str:
        shown = _pictures(recording)
        return _image(shown[0], 44) if shown else _NOTHING

    @admin.display(description=_("thumbnails"))
    def thumbnails(self, recording: Recording) -> SafeString | str:
        shown = _pictures(recording)
        return format_html_join(" ", "{}", ((_image(one, 80),) for one in shown)) if shown else _NOTHING

    @admin.display(description=_("began"), ordering="started_at")
    def began(self, recording: Recording) -> str:
        return _short(recording.started_at)

    @admin.display(description=_("length"))
    def length(self, recording: Recording) -> str:
        found = max((one.length for one in recording.playbacks.all() if one.length), default=None)
        if found is None and recording.started_at and recording.ended_at:
            found = recording.ended_at - recording.started_at
        return _hours(found) if found and found > timedelta() else _NOTHING

    @admin.display(description=_("formats"))
    def formats(self, recording: Recording) -> SafeString | str:
        formats = recording.playbacks.all()
        if recording.is_playable:
            shown = [(one.get_absolute_url(), one.type) for one in formats if one.url]
            return format_html_join(" · ", '<a href="{}">{}</a>', shown) if shown else _NOTHING
        return ", ".join(one.type for one in formats) or _NOTHING

    @admin.display(description=_("size"), ordering="size")
    def total_size(self, recording: Recording) -> str:
        return filesizeformat(recording.size) if recording.size else _NOTHING

    @admin.display(description=_("state"), ordering="state")
    def standing(self, recording: Recording) -> SafeString | str:
        if recording.trashed_at is not None:
            return gettext("in the trash for %(time)s") % {"time": timesince(recording.trashed_at)}
        if recording.missing_since is not None:
            text = gettext("missing on the server for %(time)s") % {"time": timesince(recording.missing_since)}
            return format_html('<span class="bbb-warning">⚠ {}</span>', text)
        if recording.state in _TOLD_BY_SWITCH:
            return _NOTHING
        if recording.state in _IN_WORK and recording.ended_at is not None:
            facts = {"state": recording.state_in_words, "time": timesince(recording.ended_at)}
            return gettext("%(state)s for %(time)s") % facts
        return recording.state_in_words

    @admin.display(description=_("published"), boolean=True, ordering="published")
    def switch(self, recording: Recording) -> bool:
        """For those who may change it: see `switch_for`."""
        return recording.published

    @admin.display(description=_("audience"))
    def watchers(self, recording: Recording) -> str:
        return gettext("only those who moderate the meeting") if recording.hidden else recording.get_audience_display()

    @admin.display(description=_("expires"), ordering="expires_at")
    def expiry(self, recording: Recording) -> str:
        if recording.keep:
            return gettext("kept for ever")
        return _short(recording.expires_at)

    @admin.display(description=_("metadata"))
    def metadata_list(self, recording: Recording) -> SafeString | str:
        # Without addresses: the end callback's is its proof, and comes back as metadata.
        facts = [(name, text) for name, text in recording.metadata.items() if "://" not in str(text)]
        return format_html_join("", "<div>{}: {}</div>", facts) if facts else _NOTHING

    def switch_for(
        self, request: HttpRequest, *, may: Callable[[str, Recording], bool]
    ) -> Callable[[Recording], SafeString | bool]:
        """Return the column with a button that publishes or unpublishes, for those who may.

        The button is one of the list's own form, which has the token against forgery, and sends it elsewhere.
        """
        back = urlencode({"_changelist_filters": request.GET.urlencode()})

        @admin.display(description=_("published"), ordering="published")
        def switch(recording: Recording) -> SafeString:
            act = "unpublish" if recording.published else "publish"
            state = gettext("published") if recording.published else gettext("not published")
            if recording.trashed_at is not None or not may(act, recording):
                return format_html("{}", state)
            address = reverse(
                f"admin:django_bbb_recording_{act}", args=[recording.pk], current_app=self.admin_site.name
            )
            return format_html(
                '<button type="submit" class="bbb-switch" role="switch" aria-checked="{}" aria-label="{}"'
                ' formaction="{}?{}" formmethod="post" formnovalidate><span>{}</span></button>',
                "true" if recording.published else "false",
                gettext("“%(name)s” is published") % {"name": recording},
                address,
                back,
                state,
            )

        return switch


def _pictures(recording: Recording) -> list[dict[str, str]]:
    """Return pictures that this site can fetch; the addresses of a protected recording's open once."""
    if not recording.is_playable or recording.protected:
        return []
    return [image for one in recording.playbacks.all() for image in one.pictures]


def _image(picture: dict[str, str], height: int) -> SafeString:
    return format_html(
        '<img src="{}" alt="{}" height="{}" loading="lazy">', picture["address"], picture["alt"], height
    )


def _short(moment: datetime | None) -> str:
    return as_date(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else _NOTHING


def _hours(length: timedelta) -> str:
    minutes = max(1, round(length / timedelta(minutes=1)))
    return f"{minutes // 60}:{minutes % 60:02}"
