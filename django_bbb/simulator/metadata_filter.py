"""Which metadata getRecordings finds (`RecordingServiceFileImpl.java`)."""

from collections.abc import Mapping


def matches(metadata: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Return whether everything that is wanted is there."""
    return all(key in metadata and _matches_text(metadata[key], pattern) for key, pattern in wanted.items())


def _matches_text(value: str, pattern: str) -> bool:
    """Compare with the wildcard % at either end of the pattern."""
    text = pattern.removeprefix("%").removesuffix("%")
    match pattern.startswith("%"), pattern.endswith("%"):
        case True, True:
            return text in value
        case True, False:
            return value.endswith(text)
        case False, True:
            return value.startswith(text)
        case _:
            return value == text
