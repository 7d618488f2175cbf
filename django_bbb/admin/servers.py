"""Servers: what the settings declare, with the state and weight people give them."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Server

from .base import ModelAdmin


@admin.register(Server)
class ServerAdmin(ModelAdmin):
    """State and weight are edited; the rest stands in the settings or comes from polls."""

    list_display = (
        "name",
        "state",
        "is_reachable",
        "meeting_count",
        "participant_count",
        "voice_count",
        "video_count",
    )
    list_filter = ("state",)
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "slug", "url", "algorithm", "state", "weight"]}),
        (
            _("Last poll"),
            {
                "fields": [
                    "is_reachable",
                    "polled_at",
                    "unreachable_since",
                    "next_try_at",
                    "last_error",
                    "meeting_count",
                    "participant_count",
                    "voice_count",
                    "video_count",
                ]
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Server | None = None) -> list[str]:
        shown = [str(name) for _title, options in self.fieldsets for name in options["fields"]]
        return [name for name in shown if name not in ("state", "weight")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        return False

    @admin.display(description=_("reachable"), boolean=True, ordering="reachable")
    def is_reachable(self, server: Server) -> bool | None:
        return server.reachable
