"""Who may watch which recording."""

from typing import TYPE_CHECKING

from django_bbb.models import Meeting, Recording
from django_bbb.models.recordings import RecordingQuerySet

from .guests import Guest
from .joining import Admission, admit

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

Audience = Recording.Audience


def may_watch(*, user: "AbstractBaseUser | AnonymousUser", recording: Recording, guest: Guest | None = None) -> bool:
    """Return whether a person may watch a recording that can be played.

    Staff with the permission to view recordings may, and whoever moderates the meeting; others if it is not hidden
    and they belong to its audience.
    """
    has_perm = getattr(user, "has_perm", None)
    if has_perm is not None and has_perm("django_bbb.view_recording"):
        return True
    if not recording.hidden and recording.audience in _open_audiences(user):
        return True
    if recording.meeting is None:
        return False
    admission = admit(user=user, meeting=recording.meeting, guest=guest)
    return admission.is_moderator or (admission.belongs and not recording.hidden)


def list_recordings(
    *, meeting: Meeting, user: "AbstractBaseUser | AnonymousUser", admission: Admission
) -> RecordingQuerySet:
    """Return the recordings of a meeting that are shown to a person; breakout rooms have lists of nobody's.

    Moderators also see what is not published or hidden, and nobody what is in the trash or over its time.
    """
    recordings = Recording.objects.filter(meeting=meeting, is_breakout=False)
    if admission.is_moderator:
        return recordings.current()
    if admission.belongs:
        return recordings.visible()
    return recordings.visible().filter(audience__in=_open_audiences(user))


def _open_audiences(user: "AbstractBaseUser | AnonymousUser") -> list[str]:
    """Return the audiences a person belongs to whoever they are in the meeting."""
    return [Audience.ANYONE, Audience.SIGNED_IN] if user.is_authenticated else [Audience.ANYONE]
