"""What people do in class: talk, write, raise hands, vote, show slides.

The classroom page, the bots and Python use the same methods.  Each tells an event; what does not fit the moment
raises `NotPossible`.
"""

import hashlib
import threading
from collections.abc import Collection, Sequence

from .events import EventKind, Events
from .meetings import Meeting, Person, Role
from .polls import Poll
from .sessions import Session
from .world import World

#: What the classroom page offers.
REACTIONS = {
    "thumbsUp": "Thumbs up",
    "applause": "Applause",
    "happy": "Happy",
    "confused": "Confused",
    "none": "No reaction",
}
#: The server cuts nothing, it refuses.
LONGEST_MESSAGE = 5000


class NotPossible(ValueError):
    """What somebody wanted to do cannot be done now; the text says why."""


class Activity:
    """The doings of people inside the meetings of a world.  Every method may be called from any thread."""

    def __init__(self, *, lock: threading.RLock, world: World, events: Events) -> None:
        self._lock = lock
        self._world = world
        self._events = events

    # Words and signs

    def say(self, person: Person, message: str) -> None:
        """Write a message in the public chat."""
        message = message.strip()
        if not 0 < len(message) <= LONGEST_MESSAGE:
            raise NotPossible(f"A message has 1 to {LONGEST_MESSAGE} characters.")
        with self._lock:
            meeting = self._meeting(person)
            self._tell(EventKind.CHAT_MESSAGE_SENT, meeting, person, message=message, sender_name=person.name)

    def raise_hand(self, person: Person, raised: bool = True) -> None:
        """Raise a hand, or lower it; nothing is told when it already is so."""
        with self._lock:
            meeting = self._meeting(person)
            if person.hand_raised is not raised:
                person.hand_raised = raised
                self._tell(EventKind.RAISE_HAND_CHANGED, meeting, person, raised=raised)

    def react(self, person: Person, emoji: str) -> None:
        """Show a reaction; "none" takes it back."""
        if not 0 < len(emoji) <= 50:
            raise NotPossible("A reaction is a word of 1 to 50 characters, such as applause.")
        with self._lock:
            meeting = self._meeting(person)
            if person.emoji != emoji:
                person.emoji = emoji
                self._tell(EventKind.EMOJI_CHANGED, meeting, person, emoji=emoji)

    # Sound and picture

    def join_audio(self, person: Person, *, listening_only: bool = False) -> None:
        """Join with a microphone, muted at first, or to listen only."""
        with self._lock:
            meeting = self._meeting(person)
            if person.has_joined_voice or person.is_listening_only:
                raise NotPossible(f"{person.name} has joined the audio already.")
            person.has_joined_voice = not listening_only
            person.is_listening_only = listening_only
            person.is_muted = True
            self._tell(EventKind.VOICE_ENABLED, meeting, person, listening_only=listening_only)

    def leave_audio(self, person: Person) -> None:
        with self._lock:
            meeting = self._meeting(person)
            if not (person.has_joined_voice or person.is_listening_only):
                return
            self.mute(person)
            listening_only = person.is_listening_only
            person.has_joined_voice = person.is_listening_only = False
            self._tell(EventKind.VOICE_DISABLED, meeting, person, listening_only=listening_only)

    def unmute(self, person: Person) -> None:
        """Begin to talk; joins the audio where that was not done before."""
        with self._lock:
            meeting = self._meeting(person)
            if person.is_listening_only:
                raise NotPossible(f"{person.name} only listens, and has no microphone.")
            if not person.has_joined_voice:
                self.join_audio(person)
            if person.is_muted:
                person.is_muted = False
                self._tell(EventKind.UNMUTED, meeting, person)

    def mute(self, person: Person) -> None:
        with self._lock:
            meeting = self._meeting(person)
            if not person.is_muted:
                person.is_muted = True
                self._tell(EventKind.MUTED, meeting, person)

    def start_webcam(self, person: Person) -> None:
        with self._lock:
            meeting = self._meeting(person)
            if not person.webcam:
                person.webcam = f"{person.internal_user_id}-webcam"
                self._tell(EventKind.WEBCAM_STARTED, meeting, person, stream=person.webcam)

    def stop_webcam(self, person: Person) -> None:
        with self._lock:
            meeting = self._meeting(person)
            if person.webcam:
                stream, person.webcam = person.webcam, ""
                self._tell(EventKind.WEBCAM_ENDED, meeting, person, stream=stream)

    # Polls

    def start_poll(self, person: Person, question: str, options: Sequence[str]) -> Poll:
        """Ask the class a question; a poll that was open is closed by it."""
        asked, given = question.strip(), tuple(option.strip() for option in options if option.strip())
        if not asked:
            raise NotPossible("A poll needs a question.")
        if not 2 <= len(given) == len(set(given)) <= 20:
            raise NotPossible("A poll needs 2 to 20 answers to choose from, all different.")
        with self._lock:
            meeting = self._meeting(person)
            self.close_poll(person)
            poll_id = f"{presentation_id(meeting, meeting.current_document)}/1/{len(meeting.polls) + 1}"
            poll = Poll(poll_id=poll_id, question=asked, options=given)
            meeting.polls.append(poll)
            self._tell(
                EventKind.POLL_STARTED,
                meeting,
                person,
                poll_id=poll_id,
                type=poll.type,
                question=asked,
                options=list(given),
            )
            return poll

    def vote(self, person: Person, answers: Collection[int]) -> None:
        """Answer the open poll by the indexes of its options; everybody answers once."""
        with self._lock:
            meeting = self._meeting(person)
            poll = open_poll(meeting)
            if poll is None:
                raise NotPossible("There is no open poll.")
            if person.user_id in poll.votes:
                raise NotPossible(f"{person.name} has answered already.")
            chosen = tuple(sorted(set(answers)))
            if not chosen or not all(0 <= index < len(poll.options) for index in chosen):
                raise NotPossible(f"An answer is a number from 0 to {len(poll.options) - 1}.")
            poll.votes[person.user_id] = chosen
            self._tell(EventKind.POLL_RESPONDED, meeting, person, poll_id=poll.poll_id, answers=list(chosen))

    def close_poll(self, person: Person) -> None:
        """Close the open poll and show its result, if there is one."""
        with self._lock:
            poll = open_poll(self._meeting(person))
            if poll is not None:
                poll.is_open = False

    # Slides, presenter, leaving

    def show_document(self, person: Person, number: int) -> None:
        """Put other slides on show, by their place among the documents."""
        with self._lock:
            meeting = self._meeting(person)
            names = documents(meeting)
            if not 0 <= number < len(names):
                raise NotPossible(f"There are no slides number {number}.")
            if meeting.current_document != number:
                meeting.current_document = number
                self._tell(
                    EventKind.PRESENTATION_CHANGED,
                    meeting,
                    person,
                    presentation_id=presentation_id(meeting, number),
                    file_name=names[number],
                )

    def make_presenter(self, person: Person) -> None:
        """Give somebody the presenter's role; whoever had it loses it."""
        with self._lock:
            meeting = self._meeting(person)
            if person.is_presenter:
                return
            for other in meeting.people.values():
                if other.is_presenter:
                    other.is_presenter = False
                    self._tell(EventKind.PRESENTER_UNASSIGNED, meeting, other)
            person.is_presenter = True
            self._tell(EventKind.PRESENTER_ASSIGNED, meeting, person)

    def leave(self, person: Person) -> None:
        """Go out, or be put out: camera and microphone go off, and a moderator who stays takes over presenting."""
        with self._lock:
            session = self._session(person)
            meeting = session.meeting
            if self._is_inside(session):
                self.stop_webcam(person)
                self.leave_audio(person)
            self._world.leave(session)
            if not person.is_presenter:
                return
            person.is_presenter = False
            moderators = (one for one in meeting.people.values() if one.role is Role.MODERATOR)
            if (successor := next(moderators, None)) is not None:
                self.make_presenter(successor)

    # Small things

    def _meeting(self, person: Person) -> Meeting:
        """Return the meeting somebody is inside of."""
        session = self._session(person)
        if not self._is_inside(session):
            raise NotPossible(f"{person.name} is not in class.")
        return session.meeting

    def _session(self, person: Person) -> Session:
        session = self._world.session(person.session_token)
        if session is None:
            raise LookupError(f"The simulator does not know {person.name} any more.")
        return session

    def _is_inside(self, session: Session) -> bool:
        return session.person.internal_user_id in session.meeting.people

    def _tell(self, kind: EventKind, meeting: Meeting, person: Person, **facts: object) -> None:
        self._events.tell(kind, meeting=meeting, person=person, recording=None, **facts)


def open_poll(meeting: Meeting) -> Poll | None:
    """Return the poll that can be answered now."""
    return meeting.polls[-1] if meeting.polls and meeting.polls[-1].is_open else None


def chat(meeting: Meeting) -> list[tuple[str, str]]:
    """Return who wrote what in the public chat, those messages included that came by the API."""
    return [
        (str(event.facts["sender_name"]), str(event.facts["message"]))
        for event in tuple(meeting.history)
        if event.kind is EventKind.CHAT_MESSAGE_SENT
    ]


def documents(meeting: Meeting) -> tuple[str, ...]:
    """Return the names of the slides; without any a class has the server's own."""
    return meeting.settings.documents or ("default.pdf",)


def presentation_id(meeting: Meeting, number: int) -> str:
    """Return an id as the server makes it: a hash and the time."""
    name = f"{meeting.internal_id}/{number}/{documents(meeting)[number]}"
    return f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}-{meeting.create_time + number}"
