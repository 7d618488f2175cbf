"""Who agreed to what: to look at, and to delete when the time has come."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from django_bbb.models import Consent

from .base import MirroredAdmin
from .long_lists import LongList


@admin.register(Consent)
class ConsentAdmin(LongList, MirroredAdmin):
    """Receipts, which nobody writes or changes by hand."""

    list_display = ("__str__", "meeting", "about", "given_at")
    list_filter = ("about",)
    list_select_related = ("meeting",)
    search_fields = ("name", "person", "meeting__name")
    search_help_text = _("Names of people or meetings, or the ID a server knows somebody by.")
    ordering = ("-given_at", "-pk")
    sortable_by = ("given_at",)
    fields = ("meeting", "name", "user", "person", "about", "text", "given_at")
