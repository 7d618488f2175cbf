"""Meetings and their classes: made, started, looked after, ended.

Nothing here calls a server inside a database transaction, and no class is closed because a server did not answer.
What runs all by itself is found out in `polling`.
"""

import logging
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from django_bbb import api
from django_bbb.api import (
    BigBlueButtonClient,
    CreatedMeeting,
    InvalidParameters,
    MeetingNotFound,
    ServerError,
    ServerUnreachable,
    UnreadableResponse,
)
from django_bbb.conf import conf
from django_bbb.exceptions import NoServerAvailable, ServerNotConfigured
from django_bbb.models import ORIGIN_FACT, Meeting, MeetingSession, Origin

from . import addresses, attendance, presentations, read_only, servers
from .announcing import announce

logger = logging.getLogger(__name__)

#: The end callback's address is public metadata: whoever replays it makes us ask no more often than this.
CHECK_AT_MOST_EVERY = timedelta(seconds=5)

_PAUSE = 0.05  # seconds between two looks at a class that somebody else is opening


def create_meeting(*, name: str, owner: Any = None, **fields: Any) -> Meeting:
    """Make a room.

    ``fields`` are further fields of `Meeting`.  Raises ValidationError for options create would not take.  What
    ``CREATE_DEFAULTS`` and a preset say is put together with its own options when a class is started.
    """
    meeting = Meeting(name=name, owner=owner, **fields)
    meeting.full_clean(exclude=["meeting_id"], validate_unique=False)
    meeting.save()
    return meeting


# --- start --------------------------------------------------------------------------------------------


def start_meeting(*, meeting: Meeting) -> MeetingSession:
    """Return the class of a meeting, opened now if it was not; calls the server at most once.

    Whoever loses the race waits until the winner's class is there, or its lease is over, and then does the
    same in its place with the same parameters.  Raises `django_bbb.api.BBBError` or `NoServerAvailable`;
    after a `Timeout` the class may come into being all the same and `open_session` may be tried again.
    """
    give_up = monotonic() + conf.CLAIM_LEASE.total_seconds() + conf.CREATE_DEADLINE
    while True:
        session, claimed = _claim(meeting)
        if session.is_joinable:
            return session
        if claimed:
            return open_session(session=session)
        if monotonic() > give_up:
            raise NoServerAvailable("The class is being opened, and that takes too long.")
        sleep(_PAUSE)


def _claim(meeting: Meeting) -> tuple[MeetingSession, bool]:
    """Return the open run of a meeting and whether it is the caller's to create."""
    until = timezone.now() + conf.CLAIM_LEASE
    session = meeting.current_session
    if conf.READ_ONLY and (session is None or not session.is_joinable):
        raise read_only.refusal()
    if session is None:
        server = servers.choose_server(meeting=meeting)
        session = MeetingSession(meeting=meeting, server=server, claimed_until=until)
        session.parameters = create_parameters(session)
        try:
            with transaction.atomic():
                session.save(force_insert=True)
        except IntegrityError:
            found = meeting.current_session
            return (found, False) if found is not None else _claim(meeting)
        return session, True
    if session.create_time is None and session.claimed_until <= timezone.now():
        taken = MeetingSession.objects.take_lease(session, until=until)
        session.claimed_until = until
        return session, taken
    return session, False


def open_session(*, session: MeetingSession, deadline: float | None = None) -> MeetingSession:
    """Ask the server to create a claimed run, with the parameters it was claimed with; repeatable.

    ``deadline`` is in seconds.  Before a byte was sent another server may take its place.
    """
    if conf.READ_ONLY:
        raise read_only.refusal()  # the claim is the real site's
    failed: list[int] = []
    while True:
        try:
            client = servers.client_for(session.server).with_deadline(deadline or conf.CREATE_DEADLINE)
            note_created(session, _create(client, session))
            return session
        except ServerUnreachable as error:
            servers.note_failure(server=session.server, error=error)
            failed.append(session.server_id)
            if error.sent or not _move(session, without=failed):
                _release(session, sent=error.sent)
                raise
        except UnreadableResponse:
            _release(session, sent=True)
            raise
        except (ServerError, InvalidParameters, ServerNotConfigured):
            close_session(session=session, reason=MeetingSession.EndReason.REFUSED)
            raise


def _create(client: BigBlueButtonClient, session: MeetingSession) -> CreatedMeeting:
    """Call create with the slides of the meeting; without them where it fails for what may be their fault."""
    slides = presentations.slides_of(session=session)
    if slides:
        try:
            return client.meetings.create_meeting(slides=slides, **session.parameters)
        except (ServerError, InvalidParameters, UnreadableResponse) as error:
            # A proxy before the server may take smaller bodies than the server; a class is worth more than its slides.
            logger.warning("%s is started without its presentations: %s", session.meeting.meeting_id, error)
    return client.meetings.create_meeting(**session.parameters)


def note_created(session: MeetingSession, remote: CreatedMeeting | api.Meeting) -> bool:
    """Note that the server has created a claimed run and tell the project; whether that was news."""
    facts = {"create_time": remote.create_time, "internal_id": remote.internal_meeting_id}
    first = MeetingSession.objects.filter(pk=session.pk, is_open=True, create_time__isnull=True)
    with transaction.atomic():
        changed = first.update(**facts)
        session.refresh_from_db()
        if changed:
            announce("meeting_started", session)
    return bool(changed)


def _move(session: MeetingSession, *, without: list[int]) -> bool:
    """Give a run that no server has seen to another server; whether there is one."""
    try:
        session.server = servers.choose_server(meeting=session.meeting, without=without)
    except NoServerAvailable:
        return False
    session.parameters = create_parameters(session)
    session.save(update_fields=["server", "parameters"])
    return True


