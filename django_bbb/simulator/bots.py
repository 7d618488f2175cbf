"""People who come by themselves, and do in class what a timetable says: for attendance, and for load."""

import heapq
import itertools
import math
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from .activity import Activity, NotPossible, open_poll
from .events import Event, EventKind, Events
from .failures import Failed
from .meetings import Meeting, Person, Role
from .polls import Poll
from .scheduler import Scheduler
from .world import World

KIND = "people"
MOST_PEOPLE = 100_000

_FIRST_NAMES = (
    *("Ada", "Amir", "Bao", "Carla", "Dana", "Elif", "Emil", "Farah", "Goran", "Hana"),
    *("Ines", "Ivo", "Jonas", "Kemal", "Lea", "Mina", "Noor", "Olga", "Piet", "Rosa"),
)
_LAST_NAMES = (
    *("Adler", "Berg", "Costa", "Demir", "Eriksen", "Fischer", "Garcia", "Haas"),
    *("Ito", "Jansen", "Klein", "Lopez", "Meyer", "Novak", "Okafor", "Petrov"),
)
_MESSAGES = (
    "Good morning!",
    "I can hear you well.",
    "Could you show that slide again?",
    "Yes, that is how I understood it.",
    "What is the homework?",
    "Thank you, see you next week.",
)
_SAME_MOMENT = 0.001  # seconds: two clocks are added up, and neither is exact


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """What each of a number of people does; times are seconds on the simulator's clock, drawn at random."""

    #: Everybody comes within this time from now; 0 is at once.
    join_within: float = 0.0
    #: Between the shortest and the longest time somebody stays; None is until the class ends.
    stay: tuple[float, float] | None = None
    #: The time in which the things below happen, for those who stay until the end.
    busy_for: float = 600.0
    moderators: int = 0
    messages: int = 1
    #: How often somebody talks, and how long at a time.
    talks: int = 1
    talk_for: float = 20.0
    hands: int = 0
    webcam: bool = False
    #: Whether polls are answered, and how soon.
    votes: bool = True
    vote_within: float = 15.0

    def __post_init__(self) -> None:
        spans = (self.join_within, self.busy_for, self.talk_for, self.vote_within, *(self.stay or ()))
        counts = (self.moderators, self.messages, self.talks, self.hands)
        if not all(0 <= span <= 30 * 86_400 for span in spans):
            raise ValueError("A time is a number of seconds from 0 to 30 days.")
        if not all(0 <= count <= 1000 for count in counts):
            raise ValueError("A number of things to do is from 0 to 1000.")
        if self.stay is not None and self.stay[0] > self.stay[1]:
            raise ValueError("The shortest stay is not longer than the longest.")


@dataclass(order=True)
class _Step:
    """Something that somebody is going to do."""

    at: float
    number: int
    do: Callable[[], object] = field(compare=False)


class Crowd:
    """People added to one meeting together."""

    def __init__(self, meeting: Meeting, timetable: Timetable, seed: str) -> None:
        self.meeting = meeting
        self.timetable = timetable
        #: Those who have come, also if they have left.
        self.people: list[Person] = []
        self.random = random.Random(seed)  # noqa: S311 - the same people each time are what is wanted
        self.steps: list[_Step] = []
        #: When the scheduler next looks here.
        self.next_look = math.inf
        self._numbers = itertools.count()

    def __repr__(self) -> str:
        return f"<Crowd of {self.meeting.meeting_id}: {len(self.people)} have come>"

    def plan(self, at: float, do: Callable[..., object], *arguments: object) -> None:
        heapq.heappush(self.steps, _Step(at, next(self._numbers), partial(do, *arguments)))

    def take_due(self, now: float) -> Iterator[_Step]:
        while self.steps and self.steps[0].at <= now + _SAME_MOMENT:
            yield heapq.heappop(self.steps)


