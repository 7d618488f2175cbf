"""A server's secret is replaced in two steps, and no callback is lost between them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from django_bbb.models import Server
from django_bbb.services import servers
from django_bbb.services.diagnosis import diagnose
from django_bbb.services.probing import Finding

from .server_forms import SecretField
from .server_operations import ServerOperations, level_of

#: It takes what calls are signed with, whatever else there is to see to.
_TAKES_IT = (Finding.REACHABLE, Finding.OLD_KEY, Finding.CLOCK)


class NewSecretForm(forms.Form):
    """The first step: a new secret is typed, and shown never again."""

    new_secret = SecretField(
        label=gettext_lazy("New secret"),
        help_text=gettext_lazy("At least 32 characters, for example what “openssl rand -hex 32” prints."),
        min_length=32,
    )

    def clean_new_secret(self) -> Any:
        secret = self.cleaned_data["new_secret"]
        if not secret:
            raise forms.ValidationError(_("Type the new secret."), code="required")
        return secret


class ServerRotation(ServerOperations):
    """The page *Rotate secret*."""

    def get_urls(self) -> list[URLPattern]:
        view = transaction.non_atomic_requests(self.admin_site.admin_view(self.rotate_view))
        return [path("<path:object_id>/rotate/", view, name="django_bbb_server_rotate"), *super().get_urls()]

    @method_decorator(sensitive_post_parameters("new_secret"))
    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show both steps, and take them; of a declared server it says what to type into the settings."""
        server = self.get_server(request, object_id)
        self.require(request, "change", [server])
        form = NewSecretForm()
        if request.method == "POST" and not server.declared:
            if "use" in request.POST:
                return self.use_other(request, server)
            form = NewSecretForm(request.POST)
            if form.is_valid():
                return self.expect(request, server, form)
        context = self.admin_site.each_context(request) | {
            "title": _("Rotate the secret of %(server)s") % {"server": server},
            "server": server,
            "form": form,
            "opts": self.opts,
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/django_bbb/server_rotate.html", context)

    def expect(self, request: HttpRequest, server: Server, form: NewSecretForm) -> HttpResponse:
        """First step."""
        servers.expect_secret(server=server, secret=form.cleaned_data["new_secret"])
        self.log_change(request, server, "Typed the secret to come.")
        text = _("Callbacks signed with the new secret are taken already. Now set it on the server.")
        self.message_user(request, text, messages.SUCCESS)
        return self.back_to(server, "rotate")

    def use_other(self, request: HttpRequest, server: Server) -> HttpResponse:
        """Second step; nothing is changed unless the server takes the new secret."""
        if not server.encrypted_previous_secret:
            self.message_user(request, _("There is no other secret. Type the new one first."), messages.ERROR)
            return self.back_to(server, "rotate")
        changed = self.get_server(request, str(server.pk))
        changed.swap_secrets()
        found = diagnose(server=changed)
        if found.finding not in _TAKES_IT:
            if found.finding is Finding.WRONG_SECRET:
                reason = _("the server does not take the new secret yet. Set it there first.")
            else:
                reason = found.message
            text = _("“%(server)s” is as it was: %(reason)s") % {"server": server, "reason": reason}
            self.message_user(request, text, level_of(found.finding))
            return self.back_to(server, "rotate")
        if not servers.use_other_secret(server=server):
            text = _("“%(server)s” is as it was: somebody else has just changed its secrets.") % {"server": server}
            self.message_user(request, text, messages.ERROR)
            return self.back_to(server, "rotate")
        self.log_change(request, server, "Made the other secret the present one.")
        text = _(
            "“%(server)s” is called with the new secret. Callbacks signed with the one before are still taken: tick "
            "“Forget the other secret” once no recording of before is left to be finished."
        )
        self.message_user(request, text % {"server": server}, messages.SUCCESS)
        return self.back_to(server)
