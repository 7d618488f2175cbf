"""The API: checks who asks, answers each call, notes it in the journal, and lets go wrong what shall."""

import logging
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from threading import Event
from typing import Final
from urllib.parse import parse_qsl

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

from .answers import failure, failure_list, html_error
from .calls import Call
from .checksums import ALGORITHM_BY_LENGTH, ChecksumRefused, Verdict, form_as_query, verify_checksum
from .failures import Failed, Failures, ServerBroke
from .faults import Fault, Faults, Restart, WrongSecret
from .faulty_answers import go_wrong, spoil
from .hooks import Hooks
from .join_call import JoinRefused, redirect_with_error
from .journal import Journal, JournalEntry, shown_url
from .parameters import Parameters
from .profiles import Profile
from .protection import PlaybackPasses
from .recordings import Recordings
from .routes import FORMS, XML, Route, find_route
from .server import RAW_QUERY
from .text_tracks import TextTracks
from .world import World

logger = logging.getLogger(__name__)

_TRUSTED: Final[Set[Verdict]] = {"good", "not needed"}


@dataclass(frozen=True, kw_only=True)
class Api:
    """Answers calls by their names; the index has none."""

    secret: str = field(repr=False)
    profile: Profile
    world: World
    recordings: Recordings
    text_tracks: TextTracks
    passes: PlaybackPasses
    hooks: Hooks
    faults: Faults
    journal: Journal
    address: Callable[[], str]

    def answer(self, request: Request, name: str) -> Response:
        """Answer one call, unless a fault is planned for it, and note it in the journal."""
        planned = self.faults.take(name or "index")
        wrong_secret = planned is not None and isinstance(planned[0], WrongSecret)
        if planned is not None and planned[0].when == "before" and not wrong_secret:
            self._note(request, name, "not checked", "fault")
            return self._go_wrong(*planned)
        route = find_route(name, self.profile)
        if route is None or request.method not in route.methods:
            return self._not_routed(request, name)
        verdict: Verdict = "not checked"
        try:
            query: str = request.environ[RAW_QUERY]
            form = list(request.form.items(multi=True)) if request.mimetype in FORMS else []
            pairs = _pairs(query) + form
            parameters = Parameters(pairs, self.profile)
            verdict = self._verdict(name, route, query or self._signed_form(form), parameters, wrong=wrong_secret)
            response, outcome = self._respond(request, name, route, parameters, verdict)
        except HTTPException:
            self._note(request, name, verdict, "error")
            raise
        self._note(request, name, verdict, outcome, pairs)
        if planned is not None and not wrong_secret:
            return spoil(response, *planned, address=self.address())
        return response

    # Checking

    def _verdict(self, name: str, route: Route, query: str, parameters: Parameters, *, wrong: bool) -> Verdict:
        """Return whether the checksum is right, or in which way it is not; `wrong` says that it cannot be."""
        if not route.signed:
            return "not needed"
        if wrong:
            return "wrong"
        checksum, profile = parameters.get("checksum"), self.profile
        try:
            verify_checksum(
                name,
                query,
                checksum,
                secret=self.secret,
                algorithms=profile.hook_checksum_algorithms if route.hook else profile.checksum_algorithms,
                ignore_case=profile.ignores_checksum_case and not route.hook,
            )
        except ChecksumRefused as refused:
            return refused.verdict
        return "good"

    def _signed_form(self, form: list[tuple[str, str]]) -> str:
        """Return what of a form is signed when there is no query string: nothing, since 3.0."""
        return form_as_query(form) if self.profile.signs_sorted_forms else ""

    # Answering

    def _respond(
        self, request: Request, name: str, route: Route, parameters: Parameters, verdict: Verdict
    ) -> tuple[Response, str]:
        """Return the answer, and the outcome for the journal."""
        try:
            if verdict not in _TRUSTED:
                raise _refusal(route, parameters.get("checksum"))
            return route.answer(self._call(request, name, route, parameters)), "SUCCESS"
        except Failed as failed:
            return self._failure(request, name, failed), failed.key or "FAILED"
        except JoinRefused as refused:
            key = refused.failed.key
            if key in self.profile.join_errors_in_xml:
                return failure(refused.failed), key
            return redirect_with_error(refused.failed, refused.url), key
        except Failures as failures:
            return failure_list(failures.failures), failures.failures[0].key
        except HTTPException:
            raise
        except ServerBroke:
            return html_error(500, "Internal Server Error"), "error"
        except Exception:
            logger.exception("The simulator failed to answer %s.", name)
            return html_error(500, "Internal Server Error"), "error"

    def _call(self, request: Request, name: str, route: Route, parameters: Parameters) -> Call:
        xml_body = b""
        if request.content_length:
            if route.content_types is not None and request.mimetype not in route.content_types:
                raise Failed("unsupportedContentType", "This call does not take a body of this type.")
            if request.mimetype in XML:
                xml_body = request.get_data()
        return Call(
            name=name,
            request=request,
            parameters=parameters,
            xml_body=xml_body,
            profile=self.profile,
            secret=self.secret,
            world=self.world,
            recordings=self.recordings,
            text_tracks=self.text_tracks,
            passes=self.passes,
            hooks=self.hooks,
            address=self.address(),
        )

    def _failure(self, request: Request, name: str, failed: Failed) -> Response:
        # After a wrong checksum nothing in the query is to be trusted, least of all an address to go to.
        if name == "join" and failed.key == "checksumError" and failed.key not in self.profile.join_errors_in_xml:
            return redirect_with_error(failed, f"{self.address()}/")
        as_json = self.profile.fails_in_json and request.accept_mimetypes.best == "application/json"
        return failure(failed, as_json=as_json)

    def _not_routed(self, request: Request, name: str) -> Response:
        if self.profile.refuses_unknown_calls:
            failed = Failed("unsupportedRequest", "This server does not have this call.")
            self._note(request, name, "not checked", failed.key)
            return failure(failed)
        self._note(request, name, "not checked", "not routed")
        return html_error(404, "Not Found")

    def _go_wrong(self, fault: Fault, over: Event) -> Response:
        if isinstance(fault, Restart):
            self.world.restart()
        return go_wrong(fault, over, address=self.address())

    def _note(
        self, request: Request, name: str, verdict: Verdict, outcome: str, pairs: Iterable[tuple[str, str]] = ()
    ) -> None:
        url = shown_url(name, pairs)
        self.journal.note(JournalEntry(name or "index", request.method, verdict, outcome, url))


def _pairs(query: str) -> list[tuple[str, str]]:
    """Return the parameters of a query string that came as one character per byte."""
    text = query if query.isascii() else query.encode("latin-1").decode(errors="replace")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=10_000)
    except ValueError as error:
        raise BadRequest from error


def _refusal(route: Route, checksum: str | None) -> Exception:
    """Return what a wrong checksum comes to; bbb-webhooks falls over one of a length that no algorithm has."""
    if route.hook and checksum and len(checksum) not in ALGORITHM_BY_LENGTH:
        return ServerBroke()
    return Failed("checksumError", "The checksum does not match.")
