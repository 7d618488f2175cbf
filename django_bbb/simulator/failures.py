"""The ways in which a call fails.  Keys are those of BigBlueButton."""

from collections.abc import Sequence


class Failed(Exception):
    """The server says no, with a key to branch on and a text for people."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(key)
        self.key = key
        self.message = message


class JsonFailed(Failed):
    """A no from one of the calls that always answer in JSON; some of them give no key."""

    def __init__(self, key: str, message: str, **facts: str) -> None:
        super().__init__(key, message)
        self.facts = facts


class KeylessFailed(Failed):
    """A no with a text only."""

    def __init__(self, message: str) -> None:
        super().__init__("", message)


class Failures(Exception):
    """The server says no in the form that a few checks of create use: a list without a key at the top."""

    def __init__(self, failures: Sequence[Failed]) -> None:
        super().__init__(", ".join(failure.key for failure in failures))
        self.failures = failures


class ServerBroke(Exception):
    """What makes the real server answer with an HTML page and status 500."""
