"""Meetings and the people in them, as a BigBlueButton server remembers them."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from .documents import Document
from .events import Event
from .guests import GuestStatus
from .polls import Poll


class Role(StrEnum):
    """A role by its name on the wire."""

    MODERATOR = "MODERATOR"
    VIEWER = "VIEWER"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(kw_only=True)
class MeetingSettings:
    """What a create call decides, with the server's defaults."""

    meeting_id: str
    name: str
    #: None means that the server makes one up.
    attendee_password: str | None = field(default=None, repr=False)
    moderator_password: str | None = field(default=None, repr=False)
    welcome: str = ""
    dial_number: str = "613-555-1234"
    voice_bridge: str | None = None
    logout_url: str = ""
    meeting_ended_url: str = field(default="", repr=False)
    max_participants: int = 0
    #: Minutes; 0 means without end.
    duration: int = 0
    record: bool = False
    auto_start_recording: bool = False
    allow_start_stop_recording: bool = True
    guest_policy: str = "ALWAYS_ACCEPT"
    expire_if_nobody_joins: int = 5
    expire_when_empty: int = 1
    #: Minutes after the last moderator has left; 0 means never.
    end_when_no_moderator: int = 0
    #: Keep what happens for the report on the meeting, recorded or not.
    meeting_keep_events: bool = False
    is_breakout: bool = False
    parent_internal_id: str = ""
    sequence: int = 0
    free_join: bool = False
    #: Keys in lower case, as the server keeps them.  Callback addresses in it hold tokens.
    metadata: dict[str, str] = field(default_factory=dict, repr=False)
    #: Names of the slides that came with create, and of those that were inserted since.
    documents: tuple[str, ...] = ()
    disabled_features: frozenset[str] = frozenset()


@dataclass(kw_only=True, eq=False)
class Person:
    """Somebody who was let in; inside the classroom once their page was loaded."""

    name: str
    role: Role
    #: The userID of the join, or the internal one if there was none.
    user_id: str
    internal_user_id: str
    session_token: str = field(repr=False)
    auth_token: str = field(repr=False)
    guest: bool = False
    #: While it is not ALLOW, they see the lobby.
    guest_status: GuestStatus = GuestStatus.ALLOW
    #: A program: it does not count.
    bot: bool = False
    is_presenter: bool = False
    avatar_url: str = ""
    logout_url: str = ""
    custom_data: dict[str, str] = field(default_factory=dict)
    #: Seconds since 1970.
    let_in_at: float = 0.0
    entered_at: float | None = None
    left_at: float | None = None
    hand_raised: bool = False
    #: A reaction such as "applause"; "none" is BigBlueButton's word for no reaction.
    emoji: str = "none"
    has_joined_voice: bool = False
    is_listening_only: bool = False
    is_muted: bool = True
    #: The stream of a webcam that is on.
    webcam: str = ""


@dataclass(kw_only=True, eq=False)
class Meeting:
    """One run of a meeting, from create to its end."""

    settings: MeetingSettings
    #: Milliseconds since 1970, never the same twice on one server.
    create_time: int
    attendee_password: str = field(repr=False)
    moderator_password: str = field(repr=False)
    voice_bridge: str
    #: Who is inside, by internal user id.
    people: dict[str, Person] = field(default_factory=dict)
    #: Who has been sent to the classroom page but has not loaded it.
    entering: dict[str, Person] = field(default_factory=dict)
    #: Who waits for a moderator to let them in; oldest first, as the others.
    lobby: dict[str, Person] = field(default_factory=dict)
    #: Who has just left and still counts here and there (`usersTimeout`).
    leaving: dict[str, Person] = field(default_factory=dict)
    #: The `userdata-…` of the last join with an external id, which is that of all its sessions.
    custom_data: dict[str, dict[str, str]] = field(default_factory=dict)
    breakout_rooms: list["Meeting"] = field(default_factory=list, repr=False)
    #: How often the last moderator has left.
    moderators_left: int = 0
    #: External ids of everybody who has ever been inside.
    participants: set[str] = field(default_factory=set)
    has_user_joined: bool = False
    start_time: int = 0
    #: Set when the last person leaves and unset when somebody comes back, as on the server.
    end_time: int = 0
    forcibly_ended: bool = False
    ended: bool = False
    is_being_recorded: bool = False
    #: Recording was on at least once: the `recordingmarks` of the end callback.
    was_recorded: bool = False
    #: What has happened in it, oldest first.
    history: list[Event] = field(default_factory=list, repr=False)
    #: Oldest first; only the last can be open.
    polls: list[Poll] = field(default_factory=list)
    #: What is known of the slides that came by the API.
    documents: list[Document] = field(default_factory=list)
    #: The slides on show, by their place among the names in the settings.
    current_document: int = 0
    internal_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.internal_id = f"{internal_prefix(self.meeting_id)}-{self.create_time}"

    @property
    def meeting_id(self) -> str:
        return self.settings.meeting_id

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def is_running(self) -> bool:
        """True while somebody is inside, or was a moment ago; a meeting that was only created does not run."""
        return not self.ended and bool(self.people or self.leaving)

    def is_full_for(self, user_id: str, *, since: float) -> bool:
        """Distinct external ids count: of those inside, those who left just now and those let in since a time."""
        if not self.settings.max_participants:
            return False
        here = [*self.people.values(), *self.leaving.values()]
        here += [person for person in self.entering.values() if person.let_in_at > since]
        present = {person.user_id for person in here if not person.bot}
        return user_id not in present and len(present) >= self.settings.max_participants


def internal_prefix(meeting_id: str) -> str:
    """Return the part of the internal ids that all runs of a meeting share."""
    return hashlib.sha1(meeting_id.encode(), usedforsecurity=False).hexdigest()
