"""Everything is run from the Django admin."""

from . import callbacks, meetings, recordings, servers

__all__ = ["callbacks", "meetings", "recordings", "servers"]
