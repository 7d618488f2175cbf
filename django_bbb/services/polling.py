"""What runs on the servers: one question per server and tick, mirrored for all its classes at once.

`_poll` does all of it for one server except calling it: it yields each question to the server as a function and is
sent the answer.  So the questions to many servers are asked in threads, and the database is used in the caller's
thread alone.
"""

import logging
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from django.db.models import F
from django.utils import timezone

from django_bbb.api import BBBError, BigBlueButtonClient
from django_bbb.api import Meeting as RemoteMeeting
from django_bbb.conf import conf
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Heartbeat, MeetingSession, Server
from django_bbb.models.sessions import presence

from . import adopting, attendance, meetings, servers

logger = logging.getLogger(__name__)

#: Servers that are asked at the same time.
_MOST_AT_ONCE = 32
#: Classes that one poll asks for one by one; a restarted server with more of them takes some ticks.
_MOST_CONFIRMED = 200
#: Seconds after which a poll asks no further question; its lease is longer by one call.
_PATIENCE = 12.0
#: Seconds a page waits for a poll.
_PATIENCE_OF_A_PAGE = 3.0

_Question = Callable[[], Any]
_Poll = Generator[_Question, Any, str]
_Answers = list[tuple[MeetingSession, RemoteMeeting | None]]


def poll_servers() -> dict[str, str]:
    """Poll every server that is due, all at the same time; return what came of each, by slug.

    A server that keeps failing is due again at its ``next_try_at``.
    """
    servers.register_declared_servers()
    Heartbeat.objects.note(Heartbeat.Name.POLL)
    outcomes: dict[str, str] = {}
    polls: dict[str, _Poll] = {}
    for server in Server.objects.usable():
        if server.next_try_at is not None and server.next_try_at > timezone.now():
            outcomes[server.slug] = f"is left out until {server.next_try_at:%H:%M:%S} UTC: {server.last_error}"
        elif Server.objects.take_poll_lease(server):
            polls[server.slug] = _poll(server)
        else:
            outcomes[server.slug] = "is being polled"
    return outcomes | _finish_together(polls)


def poll_server(*, server: Server) -> str:
    """Poll one server; return in a few words what came of it."""
    return _finish(_poll(server)) if Server.objects.take_poll_lease(server) else "is being polled"


def refresh_if_stale(*, session: MeetingSession) -> bool:
    """Poll the server of a class if nobody does, for the page that shows it; whether that happened now.

    Whoever comes first does it for everybody, and a server that does not answer is not asked by the next one.
    """
    server, now = session.server, timezone.now()
    heard = max(session.claimed_at, server.asked_at or session.claimed_at)
    is_left_out = server.next_try_at is not None and server.next_try_at > now
    if heard > now - conf.STALE_AFTER or is_left_out or server.state == Server.State.DISABLED:
        return False
    if not Server.objects.take_poll_lease(server, rested=conf.STALE_AFTER):
        return False
    _finish(_poll(server, seconds=_PATIENCE_OF_A_PAGE))
    return True


# --- asking -------------------------------------------------------------------------------------------


def _finish(poll: _Poll) -> str:
    """Ask the questions of one poll, here."""
    try:
        question = next(poll)
        while True:
            try:
                answer = question()
            except Exception as error:
                question = poll.throw(error)
            else:
                question = poll.send(answer)
    except StopIteration as done:
        return str(done.value)


def _finish_together(polls: dict[str, _Poll]) -> dict[str, str]:
    """Ask the questions of all polls in threads, and go on with each as its answers come."""
    outcomes: dict[str, str] = {}
    if not polls:
        return outcomes
    with ThreadPoolExecutor(min(len(polls), _MOST_AT_ONCE), thread_name_prefix="django_bbb poll") as pool:
        asked: dict[Future[Any], str] = {}

        def go_on(slug: str, step: Callable[[], _Question]) -> None:
            try:
                asked[pool.submit(step())] = slug
            except StopIteration as done:
                outcomes[slug] = str(done.value)

        for slug, poll in polls.items():
            go_on(slug, partial(next, poll))
        while asked:
            for future in wait(asked, return_when=FIRST_COMPLETED).done:
                slug = asked.pop(future)
                error = future.exception()
                poll = polls[slug]
                go_on(slug, partial(poll.throw, error) if error else partial(poll.send, future.result()))
    return {slug: outcomes[slug] for slug in polls}


def _ask_about(client: BigBlueButtonClient, sessions: Sequence[MeetingSession], until: float) -> _Answers:
    """Ask for one class after the other, until the time is up or one of the answers is none."""
    answers: _Answers = []
    for session in sessions:
        left = until - monotonic()
        if left <= 0:
            break
        try:
            answers.append((session, meetings.find_run(client.with_deadline(min(left, conf.DEADLINE)), session)))
        except BBBError as error:
            logger.warning("%s: %s", client.name, error)
            break
    return answers


