"""The form of a meeting, and the small ones of what is done to meetings."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_bbb.forms.options import MeetingOptionsForm
from django_bbb.models import Meeting, Server


class MeetingForm(MeetingOptionsForm):
    """A meeting, with a field for each option and beside it what holds where that is empty."""

    class Meta:
        model = Meeting
        exclude = ("options",)


class MoveForm(forms.Form):
    """Where classes run from now on."""

    server = forms.ModelChoiceField(
        label=_("Server"),
        required=False,
        queryset=Server.objects.none(),
        empty_label=_("Any: the one with the least load"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["server"].queryset = Server.objects.open_for_classes()  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Somebody of whom one wants to know whether they may join."""

    who = forms.CharField(
        label=_("Person"),
        max_length=254,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("What they log in with, or their ID."),
    )

    def clean_who(self) -> Any:
        """Return the person."""
        text = self.cleaned_data["who"]
        people = get_user_model()._default_manager
        found = people.filter(**{get_user_model().USERNAME_FIELD: text}).first()
        try:
            found = found or people.filter(pk=text).first()
        except (ValueError, ValidationError):
            found = None
        if found is None:
            raise ValidationError(gettext("There is no such person here."))
        return found
