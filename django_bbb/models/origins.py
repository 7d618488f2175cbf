"""The mark by which this site knows its own classes and recordings on a server that others use too."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf

#: The fact (``meta_…``) that each class of ours carries; servers tell it again with the class and its recordings.
ORIGIN_FACT = "bbb-origin"

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class OriginManager(models.Manager["Origin"]):
    """The one row there is."""

    def of_this_site(self) -> str:
        """Return ``DJANGO_BBB["ORIGIN"]``, else what was made up and stored at the first migrate."""
        made_up = "django-bbb-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))
        stored, _created = self.get_or_create(pk=1, defaults={"name": conf.ORIGIN or made_up})
        return conf.ORIGIN or stored.name


class Origin(models.Model):
    """What this site calls itself on servers.  It stays: classes that run and old recordings carry it."""

    name = models.CharField(_("name"), max_length=100)

    objects = OriginManager()

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")

    def __str__(self) -> str:
        return self.name
