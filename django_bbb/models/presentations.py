"""Slides that are kept for the classes of a meeting."""

import secrets
from os import PathLike
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf

from .meetings import Meeting

_FOLDER = "django_bbb/presentations"


class _StoredFile(models.FileField):
    """A file in the storage that the settings name, under a name that nobody guesses.

    Where the site's media are public, whoever does not know the name finds nothing; and no name that somebody
    typed is ever one of a file.
    """

    # Asked for each time, as all settings are.
    @property
    def storage(self) -> Storage:
        return storages[conf.PRESENTATION_STORAGE]

    @storage.setter
    def storage(self, value: Storage) -> None:
        """Django sets the default storage."""

    def generate_filename(self, instance: models.Model | None, filename: str | PathLike[str]) -> str:
        return f"{_FOLDER}/{secrets.token_hex(16)}{PurePosixPath(filename).suffix.lower()}"

    def deconstruct(self) -> Any:
        # A migration imports nothing from here.
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("storage", None)
        return name, "django.db.models.FileField", args, kwargs


class Presentation(models.Model):
    """A file of slides, sent to the server whenever a class of its meeting is started.

    At most one of a meeting is shown first: ``is_default`` is True or NULL, since MariaDB has no partial indexes.
    """

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="presentations"
    )
    file = _StoredFile(_("file"))
    name = models.CharField(_("name"), max_length=150, help_text=_("What people see, for example fractions.pdf."))
    size = models.PositiveIntegerField(_("size in bytes"))
    position = models.PositiveSmallIntegerField(_("order"), default=0, help_text=_("Smaller numbers come first."))
    is_default = models.BooleanField(_("shown first"), null=True, default=None)
    is_downloadable = models.BooleanField(
        _("downloadable"), default=False, help_text=_("Everybody in class may save the file.")
    )
    is_removable = models.BooleanField(
        _("removable"), default=True, help_text=_("Presenters may take it out of the class.")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("presentation")
        verbose_name_plural = _("presentations")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "is_default"], name="bbb_one_default_presentation"),
            models.CheckConstraint(
                condition=Q(is_default=True) | Q(is_default__isnull=True), name="bbb_presentation_default_or_null"
            ),
        ]

    def __str__(self) -> str:
        return self.name
