"""Everything is run from the Django admin."""

from . import attendance, callbacks, consents, meetings, presets, recordings, servers, sessions

__all__ = ["attendance", "callbacks", "consents", "meetings", "presets", "recordings", "servers", "sessions"]
