"""The inbox of callbacks, for looking at what did not work."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_bbb.conf import conf
from django_bbb.models import CallbackDelivery
from django_bbb.services import callbacks

from .base import MirroredAdmin, WarnsOfCallbacks
from .long_lists import LongList

#: Letters of a subject in the list.
_ENOUGH = 32


class StateFilter(admin.SimpleListFilter):
    """Done, still to be done, or given up."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("undone", _("to be done")), ("parked", _("given up")), ("done", _("done"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() == "undone":
            return queryset.filter(pk__in=CallbackDelivery.objects.undone())
        if self.value() == "done":
            return queryset.filter(pk__in=CallbackDelivery.objects.worked_off())
        return queryset.filter(pk__in=CallbackDelivery.objects.parked()) if self.value() == "parked" else queryset


@admin.register(CallbackDelivery)
class CallbackDeliveryAdmin(WarnsOfCallbacks, LongList, MirroredAdmin):
    """What servers asked for, and what became of it."""

    list_display = ("kind", "state", "about", "server", "asked_at", "asked", "tries", "last_error")
    list_filter = (StateFilter, "kind", "server")
    list_select_related = ("server",)
    search_fields = ("subject",)
    exclude = ("payload",)  # people, and nothing that helps
    actions = ["try_again"]

    @admin.display(description=_("state"))
    def state(self, delivery: CallbackDelivery) -> str:
        if delivery.done >= delivery.asked:
            return str(_("done"))
        if delivery.tries >= conf.CALLBACK_TRIES:
            return str(_("given up"))
        if delivery.lease_until is not None and delivery.lease_until > timezone.now():
            return str(_("being worked on"))
        return str(_("failed, tried again later") if delivery.tries else _("to be done"))

    @admin.display(description=_("subject"), ordering="subject")
    def about(self, delivery: CallbackDelivery) -> str:
        """The subject, as much of it as tells it from others: the rest is on its page."""
        return Truncator(delivery.subject).chars(_ENOUGH)

    def has_delete_permission(self, request: HttpRequest, obj: CallbackDelivery | None = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest, obj: CallbackDelivery | None = None) -> bool:
        """Asked by the action ``try_again``."""
        return request.user.has_perm("django_bbb.change_callbackdelivery")

    @admin.action(permissions=["retry"], description=_("Try selected callbacks again"))
    def try_again(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for delivery in queryset:
            callbacks.try_again(delivery=delivery)
            self.log_change(request, delivery, "Tried again.")
        count = len(queryset)
        text = ngettext("%(count)d callback is tried again.", "%(count)d callbacks are tried again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
