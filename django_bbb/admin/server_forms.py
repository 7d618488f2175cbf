"""The form of a server that is added in the admin: secrets go in and never come out."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_bbb.api import Secret
from django_bbb.models import Server

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Server]
else:
    ModelForm = forms.ModelForm


class SecretField(forms.CharField):
    """A secret, typed and never shown again.  Wrapped at once: local variables end up in crash reports."""

    def __init__(self, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"})
        super().__init__(required=False, strip=True, max_length=500, widget=widget, **options)

    def clean(self, value: Any) -> Secret:
        return Secret(super().clean(value))


class ServerForm(ModelForm):
    """A server added in the admin."""

    secret = SecretField(
        label=_("Secret"),
        help_text=_(
            "As “bbb-conf --secret” prints it on the server. Leave it empty to keep it. "
            "The one before is still accepted for callbacks."
        ),
    )
    previous_secret = SecretField(
        label=_("Other secret for callbacks"),
        help_text=_(
            "Callbacks may be signed with this one as well, while a secret is being replaced: type the new one here "
            "first, then change it on the server, then type it above. Leave it empty to keep it."
        ),
    )
    forget_previous = forms.BooleanField(
        label=_("Forget the other secret"),
        required=False,
        help_text=_("Once no server signs with it any more."),
    )

    class Meta:
        model = Server
        fields = ("name", "slug", "url", "kind", "version", "algorithm", "state", "weight", "tags")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.instance.encrypted_secret and not cleaned.get("secret"):
            self.add_error(
                "secret", ValidationError(_("A server without a secret cannot be called."), code="required")
            )
        return cleaned

    def save(self, commit: bool = True) -> Server:
        server, cleaned = self.instance, self.cleaned_data
        if cleaned["secret"]:
            server.remember_secret(cleaned["secret"])
        if cleaned["previous_secret"] or cleaned["forget_previous"]:
            server.remember_previous_secret(cleaned["previous_secret"] or None)
        saved: Server = super().save(commit)
        return saved
