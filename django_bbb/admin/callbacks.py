"""The inbox of callbacks, for looking at what did not work."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_bbb.models import CallbackDelivery
from django_bbb.services import callbacks

from .base import MirroredAdmin


class StateFilter(admin.SimpleListFilter):
    """Done, still to be done, or given up."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("undone", _("to be done")), ("parked", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "undone":
            return queryset.filter(pk__in=CallbackDelivery.objects.undone())
        return queryset.filter(pk__in=CallbackDelivery.objects.parked()) if self.value() == "parked" else queryset


@admin.register(CallbackDelivery)
class CallbackDeliveryAdmin(MirroredAdmin):
    """What servers asked for, and what became of it."""

    list_display = ("kind", "server", "subject", "asked_at", "is_done", "tries", "last_error")
    list_filter = (StateFilter, "kind", "server")
    list_select_related = ("server",)
    search_fields = ("subject",)
    actions = ["try_again"]

    @admin.display(description=_("done"), boolean=True)
    def is_done(self, delivery: CallbackDelivery) -> bool:
        return delivery.done >= delivery.asked

    def has_delete_permission(self, request: HttpRequest, obj: CallbackDelivery | None = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest, obj: CallbackDelivery | None = None) -> bool:
        """Asked by the action ``try_again``."""
        return request.user.has_perm("django_bbb.change_callbackdelivery")

    @admin.action(permissions=["retry"], description=_("Try selected callbacks again"))
    def try_again(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for delivery in queryset:
            callbacks.try_again(delivery=delivery)
        count = len(queryset)
        text = ngettext("%(count)d callback is tried again.", "%(count)d callbacks are tried again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
