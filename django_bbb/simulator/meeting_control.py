"""What Python does to the meetings of a simulator and the people in them; a part of `BigBlueButtonSimulator`."""

from collections.abc import Mapping

from .activity import Activity
from .bots import Bots, Crowd, Timetable
from .meetings import Meeting, MeetingSettings, Person, Role
from .sessions import Session
from .world import World


class MeetingControl:
    """The methods about meetings and people."""

    #: What people do in class: `simulator.activity.say(person, "Good morning")`.
    activity: Activity
    _bots: Bots
    _world: World

    @property
    def meetings(self) -> dict[str, Meeting]:
        """The meetings that have not been forgotten, by meeting id."""
        return {meeting.meeting_id: meeting for meeting in self._world.meetings()}

    def create_meeting(self, meeting_id: str, *, name: str = "", record: bool = False, **settings: object) -> Meeting:
        """Create a meeting as a create call would; further settings are those of `MeetingSettings`."""
        chosen = MeetingSettings(meeting_id=meeting_id, name=name or meeting_id, record=record, **settings)  # type: ignore[arg-type]
        return self._world.create(chosen)[0]

    def join(
        self,
        meeting_id: str,
        name: str,
        *,
        role: Role | str = Role.VIEWER,
        user_id: str = "",
        guest: bool = False,
        custom_data: Mapping[str, str] | None = None,
    ) -> Person:
        """Place a person inside a meeting, without a browser."""
        person = self._world.let_in(
            self._meeting(meeting_id),
            name=name,
            role=Role(role.upper()),
            user_id=user_id,
            guest=guest,
            custom_data=dict(custom_data or {}),
        )
        self._world.enter(self._session(person))
        return person

    def add_people(
        self, meeting_id: str, count: int, timetable: Timetable | None = None, *, seed: int | None = None
    ) -> Crowd:
        """Let people come to a meeting by themselves and do what the timetable says; at once, without one.

        With the same seed they have the same names, and do the same at the same times.
        """
        return self._bots.add(self._meeting(meeting_id), count, timetable or Timetable(), seed=seed)

    def leave(self, person: Person) -> None:
        """Take a person out of the meeting."""
        self.activity.leave(person)

    def set_recording(self, meeting_id: str, on: bool) -> None:
        """Press the record button of a meeting that was created with record=true."""
        self._world.set_recording(self._meeting(meeting_id), on)

    def end_meeting(self, meeting_id: str, *, forcibly: bool = True) -> None:
        """End a meeting, as a moderator or the end call would."""
        self._world.end(self._meeting(meeting_id), forcibly=forcibly)

    def _meeting(self, meeting_id: str) -> Meeting:
        meeting = self._world.find(meeting_id)
        if meeting is None:
            raise LookupError(f"The simulator has no meeting {meeting_id}.")
        return meeting

    def _session(self, person: Person) -> Session:
        session = self._world.session(person.session_token)
        if session is None:
            raise LookupError(f"The simulator does not know {person.name} any more.")
        return session
