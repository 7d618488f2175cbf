"""Groups for breakout rooms, made before the class (``groups`` of create)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people by the ids they are given in join (``user_id``)."""

    id: str
    name: str = ""
    roster: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what the server reads."""
        named = {"name": self.name} if self.name else {}
        return {"id": self.id, **named, "roster": list(self.roster)}
