"""What people do to servers: with a button on the page of one, or for those selected in the list."""

import logging
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from django_bbb.conf import conf
from django_bbb.models import Server
from django_bbb.services.choosing import count_classes
from django_bbb.services.diagnosis import diagnose_all
from django_bbb.services.panic import panic
from django_bbb.services.probing import Finding

from .base import CallsServers

logger = logging.getLogger(__name__)

#: The buttons: the permission each asks for, and what stands on it.
OPERATIONS: dict[str, tuple[str, "str | Promise"]] = {
    "test": ("test", gettext_lazy("Test connection")),
    "enable": ("change", gettext_lazy("Enable")),
    "drain": ("change", gettext_lazy("Drain")),
    "disable": ("change", gettext_lazy("Disable")),
    "panic": ("panic", gettext_lazy("Disable and end all our classes")),
}

#: States in which there is nothing left to do for a button.
_ALREADY = {"enable": Server.State.ENABLED, "drain": Server.State.DRAINING, "disable": Server.State.DISABLED}

_DONE = {
    Server.State.ENABLED: ngettext_lazy("%(count)d server is enabled.", "%(count)d servers are enabled.", "count"),
    Server.State.DRAINING: ngettext_lazy(
        "%(count)d server takes no new classes; those that run go on.",
        "%(count)d servers take no new classes; those that run go on.",
        "count",
    ),
    Server.State.DISABLED: ngettext_lazy("%(count)d server is disabled.", "%(count)d servers are disabled.", "count"),
}

#: The server works, and there is something to see to all the same.
_WARNINGS = (Finding.CALLBACKS, Finding.OLD_KEY, Finding.CLOCK)


