"""Kinds of server that the simulator can be: what they answer, what they sign, what they leave out.

The rest of the simulator asks a profile and never its name.  `dataclasses.replace` makes a further one:
`replace(PROFILES["scalelite"], lists_meetings=False)`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from .checksums import ALL_ALGORITHMS

#: How getRecordings tells of a page: not at all, by a tree that counts formats, or by one number of recordings.
Paging = Literal["none", "formats", "recordings"]

_MEETING_CALLS = frozenset({"create", "join", "end", "isMeetingRunning", "getMeetingInfo", "getMeetings"})
_RECORDING_CALLS = frozenset({"getRecordings", "publishRecordings", "deleteRecordings", "updateRecordings"})
_TRACK_CALLS = frozenset({"getRecordingTextTracks", "putRecordingTextTrack"})
_SESSION_CALLS = frozenset({"learningDashboard", "guestWait", "signOut", "stuns"})
_HOOK_CALLS = frozenset({"hooks/create", "hooks/list", "hooks/destroy", "hooks/ping"})
_BALANCER_CALLS = _MEETING_CALLS | _RECORDING_CALLS | {"insertDocument"}
_OLD_CALLS = _BALANCER_CALLS | _TRACK_CALLS | _SESSION_CALLS | _HOOK_CALLS | {"getSessions"}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What one kind of server does; without more words it is BigBlueButton 3.0."""

    name: str
    #: All it answers beside the index.  `feedback` is in none: released servers answer 404.
    calls: frozenset[str] = _OLD_CALLS | {"sendChatMessage", "getJoinUrl"}
    #: A call it does not know is a FAILED answer, not a page with status 404.
    refuses_unknown_calls: bool = False

    # Signing

    checksum_algorithms: frozenset[str] = ALL_ALGORITHMS
    hook_checksum_algorithms: frozenset[str] = ALL_ALGORITHMS
    #: Upper-case hex digits are as good as lower-case ones.
    ignores_checksum_case: bool = True
    #: A form without a query string is signed: its parameters sorted by name and encoded again.
    signs_sorted_forms: bool = False
    joins_by_post: bool = False
    #: Errors are JSON for who asks for JSON.
    fails_in_json: bool = True

    # The index

    #: Servers keep their version to themselves unless told otherwise.
    bbb_version: str = ""
    #: The elements of the index beside `version`.
    index_elements: tuple[str, ...] = ("apiVersion", "bbbVersion", "graphqlWebsocketUrl", "graphqlApiUrl")

    # Meetings

    #: The key for a call without meetingID, and for a join of a meeting that is unknown.
    absent_meeting_id: str = "validationError"
    unknown_meeting_to_join: str = "invalidMeetingIdentifier"
    #: No blanks at the ends of a meetingID, no control characters.
    narrow_meeting_ids: bool = False
    #: Slides in a posted body need an address that begins with http or https.
    checks_slide_addresses: bool = False
    passwords_give_roles: bool = True
    shows_passwords: bool = True
    #: Errors of join that are shown as XML in the browser; the others go to an address.
    join_errors_in_xml: frozenset[str] = frozenset({"Params required"})
    #: False: getMeetings is switched off, and says that there are none.
    lists_meetings: bool = True
    #: People with an account obey the guest policy too (`authenticatedGuest`, security policies of the server).
    authenticated_guests: bool = True
    #: The tags of a balancer's servers; None means that tags are not looked at.
    server_tags: frozenset[str] | None = None

    # Recordings

    paging: Paging = "recordings"
    #: False: getRecordings without any filter lists nothing (`allowFetchAllRecordings`).
    lists_all_recordings: bool = True
    #: It has a database of its own: newest first, ids combined, one matching metadata filter is enough.
    recordings_from_database: bool = False
    #: Elements of a recording that are left out.
    missing_recording_elements: frozenset[str] = frozenset()

    def accepting(self, algorithms: Collection[str] | None, hook_algorithms: Collection[str] | None) -> Self:
        """Return the same kind of server with other algorithms, where they are given."""
        if unknown := {*(algorithms or ()), *(hook_algorithms or ())} - ALL_ALGORITHMS:
            raise ValueError(f"Unknown checksum algorithms: {', '.join(sorted(unknown))}.")
        return replace(
            self,
            checksum_algorithms=self.checksum_algorithms if algorithms is None else frozenset(algorithms),
            hook_checksum_algorithms=(
                self.hook_checksum_algorithms if hook_algorithms is None else frozenset(hook_algorithms)
            ),
        )


_3_0: Final = Profile(name="3.0")

PROFILES: Final = {
    one.name: one
    for one in (
        Profile(
            name="2.7",
            calls=_OLD_CALLS,
            hook_checksum_algorithms=frozenset({"sha1"}),
            signs_sorted_forms=True,
            joins_by_post=True,
            index_elements=("apiVersion", "bbbVersion"),
            paging="formats",
        ),
        _3_0,
        replace(
            _3_0,
            name="4.0",
            index_elements=(*_3_0.index_elements, "html5PluginSdkVersion"),
            narrow_meeting_ids=True,
            checks_slide_addresses=True,
            passwords_give_roles=False,
            shows_passwords=False,
        ),
        Profile(
            name="scalelite",
            calls=_BALANCER_CALLS,
            refuses_unknown_calls=True,
            checksum_algorithms=ALL_ALGORITHMS - {"sha384"},
            ignores_checksum_case=False,
            fails_in_json=False,
            index_elements=("build",),
            absent_meeting_id="missingParamMeetingID",
            unknown_meeting_to_join="notFound",
            join_errors_in_xml=frozenset(
                {"Params required", "checksumError", "missingParamMeetingID", "notFound", "unsupportedContentType"}
            ),
            server_tags=frozenset(),
            paging="none",
            recordings_from_database=True,
            missing_recording_elements=frozenset({"isBreakout", "rawSize", "size"}),
        ),
    )
}

#: The stable line.
DEFAULT_PROFILE: Final = "3.0"


def find_profile(profile: str | Profile) -> Profile:
    """Return a profile by its name, or the one given."""
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile}; choose from {', '.join(PROFILES)}.")
    return PROFILES[profile]
