"""What a call knows when it is asked to answer."""

from dataclasses import dataclass

from werkzeug.wrappers import Request

from .parameters import Parameters
from .recordings import Recordings
from .world import World


@dataclass(frozen=True)
class Call:
    """One request to the API whose checksum is right."""

    name: str
    request: Request
    parameters: Parameters
    #: The XML that was posted, or nothing.
    xml_body: bytes
    world: World
    recordings: Recordings
    #: Scheme, host and port that people reach the simulator by.
    address: str