class Bots:
    """All crowds of one server.  Of each, one step waits in the scheduler: there may be many thousands."""

    def __init__(
        self, *, lock: threading.RLock, scheduler: Scheduler, world: World, activity: Activity, events: Events
    ) -> None:
        self._lock = lock
        self._scheduler = scheduler
        self._world = world
        self._activity = activity
        self._crowds: dict[Meeting, list[Crowd]] = {}
        events.listen(self._listen)

    def add(self, meeting: Meeting, count: int, timetable: Timetable, *, seed: int | None = None) -> Crowd:
        """Let people come to a meeting; with the same seed they are the same and do the same at the same times."""
        if not 1 <= count <= MOST_PEOPLE:
            raise ValueError(f"A number of people is from 1 to {MOST_PEOPLE}.")
        if meeting.ended:
            raise NotPossible(f"Meeting {meeting.meeting_id} has ended.")
        with self._lock:
            crowds = self._crowds.setdefault(meeting, [])
            number = len(crowds) if seed is None else seed
            crowd = Crowd(meeting, timetable, f"{number} {meeting.meeting_id}")
            crowds.append(crowd)
            now = self._scheduler.time()
            for index in range(count):
                comes = now + crowd.random.uniform(0, timetable.join_within)
                role = Role.MODERATOR if index < timetable.moderators else Role.VIEWER
                crowd.plan(comes, self._come, crowd, comes, _name(crowd.random), f"bot{number}_{index}", role)
            self._go_on(crowd)
        return crowd

    def forget(self) -> None:
        """Let nobody do anything any more."""
        with self._lock:
            for crowds in self._crowds.values():
                for crowd in crowds:
                    crowd.steps.clear()
            self._crowds.clear()

    def _go_on(self, crowd: Crowd, look: float = math.inf) -> None:
        """Do what is due, and come back for the rest."""
        with self._lock:
            # Not by the clock: that of the scheduler may be a little ahead of the one here.
            if look == crowd.next_look:
                crowd.next_look = math.inf
            for step in crowd.take_due(self._scheduler.time()):
                # Somebody may have been put out or muted by others; a full class lets nobody in.
                with suppress(NotPossible, LookupError, Failed):
                    step.do()
            self._look_again(crowd)

    def _look_again(self, crowd: Crowd) -> None:
        if crowd.steps and crowd.steps[0].at < crowd.next_look:
            crowd.next_look = crowd.steps[0].at
            delay = max(0.0, crowd.next_look - self._scheduler.time())
            self._scheduler.schedule(delay, partial(self._go_on, crowd, crowd.next_look), kind=KIND)

    def _come(self, crowd: Crowd, now: float, name: str, user_id: str, role: Role) -> None:
        """Let somebody in, and plan what they do until they leave."""
        person = self._world.let_in(crowd.meeting, name=name, role=role, user_id=user_id)
        session = self._world.session(person.session_token)
        if session is None:
            return
        self._world.enter(session)
        crowd.people.append(person)
        timetable, draw, act = crowd.timetable, crowd.random.uniform, self._activity
        leaves = now + draw(*timetable.stay) if timetable.stay else math.inf
        last = min(leaves, now + timetable.busy_for)
        if timetable.webcam:
            crowd.plan(draw(now, last), act.start_webcam, person)
        for _ in range(timetable.messages):
            crowd.plan(draw(now, last), act.say, person, crowd.random.choice(_MESSAGES))
        for _ in range(timetable.talks):
            begins = draw(now, max(now, last - timetable.talk_for))
            crowd.plan(begins, act.unmute, person)
            crowd.plan(begins + timetable.talk_for, act.mute, person)
        for _ in range(timetable.hands):
            begins = draw(now, last)
            crowd.plan(begins, act.raise_hand, person, True)
            crowd.plan((begins + last) / 2, act.raise_hand, person, False)
        if leaves < math.inf:
            crowd.plan(leaves, act.leave, person)

    def _listen(self, event: Event) -> None:
        """Let people answer a poll, and stop when the class is over."""
        if event.kind not in {EventKind.POLL_STARTED, EventKind.MEETING_ENDED} or event.meeting is None:
            return
        with self._lock:
            if event.kind is EventKind.MEETING_ENDED:
                for crowd in self._crowds.pop(event.meeting, []):
                    crowd.steps.clear()
                return
            for crowd in self._crowds.get(event.meeting, []):
                self._plan_votes(crowd, event.at / 1000)
                self._look_again(crowd)

    def _plan_votes(self, crowd: Crowd, now: float) -> None:
        poll = open_poll(crowd.meeting)
        if poll is None or not crowd.timetable.votes:
            return
        for person in crowd.people:
            at = crowd.random.uniform(now, now + crowd.timetable.vote_within)
            crowd.plan(at, self._vote, person, poll, crowd.random.randrange(len(poll.options)))

    def _vote(self, person: Person, poll: Poll, answer: int) -> None:
        if poll.is_open:
            self._activity.vote(person, [answer])


def _name(source: random.Random) -> str:
    return f"{source.choice(_FIRST_NAMES)} {source.choice(_LAST_NAMES)}"
