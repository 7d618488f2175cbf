"""How busy servers are and were: in the list, and on a page for each and for all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from django_bbb.models import Server
from django_bbb.services.choosing import count_classes, load
from django_bbb.services.heartbeats import signs_of_life
from django_bbb.services.loads import Busy, busy_times, people_by_hour

from .charts import bar, chart, sample, sparkline
from .server_operations import ServerOperations

#: What the page shows: how far back, and in which steps.
_SPANS = (
    (gettext_lazy("The last 24 hours"), timedelta(hours=24), timedelta(minutes=15)),
    (gettext_lazy("The last 7 days"), timedelta(days=7), timedelta(hours=2)),
)


class ServerLoads(ServerOperations):
    """Columns of the list, the lines above it, and the pages *Load*."""

    @admin.display(description=gettext_lazy("load"))
    def load_bar(self, server: Server) -> SafeString:
        text = _("Load of %(load)d at weight %(weight)d") % {"load": load(server), "weight": server.weight}
        return bar(getattr(server, "share_of_load", 0), label=text)

    @admin.display(description=gettext_lazy("last 24 hours"))
    def last_day(self, server: Server) -> SafeString:
        values: Sequence[int | None] = getattr(server, "people_by_hour", [])
        most = max((value for value in values if value is not None), default=None)
        text = _("Nobody has polled it")
        if most is not None:
            text = ngettext("At most %(count)d person", "At most %(count)d people", most) % {"count": most}
        address = reverse("admin:django_bbb_server_load", args=[server.pk], current_app=self.admin_site.name)
        return format_html('<a href="{}">{}</a>', address, sparkline(values, label=text))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist: Any = super().get_changelist_instance(request)
        changelist.result_list = servers = list(changelist.result_list)
        count_classes(servers)
        days = people_by_hour(servers)
        # Full is the busiest of the page; a few people on an idle site fill no bar.
        full = max([1.0, *(_weighted(one) for one in servers)])
        for server in servers:
            server.share_of_load = _weighted(server) / full
            server.people_by_hour = days[server.pk]
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and self.has_view_or_change_permission(request):
            extra_context = {"signs": signs_of_life()} | (extra_context or {})
        return super().changelist_view(request, extra_context)

    # --- pages ----------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.load_view))
        return [
            path("load/", view, name="django_bbb_server_loads"),
            path("<path:object_id>/load/", view, name="django_bbb_server_load"),
            *super().get_urls(),
        ]

    def load_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show what polls saw on one server, or on all together."""
        server = self.get_server(request, object_id) if object_id else None
        if not self.has_view_permission(request, server):
            raise PermissionDenied
        title = _("Load of %(server)s") % {"server": server} if server else _("Load of all servers together")
        context = self.admin_site.each_context(request) | {
            "title": title,
            "server": server,
            "pictures": [
                _picture(heading, busy_times(server=server, span=span, step=step)) for heading, span, step in _SPANS
            ],
            "opts": self.opts,
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_bbb/server_load.html", context)


def _weighted(server: Server) -> float:
    return load(server) / max(server.weight, 1)


def _picture(heading: Any, times: Sequence[Busy]) -> dict[str, Any]:
    names = {
        "people": _("people"),
        "voices": _("voices"),
        "cameras": _("cameras"),
        "meetings": _("meetings"),
    }
    series = [(str(label), [getattr(one, name) for one in times]) for name, label in names.items()]
    return {
        "heading": heading,
        "svg": chart(series, [one.since for one in times], label=str(heading)),
        "legend": [(sample(number), label) for number, label in enumerate(names.values())],
        "rows": [one for one in reversed(times) if one.people is not None],
    }
