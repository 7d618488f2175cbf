"""Invitation links, on the page of their meeting."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Invitation
from django_bbb.services import addresses

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    Inline = admin.TabularInline


class InvitationInline(Inline):
    """Links that let somebody in.  Only those who may change one see its address: whoever has it gets in."""

    model = Invitation
    fields = ("label", "role", "expires_at", "revoked_at", "link", "use_count", "last_used_at")
    readonly_fields = ("link", "use_count", "last_used_at")
    extra = 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name != "link"]

    @admin.display(description=_("link"))
    def link(self, invitation: Invitation) -> str:
        if not invitation.pk or not invitation.is_valid:
            return ""
        path = invitation.get_absolute_url()
        return format_html('<a href="{}">{}</a>', path, addresses.absolute(path) or path)
