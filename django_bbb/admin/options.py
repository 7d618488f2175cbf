"""Where the fields of create parameters stand on the pages of the admin."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from django_bbb.api.wire import Parameter
from django_bbb.forms.options import OTHER, field_name, offered_parameters

#: Which fields stand together: the beginnings of their names.  What fits nowhere comes last.
GROUPS = (
    (_("Times"), "duration logout_timer meeting_expire learning_dashboard"),
    (
        _("Welcome"),
        "welcome moderator_only_message banner logo darklogo dial_number voice_bridge login_url logout_url",
    ),
    (
        _("Recording"),
        "record auto_start_recording allow_start_stop_recording notify_recording meta_bbb meeting_keep_events",
    ),
    (
        _("People and rights"),
        "max_participants guest_policy mute_on_start allow_mods allow_req allow_pro require lock webcams multi end",
    ),
    (_("Layout and features"), "meeting_layout disabled_features user_camera meeting_camera max_pinned global_camera"),
    (_("Slides and notes"), "pre_uploaded presentation_ max_num_pages shared_notes"),
    (_("Breakout rooms"), "breakout groups"),
    (_("For experts"), ""),
)


def option_fieldsets() -> list[Any]:
    """Return the fieldsets of all options, closed until somebody opens them."""
    grouped: dict[int, list[str]] = {place: [] for place in range(len(GROUPS))}
    for parameter in offered_parameters():
        grouped[_place(parameter)].append(field_name(parameter))
    grouped[len(GROUPS) - 1].append(OTHER)
    return [
        (format_lazy(_("Options: {group}"), group=GROUPS[place][0]), {"fields": fields, "classes": ["collapse"]})
        for place, fields in grouped.items()
    ]


def _place(parameter: Parameter) -> int:
    for place, (_title, starts) in enumerate(GROUPS):
        if parameter.python_name.startswith(tuple(starts.split())):
            return place
    return len(GROUPS) - 1
