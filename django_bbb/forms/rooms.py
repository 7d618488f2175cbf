"""What people type on the pages of their rooms, outside the admin."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf
from django_bbb.models import Invitation, Meeting, Membership, Presentation
from django_bbb.services.file_types import TYPES
from django_bbb.services.people import find_person

from .options import MeetingOptionsForm, ModelForm, field_name, offered_parameters

#: Fields of a meeting that a site may let people change: none whose choices tell of other people or of servers.
_FIELDS = (
    "name",
    "preset",
    "access",
    "viewer_code",
    "moderator_code",
    "wait_for",
    "lobby",
    "asks_about_recording",
    "asks_about_attendance",
    "opens_at",
    "closes_at",
)

#: Those for which a code can be made up.
CODES = ("viewer_code", "moderator_code")

#: Which fields stand together; what is named nowhere are create parameters.
_GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Room"), ("name", "preset", "opens_at", "closes_at")),
    (_("Who may enter"), ("access", *CODES, "wait_for", "lobby", "asks_about_recording", "asks_about_attendance")),
)


def editable_names() -> frozenset[str]:
    """Return what `EDITABLE` may hold."""
    return frozenset(_FIELDS) | {one.python_name for one in offered_parameters()}


class TimeField(forms.DateTimeField):
    """A date and a time, chosen in the browser; in the time zone of the site."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class NewRoomForm(ModelForm):
    """A room begins with its name; all the rest is as the site has it until somebody changes it."""

    class Meta:
        model = Meeting
        fields = ("name",)


class RoomForm(MeetingOptionsForm):
    """What the site lets people change of a room."""

    class Meta:
        model = Meeting
        fields = _FIELDS
        field_classes = {"opens_at": TimeField, "closes_at": TimeField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = set(conf.EDITABLE)
        allowed |= {field_name(one) for one in offered_parameters() if one.python_name in allowed}
        for name in set(self.fields) - allowed:
            del self.fields[name]

    def groups(self) -> Iterable[tuple[Any, list[forms.BoundField]]]:
        """Return the fields that stand together, with their heading."""
        left = dict.fromkeys(self.fields)
        for title, names in _GROUPS:
            here = [self[name] for name in names if name in self.fields]
            left = {name: None for name in left if name not in names}
            if here:
                yield title, here
        if left:
            yield _("In class"), [self[name] for name in left]

    def codes(self) -> list[str]:
        """Return the fields for which a code can be made up."""
        return [name for name in CODES if name in self.fields]

    def save(self, commit: bool = True) -> Meeting:
        """Store what this form has fields for, and nothing that somebody else has changed meanwhile."""
        meeting: Meeting = self.instance
        if commit:
            meeting.save(update_fields=[*(name for name in _FIELDS if name in self.fields), "options"])
        return meeting

    def _update_errors(self, errors: ValidationError) -> None:
        # The row also finds what is wrong with fields that this form does not have.
        told = getattr(errors, "error_dict", {})
        for name in [name for name in told if name not in self.fields]:
            told.setdefault(NON_FIELD_ERRORS, []).extend(told.pop(name))
        super()._update_errors(errors)


class MemberForm(forms.Form):
    """Somebody who is to belong to a room."""

    who = forms.CharField(
        label=_("Person"),
        max_length=254,
        help_text=_("What they log in with, or their e-mail address, exactly as it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role, initial=Membership.Role.VIEWER)
    valid_from = TimeField(label=_("From"), required=False)
    valid_until = TimeField(
        label=_("Until"), required=False, help_text=_("Leave both empty for somebody who belongs to the room always.")
    )

    def clean_who(self) -> Any:
        """Return the person."""
        found = find_person(text=self.cleaned_data["who"])
        if found is None:
            raise ValidationError(gettext("There is no such person here. Ask them how they log in."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_until")
        if begins and ends and ends <= begins:
            self.add_error("valid_until", gettext("This is not after the beginning."))
        return cleaned


class InvitationForm(forms.Form):
    """A link for somebody."""

    label = forms.CharField(
        label=_("For"),
        max_length=100,
        required=False,
        help_text=_("Whom it is for, for example Dr. Noether, guest lecturer."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Invitation.Role, initial=Invitation.Role.VIEWER)
    expires_at = TimeField(
        label=_("Good until"), required=False, help_text=_("Leave it empty for a link that stays good.")
    )

    def clean_expires_at(self) -> Any:
        """Return a moment that is yet to come."""
        moment = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(gettext("This is over already. Choose a later time."))
        return moment


class UploadForm(forms.Form):
    """A file of slides."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("It is shown from the next start of the class on."),
        widget=forms.FileInput(attrs={"accept": ",".join(TYPES)}),
    )
    is_default = forms.BooleanField(label=_("Shown first"), required=False)
    is_downloadable = forms.BooleanField(label=_("Everybody in class may save it"), required=False)


class PresentationForm(ModelForm):
    """What holds for a file that is there."""

    shown_first = forms.BooleanField(label=_("Shown first"), required=False)

    class Meta:
        model = Presentation
        fields = ("position", "is_downloadable", "is_removable")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["shown_first"] = bool(self.instance.is_default)


class MessageForm(forms.Form):
    """What is said to a class."""

    text = forms.CharField(
        label=_("Message"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("Everybody in class reads it in the public chat. BigBlueButton 3.0 and newer."),
    )
