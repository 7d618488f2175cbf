"""How the groups of calls reach their server: signed, sent, read, and tried again where that does no harm."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self, TypeVar

from . import answers, wire, xml
from .documents import LARGEST_DOCUMENT, Body
from .errors import InvalidParameters, ServerUnreachable, Timeout, UnreadableResponse
from .redaction import SignedURL
from .responses import Listing
from .signing import Request, Signer
from .transport import DEADLINE, NoReply, Reply, RequestsTransport, StreamingTransport, Transport

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Calls that do something once more when they are made once more; all others may be repeated, create among them.
NOT_TWICE = frozenset({"feedback", "getJoinUrl", "insertDocument", "join", "putRecordingTextTrack", "sendChatMessage"})

#: Answers of a proxy whose server is restarting.
_GATEWAY_ERRORS = frozenset({502, 503, 504})

_LONGEST_PAUSE = 5.0


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait for (``Retry-After``, RFC 9110 10.2.3); None where it does not."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit() and value.isascii():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _helps(outcome: Reply | NoReply) -> bool:
    """Whether another try may end otherwise: not after a refusal, and not after an answer of any other kind."""
    return isinstance(outcome, NoReply) or outcome.status in _GATEWAY_ERRORS


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One server as the calls see it.

    ``retries`` is how often a call that may be repeated is tried again when the server does not answer, after pauses
    that grow from ``pause`` seconds and are shortened by chance, or last as long as the server's ``Retry-After``
    says.  All tries together have ``deadline`` seconds: where a pause does not fit in, that was the last.  A
    connection that died while it was kept is replaced once in any case.
    """

    name: str
    signer: Signer
    hooks_signer: Signer
    transport: Transport
    retries: int = 0
    pause: float = 0.5
    deadline: float = DEADLINE
    largest_document: int = LARGEST_DOCUMENT

    def with_deadline(self, seconds: float) -> Self:
        """Return the same with calls that may take this long."""
        transport = self.transport
        if isinstance(transport, RequestsTransport):
            transport = transport.with_deadline(seconds)
        return replace(self, transport=transport, deadline=seconds)

    # --- signed ---------------------------------------------------------------------------------------------

    def sign(
        self, call: str, arguments: Mapping[str, object], table: type, *, problems: Sequence[str] = ()
    ) -> SignedURL:
        """Return the signed URL of a call; raises `InvalidParameters` with everything that is wrong.

        ``problems`` are those found before, in what goes into the body.
        """
        return self._signer(call).url(call, self._encode(call, arguments, table, problems))

    def _encode(self, call: str, arguments: Mapping[str, object], table: type, problems: Sequence[str]) -> list[str]:
        pairs, found = wire.encode(table, arguments)
        if found or problems:
            raise InvalidParameters([*found, *problems], server=self.name, call=call)
        return pairs

    def _signer(self, call: str) -> Signer:
        return self.hooks_signer if call.startswith("hooks/") else self.signer

    # --- sent -----------------------------------------------------------------------------------------------

    def call(
        self, call: str, arguments: Mapping[str, object], table: type, *, body: Body | None = None
    ) -> xml.Element:
        """Make a call and return its ``<response>``; raises what `django_bbb.api.errors` draws.

        A body is posted; the parameters stand in the query all the same, since nothing else is signed.
        """
        return answers.read_xml(self._ask(call, arguments, table, body), call=call, server=self.name)

    def call_json(
        self, call: str, arguments: Mapping[str, object], table: type, *, body: Body | None = None
    ) -> Mapping[str, Any]:
        """Make one of the calls that answer JSON and return what is in its ``response``."""
        return answers.read_json(self._ask(call, arguments, table, body), call=call, server=self.name)

    def _ask(self, call: str, arguments: Mapping[str, object], table: type, body: Body | None) -> Reply:
        pairs = self._encode(call, arguments, table, body.problems if body else ())
        if body is None:
            return self.send(call, self._signer(call).request(call, pairs))
        url = self._signer(call).url(call, pairs)
        return self.send(call, Request("POST", url, body.content, body.content_type))

    def send(self, call: str, request: Request) -> Reply:
        """Send a request and return the reply, whatever its status; raises `ServerUnreachable`."""
        until = time.monotonic() + self.deadline
        may_be_repeated = call not in NOT_TWICE
        number, outcome = 0, self._exchange(request, self.transport)
        if isinstance(outcome, NoReply) and outcome.died and may_be_repeated:
            # Kept, and closed by a server that has restarted: a new one, at once.
            outcome = self._exchange(request, self._until(until))
        while may_be_repeated and number < self.retries and _helps(outcome):
            number += 1
            pause = self._pause(number, outcome)
            if pause >= until - time.monotonic():
                break
            time.sleep(pause)
            outcome = self._exchange(request, self._until(until))
        if isinstance(outcome, Reply):
            return outcome
        raise self._unreachable(call, outcome)

    def _exchange(self, request: Request, transport: Transport) -> Reply | NoReply:
        # What a transport raises may hold the signed URL: it is returned, so that no later error has it as context.
        try:
            if request.method == "GET":
                return transport.send("GET", request.url)
            return transport.send("POST", request.url, body=request.body, content_type=request.content_type)
        except NoReply as failure:
            return failure

    def _until(self, moment: float) -> Transport:
        """Return a transport that has ended by then, on the monotonic clock."""
        if isinstance(self.transport, RequestsTransport):
            return self.transport.within(moment - time.monotonic())
        return self.transport

    def _pause(self, number: int, outcome: Reply | NoReply) -> float:
        """Return the seconds before a try: by chance, so that not all who wait come back at once."""
        longest = min(_LONGEST_PAUSE, self.pause * 2.0 ** (number - 1))
        asked = retry_after(outcome.headers) if isinstance(outcome, Reply) else None
        return max(longest * random.random(), asked or 0.0)  # noqa: S311 - no secret

    def _unreachable(self, call: str, failure: NoReply) -> ServerUnreachable:
        kind = Timeout if failure.timed_out else ServerUnreachable
        return kind(
            f"{self.name} {failure.reason} ({call}). Try again, or look at the server.",
            server=self.name,
            call=call,
            sent=failure.sent,
        )

    # --- read -----------------------------------------------------------------------------------------------

    def walk(
        self, call: str, arguments: Mapping[str, object], table: type, *, path: tuple[str, str]
    ) -> Iterator[xml.Element]:
        """Make a call and walk through the items of its answer while it comes (`django_bbb.api.xml.walk`)."""
        if not isinstance(self.transport, StreamingTransport):
            yield from self.call(call, arguments, table).iterfind("/".join(path))
            return
        url = self.sign(call, arguments, table)
        beside: dict[str, str | None] = {}
        try:
            with self.transport.stream("GET", url) as stream:
                if stream.status != 200:
                    answers.check_status(Reply(stream.status, next(stream.chunks, b"")), call, self.name)
                for element in xml.walk(stream.chunks, path=path, call=call, server=self.name):
                    if element.tag == path[1]:
                        yield element
                    else:
                        beside[str(element.tag)] = element.text
        except NoReply as failure:
            error = self._unreachable(call, failure)
        else:
            words = (wire.to_text(beside.get(name)) for name in ("returncode", "messageKey", "message"))
            answers.check_returncode(*words, call=call, server=self.name)
            return
        raise error

    @contextmanager
    def reading(self, call: str) -> Iterator[None]:
        """Name server and call in what the classes of `django_bbb.api.responses` raise; they know neither."""
        try:
            yield
        except UnreadableResponse as error:
            error.args = (f"{self.name} answered {call} with something incomplete: {error}",)
            error.server, error.call = self.name, call
            raise

    def read_each(self, call: str, items: Iterable[Item], read: Callable[[Item], Answer]) -> Listing[Answer]:
        """Read a list; what cannot be read is left out and counted, unless that is everything there is."""
        found: list[Answer] = []
        failure, skipped = None, 0
        for item in items:
            try:
                found.append(read(item))
            except UnreadableResponse as error:
                # Without its traceback, which would keep the whole answer alive.
                failure, skipped = error.with_traceback(None), skipped + 1
        if failure and not found:
            with self.reading(call):
                raise failure
        if skipped:
            self.report_skipped(call, skipped, skipped + len(found))
        return Listing(found, skipped=skipped)

    def report_skipped(self, call: str, skipped: int, total: int) -> None:
        """Say in the log that some of a list could not be read."""
        text = "%s answered %s with %d of %d that cannot be read; they are left out."
        logger.warning(text, self.name, call, skipped, total)
