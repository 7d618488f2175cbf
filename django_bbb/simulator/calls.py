"""What a call knows when it is asked to answer."""

from dataclasses import dataclass, field

from werkzeug.wrappers import Request

from .hooks import Hooks
from .parameters import Parameters
from .profiles import Profile
from .protection import PlaybackPasses
from .recordings import Recordings
from .text_tracks import TextTracks
from .world import World


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the API that may be answered."""

    name: str
    #: Its repr would show the whole address.
    request: Request = field(repr=False)
    parameters: Parameters
    #: The XML that was posted, or nothing.
    xml_body: bytes
    profile: Profile
    secret: str = field(repr=False)
    world: World
    recordings: Recordings
    text_tracks: TextTracks
    passes: PlaybackPasses
    hooks: Hooks
    #: Scheme, host and port that people reach the simulator by.
    address: str
