"""How the groups of calls reach their server: signed, sent, read, and tried again where that does no harm."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from . import answers, wire, xml
from .documents import LARGEST_DOCUMENT, Body
from .errors import InvalidParameters, ServerUnreachable, Timeout, UnreadableResponse
from .redaction import SignedURL
from .responses import Listing
from .signing import Request, Signer
from .transport import NoReply, Reply, RequestsTransport, StreamingTransport, Transport

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")

#: Calls that do something once more when they are made once more; all others may be repeated, create among them.
NOT_TWICE = frozenset({"feedback", "getJoinUrl", "insertDocument", "join", "putRecordingTextTrack", "sendChatMessage"})

#: Answers of a proxy whose server is restarting.
_GATEWAY_ERRORS = frozenset({502, 503, 504})

_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One server as the calls see it.

    ``retries`` is how often a call that may be repeated is tried again when the server does not answer, each with a
    deadline of its own, after pauses that grow from ``pause`` seconds and are shortened by chance.  A connection that
    died while it was kept is replaced once in any case.
    """

    name: str
    signer: Signer
    hooks_signer: Signer
    transport: Transport
    retries: int = 0
    pause: float = 0.5
    largest_document: int = LARGEST_DOCUMENT

    def with_deadline(self, seconds: float) -> Self:
        """Return the same with calls that may take this long."""
        transport = self.transport
        if isinstance(transport, RequestsTransport):
            transport = transport.with_deadline(seconds)
        return replace(self, transport=transport)

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
        may_be_repeated = call not in NOT_TWICE
        left = self.retries if may_be_repeated else 0
        while True:
            outcome = self._exchange(request)
            if isinstance(outcome, Reply):
                if outcome.status not in _GATEWAY_ERRORS or not left:
                    return outcome
            elif outcome.died and may_be_repeated:
                may_be_repeated = False  # kept, and closed by a server that has restarted: a new one, at once
                continue
            elif not left:
                raise self._unreachable(call, outcome)
            left -= 1
            self._rest(self.retries - left)

    def _exchange(self, request: Request) -> Reply | NoReply:
        # What a transport raises may hold the signed URL: it is returned, so that no later error has it as context.
        try:
            if request.method == "GET":
                return self.transport.send("GET", request.url)
            return self.transport.send("POST", request.url, body=request.body, content_type=request.content_type)
        except NoReply as failure:
            return failure

    def _rest(self, number: int) -> None:
        longest = min(_LONGEST_PAUSE, self.pause * 2 ** (number - 1))
        time.sleep(longest * random.random())  # noqa: S311 - so that not all who wait come back at once

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
