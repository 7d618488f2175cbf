"""What people read for the create parameters that rooms offer outside the admin, in their language.

All others have the names that BigBlueButton's own documentation has: who sets those looks them up there.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: dict[str, str | Promise] = {
    "name": _("Name"),
    "welcome": _("Welcome"),
    "max_participants": _("Max participants"),
    "record": _("Record"),
    "auto_start_recording": _("Auto start recording"),
    "allow_start_stop_recording": _("Allow start stop recording"),
    "mute_on_start": _("Mute on start"),
    "allow_mods_to_unmute_users": _("Allow mods to unmute users"),
    "webcams_only_for_moderator": _("Webcams only for moderator"),
    "lock_settings_disable_cam": _("Lock settings disable cam"),
    "lock_settings_disable_mic": _("Lock settings disable mic"),
    "lock_settings_disable_private_chat": _("Lock settings disable private chat"),
    "lock_settings_disable_public_chat": _("Lock settings disable public chat"),
    "lock_settings_disable_notes": _("Lock settings disable notes"),
    "lock_settings_hide_user_list": _("Lock settings hide user list"),
}


def label_of(name: str) -> str | Promise:
    """Return what people read for a parameter."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()
