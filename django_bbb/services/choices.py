"""What people here choose about recordings; no server is asked, and no sync changes it."""

from datetime import datetime

from django_bbb.models import Recording
from django_bbb.models.recordings import RecordingQuerySet

#: In place of an audience: they are hidden.
MODERATORS = "moderators"


def set_audience(*, recordings: RecordingQuerySet, audience: str) -> int:
    """Say who may watch recordings, an audience or `MODERATORS` alone; return how many."""
    if audience == MODERATORS:
        return recordings.update(hidden=True)
    return recordings.update(audience=Recording.Audience(audience), hidden=False)


def keep_for_ever(*, recordings: RecordingQuerySet) -> int:
    """Let recordings never expire, nor be deleted by the tidying; return how many."""
    return recordings.update(keep=True, expires_at=None)


def set_expiry(*, recordings: RecordingQuerySet, expires_at: datetime | None) -> int:
    """Say until when recordings can be watched, also those that were kept for ever; return how many.

    None is for those that are neither to expire nor to be kept for ever.
    """
    return recordings.update(keep=False, expires_at=expires_at)
