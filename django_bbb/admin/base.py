"""What the pages of several nouns share: mirrored facts that nobody edits, and actions that call a server."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured

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


class CallsServers(ModelAdmin):
    """Actions that call a server for each object chosen: outside of a transaction, and each with its own outcome."""

    #: Ours to say: what a person reads before something is destroyed.
    confirmation_template = "admin/django_bbb/confirm.html"

    @method_decorator(transaction.non_atomic_requests)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # With ATOMIC_REQUESTS a server would be called inside the request's transaction.
        return super().changelist_view(request, extra_context)

    def call_for_each(
        self,
        request: HttpRequest,
        queryset: "QuerySet[Any]",
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
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.confirmation_template, context)
