"""What people do during a long run, in the site and on the servers, at random.

Each method does one thing and returns what it was, or nothing where there was nothing to do it with.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from random import Random
from typing import TypeVar

from django.db.models import F

from django_bbb.models import Meeting, MeetingSession, Recording, Server
from django_bbb.services import meetings, publishing
from django_bbb.simulator import BigBlueButtonSimulator
from django_bbb.simulator.failures import Failed
from django_bbb.simulator.meetings import Meeting as RemoteMeeting
from django_bbb.simulator.meetings import Person
from django_bbb.simulator.recordings import Recording as RemoteRecording
from django_bbb.simulator.recordings import RecordingState

FOREIGN = "somebody-elses-room"
#: What anybody can see; one that is being made has no links to die.
_SETTLED = (RecordingState.PUBLISHED, RecordingState.UNPUBLISHED)

Thing = TypeVar("Thing")
Deed = Callable[["People"], str | None]


def on_server(deed: Deed) -> Deed:
    """Let something be done on a server that may be over just then."""

    @wraps(deed)
    def do(people: "People") -> str | None:
        try:
            return deed(people)
        except (LookupError, ValueError, Failed):
            return "somebody came too late"

    return do


class People:
    """Teachers, students and administrators of the site, and those of the servers."""

    def __init__(self, random: Random, simulators: dict[str, BigBlueButtonSimulator]) -> None:
        self._random = random
        self._simulators = simulators
        self.rooms: list[Meeting] = []
        #: What vanished for a while, and on which server.
        self._hidden: list[tuple[BigBlueButtonSimulator, str]] = []

    # In the site

    def open_room(self) -> str:
        options = {"record": self._random.random() < 0.85, "auto_start_recording": self._random.random() < 0.6}
        room = meetings.create_meeting(name=f"Class {len(self.rooms)}", options=options)
        self.rooms.append(room)
        meetings.start_meeting(meeting=room)
        return "room opened"

    def start_again(self) -> str | None:
        room = self._one(self.rooms)
        if room is None or room.current_session is not None:
            return None
        meetings.start_meeting(meeting=room)
        return "class started again"

    def press_start(self) -> str | None:
        """Press Start of a class that is on, or that nobody heard of being created."""
        session = self._one(MeetingSession.objects.open().select_related("meeting"))
        if session is None:
            return None
        meetings.start_meeting(meeting=session.meeting)
        return "Start pressed again"

    def end_here(self) -> str | None:
        session = self._one(MeetingSession.objects.open().select_related("meeting"))
        return "class ended here" if session and meetings.end_meeting(meeting=session.meeting) else None

    def change_recording_here(self) -> str | None:
        busy = [record_id for _simulator, record_id in self._hidden]
        rows = Recording.objects.existing().exclude(record_id__in=busy).select_related("server")
        first = self._one(rows)
        change = self._random.choices(
            ("publish", "unpublish", "delete", "rename", "protect", "unprotect"), (3, 3, 1, 2, 1, 1)
        )[0]
        if first is None:
            return None
        match change:
            case "publish":
                publishing.publish_recordings(recordings=[first])
            case "unpublish":
                publishing.unpublish_recordings(recordings=[first])
            case "delete":
                publishing.delete_recordings(recordings=[first])
            case "rename":
                publishing.rename_recordings(recordings=[first], title=f"Lesson {self._random.randrange(1000)}")
            case _:
                publishing.protect_recordings(recordings=[first], protect=change == "protect")
        return f"recording here: {change}"

    def drain_a_server(self) -> str | None:
        slug = self._random.choice(list(self._simulators))
        states = (Server.State.ENABLED, Server.State.ENABLED, Server.State.DRAINING)
        Server.objects.filter(slug=slug).update(state=self._random.choice(states), weight=F("weight"))
        return "server drained, or not"

    # On the servers

    @on_server
    def join(self) -> str | None:
        simulator, remote = self._class()
        if remote is None:
            return None
        role = self._random.choice(("moderator", "viewer", "viewer"))
        person = simulator.join(remote.meeting_id, "Ada Weber", role=role, user_id=f"u{self._random.randrange(300)}")
        if self._random.random() < 0.5:
            simulator.activity.join_audio(person)
        if self._random.random() < 0.3:
            simulator.activity.start_webcam(person)
        return "somebody joined"

    @on_server
    def leave(self) -> str | None:
        simulator, remote = self._class()
        person: Person | None = self._one(list(remote.people.values())) if remote else None
        if person is None:
            return None
        simulator.leave(person)
        return "somebody left"

    @on_server
    def record(self) -> str | None:
        simulator, remote = self._class()
        if remote is None or not remote.settings.record:
            return None
        simulator.set_recording(remote.meeting_id, self._random.random() < 0.8)
        return "record button pressed"

    @on_server
    def end_there(self) -> str | None:
        simulator, remote = self._class()
        if remote is None:
            return None
        simulator.end_meeting(remote.meeting_id, forcibly=self._random.random() < 0.5)
        return "class ended there"

    def change_recording_there(self) -> str | None:
        recording = self._recording()[1]
        change = self._random.choices(("publish", "unpublish", "delete", "rename", "describe"), (3, 3, 1, 2, 2))[0]
        number = self._random.randrange(1000)
        if recording is None or recording.state not in _SETTLED:
            return None
        match change:
            case "publish":
                recording.state = RecordingState.PUBLISHED
            case "unpublish":
                recording.state = RecordingState.UNPUBLISHED
            case "delete":
                recording.state = RecordingState.DELETED
            case "rename":
                recording.name = f"Renamed there {number}"
            case _:
                recording.metadata = {**recording.metadata, "subject": f"Mathematics {number}"}
        return f"recording there: {change}"

    def announce(self) -> str | None:
        simulator, recording = self._recording()
        if recording is None or recording.state not in _SETTLED:
            return None
        simulator.announce(recording)
        return "recording rebuilt"

    @on_server
    def hide(self) -> str | None:
        """Let a recording vanish for a while, or for ever."""
        simulator, recording = self._recording()
        is_for_ever = self._random.random() < 0.2
        if recording is None or recording.state not in _SETTLED:
            return None
        simulator.hide_recording(recording.record_id)
        if not is_for_ever:
            self._hidden.append((simulator, recording.record_id))
        return "recording vanished"

    def show(self) -> str | None:
        """Let come back what vanished first."""
        if not self._hidden:
            return None
        simulator, record_id = self._hidden.pop(0)
        simulator.show_recording(record_id)
        return "recording came back"

    @on_server
    def somebody_else(self) -> str | None:
        """Let others use a server too."""
        simulator = self._simulator()
        number = self._random.randrange(5)
        simulator.create_meeting(f"{FOREIGN}-{number}", record=True, metadata={"bbb-origin": "another site"})
        simulator.join(f"{FOREIGN}-{number}", "Somebody Else")
        if len(simulator.recordings) % 5 == 0:
            simulator.add_recording(f"{FOREIGN}-{number}", metadata={"bbb-origin": "another site"})
        return "somebody else's class"

    def restart(self) -> str:
        self._simulator().restart()
        return "server killed"

    # In the end

    def come_to_rest(self) -> None:
        """Let all come back that vanished, and end the classes that would end by themselves soon."""
        while self.show():
            pass
        Server.objects.update(state=Server.State.ENABLED)
        for simulator in self._simulators.values():
            for remote in simulator.meetings.values():
                if not remote.people:
                    simulator.end_meeting(remote.meeting_id)
            simulator.finish_recordings()

    # Choosing

    def _simulator(self) -> BigBlueButtonSimulator:
        return self._random.choice(list(self._simulators.values()))

    def _class(self) -> tuple[BigBlueButtonSimulator, RemoteMeeting | None]:
        simulator = self._simulator()
        return simulator, self._one([one for one in simulator.meetings.values() if FOREIGN not in one.meeting_id])

    def _recording(self) -> tuple[BigBlueButtonSimulator, RemoteRecording | None]:
        simulator = self._simulator()
        return simulator, self._one([one for one in simulator.recordings.values() if FOREIGN not in one.meeting_id])

    def _one(self, things: Sequence[Thing]) -> Thing | None:
        """Return any of them; the same number of random numbers is used whether there is one or not."""
        number = self._random.random()
        found = list(things)
        return found[int(number * len(found))] if found else None
