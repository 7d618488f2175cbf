"""``{% load django_bbb %}``: a meeting inside a page of the site.

The tags take the person from the request in the context, ask the policy, and call no server.
"""

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser

from django_bbb.models import Meeting
from django_bbb.services.joining import admit
from django_bbb.services.recordings import awaited_sessions

register = template.Library()


def _facts(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """Return the meeting, the policy's answer for whoever looks at the page, and the class that is open."""
    if meeting is None or meeting.archived_at is not None:
        return {"meeting": None}
    user = context["request"].user if "request" in context else context.get("user") or AnonymousUser()
    admission = admit(user=user, meeting=meeting)
    session = meeting.current_session if admission.role is not None else None
    may_end = admission.is_moderator or user.has_perm("django_bbb.end_any_meeting")
    return {"meeting": meeting, "admission": admission, "session": session, "may_end": may_end}


@register.inclusion_tag("django_bbb/elements/join_button.html", takes_context=True)
def bbb_join_button(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """Start, Join or Wait: whatever this person can do now."""
    return _facts(context, meeting)


@register.inclusion_tag("django_bbb/elements/end_button.html", takes_context=True)
def bbb_end_button(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """End the running class, for those who may; nothing for others."""
    return _facts(context, meeting)


@register.inclusion_tag("django_bbb/elements/recordings.html", takes_context=True)
def bbb_recordings(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """The recordings of a meeting, those still being processed among them.

    Moderators also see what is not published; people the policy does not let in see nothing.
    """
    facts = _facts(context, meeting)
    if meeting is None or facts["meeting"] is None or facts["admission"].role is None:
        return {"recordings": [], "awaited": [], "meeting": None}
    mine = meeting.recordings.existing() if facts["admission"].is_moderator else meeting.recordings.visible()
    recordings = mine.filter(is_breakout=False).prefetch_related("playbacks")
    return facts | {"recordings": recordings, "awaited": awaited_sessions(meeting=meeting)}
