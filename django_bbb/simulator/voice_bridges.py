"""The numbers to dial into meetings: five digits, each taken once."""

import itertools
import secrets

from .failures import Failed, Failures


class VoiceBridges:
    """The voice bridges of one server; the lock of its meetings guards them."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str | None) -> str:
        """Return the number that was wanted, or a free one; a taken one is refused in the form of a list."""
        if wanted is not None and wanted in self._taken:
            raise Failures([Failed("nonUniqueVoiceBridge", "Another meeting has this voice bridge.")])
        number = wanted or self._free()
        self._taken.add(number)
        return number

    def give_back(self, number: str) -> None:
        self._taken.discard(number)

    def clear(self) -> None:
        self._taken.clear()

    def _free(self) -> str:
        first, last = 10_000, 99_999
        start = first + secrets.randbelow(last - first)
        numbers = map(str, itertools.chain(range(start, last), range(first, start)))
        return next(number for number in numbers if number not in self._taken)