# --- one server ---------------------------------------------------------------------------------------


def _poll(server: Server, *, seconds: float | None = None) -> _Poll:
    """Mirror what runs on a server whose lease the caller has; ``seconds`` is for all of it."""
    try:
        return (yield from _mirror_server(server, seconds))
    except Exception as error:  # whatever it is, the other servers are polled
        if not isinstance(error, BBBError | ServerNotConfigured):
            logger.exception("The poll of %s failed.", server)
        servers.note_failure(server=server, error=error)
        return str(error)
    finally:
        Server.objects.end_poll_lease(server)


def _mirror_server(server: Server, seconds: float | None) -> _Poll:
    until = monotonic() + (seconds or _PATIENCE)
    client = servers.client_for(server)
    asked_at = server.asked_at or timezone.now()
    remote = yield (client.with_deadline(seconds) if seconds else client).meetings.get_meetings
    if not servers.note_answer(server=server, meetings=remote):
        return "answered too late: another poll has begun"
    servers.remember_load(server, asked_at)
    listed = [one for one in remote if not one.has_been_forcibly_ended]
    heard, unheard = _mirror_running(server, listed, asked_at)
    closed = 0
    # While something could not be read it may be any of those that are missing.
    if unheard and not remote.skipped:
        answers = yield partial(_ask_about, client, _due_for_a_question(unheard), until)
        closed = _close_those_gone(answers)
    strange = [one for one in listed if one.internal_meeting_id not in heard]
    adopted = adopting.adopt(server=server, remote=strange, asked_at=asked_at)
    return f"{len(heard) + len(unheard) - closed + adopted} running, {closed} closed"


def _mirror_running(server: Server, listed: Sequence[RemoteMeeting], asked_at: datetime) -> tuple[set[str], list[int]]:
    """Take over what a server says of our classes; return the runs it lists, and the rows of those it does not."""
    by_run = {one.internal_meeting_id: one for one in listed}
    by_room = {one.meeting_id: one for one in listed}
    heard: list[tuple[int, RemoteMeeting]] = []
    unheard: list[int] = []
    others_inside: list[tuple[int, RemoteMeeting]] = []
    # Not those that were claimed after the question, and not as objects: there may be thousands.
    ours = MeetingSession.objects.open().filter(server=server, claimed_at__lte=asked_at)
    rows = ours.values_list("pk", "internal_id", "create_time", "claimed_until", "meeting__meeting_id", "present")
    for pk, internal_id, create_time, claimed_until, room, present in rows:
        if create_time is not None:
            found = by_run.get(internal_id)
        elif claimed_until > timezone.now():
            continue  # whoever claimed it is still at it
        else:
            found = by_room.get(room)
            if found is not None and found.create_time is not None:
                # The create went through although nobody heard the answer.
                meetings.note_created(MeetingSession.objects.get(pk=pk), found)
        if found is None:
            unheard.append(pk)
            continue
        heard.append((pk, found))
        if presence(found) != present:
            others_inside.append((pk, found))
    attendance.note_present(heard=others_inside, asked_at=asked_at)
    MeetingSession.objects.mirror(heard, asked_at=asked_at)
    return {one.internal_meeting_id for _pk, one in heard}, unheard


def _due_for_a_question(unheard: list[int]) -> list[MeetingSession]:
    """Return those that have not been asked for just now, with all that the question needs."""
    now = timezone.now()
    rested = MeetingSession.objects.open().rested(now - meetings.CHECK_AT_MOST_EVERY)
    waiting = rested.order_by(F("checked_at").asc(nulls_first=True), "pk").select_related("server", "meeting")
    due = list(waiting.filter(pk__in=unheard)[:_MOST_CONFIRMED])
    MeetingSession.objects.filter(pk__in=[one.pk for one in due]).update(checked_at=now)
    return due


def _close_those_gone(answers: _Answers) -> int:
    """Close what the server does not have when asked for it alone; return how many."""
    still_there, closed = [], 0
    for session, remote in answers:
        if remote is not None:
            still_there.append((session.pk, remote))
        else:
            was_created = session.create_time is not None
            reason = MeetingSession.EndReason.GONE if was_created else MeetingSession.EndReason.NOT_CREATED
            closed += meetings.close_session(session=session, reason=reason)
    # A balancer that hides its list tells how many people are inside all the same.
    now = timezone.now()
    attendance.note_present(heard=still_there, asked_at=now)
    MeetingSession.objects.mirror(still_there, asked_at=now)
    return closed
