"""Fields for the key of a row, beside which the row is named."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

if TYPE_CHECKING:
    FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    FormSet = BaseInlineFormSet


class KnownRawId(ForeignKeyRawIdWidget):
    """Names the row at hand; Django's own widget asks the database for each."""

    known: Model | None = None

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        if self.known is None or str(self.known.pk) != str(value):
            return super().label_and_url_for_value(value)
        opts = self.known._meta
        name = f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change"
        try:
            address = reverse(name, args=[self.known.pk])
        except NoReverseMatch:  # a site need not have it in its admin
            address = ""
        return Truncator(self.known).words(14), address


class KnownRawIds(FormSet):
    """Forms of rows whose relations were fetched with them."""

    def add_fields(self, form: "ModelForm[Any]", index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if isinstance(field.widget, KnownRawId):
                field.widget.known = getattr(form.instance, name)
