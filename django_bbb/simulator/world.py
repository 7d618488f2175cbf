"""What happens to meetings: they are created, people come and go, they end or expire.

People who loaded the classroom page stay until they leave or the meeting ends: there is no heartbeat here, so
closing a browser tab goes unnoticed.
"""

import itertools
import re
import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .callbacks import CallbackSender
from .failures import Failed, Failures
from .meetings import Meeting, MeetingSettings, Person, Role
from .recordings import Recordings
from .scheduler import Scheduler

#: Seconds for which somebody on the way from join to the classroom takes a place (`enteredUsersTimeout`).
ENTERING_TIMEOUT = 60
#: What an internal id, or the beginning of one, looks like.
_INTERNAL_ID = re.compile(r"[0-9a-f]{1,40}(-\d*)?")
KIND = "expiry"
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Session:
    """Who holds a session token, and where."""

    meeting: Meeting
    person: Person


class World:
    """The meetings of one server.  Every method may be called from any thread."""

    def __init__(
        self,
        *,
        lock: threading.RLock,
        scheduler: Scheduler,
        callbacks: CallbackSender,
        recordings: Recordings,
        ended_meetings_stay: float,
    ) -> None:
        self._lock = lock
        self._scheduler = scheduler
        self._callbacks = callbacks
        self._recordings = recordings
        self._ended_meetings_stay = ended_meetings_stay
        self._meetings: dict[str, Meeting] = {}
        self._sessions: dict[str, Session] = {}
        self._voice_bridges: set[str] = set()
        self._last_create_time = 0

    # Looking

    def meetings(self) -> list[Meeting]:
        """Return all meetings, oldest first."""
        with self._lock:
            return list(self._meetings.values())

    def find(self, meeting_id: str) -> Meeting | None:
        """Return a meeting by its id, or by its internal id or the beginning of that, as the server does."""
        with self._lock:
            meeting = self._meetings.get(meeting_id)
            if meeting is None and _INTERNAL_ID.fullmatch(meeting_id):
                candidates = (one for one in self._meetings.values() if one.internal_id.startswith(meeting_id))
                meeting = next(candidates, None)
            return meeting

    def session(self, session_token: str) -> Session | None:
        with self._lock:
            return self._sessions.get(session_token)

    def people_inside(self, meeting: Meeting) -> list[Person]:
        with self._lock:
            return list(meeting.people.values())

    # Meetings

    def create(self, settings: MeetingSettings) -> tuple[Meeting, bool]:
        """Return the meeting and whether it is new; a second create changes nothing."""
        with self._lock:
            existing = self._meetings.get(settings.meeting_id)
            if existing is not None and not existing.ended:
                self._check_same_passwords(existing, settings)
                return existing, False
            if settings.voice_bridge is not None and settings.voice_bridge in self._voice_bridges:
                raise Failures([Failed("nonUniqueVoiceBridge", "Another meeting has this voice bridge.")])
            self._last_create_time = max(int(self._scheduler.time() * 1000), self._last_create_time + 1)
            meeting = Meeting(
                settings=settings,
                create_time=self._last_create_time,
                attendee_password=settings.attendee_password or _random_text(8),
                moderator_password=settings.moderator_password or _random_text(8),
                voice_bridge=settings.voice_bridge or self._free_voice_bridge(),
            )
            self._voice_bridges.add(meeting.voice_bridge)
            self._meetings[settings.meeting_id] = meeting
        if settings.expire_if_nobody_joins:
            self._later(settings.expire_if_nobody_joins, lambda: self._expire_unused(meeting))
        if settings.duration:
            self._later(settings.duration, lambda: self.end(meeting, forcibly=True))
        return meeting, True

    def end(self, meeting: Meeting, *, forcibly: bool) -> None:
        """End a meeting: everybody is out, callbacks go off, a recording is begun if recording was on."""
        with self._lock:
            if meeting.ended:
                return
            now = self._scheduler.time()
            meeting.ended = True
            meeting.forcibly_ended = forcibly
            meeting.is_being_recorded = False
            for person in meeting.people.values():
                person.left_at = now
            if meeting.people or not meeting.end_time:
                meeting.end_time = int(now * 1000)
            meeting.people.clear()
            meeting.entering.clear()
            self._voice_bridges.discard(meeting.voice_bridge)
            if not self._ended_meetings_stay:
                self._forget(meeting)
            self._callbacks.meeting_ended(meeting)
            if meeting.settings.record and meeting.was_recorded:
                self._recordings.process(meeting)
        if self._ended_meetings_stay:
            self._scheduler.schedule(self._ended_meetings_stay, lambda: self._forget(meeting), kind=KIND)

    def set_recording(self, meeting: Meeting, on: bool) -> None:
        """Press the record button.  Raises `ValueError` where there is none."""
        with self._lock:
            if not meeting.settings.record:
                raise ValueError(f"Meeting {meeting.meeting_id} was created without record=true.")
            if meeting.ended:
                raise ValueError(f"Meeting {meeting.meeting_id} has ended.")
            meeting.is_being_recorded = on
            meeting.was_recorded = meeting.was_recorded or on

    def restart(self) -> None:
        """Forget every meeting without a word, as bbb-web does when it is killed."""
        with self._lock:
            for meeting in self._meetings.values():
                meeting.ended = True
                meeting.people.clear()
                meeting.entering.clear()
            self._meetings.clear()
            self._sessions.clear()
            self._voice_bridges.clear()
            self._callbacks.forget()

    # People

    def let_in(
        self,
        meeting: Meeting,
        *,
        name: str,
        role: Role,
        user_id: str = "",
        guest: bool = False,
        avatar_url: str = "",
        logout_url: str = "",
        custom_data: dict[str, str] | None = None,
    ) -> Person:
        """Give somebody a session token; they are inside once they `enter` with it."""
        internal_user_id = f"w_{_random_text(12).lower()}"
        person = Person(
            name=name,
            role=role,
            user_id=user_id or internal_user_id,
            internal_user_id=internal_user_id,
            session_token=_random_text(16).lower(),
            auth_token=_random_text(12).lower(),
            guest=guest,
            avatar_url=avatar_url,
            logout_url=logout_url,
            custom_data=custom_data or {},
            let_in_at=self._scheduler.time(),
        )
        with self._lock:
            if meeting.ended:
                raise Failed("meetingForciblyEnded", "The meeting has ended.")
            if self._is_full(meeting, person.user_id):
                raise Failed("maxParticipantsReached", "The meeting is full.")
            meeting.entering[internal_user_id] = person
            self._sessions[person.session_token] = Session(meeting, person)
        return person

    def enter(self, session: Session) -> None:
        """Note that the classroom page of a person was loaded; loading it again changes nothing."""
        meeting, person = session.meeting, session.person
        with self._lock:
            if meeting.ended or person.left_at is not None or person.entered_at is not None:
                return
            meeting.entering.pop(person.internal_user_id, None)
            person.entered_at = self._scheduler.time()
            if person.role is Role.MODERATOR:
                person.is_presenter = not any(other.is_presenter for other in meeting.people.values())
            meeting.people[person.internal_user_id] = person
            meeting.participants.add(person.user_id)
            meeting.end_time = 0
            if not meeting.has_user_joined:
                meeting.has_user_joined = True
                meeting.start_time = int(person.entered_at * 1000)
                if meeting.settings.record and meeting.settings.auto_start_recording:
                    self.set_recording(meeting, True)

    def leave(self, session: Session) -> None:
        """Take a person out; the meeting expires some time after the last one has left."""
        meeting, person = session.meeting, session.person
        with self._lock:
            meeting.entering.pop(person.internal_user_id, None)
            if person.left_at is None:
                person.left_at = self._scheduler.time()
            was_inside = meeting.people.pop(person.internal_user_id, None) is not None
            if meeting.ended or meeting.people or not was_inside:
                return
            meeting.end_time = emptied_at = int(person.left_at * 1000)
        if minutes := meeting.settings.expire_when_empty:
            self._later(minutes, lambda: self._expire_empty(meeting, emptied_at))

    def _is_full(self, meeting: Meeting, user_id: str) -> bool:
        """Distinct external ids count, including of those still on their way in."""
        if not meeting.settings.max_participants:
            return False
        recent = self._scheduler.time() - ENTERING_TIMEOUT
        entering = {person.user_id for person in meeting.entering.values() if person.let_in_at > recent}
        present = {person.user_id for person in meeting.people.values()} | entering
        return user_id not in present and len(present) >= meeting.settings.max_participants

    # Expiry

    def _later(self, minutes: int, action: Callable[[], None]) -> None:
        self._scheduler.schedule(minutes * 60, action, kind=KIND)

    def _expire_unused(self, meeting: Meeting) -> None:
        with self._lock:
            if not meeting.has_user_joined:
                self.end(meeting, forcibly=False)

    def _expire_empty(self, meeting: Meeting, emptied_at: int) -> None:
        with self._lock:
            if not meeting.people and meeting.end_time == emptied_at:
                self.end(meeting, forcibly=False)

    def _forget(self, meeting: Meeting) -> None:
        with self._lock:
            if self._meetings.get(meeting.meeting_id) is meeting:
                del self._meetings[meeting.meeting_id]

    # Small things

    def _check_same_passwords(self, existing: Meeting, settings: MeetingSettings) -> None:
        asked = (settings.attendee_password, settings.moderator_password)
        if asked not in {(None, None), (existing.attendee_password, existing.moderator_password)}:
            raise Failed("idNotUnique", "A meeting with this id and other passwords exists already.")

    def _free_voice_bridge(self) -> str:
        first, last = 10_000, 99_999
        start = first + secrets.randbelow(last - first)
        numbers = map(str, itertools.chain(range(start, last), range(first, start)))
        return next(number for number in numbers if number not in self._voice_bridges)


def _random_text(length: int) -> str:
    # Not `secrets.choice`: a hundred thousand people would wait ten times as long.
    return "".join([_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length)])
