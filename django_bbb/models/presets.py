"""Options that many meetings share."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .options import python_names, validate_options


class MeetingPreset(models.Model):
    """Options for the meetings that have it: some are only where they begin, others hold whatever they say."""

    name = models.CharField(_("name"), max_length=64, unique=True, help_text=_("For example Exam, or Lecture."))
    options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_('Create parameters by name, for example {"record": true, "mute_on_start": true}.'),
    )
    enforced = models.JSONField(
        _("enforced"),
        default=list,
        blank=True,
        help_text=_('Options that no meeting may set otherwise, for example ["record"].'),
    )

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse options create would not take, and enforced ones that have no value here."""
        try:
            validate_options(self.options)
        except ValidationError as error:
            raise ValidationError({"options": error.messages}) from None
        missing = self._enforced_without_value()
        if missing:
            text = _("Give “%(name)s” a value, or do not enforce it.")
            raise ValidationError({"enforced": [text % {"name": name} for name in missing]})

    def _enforced_without_value(self) -> list[str]:
        if not isinstance(self.enforced, list):
            return [str(self.enforced)]
        return [str(name) for name in self.enforced if name not in self.options]

    @property
    def enforced_options(self) -> dict[str, Any]:
        """The options that hold whatever a meeting says."""
        return {name: value for name, value in python_names(self.options).items() if name in self._enforced_names}

    @property
    def _enforced_names(self) -> set[str]:
        return set(python_names(dict.fromkeys(self.enforced)))
