"""Meetings and the people in them, as a BigBlueButton server remembers them."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum


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
    is_breakout: bool = False
    parent_internal_id: str = ""
    sequence: int = 0
    free_join: bool = False
    #: Keys in lower case, as the server keeps them.  Callback addresses in it hold tokens.
    metadata: dict[str, str] = field(default_factory=dict, repr=False)
    #: File names or addresses of the slides that came with create.
    documents: tuple[str, ...] = ()


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
    is_presenter: bool = False
    avatar_url: str = ""
    logout_url: str = ""
    custom_data: dict[str, str] = field(default_factory=dict)
    #: Seconds since 1970.
    let_in_at: float = 0.0
    entered_at: float | None = None
    left_at: float | None = None


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
        """True while somebody is inside; a meeting that was only created does not run."""
        return not self.ended and bool(self.people)


def internal_prefix(meeting_id: str) -> str:
    """Return the part of the internal ids that all runs of a meeting share."""
    return hashlib.sha1(meeting_id.encode(), usedforsecurity=False).hexdigest()