def _release(session: MeetingSession, *, sent: bool) -> None:
    """Let the next click try at once.  A run that no server has seen is over."""
    if sent:
        MeetingSession.objects.filter(pk=session.pk).update(claimed_until=timezone.now())
    else:
        close_session(session=session, reason=MeetingSession.EndReason.NOT_CREATED)


def create_parameters(session: MeetingSession) -> dict[str, Any]:
    """Return what create is called with, as JSON.  No passwords: a second create with others would be refused."""
    meeting = session.meeting
    options = meeting.effective_options()
    meta = {**options.get("meta", {}), ORIGIN_FACT: Origin.objects.of_this_site()}
    parameters = {
        "logout_url": addresses.absolute(reverse("django_bbb:left", kwargs={"meeting_id": meeting.meeting_id})),
        **options,
        "name": meeting.name,
        "meeting_id": meeting.meeting_id,
        "meta": meta,
    }
    return parameters | _lobby(meeting) | addresses.callback_parameters(session)


def _lobby(meeting: Meeting) -> dict[str, Any]:
    """Return who waits in class until a moderator lets them in.

    Undocumented, but so in all versions (``Meeting.java``, ``calcGuestStatus``): with ALWAYS_ACCEPT_AUTH only those
    wait who join with ``guest=true``.
    """
    policies = {Meeting.Lobby.GUESTS.value: "ALWAYS_ACCEPT_AUTH", Meeting.Lobby.EVERYBODY.value: "ASK_MODERATOR"}
    return {"guest_policy": policies[meeting.lobby]} if meeting.lobby in policies else {}


# --- look after ---------------------------------------------------------------------------------------


def check_session(*, session: MeetingSession, reason: str, has_recording_marks: bool | None = None) -> bool | None:
    """Ask the server whether it still has this run, and close the run if not; whether it is still there.

    None when it was asked only a moment ago: ask again later.
    """
    now = timezone.now()
    rested = MeetingSession.objects.open().rested(now - CHECK_AT_MOST_EVERY)
    if not rested.filter(pk=session.pk).update(checked_at=now):
        return None if MeetingSession.objects.open().filter(pk=session.pk).exists() else False
    client = servers.client_for(session.server)
    if find_run(client, session) is not None:
        return True
    if session.create_time is None:
        reason = MeetingSession.EndReason.NOT_CREATED
    close_session(session=session, reason=reason, has_recording_marks=has_recording_marks)
    return False


def look_at_session(*, session: MeetingSession) -> bool:
    """Take over what the server says of an open run now; whether it was asked, which is not done in quick succession.

    A run that the server does not have is left to the poll, which closes it.
    """
    now = timezone.now()
    not_just_now = MeetingSession.objects.open().exclude(looked_at__gt=now - CHECK_AT_MOST_EVERY)
    if not not_just_now.filter(pk=session.pk).update(looked_at=now):
        return False
    remote = find_run(servers.client_for(session.server), session)
    if remote is not None:
        attendance.note_present(heard=[(session.pk, remote)], asked_at=now)
        MeetingSession.objects.mirror([(session.pk, remote)], asked_at=now)
    return True


def find_run(client: BigBlueButtonClient, session: MeetingSession) -> api.Meeting | None:
    """Ask a server for this run alone; None when it says that it does not have it."""
    try:
        remote = client.meetings.get_meeting_info(meeting_id=session.meeting.meeting_id)
    except MeetingNotFound:
        return None
    if remote.meeting_id != session.meeting.meeting_id:
        raise UnreadableResponse(
            f"{client.name} answered getMeetingInfo with another meeting than the one asked for. "
            "Look at what stands between this site and the server.",
            server=client.name,
            call="getMeetingInfo",
        )
    # The same room may already have its next run: this one is over then.
    is_this = session.create_time is None or remote.internal_meeting_id == session.internal_id
    return remote if is_this and not remote.has_been_forcibly_ended else None


# --- end ----------------------------------------------------------------------------------------------


def end_meeting(*, meeting: Meeting) -> bool:
    """Ask the server to end the class of a meeting; whether there was one.

    The server ends it within a second or some; the callback or the next poll closes the row.
    """
    session = meeting.current_session
    if session is None:
        return False
    try:
        servers.client_for(session.server).meetings.end_meeting(meeting_id=meeting.meeting_id)
    except MeetingNotFound:
        close_session(session=session, reason=MeetingSession.EndReason.ENDED)
        return True
    check_session(session=session, reason=MeetingSession.EndReason.ENDED)
    return True


def close_session(*, session: MeetingSession, reason: str, has_recording_marks: bool | None = None) -> bool:
    """Note that a run is over and tell the project; whether it was open until now."""
    now = timezone.now()
    was_created = session.create_time is not None
    if has_recording_marks is None:
        has_recording_marks = MeetingSession.objects.values_list("has_recording_marks", flat=True).get(pk=session.pk)
    # Also where it is said that nobody pressed the button: that is not signed.
    may_have_recording = was_created and session.parameters.get("record")
    with transaction.atomic():
        changed = (
            MeetingSession.objects.open()
            .filter(pk=session.pk)
            .update(
                is_open=None,
                ended_at=now,
                end_reason=reason,
                has_recording_marks=has_recording_marks,
                look_at=now if may_have_recording else None,
                running=False,
                being_recorded=None,
                present="",
                participant_count=0,
                moderator_count=0,
                voice_count=0,
                video_count=0,
            )
        )
        if changed:
            attendance.close(session=session)
        if changed and was_created:
            session.refresh_from_db()
            announce("meeting_ended", session)
    return bool(changed)