class ServerOperations(CallsServers):
    """Test, enable, drain, disable, and panic."""

    actions = ["test_selected", "enable_selected", "drain_selected", "disable_selected", "panic_selected"]

    def get_urls(self) -> list[URLPattern]:
        view = transaction.non_atomic_requests(self.admin_site.admin_view(self.operation_view))
        own = [
            path(f"<path:object_id>/{name}/", view, {"operation": name}, name=f"django_bbb_server_{name}")
            for name in OPERATIONS
        ]
        return own + super().get_urls()

    def operation_view(self, request: HttpRequest, object_id: str, operation: str) -> HttpResponse:
        """Do one of the operations to one server, and come back to its page."""
        server = self.get_server(request, object_id)
        self.require(request, OPERATIONS[operation][0], [server])
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        page: HttpResponse | None = getattr(self, f"{operation}_servers")(request, [server])
        return page or self.back_to(server)

    def get_server(self, request: HttpRequest, object_id: str) -> Server:
        """Return the server of an address, or answer that there is none."""
        server: Server | None = self.get_object(request, unquote(object_id))
        if server is None:
            raise Http404
        return server

    def back_to(self, server: Server, page: str = "change") -> HttpResponseRedirect:
        """Return the way to a page of a server."""
        name = f"admin:django_bbb_server_{page}"
        return HttpResponseRedirect(reverse(name, args=[server.pk], current_app=self.admin_site.name))

    def require(self, request: HttpRequest, permission: str, servers: Sequence[Server]) -> None:
        """Refuse the whole where it is not allowed for one of them."""
        is_allowed = getattr(self, f"has_{permission}_permission")
        if not all(is_allowed(request, server) for server in servers):
            raise PermissionDenied

    def offered(self, request: HttpRequest, server: Server) -> "list[tuple[str, str | Promise]]":
        """Return the address and the text of each button for a server as it is now."""
        return [
            (reverse(f"admin:django_bbb_server_{name}", args=[server.pk], current_app=self.admin_site.name), text)
            for name, (permission, text) in OPERATIONS.items()
            if getattr(self, f"has_{permission}_permission")(request, server) and _ALREADY.get(name) != server.state
        ]

    # --- test -----------------------------------------------------------------------------------------

    def has_test_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        """A test makes this site call the server."""
        return request.user.has_perm("django_bbb.test_server") and self.has_view_permission(request, obj)

    @admin.action(permissions=["test"], description=gettext_lazy("Test the connection to selected servers"))
    def test_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> None:
        self.test_servers(request, list(queryset))

    def test_servers(self, request: HttpRequest, servers: Sequence[Server]) -> None:
        """Ask each server, and say what is wrong and what to type."""
        self.require(request, "test", servers)
        for server, found in zip(servers, diagnose_all(servers), strict=True):
            self.log_change(request, server, f"Tested the connection: {found.finding.name.lower()}.")
            text = f"{found.message} ({found.version})" if found.version else found.message
            self.message_user(request, text, level_of(found.finding))

    # --- state ----------------------------------------------------------------------------------------

    @admin.action(permissions=["change"], description=gettext_lazy("Enable selected servers"))
    def enable_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> None:
        self.enable_servers(request, list(queryset))

    def enable_servers(self, request: HttpRequest, servers: Sequence[Server]) -> None:
        """Let servers take classes."""
        gone = [one for one in servers if one.declared and one.slug not in conf.SERVERS]
        for server in gone:
            text = _("“%(server)s” is as it was: it is gone from the settings.") % {"server": server}
            self.message_user(request, text, messages.ERROR)
        self.set_state(request, [one for one in servers if one not in gone], Server.State.ENABLED)

    @admin.action(permissions=["change"], description=gettext_lazy("Drain selected servers: no new classes"))
    def drain_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> None:
        self.drain_servers(request, list(queryset))

    def drain_servers(self, request: HttpRequest, servers: Sequence[Server]) -> None:
        """Let servers finish what runs and take nothing new."""
        self.set_state(request, servers, Server.State.DRAINING)

    @admin.action(permissions=["change"], description=gettext_lazy("Disable selected servers"))
    def disable_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> TemplateResponse | None:
        return self.disable_servers(request, list(queryset), action="disable_selected")

    def disable_servers(
        self, request: HttpRequest, servers: Sequence[Server], *, action: str = ""
    ) -> TemplateResponse | None:
        """Leave servers alone from now on, with whatever runs there; asks first."""
        self.require(request, "change", servers)
        page = self.ask(
            request,
            servers,
            action=action,
            title=ngettext("Disable this server?", "Disable these servers?", len(servers)),
            warning=_(
                "No new classes begin there. Classes that run there go on, but nobody looks after them any more: "
                "draining is kinder."
            ),
            button=_("Yes, disable"),
        )
        if page is None:
            self.set_state(request, servers, Server.State.DISABLED)
        return page

    def set_state(self, request: HttpRequest, servers: Sequence[Server], state: Server.State) -> None:
        """Remember the state people chose."""
        self.require(request, "change", servers)
        for server in servers:
            Server.objects.filter(pk=server.pk).update(state=state)
            self.log_change(request, server, f"Set to {state}.")
        if servers:
            self.message_user(request, _DONE[state] % {"count": len(servers)}, messages.SUCCESS)

    # --- panic ----------------------------------------------------------------------------------------

    def has_panic_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        """It ends classes that others teach."""
        return request.user.has_perm("django_bbb.panic_server") and self.has_view_permission(request, obj)

    @admin.action(permissions=["panic"], description=gettext_lazy("Disable selected servers and end all our classes"))
    def panic_selected(self, request: HttpRequest, queryset: "QuerySet[Server]") -> TemplateResponse | None:
        return self.panic_servers(request, list(queryset), action="panic_selected")

    def panic_servers(
        self, request: HttpRequest, servers: Sequence[Server], *, action: str = ""
    ) -> TemplateResponse | None:
        """Take servers out of service and end our classes there; asks first."""
        self.require(request, "panic", servers)
        page = self.ask(
            request,
            servers,
            action=action,
            title=ngettext(
                "Disable this server and end all our classes there?",
                "Disable these servers and end all our classes there?",
                len(servers),
            ),
            warning=_("No classes begin there any more, and everybody leaves the classes of this site there at once."),
            button=_("Yes, disable and end the classes"),
        )
        if page is not None:
            return page
        for server in servers:
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

    # --- asking first ---------------------------------------------------------------------------------

    def ask(
        self, request: HttpRequest, servers: Sequence[Server], *, action: str, **texts: str
    ) -> TemplateResponse | None:
        """Return the page that says how many classes and people are meant; None once it was answered with yes.

        ``action`` is that of the list, whose address takes the answer; empty on the way from a button.
        """
        if request.POST.get("confirmed") == "yes":
            return None
        count_classes(servers)
        context: dict[str, Any] = self.admin_site.each_context(request) | {
            "servers": servers,
            "classes": sum(one.own_classes for one in servers),
            "people": sum(one.own_people for one in servers),
            "action": action,
            "checkbox": ACTION_CHECKBOX_NAME,
            "opts": self.opts,
            "media": self.media,
            **texts,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_bbb/server_confirm.html", context)


def level_of(finding: Finding) -> int:
    """Return how bad a finding is, as a level of messages."""
    if finding is Finding.REACHABLE:
        return messages.SUCCESS
    return messages.WARNING if finding in _WARNINGS else messages.ERROR
