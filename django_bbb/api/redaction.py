"""What must not be printed: values that hide themselves, and a filter for other people's log lines.

A signed BigBlueButton URL can be replayed for ever (there is no nonce and no time in it), so the whole
URL is as secret as the shared secret it was signed with.
"""

import logging
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urlsplit

HIDDEN = "***"

_CHECKSUM = re.compile(r"checksum=", re.IGNORECASE)


class Secret:
    """A text that shows as ``***`` wherever it is printed; `reveal` gives it away.

    Not a ``str`` on purpose: it cannot slip into JSON, a format string or a pickle.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        """Whether there is anything but blanks in it: a blank secret verifies nothing."""
        return bool(self._text.strip())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled; pickle the name of its server and look it up.")


class SignedURL(str):
    """A URL with a checksum: usable as text, and without its query in ``repr``.

    It stays a real ``str`` (an ``HttpResponseRedirect`` takes it as it is); what debuggers, crash reports
    and log lines with ``%r`` show of it is the address without what makes it valid.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(without_query(self))


def without_query(url: str) -> str:
    """Return the address of ``url`` up to its path: enough to name it, useless to replay it."""
    parts = urlsplit(str.__str__(url))
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


class HideSignedURLs(logging.Filter):
    """Cut the query off every signed URL in a log record.

    urllib3 logs each request line at DEBUG, and warns with it when a connection is retried.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):  # of a line with names: `%(url)s`
            record.args = {name: _cut(argument) for name, argument in record.args.items()}
        elif isinstance(record.args, tuple):
            record.args = tuple(_cut(argument) for argument in record.args)
        record.msg = _cut(record.msg)
        return True


def without_signed_queries(text: str) -> str:
    """Return ``text`` up to the query that has a checksum in it; all of it where there is none."""
    found = _CHECKSUM.search(text)
    if found is None:
        return text
    address, mark, _ = text[: found.start()].partition("?")
    return f"{address}?{HIDDEN}" if mark else HIDDEN


def _cut(value: object) -> object:
    if isinstance(value, str | Exception) and _CHECKSUM.search(str(value)):
        return without_signed_queries(str(value))
    return value


def hide_signed_urls_in_logs() -> None:
    """Make urllib3's own log lines safe, once per process however often it is called."""
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(installed, HideSignedURLs) for installed in logger.filters):
            logger.addFilter(HideSignedURLs())
