"""Servers: those the settings declare, with the state and weight people give them, and those added here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from django_bbb.models import Server
from django_bbb.services.servers import DOWN_AFTER

from .base import WarnsOfCallbacks
from .server_forms import ServerForm
from .server_loads import ServerLoads
from .server_rotation import ServerRotation

_LAST_POLL = (
    "health",
    "polled_at",
    "unreachable_since",
    "next_try_at",
    "last_error",
    "meeting_count",
    "participant_count",
    "voice_count",
    "video_count",
    "hooks_seen_at",
    "hooks_error",
)
_FACTS = ["name", "slug", "url", "kind", "version", "algorithm", "state", "weight", "tags"]
_SECRETS = ["secret", "previous_secret", "forget_previous"]


@admin.register(Server)
class ServerAdmin(WarnsOfCallbacks, ServerLoads, ServerRotation):
    """Of a declared server state and weight are edited; of one added here everything but the slug."""

    form = ServerForm
    list_display = (
        "name",
        "state",
        "health",
        "load_bar",
        "last_day",
        "meeting_count",
        "participant_count",
        "voice_count",
        "video_count",
        "version",
    )
    list_filter = ("state", "kind")

    class Media:
        css = {"all": ["django_bbb/admin_servers.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> list[Any]:
        seen = (_("Last poll"), {"fields": _LAST_POLL})
        if obj is None:
            return [(None, {"fields": [*_FACTS, "secret"]})]
        if obj.declared or not self.has_change_permission(request, obj):
            return [(None, {"fields": _FACTS}), seen]
        return [(None, {"fields": _FACTS}), (_("Secrets"), {"fields": _SECRETS}), seen]

    def get_readonly_fields(self, request: HttpRequest, obj: Server | None = None) -> list[str]:
        if obj is None:
            return []
        if not obj.declared:
            return ["slug", *_LAST_POLL]
        edited = {"state", "weight"} | {name for name in ("tags", "version") if name.upper() not in obj.declaration}
        return [name for name in (*_FACTS, *_LAST_POLL) if name not in edited]

    def get_form(self, request: HttpRequest, obj: Server | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and obj.declared:
            kwargs.setdefault("form", forms.ModelForm)  # its secret stands in the settings
        return super().get_form(request, obj, change, **kwargs)

    @method_decorator(sensitive_post_parameters("secret", "previous_secret"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(request, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if (server := kwargs.get("obj")) is not None:
            context["operations"] = self.offered(request, server)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("reachable"), ordering="reachable")
    def health(self, server: Server) -> str:
        """What the last poll found, in words."""
        if server.state == Server.State.DISABLED:
            return gettext("not asked: it is disabled")
        if server.failure:
            is_down = server.failures >= DOWN_AFTER
            text = gettext("no: %(reason)s") if is_down else gettext("in doubt: %(reason)s")
            return text % {"reason": server.get_failure_display()}
        return gettext("yes") if server.polled_at else gettext("not asked yet")
