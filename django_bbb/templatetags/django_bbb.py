"""``{% load django_bbb %}``: a meeting inside a page of the site.

The tags take the person from the request in the context, ask the policy, and call no server.  Button and status cost
one query together, and none where the meetings were loaded with ``Meeting.objects.for_user(user)``.
"""

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_bbb.conf import OpenIn, conf
from django_bbb.models import Meeting
from django_bbb.services.addresses import absolute
from django_bbb.services.editing import may_edit
from django_bbb.services.guests import guest_in
from django_bbb.services.joining import admit, may_enter
from django_bbb.services.panels import Panel, look_into
from django_bbb.services.recordings import awaited_sessions
from django_bbb.services.watching import list_recordings

register = template.Library()


def _facts(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """Return the meeting, the policy's answer for whoever looks at the page, and the class that is open."""
    if meeting is None or meeting.archived_at is not None:
        return {"meeting": None}
    request = context.get("request")
    user = request.user if request else context.get("user") or AnonymousUser()
    guest = guest_in(request.COOKIES) if request else None
    meeting.load_for(user)
    admission = admit(user=user, meeting=meeting, guest=guest)
    session = meeting.open_session if admission.belongs else None
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "meeting": meeting,
        "user": user,
        "admission": admission,
        "session": session,
        "may_enter": may_enter(session=session, admission=admission),
        "in_new_tab": conf.OPEN_IN == OpenIn.NEW_TAB,
        "may_end": admission.is_moderator or user.has_perm("django_bbb.end_any_meeting"),
    }


@register.inclusion_tag("django_bbb/elements/join_button.html", takes_context=True)
def bbb_join_button(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """Start, Join or Wait: whatever this person can do now."""
    return _facts(context, meeting)


@register.inclusion_tag("django_bbb/elements/status.html", takes_context=True)
def bbb_status(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """Whether the class runs, and how many are inside, for those whom the policy knows; nothing for others."""
    return _facts(context, meeting)


@register.inclusion_tag("django_bbb/elements/end_button.html", takes_context=True)
def bbb_end_button(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """End the running class, for those who may; nothing for others."""
    return _facts(context, meeting)


@register.inclusion_tag("django_bbb/elements/recordings.html", takes_context=True)
def bbb_recordings(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """The recordings of a meeting, those still being processed among them.

    Moderators also see what is not published; people the policy does not let in see what is open to them all the
    same, or nothing.
    """
    facts = _facts(context, meeting)
    if facts["meeting"] is None:
        return facts
    awaited = list(awaited_sessions(meeting=facts["meeting"])) if facts["admission"].belongs else []
    return facts | {"awaited": awaited} | _recordings(facts)


@register.inclusion_tag("django_bbb/elements/room.html", takes_context=True)
def bbb_room(context: template.Context, meeting: Meeting | None) -> dict[str, Any]:
    """All about a meeting in one panel: button, who is there, presentations, recordings, invitation."""
    facts = _facts(context, meeting)
    if facts["meeting"] is None:
        return facts
    belongs = facts["admission"].belongs
    panel = look_into(meeting=facts["meeting"]) if belongs else Panel()
    names = list(facts["meeting"].presentations.values_list("name", flat=True)) if belongs else []
    inside = {"people": panel.people, "awaited": panel.awaited, "presentations": names}
    return facts | inside | _invitation(facts) | _recordings(facts)


def _invitation(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the way in, to hand it on, for those who may change the room."""
    meeting, request = facts["meeting"], facts["request"]
    if not may_edit(user=facts["user"], meeting=meeting):
        return {"may_edit": False}
    path = reverse("django_bbb:join", kwargs={"meeting_id": meeting.meeting_id})
    address = absolute(path) or (request.build_absolute_uri(path) if request else path)
    return {"may_edit": True, "address": address, "address_id": f"bbb-address-{meeting.pk}"}


def _recordings(facts: dict[str, Any]) -> dict[str, Any]:
    shown = list_recordings(meeting=facts["meeting"], user=facts["user"], admission=facts["admission"])
    recordings = list(shown.prefetch_related("playbacks"))
    return {"recordings": recordings, "has_recordings": bool(recordings) or facts["admission"].belongs}


@register.simple_tag
def bbb_media(skin: str = "plain") -> SafeString:
    """The style sheet and the script of our elements; ``skin`` is ``plain`` or ``bootstrap``."""
    return format_html(
        '<link rel="stylesheet" href="{}"><script type="module" src="{}"></script>',
        static(f"django_bbb/{_SKINS[skin]}.css"),
        static("django_bbb/django_bbb.js"),
    )


_SKINS = {"plain": "django_bbb", "bootstrap": "bootstrap"}
