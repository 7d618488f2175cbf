"""What a person is asked when something is done with recordings."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Recording
from django_bbb.services.choices import MODERATORS

#: How browsers read and write a local time.
DATETIME_LOCAL = "%Y-%m-%dT%H:%M"


class RenameForm(forms.Form):
    """A title."""

    title = forms.CharField(label=_("Title"), max_length=255, help_text=_("For example Fractions, part 2."))


class AudienceForm(forms.Form):
    """An audience, or that they are hidden."""

    audience = forms.ChoiceField(
        label=_("Audience"),
        choices=[(MODERATORS, _("only those who moderate the meeting")), *Recording.Audience.choices],
    )


class ExpiryForm(forms.Form):
    """A time that is to come, or none."""

    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        help_text=_("Leave it empty for recordings that do not expire."),
        # The browser's own picker: no script is needed.
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME_LOCAL),
    )

    def clean_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(_("This time is over. Choose one that is to come, or move them to the trash."))
        return moment
