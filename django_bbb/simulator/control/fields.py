"""The JSON that was sent, field by field; whatever is wrong with it is one sentence."""

import json
from collections.abc import Collection, Mapping
from typing import TypeVar

from werkzeug.wrappers import Request

from .refusals import bad

Value = TypeVar("Value")

_WORDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


class Fields:
    """The fields of a JSON object; each is taken once, and `finish` refuses those nobody took."""

    def __init__(self, content: Mapping[str, object]) -> None:
        self._content = dict(content)
        self._known: list[str] = []

    @classmethod
    def read(cls, request: Request) -> "Fields":
        body = request.get_data()
        try:
            content = json.loads(body) if body else {}
        except ValueError:
            raise bad("The body is not JSON.") from None
        if not isinstance(content, dict):
            raise bad("The body is a JSON object, such as {}.")
        return cls(content)

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def required_text(self, name: str) -> str:
        if not self.text(name, keep=True).strip():
            raise bad(f"{name} is missing: a text that is not empty.")
        return self.text(name)

    def text(self, name: str, default: str = "", *, keep: bool = False) -> str:
        return self._take(name, str, default, keep=keep)

    def flag(self, name: str, default: bool = False) -> bool:
        return self._take(name, bool, default)

    def number(self, name: str, default: int = 0, *, least: int = 0, most: int = 1_000_000) -> int:
        value = self._take(name, int, default)
        if not least <= value <= most:
            raise bad(f"{name} is a whole number from {least} to {most}.")
        return value

    def decimal(self, name: str, default: float = 0.0) -> float:
        value = self._take(name, float, default)
        if value != value or value in {float("inf"), float("-inf")}:
            raise bad(f"{name} is a number.")
        return value

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise bad(f"{name} is one of {', '.join(choices)}.")
        return value

    def texts(self, name: str, default: Collection[str] = ()) -> tuple[str, ...]:
        value = self._pop(name, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise bad(f"{name} is a list of texts.")
        return tuple(value)

    def numbers(self, name: str) -> tuple[int, ...]:
        value = self._pop(name, [])
        if not isinstance(value, list) or not all(isinstance(one, int) and one is not True for one in value):
            raise bad(f"{name} is a list of whole numbers.")
        return tuple(value)

    def span(self, name: str) -> tuple[float, float]:
        value = self._pop(name, None)
        if not isinstance(value, list) or len(value) != 2 or not all(type(one) in {int, float} for one in value):
            raise bad(f"{name} is a list of two numbers, the lesser first.")
        return float(value[0]), float(value[1])

    def mapping(self, name: str) -> dict[str, str]:
        value = self._pop(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise bad(f"{name} is an object whose values are texts.")
        return value

    def rest(self) -> dict[str, object]:
        """Return all that was not taken: somebody else looks at it."""
        content, self._content = self._content, {}
        return content

    def finish(self) -> None:
        """Refuse a field that nobody knows: it may be a misspelt one."""
        if self._content:
            known = f"; there are {', '.join(self._known)}" if self._known else ""
            raise bad(f"There is no field {next(iter(self._content))}{known}.")

    def _take(self, name: str, wanted: type[Value], default: Value, *, keep: bool = False) -> Value:
        value = self._content.get(name, default) if keep else self._pop(name, default)
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise bad(f"{name} is {_WORDS[wanted]}.")
        return value

    def _pop(self, name: str, default: object) -> object:
        self._known.append(name)
        return self._content.pop(name, default)
