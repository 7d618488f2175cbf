"""Forms for create parameters, made from the table of the protocol: a new parameter there is a new field here."""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from django_bbb.api import wire
from django_bbb.api.parameters import CreateParameters
from django_bbb.api.wire import Parameter, UnusableValue
from django_bbb.models import Meeting
from django_bbb.models.options import RESERVED_OPTIONS, Option, Source, python_names

from .labels import label_of

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

#: Parameters of breakout rooms that a site makes by itself: no setting of a room.
_OF_BREAKOUTS = frozenset({"is_breakout", "parent_meeting_id", "sequence", "free_join"})

#: The field for parameters that none of the others is for.
OTHER = "other_options"


def offered_parameters() -> list[Parameter]:
    """Return the parameters that have a field: all that a room can be given and that are not out of use."""
    left_out = RESERVED_OPTIONS | _OF_BREAKOUTS
    every = dict.fromkeys(wire.table(CreateParameters).values())
    return [one for one in every if one.python_name not in left_out and not one.wire.instead]


def field_name(parameter: Parameter) -> str:
    """Return the name of a parameter's field in the form."""
    return f"option_{parameter.python_name}"


# --- fields -----------------------------------------------------------------------------------------------


class WordsField(forms.CharField):
    """Words with commas between them."""

    def clean(self, value: Any) -> Any:
        words = [word.strip() for word in str(super().clean(value)).split(",")]
        return [word for word in words if word] or None


class OptionJSONField(forms.JSONField):
    """Data that is empty where nothing is said."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


def _make_field(parameter: Parameter) -> forms.Field:
    """Return the field that fits a parameter's type."""
    words = {"label": label_of(parameter.python_name), "help_text": _help(parameter), "required": False}
    rule, enum = parameter.wire, _enum_in(parameter)
    if parameter.kind is bool:
        choices = [("", "—"), ("true", _("Yes")), ("false", _("No"))]
        return forms.TypedChoiceField(choices=choices, coerce=lambda text: text == "true", empty_value=None, **words)
    if enum is not None:
        every = [(one.value, one.value) for one in enum]
        if rule.form == "words":
            return forms.MultipleChoiceField(choices=every, widget=forms.CheckboxSelectMultiple, **words)
        return forms.TypedChoiceField(choices=[("", "—"), *every], empty_value=None, **words)
    if parameter.kind is int or rule.form == "minutes":
        return forms.IntegerField(min_value=rule.least or 0, max_value=rule.most, **words)
    if rule.form == "words":
        return WordsField(widget=forms.TextInput(attrs={"class": "vTextField"}), **words)
    if rule.form in ("json", "pairs"):
        return OptionJSONField(widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}), **words)
    return forms.CharField(strip=False, empty_value=None, widget=_text_widget(rule.form, rule.pattern), **words)


def _text_widget(form: str, pattern: str) -> forms.Widget:
    if form == "lines":
        return forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})
    if form == "url":
        return forms.URLInput(attrs={"class": "vURLField"})
    return forms.TextInput(attrs={"class": "vTextField"} | ({"pattern": pattern} if pattern else {}))


def _enum_in(parameter: Parameter) -> type[Enum] | None:
    """Return the words a parameter is chosen from, also where it takes several of them."""
    kinds = parameter.kind if isinstance(parameter.kind, tuple) else (parameter.kind,)
    inner = [part for kind in kinds for one in get_args(kind) for part in (one, *get_args(one))]
    return next((kind for kind in (*kinds, *inner) if isinstance(kind, type) and issubclass(kind, Enum)), None)


def _help(parameter: Parameter) -> Any:
    told = [gettext_lazy(parameter.wire.help)] if parameter.wire.help else []
    if parameter.wire.form == "minutes":
        told.append(_("In minutes."))
    since = parameter.wire.since
    # Some are of a balancer or an add-on, whose name stands there then.
    version = f"BigBlueButton {since}" if since[:1].isdigit() else since
    told.append(format_lazy(_("{version} and newer."), version=version))
    return format_lazy(" ".join(["{}"] * len(told)), *told)


# --- the form ---------------------------------------------------------------------------------------------


