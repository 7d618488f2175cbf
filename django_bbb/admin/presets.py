"""Presets: options that many meetings share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf
from django_bbb.forms.labels import label_of
from django_bbb.forms.options import OptionsForm, offered_parameters
from django_bbb.models import MeetingPreset
from django_bbb.models.options import Option, Source, put_together, python_names

from .base import ModelAdmin
from .options import option_fieldsets


class PresetForm(OptionsForm):
    """A preset: options, and which of them hold whatever a meeting says."""

    enforced = forms.MultipleChoiceField(
        label=_("Enforced"),
        required=False,
        choices=[(one.python_name, label_of(one.python_name)) for one in offered_parameters()],
        widget=forms.SelectMultiple(attrs={"size": 12}),
        help_text=_("Options that no meeting with this preset may set otherwise. Give each of them a value below."),
    )

    class Meta:
        model = MeetingPreset
        fields = ("name", "enforced")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["enforced"] = list(python_names(dict.fromkeys(self.instance.enforced)))

    def effective(self) -> Mapping[str, Option]:
        return put_together([(Source.SITE, conf.CREATE_DEFAULTS), (Source.MEETING, self.instance.options)])


@admin.register(MeetingPreset)
class MeetingPresetAdmin(ModelAdmin):
    """What a preset says holds for the next class of each of its meetings."""

    form = PresetForm
    list_display = ("name",)
    search_fields = ("name",)

    def get_fieldsets(self, request: HttpRequest, obj: MeetingPreset | None = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ["name", "options", "enforced"]})]
        return [(None, {"fields": ["name", "enforced"]}), *option_fieldsets()]
