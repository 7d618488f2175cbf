"""Sends each request to the part of the simulator that answers it."""

import logging
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

from . import classroom, join_call, meeting_calls, pages, playback, recording_calls
from .answers import failure, failure_list, html_error, xml
from .calls import Call
from .checksums import ChecksumRefused, Verdict, verify_checksum
from .failures import Failed, Failures, ServerBroke
from .faults import CloseConnection, Fault, Faults, Hang, HtmlAnswer, IllFormedXml
from .journal import Journal, JournalEntry
from .parameters import Parameters
from .recordings import Recordings
from .server import RAW_QUERY, ConnectionLost
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

API_PATH = "/bigbluebutton/api"

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_XML = frozenset({"application/xml", "text/xml"})
_GET = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Route:
    """How a call is asked and by what it is answered (`UrlMappings.groovy`)."""

    answer: Callable[[Call], Response]
    methods: Set[str] = _GET | {"POST"}
    #: What a request body may be; None means that a body does not matter.
    content_types: Set[str] | None = field(default=_FORMS)


CALLS = {
    "create": Route(meeting_calls.create, content_types=_FORMS | _XML),
    "join": Route(join_call.join, methods=_GET, content_types=frozenset()),
    "end": Route(meeting_calls.end),
    "isMeetingRunning": Route(meeting_calls.is_meeting_running),
    "getMeetingInfo": Route(meeting_calls.get_meeting_info),
    "getMeetings": Route(meeting_calls.get_meetings),
    "getSessions": Route(meeting_calls.get_sessions),
    "getRecordings": Route(recording_calls.get_recordings),
    "publishRecordings": Route(recording_calls.publish_recordings, methods=_GET),
    "deleteRecordings": Route(recording_calls.delete_recordings, methods=_GET),
    "updateRecordings": Route(recording_calls.update_recordings),
}
INDEX = Route(meeting_calls.index, content_types=None)


class Application:
    """The WSGI application of one simulator."""

    def __init__(
        self,
        *,
        secret: str,
        algorithms: Set[str],
        world: World,
        recordings: Recordings,
        faults: Faults,
        journal: Journal,
        address: Callable[[], str],
    ) -> None:
        self._secret = secret
        self._algorithms = algorithms
        self._world = world
        self._recordings = recordings
        self._faults = faults
        self._journal = journal
        self._address = address

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = html_error(error.code or 500, error.name)
        body = response.get_data()
        start_response(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
        return [body]

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path == API_PATH or path.startswith(f"{API_PATH}/"):
            return self._answer_call(request, path.removeprefix(API_PATH).strip("/"))
        if path in {"/html5client", "/html5client/"}:
            return classroom.answer(request, self._world, address=self._address())
        if path == pages.STYLESHEET:
            return pages.stylesheet()
        if path == "/favicon.ico":
            # Browsers ask by themselves, and report a missing one as an error of the page.
            return Response(status=204)
        if path == "/":
            return self._front_page(request)
        return playback.answer(path, self._recordings) or html_error(404, "Not Found")

    def _front_page(self, request: Request) -> Response:
        """Say what this is; it is also where people go after class, or when they could not join."""
        if "errors" in request.args:
            return pages.message("You could not join the class", request.args["errors"])
        return pages.message("BigBlueButton simulator", f"The API is at {self._address()}{API_PATH}/")

    # The API

    def _answer_call(self, request: Request, name: str) -> Response:
        """Answer one call, unless a fault is planned for it, and note it in the journal."""
        route = CALLS.get(name) if name else INDEX
        planned = self._faults.take(name or "index")
        if planned is not None and planned[0].when == "before":
            self._note(request, name, "not checked", "fault")
            return _go_wrong(*planned)
        if route is None or request.method not in route.methods:
            self._note(request, name, "not checked", "not routed")
            return html_error(404, "Not Found")
        verdict: Verdict = "not checked"
        try:
            parameters, verdict = self._checked_parameters(request, name)
            call = self._call(request, name, route, parameters)
            response, outcome = route.answer(call), "SUCCESS"
        except ChecksumRefused as error:
            verdict, failed = error.verdict, Failed("checksumError", "The checksum does not match.")
            response, outcome = self._failure(request, name, failed), failed.key
        except Failed as failed:
            response, outcome = self._failure(request, name, failed), failed.key
        except join_call.JoinRefused as refused:
            response = join_call.redirect_with_error(refused.failed, refused.url)
            outcome = refused.failed.key
        except Failures as failures:
            response, outcome = failure_list(failures.failures), failures.failures[0].key
        except HTTPException:
            self._note(request, name, verdict, "error")
            raise
        except ServerBroke:
            response, outcome = html_error(500, "Internal Server Error"), "error"
        except Exception:
            logger.exception("The simulator failed to answer %s.", name)
            response, outcome = html_error(500, "Internal Server Error"), "error"
        self._note(request, name, verdict, outcome)
        if planned is not None:
            return _go_wrong(*planned)
        return response

    def _checked_parameters(self, request: Request, name: str) -> tuple[Parameters, Verdict]:
        """Return the parameters, those of the query before those of a form, if the checksum is right.

        A form is not signed.  Without any query string only call name and secret are (3.0 and newer).
        """
        query: str = request.environ[RAW_QUERY]
        text = query.encode("latin-1").decode(errors="replace")
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=10_000)
        except ValueError as error:
            raise BadRequest from error
        if request.mimetype in _FORMS:
            pairs += list(request.form.items(multi=True))
        parameters = Parameters(pairs)
        if not name:
            return parameters, "not needed"
        verify_checksum(name, query, parameters.get("checksum"), secret=self._secret, algorithms=self._algorithms)
        return parameters, "good"

    def _call(self, request: Request, name: str, route: Route, parameters: Parameters) -> Call:
        body = request.get_data(cache=True)
        has_body = bool(body) or bool(request.content_length)
        if has_body and route.content_types is not None and request.mimetype not in route.content_types:
            raise Failed("unsupportedContentType", "This call does not take a body of this type.")
        return Call(
            name=name,
            request=request,
            parameters=parameters,
            xml_body=body if request.mimetype in _XML else b"",
            world=self._world,
            recordings=self._recordings,
            address=self._address(),
        )

    def _failure(self, request: Request, name: str, failed: Failed) -> Response:
        # After a wrong checksum nothing in the query is to be trusted, least of all an address to go to.
        if name == "join" and failed.key == "checksumError":
            return join_call.redirect_with_error(failed, f"{self._address()}/")
        return failure(failed, as_json=request.accept_mimetypes.best == "application/json")

    def _note(self, request: Request, name: str, verdict: Verdict, outcome: str) -> None:
        self._journal.note(JournalEntry(name or "index", request.method, verdict, outcome))


def _go_wrong(fault: Fault, over: Event) -> Response:
    match fault:
        case HtmlAnswer():
            return Response(fault.body, status=fault.status, content_type="text/html;charset=utf-8")
        case IllFormedXml():
            return xml(fault.body)
        case Hang():
            over.wait()
            raise ConnectionLost
        case CloseConnection():
            raise ConnectionLost
        case _:
            raise TypeError(f"The simulator does not know how to do {type(fault).__name__}.")
