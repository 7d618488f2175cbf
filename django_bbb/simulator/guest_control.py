"""What Python does about guests and text tracks; a part of `BigBlueButtonSimulator`."""

from . import lobby
from .meetings import Meeting, Person
from .text_tracks import TextTrack, TextTracks
from .world import World


class GuestControl:
    """The methods about the lobby, and about what is written under recordings."""

    _world: World
    _text_tracks: TextTracks

    def waiting(self, meeting_id: str) -> list[Person]:
        """Return who is in the lobby of a meeting, the first to come first."""
        meeting = self._world.find(meeting_id)
        if meeting is None:
            raise LookupError(f"The simulator has no meeting {meeting_id}.")
        return lobby.waiting(meeting, self._world)

    def admit(self, person: Person) -> None:
        """Let somebody in who waits; they are inside once their page has noticed."""
        self._world.admit(self._meeting_of(person), person)

    def deny(self, person: Person) -> None:
        """Turn somebody away who waits."""
        self._world.deny(self._meeting_of(person), person)

    def text_tracks(self, record_id: str) -> list[TextTrack]:
        """Return the subtitles and captions of a recording, oldest first."""
        return self._text_tracks.of(record_id)

    def _meeting_of(self, person: Person) -> Meeting:
        session = self._world.session(person.session_token)
        if session is None:
            raise LookupError(f"The simulator does not know {person.name} any more.")
        return session.meeting
