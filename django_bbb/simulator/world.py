"""What happens to meetings: they are created, people come and go, they end or expire.

People who loaded the classroom page stay until they leave or the meeting ends: there is no heartbeat here, so
closing a browser tab goes unnoticed.
"""

import re
import threading

from .breakouts import as_room_of, open_rooms
from .callbacks import CallbackSender
from .events import EventKind, Events
from .expiry import KIND, Expiry
from .failures import Failed
from .guests import GuestStatus
from .meetings import Meeting, MeetingSettings, Person, Role
from .recording_steps import RecordingSteps
from .scheduler import Scheduler
from .sessions import Session, new_person, random_text
from .voice_bridges import VoiceBridges

#: Seconds for which somebody on the way from join to the classroom takes a place (`enteredUsersTimeout`).
ENTERING_TIMEOUT = 60
#: What an internal id, or the beginning of one, looks like.
_INTERNAL_ID = re.compile(r"[0-9a-f]{1,40}(-\d*)?")


class World:
    """The meetings of one server.  Every method may be called from any thread."""

    def __init__(
        self,
        *,
        lock: threading.RLock,
        scheduler: Scheduler,
        events: Events,
        callbacks: CallbackSender,
        recordings: RecordingSteps,
        ended_meetings_stay: float,
        left_people_stay: float,
    ) -> None:
        #: Guards everything about meetings; whoever looks and then does something holds it meanwhile.
        self.lock = lock
        self.events = events
        self._scheduler = scheduler
        self._callbacks = callbacks
        self._recordings = recordings
        self._ended_meetings_stay = ended_meetings_stay
        self._left_people_stay = left_people_stay
        self._expiry = Expiry(lock=lock, scheduler=scheduler, end=self.end)
        self._meetings: dict[str, Meeting] = {}
        self._sessions: dict[str, Session] = {}
        self._voice_bridges = VoiceBridges()
        self._last_create_time = 0

    # Looking

    def meetings(self) -> list[Meeting]:
        """Return all meetings, oldest first."""
        with self.lock:
            return list(self._meetings.values())

    def find(self, meeting_id: str) -> Meeting | None:
        """Return a meeting by its id, or by its internal id or the beginning of that, as the server does."""
        with self.lock:
            meeting = self._meetings.get(meeting_id)
            if meeting is None and _INTERNAL_ID.fullmatch(meeting_id):
                candidates = (one for one in self._meetings.values() if one.internal_id.startswith(meeting_id))
                meeting = next(candidates, None)
            return meeting

    def session(self, session_token: str) -> Session | None:
        with self.lock:
            return self._sessions.get(session_token)

    def people_inside(self, meeting: Meeting) -> list[Person]:
        with self.lock:
            return list(meeting.people.values())

    # Meetings

    def create(self, settings: MeetingSettings) -> tuple[Meeting, bool]:
        """Return the meeting and whether it is new; a second create changes nothing."""
        with self.lock:
            existing = self._meetings.get(settings.meeting_id)
            if existing is not None and not existing.ended:
                self._check_same_passwords(existing, settings)
                return existing, False
            parent = self.find(settings.parent_internal_id) if settings.is_breakout else None
            if parent is not None:
                settings = as_room_of(parent, settings)
            self._last_create_time = max(int(self._scheduler.time() * 1000), self._last_create_time + 1)
            meeting = Meeting(
                settings=settings,
                create_time=self._last_create_time,
                attendee_password=settings.attendee_password or random_text(8),
                moderator_password=settings.moderator_password or random_text(8),
                voice_bridge=self._voice_bridges.take(settings.voice_bridge),
            )
            if parent is not None:
                parent.breakout_rooms.append(meeting)
            self._meetings[settings.meeting_id] = meeting
            self.events.tell(EventKind.MEETING_CREATED, meeting=meeting)
        self._expiry.meeting_created(meeting)
        return meeting, True

    def end(self, meeting: Meeting, *, forcibly: bool) -> None:
        """End a meeting and its rooms: all are out, callbacks go off, a recording is begun if recording was on."""
        with self.lock:
            if meeting.ended:
                return
            for room in open_rooms(meeting):
                self.end(room, forcibly=forcibly)
            now = self._scheduler.time()
            meeting.ended = True
            meeting.forcibly_ended = forcibly
            meeting.is_being_recorded = False
            for person in meeting.people.values():
                person.left_at = now
                self.events.tell(EventKind.USER_LEFT, meeting=meeting, person=person)
            if meeting.people or not meeting.end_time:
                meeting.end_time = int(now * 1000)
            _send_out(meeting)
            self._voice_bridges.give_back(meeting.voice_bridge)
            if not self._ended_meetings_stay:
                self._forget(meeting)
            self.events.tell(EventKind.MEETING_ENDED, meeting=meeting)
            self._callbacks.meeting_ended(meeting)
            if meeting.settings.record and meeting.was_recorded:
                self._recordings.process(meeting)
        if self._ended_meetings_stay:
            self._scheduler.schedule(self._ended_meetings_stay, lambda: self._forget(meeting), kind=KIND)

    def set_recording(self, meeting: Meeting, on: bool) -> None:
        """Press the record button.  Raises `ValueError` where there is none."""
        with self.lock:
            if not meeting.settings.record:
                raise ValueError(f"Meeting {meeting.meeting_id} was created without record=true.")
            if meeting.ended:
                raise ValueError(f"Meeting {meeting.meeting_id} has ended.")
            if on is not meeting.is_being_recorded:
                kind = EventKind.RECORDING_STARTED if on else EventKind.RECORDING_STOPPED
                self.events.tell(kind, meeting=meeting)
            meeting.is_being_recorded = on
            meeting.was_recorded = meeting.was_recorded or on

    def restart(self) -> None:
        """Forget every meeting without a word, as bbb-web does when it is killed."""
        with self.lock:
            for meeting in self._meetings.values():
                meeting.ended = True
                _send_out(meeting)
            self._meetings.clear()
            self._sessions.clear()
            self._voice_bridges.clear()
            self._callbacks.forget()

    def reset(self) -> None:
        """Be as at the start; the clock may have been put back."""
        with self.lock:
            self.restart()
            self._last_create_time = 0

    # People

    def let_in(
        self,
        meeting: Meeting,
        *,
        name: str,
        role: Role,
        user_id: str = "",
        guest: bool = False,
        bot: bool = False,
        status: GuestStatus = GuestStatus.ALLOW,
        avatar_url: str = "",
        logout_url: str = "",
        custom_data: dict[str, str] | None = None,
    ) -> Person:
        """Give somebody a session token; they are inside once they `enter` with it, unless they have to wait."""
        person = new_person(
            name=name,
            role=role,
            user_id=user_id,
            guest=guest,
            bot=bot,
            status=status,
            avatar_url=avatar_url,
            logout_url=logout_url,
            custom_data=custom_data or {},
            now=self._scheduler.time(),
        )
        with self.lock:
            if meeting.ended:
                raise Failed("meetingForciblyEnded", "The meeting has ended.")
            if not bot and meeting.is_full_for(person.user_id, since=self._scheduler.time() - ENTERING_TIMEOUT):
                raise Failed("maxParticipantsReached", "The meeting is full.")
            waits = status is GuestStatus.WAIT
            (meeting.lobby if waits else meeting.entering)[person.internal_user_id] = person
            meeting.custom_data[person.user_id] = person.custom_data
            self._sessions[person.session_token] = Session(meeting, person)
        return person

    def admit(self, meeting: Meeting, person: Person) -> None:
        """Let somebody in who waits in the lobby; others stay where they are."""
        with self.lock:
            if meeting.lobby.pop(person.internal_user_id, None) is not None:
                person.guest_status = GuestStatus.ALLOW
                person.let_in_at = self._scheduler.time()
                meeting.entering[person.internal_user_id] = person

    def deny(self, meeting: Meeting, person: Person) -> None:
        """Turn somebody away who waits in the lobby."""
        with self.lock:
            if meeting.lobby.pop(person.internal_user_id, None) is not None:
                person.guest_status = GuestStatus.DENY

    def second_session(self, meeting: Meeting, internal_user_id: str, *, replaced: str = "") -> tuple[Person, str]:
        """Return a person who is inside already, with one more token, or with one in place of another."""
        with self.lock:
            person = meeting.people.get(internal_user_id)
            if person is None:
                raise Failed("userNotFound", "There is nobody with this id in the meeting.")
            token = random_text(16).lower()
            self._sessions[token] = Session(meeting, person)
            old = self._sessions.get(replaced)
            if old is not None and old.person is person:
                del self._sessions[replaced]
                person.session_token = token
        return person, token

    def enter(self, session: Session) -> None:
        """Note that the classroom page of a person was loaded; loading it again changes nothing."""
        meeting, person = session.meeting, session.person
        with self.lock:
            if meeting.ended or person.left_at is not None or person.entered_at is not None:
                return
            meeting.entering.pop(person.internal_user_id, None)
            person.entered_at = self._scheduler.time()
            if person.role is Role.MODERATOR:
                person.is_presenter = not any(other.is_presenter for other in meeting.people.values())
            meeting.people[person.internal_user_id] = person
            meeting.participants.add(person.user_id)
            self.events.tell(EventKind.USER_JOINED, meeting=meeting, person=person)
            if person.is_presenter:
                self.events.tell(EventKind.PRESENTER_ASSIGNED, meeting=meeting, person=person)
            meeting.end_time = 0
            if not meeting.has_user_joined:
                meeting.has_user_joined = True
                meeting.start_time = int(person.entered_at * 1000)
                if meeting.settings.record and meeting.settings.auto_start_recording:
                    self.set_recording(meeting, True)

    def leave(self, session: Session) -> None:
        """Take a person out; the meeting expires some time after the last one has left."""
        meeting, person = session.meeting, session.person
        with self.lock:
            meeting.entering.pop(person.internal_user_id, None)
            meeting.lobby.pop(person.internal_user_id, None)
            if person.left_at is None:
                person.left_at = self._scheduler.time()
            if meeting.people.pop(person.internal_user_id, None) is None:
                return
            self._stay_for_a_while(meeting, person)
            self.events.tell(EventKind.USER_LEFT, meeting=meeting, person=person)
            roles = {one.role for one in meeting.people.values()}
            if not roles:
                meeting.end_time = int(person.left_at * 1000)
                self._expiry.room_emptied(meeting)
            elif person.role is Role.MODERATOR and Role.MODERATOR not in roles:
                meeting.moderators_left += 1
                self._expiry.moderators_left(meeting)

    def _stay_for_a_while(self, meeting: Meeting, person: Person) -> None:
        """Let somebody count who has left; a server takes a minute to be sure (`usersTimeout`)."""
        if self._left_people_stay:
            meeting.leaving[person.internal_user_id] = person
            self._scheduler.schedule(self._left_people_stay, lambda: self._is_gone(meeting, person), kind=KIND)

    def _is_gone(self, meeting: Meeting, person: Person) -> None:
        with self.lock:
            meeting.leaving.pop(person.internal_user_id, None)

    # Small things

    def _forget(self, meeting: Meeting) -> None:
        with self.lock:
            if self._meetings.get(meeting.meeting_id) is meeting:
                del self._meetings[meeting.meeting_id]

    def _check_same_passwords(self, existing: Meeting, settings: MeetingSettings) -> None:
        asked = (settings.attendee_password, settings.moderator_password)
        if asked not in {(None, None), (existing.attendee_password, existing.moderator_password)}:
            raise Failed("idNotUnique", "A meeting with this id and other passwords exists already.")


def _send_out(meeting: Meeting) -> None:
    for everybody in (meeting.people, meeting.entering, meeting.lobby, meeting.leaving):
        everybody.clear()