class OptionsForm(ModelForm):
    """A form of rows with ``options``: one field for each of them, and one for those we do not know yet.

    Subclasses may say what holds where a field is empty (`effective`), and why one cannot be used (`refusal`).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = python_names(self.instance.options or {})
        effective = self.effective()
        for parameter in offered_parameters():
            field = self.fields.get(field_name(parameter))
            if field is None:
                continue
            value = stored.pop(parameter.python_name, None)
            self.initial.setdefault(field_name(parameter), _as_initial(parameter, value))
            _keep_unknown_choices(field, value)
            _explain(field, effective.get(parameter.python_name))
            refusal = self.refusal(parameter, effective.get(parameter.python_name))
            if refusal:
                field.disabled = True
                field.help_text = format_html("{} {}", refusal, field.help_text)
        others = stored.pop(wire.EXTRA, None) or {}
        self.initial.setdefault(OTHER, ({**stored, **others}) or None)

    def effective(self) -> Mapping[str, Option]:
        """Return the options that hold for this row, and where each comes from."""
        return {}

    def refusal(self, parameter: Parameter, holds: Option | None) -> str:
        """Return why a field cannot be used; nothing where it can."""
        return ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        # What is wrong with one field is told there; the rest is found by the row itself.
        self.instance.options = self._kept() | dict(self._typed(cleaned)) | self._others(cleaned)
        return cleaned

    def _kept(self) -> dict[str, Any]:
        """Return the stored options that this form has no field for."""
        stored = python_names(self.instance.options or {})
        offered = {one.python_name: field_name(one) for one in offered_parameters()}
        return {name: value for name, value in stored.items() if offered.get(name, OTHER) not in self.fields}

    def _update_errors(self, errors: ValidationError) -> None:
        # The row speaks of its column, and the form has none of that name.
        told = getattr(errors, "error_dict", {})
        if "options" in told:
            told[OTHER] = told.pop("options")
        super()._update_errors(errors)  # type: ignore[misc]

    def _typed(self, cleaned: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        for parameter in offered_parameters():
            name = field_name(parameter)
            value = cleaned.get(name)
            if value in (None, "", [], {}):
                continue
            try:
                parameter.encode(value)
            except UnusableValue as error:
                problem = gettext(error.why) % error.facts
                self.add_error(name, gettext("The value %(problem)s.") % {"problem": problem})
            else:
                yield parameter.python_name, value

    def _others(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands under the other parameters: known ones by their names, the rest as extra."""
        others = cleaned.get(OTHER) or {}
        if not isinstance(others, dict):
            self.add_error(OTHER, gettext("This is not a JSON object of names and values."))
            return {}
        known = wire.table(CreateParameters)
        offered = {one.python_name for one in offered_parameters()}
        doubled = [name for name in others if name in known and known[name].python_name in offered]
        for name in doubled:
            self.add_error(OTHER, gettext("“%(name)s” has a field of its own.") % {"name": name})
        direct = {name: value for name, value in others.items() if name in known}
        extra = {name: value for name, value in others.items() if name not in known}
        return direct | ({wire.EXTRA: extra} if extra else {})


def _make_fields() -> dict[str, forms.Field]:
    other = OptionJSONField(
        label=_("Other parameters"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_('Those of a newer BigBlueButton, by their names, for example {"newParameter": "value"}.'),
    )
    return {field_name(one): _make_field(one) for one in offered_parameters()} | {OTHER: other}


# Declared, so that an admin can name them in its fieldsets.
OptionsForm.declared_fields.update(_make_fields())


def _as_initial(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, list) and parameter.wire.form == "words" and _enum_in(parameter) is None:
        return ", ".join(map(str, value))
    if parameter.kind is bool and isinstance(value, bool):
        return "true" if value else "false"
    return value


def _keep_unknown_choices(field: forms.Field, value: Any) -> None:
    """A newer server knows more words than we do: those that are stored can be chosen again."""
    if not isinstance(field, forms.ChoiceField) or value is None or isinstance(value, bool):
        return
    choices: list[Any] = list(field.choices)  # type: ignore[arg-type]
    known = {key for key, _label in choices}
    words = [value] if isinstance(value, str) else value
    field.choices = [*choices, *((word, word) for word in words if word not in known)]


def _explain(field: forms.Field, holds: Option | None) -> None:
    """Say what holds where the field is empty, and who says so."""
    if holds is None or holds.source == Source.MEETING:
        return
    facts = {"value": in_words(holds.value), "source": holds.source.label}
    told = gettext("Now “%(value)s”, from %(source)s.") % facts
    field.help_text = format_html("{} {}", field.help_text, told)


def in_words(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


class MeetingOptionsForm(OptionsForm):
    """A form of meetings: beside each option stands what holds where it is empty, and why it cannot be changed."""

    def effective(self) -> Mapping[str, Option]:
        meeting: Meeting = self.instance
        return meeting.options_by_source()

    def refusal(self, parameter: Parameter, holds: Option | None) -> str:
        if holds is not None and holds.source == Source.ENFORCED:
            return gettext("The preset “%(preset)s” decides this.") % {"preset": self.instance.preset}
        server = self.instance.server
        if server is not None and is_too_old(server.version, parameter.wire.since):
            facts = {"server": server, "version": server.version}
            return gettext("%(server)s has BigBlueButton %(version)s, which does not know this.") % facts
        return ""


def is_too_old(version: str, since: str) -> bool:
    """Whether a server of this version does not know a parameter yet; no where either is not known for sure."""
    if not re.match(r"\d", version) or not re.match(r"\d+(\.\d+)*$", since):
        return False
    # Of “3.0” nobody knows which one it is: only what both say is compared.
    pairs = list(zip(_numbers(version), _numbers(since), strict=False))
    return [ours for ours, _needed in pairs] < [needed for _ours, needed in pairs]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
