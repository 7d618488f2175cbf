"""What is done to a room from the outside: copied, moved, told something, its recordings fetched."""

from django.db import transaction
from django.utils.translation import gettext as _

from django_bbb.exceptions import MeetingIsRunning
from django_bbb.models import Meeting, MeetingSession, Membership, Server

from . import mirroring, presentations, servers

#: Who seems to have written what is sent into a class.
_LONGEST_NAME = 64


def clone_meeting(*, meeting: Meeting) -> Meeting:
    """Make another room like this one, with the same people and presentations; it opens at no certain time."""
    members = list(meeting.memberships.all())
    clone = Meeting.objects.get(pk=meeting.pk)
    clone.pk, clone.meeting_id, clone.archived_at = None, "", None
    clone.opens_at = clone.closes_at = None
    clone.name = (_("Copy of %(name)s") % {"name": meeting.name})[:_LONGEST_NAME]
    clone._state.adding = True
    with transaction.atomic():
        clone.save()
        for member in members:
            member.pk, member.meeting = None, clone
        Membership.objects.bulk_create(members)
    presentations.copy_presentations(meeting=meeting, to=clone)
    return clone


def move_meeting(*, meeting: Meeting, server: Server | None) -> bool:
    """Let the classes of a room run on this server from now on, or on any; whether that is news.

    Raises `MeetingIsRunning` while it has a class: that stays where it is.
    """
    idle = Meeting.objects.exclude(pk__in=Meeting.objects.running().values("pk"))
    if meeting.server_id == (server.pk if server else None):
        return False
    if not idle.filter(pk=meeting.pk).update(server=server):
        raise MeetingIsRunning(_("Its class is running. Move it when that has ended."))
    meeting.server = server
    return True


def send_message(*, session: MeetingSession, text: str, sender: str = "") -> None:
    """Write into the public chat of a class; raises `django_bbb.api.BBBError`."""
    client = servers.client_for(session.server)
    client.meetings.send_chat_message(meeting_id=session.meeting.meeting_id, message=text, user_name=sender or None)


def fetch_recordings(*, meeting: Meeting) -> int:
    """Ask each server that had a class of this room for its recordings; how many of them there are.

    What a server does not list is left as it is: that is for the comparison of all of them.
    """
    found = 0
    for server in Server.objects.usable().filter(sessions__meeting=meeting).distinct():
        client = servers.client_for(server)
        remote = client.recordings.get_recordings(meeting_id=[meeting.meeting_id], state="any")
        found += len(mirroring.mirror(server=server, remote=remote).rows)
    return found
