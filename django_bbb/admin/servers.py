"""Servers: those the settings declare, with the state and weight people give them, and those added here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from django_bbb.models import Server
from django_bbb.services.panic import panic

from .base import CallsServers
from .server_forms import ServerForm

_LAST_POLL = (
    "is_reachable",
    "polled_at",
    "unreachable_since",
    "next_try_at",
    "last_error",
    "meeting_count",
    "participant_count",
    "voice_count",
    "video_count",
)
_FACTS = ["name", "slug", "url", "kind", "algorithm", "state", "weight", "tags"]
_SECRETS = ["secret", "previous_secret", "forget_previous"]


@admin.register(Server)
class ServerAdmin(CallsServers):
    """Of a declared server state and weight are edited; of one added here everything but the slug."""

    form = ServerForm
    list_display = (
        "name",
        "state",
        "is_reachable",
        "meeting_count",
        "participant_count",
        "voice_count",
        "video_count",
    )
    list_filter = ("state", "kind")
    actions = ["panic_selected"]

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
        edited = {"state", "weight"} | (set() if "TAGS" in obj.declaration else {"tags"})
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

    @admin.display(description=_("reachable"), boolean=True, ordering="reachable")
    def is_reachable(self, server: Server) -> bool | None:
        return server.reachable

    # --- panic ----------------------------------------------------------------------------------------

    def has_panic_permission(self, request: HttpRequest) -> bool:
        """Look at by Django for actions that ask for ``panic``."""
        return request.user.has_perm("django_bbb.panic_server")

    @admin.action(permissions=["panic"], description=_("Disable selected servers and end all their classes"))
    def panic_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> TemplateResponse | None:
        page = self.confirm(
            request,
            queryset,
            action="panic_selected",
            title=_("Disable these servers?"),
            warning=_("They take no classes any more, and everybody leaves the classes of this site there at once."),
            button=_("Yes, disable them and end the classes"),
        )
        if page is not None:
            return page
        for server in queryset:
            self._panic(request, server)
        return None

    def _panic(self, request: HttpRequest, server: Server) -> None:
        outcome = panic(server=server)
        self.log_change(request, server, "Disabled in panic.")
        for session, reason in outcome.failed:
            problem = _("“%(name)s” may still run on %(server)s: %(reason)s Do it again.")
            facts = {"name": session.meeting, "server": server, "reason": reason}
            self.message_user(request, problem % facts, messages.ERROR)
        count = len(outcome.ended)
        text = ngettext(
            "%(server)s is disabled, %(count)d class ended.", "%(server)s is disabled, %(count)d classes ended.", count
        )
        self.message_user(request, text % {"server": server, "count": count}, messages.SUCCESS)
