"""What the control API can be asked, address by address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .fields import Fields

if TYPE_CHECKING:
    from ..simulator import BigBlueButtonSimulator


@dataclass(frozen=True)
class Asked:
    """One request: of which simulator, with which fields, about what."""

    simulator: "BigBlueButtonSimulator"
    fields: Fields
    #: The ids in the address by their names.
    names: dict[str, str]


@dataclass(frozen=True)
class Route:
    """One thing that can be done.  Its answer takes the fields, finishes them, and only then does something."""

    method: str
    #: Without the prefix; `<id>` stands for anything.
    path: str
    answer: Callable[[Asked], object]
    help: str

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """Return what stands in place of each name; None for another address."""
        own = self.path.split("/")
        if len(own) != len(parts):
            return None
        names = {}
        for expected, part in zip(own, parts, strict=True):
            if expected.startswith("<"):
                names[expected.strip("<>")] = part
            elif expected != part:
                return None
        return names
