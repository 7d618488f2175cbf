"""What the pages of several nouns share: mirrored facts that nobody edits, and actions that call a server."""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Server
from django_bbb.services.arrivals import arrivals

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

logger = logging.getLogger(__name__)


class MirroredAdmin(ModelAdmin):
    """Rows that servers made: looked at here, neither added nor edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class WarnsOfCallbacks(ModelAdmin):
    """A list above which it is said of which servers the callbacks do not arrive."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and self.has_view_or_change_permission(request):
            for arrived in arrivals(Server.objects.usable()):
                if arrived.are_missing:
                    self.message_user(request, arrived.advice, messages.WARNING)
        return super().changelist_view(request, extra_context)


class CallsServers(ModelAdmin):
    """Actions that call a server for each object chosen: outside of a transaction, and each with its own outcome."""

    #: Ours to say: what a person reads before something is destroyed.
    confirmation_template = "admin/django_bbb/confirm.html"

    @method_decorator(transaction.non_atomic_requests)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # With ATOMIC_REQUESTS a server would be called inside the request's transaction.
        return super().changelist_view(request, extra_context)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        response = super().response_action(request, *args, **kwargs)
        back = self.page_to_go_back_to(request)
        return HttpResponseRedirect(back) if back and isinstance(response, HttpResponseRedirect) else response

    def page_to_go_back_to(self, request: HttpRequest) -> str:
        """Return the page of the object whose button was pressed; empty when it was the list."""
        if request.POST.get("back_to") != "page":
            return ""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(request.POST[ACTION_CHECKBOX_NAME])], current_app=self.admin_site.name)

    def call_for_each(
        self,
        request: HttpRequest,
        queryset: Iterable[Any],
        service: Callable[[Any], object],
        *,
        log: str,
    ) -> int:
        """Call the service for each object; say which failed and why, and return how many did not."""
        done = 0
        for one in queryset:
            name = str(one)
            try:
                service(one)
            except (BBBError, ServerNotConfigured) as error:
                logger.warning("%s", error)
                text = _("“%(name)s” is as it was: %(reason)s") % {"name": name, "reason": error}
                self.message_user(request, text, messages.ERROR)
            else:
                self.log_change(request, one, log)
                done += 1
        return done

    def confirm(
        self,
        request: HttpRequest,
        queryset: "QuerySet[Any]",
        *,
        action: str,
        title: "str | Promise",
        warning: "str | Promise",
        button: "str | Promise",
    ) -> TemplateResponse | None:
        """Return the page that asks first; None once it has been answered with yes."""
        if request.method == "POST" and request.POST.get("confirmed") == "yes":
            return None
        context = self.admin_site.each_context(request) | {
            "title": title,
            "warning": warning,
            "button": button,
            "action": action,
            "objects": queryset,
            "opts": self.opts,
            "media": self.media,
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": self.page_to_go_back_to(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.confirmation_template, context)
