"""Sends each request to the part of the simulator that answers it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import classroom, lobby, pages, playback, text_tracks
from .activity import Activity
from .answers import html_error
from .api import Api
from .control import CONTROL_PATH, Control
from .protection import record_id_in
from .recordings import Recordings
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

API_PATH = "/bigbluebutton/api"


class Application:
    """The WSGI application of one simulator."""

    def __init__(
        self,
        *,
        api: Api,
        world: World,
        activity: Activity,
        recordings: Recordings,
        address: Callable[[], str],
        control: Control | None,
    ) -> None:
        self._api = api
        self._world = world
        self._activity = activity
        self._recordings = recordings
        self._address = address
        self._control = control

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as error:
            response = html_error(error.code or 500, error.name)
        finally:
            # An uploaded file may lie on the disk.
            request.close()
        # What is made while it is sent stays so; all else is one list, and one write.
        body = response.iter_encoded() if response.is_streamed else [response.get_data()]
        start_response(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
        return body

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path == API_PATH or path.startswith(f"{API_PATH}/"):
            return self._api.answer(request, path.removeprefix(API_PATH).strip("/"))
        if path in {"/html5client", "/html5client/"}:
            page = lobby.instead_of_classroom(request, self._world)
            return page or classroom.answer(request, self._world, self._activity, address=self._address())
        if path == lobby.PATH:
            return lobby.answer(request, self._world, address=self._address())
        if path.startswith(text_tracks.PATH):
            return self._api.text_tracks.answer(path)
        if path == pages.STYLESHEET:
            return pages.stylesheet()
        if path.startswith(CONTROL_PATH) and self._control is not None:
            return self._control.answer(request)
        if path == "/favicon.ico":
            # Browsers ask by themselves, and report a missing one as an error of the page.
            return Response(status=204)
        if path == "/":
            return self._front_page(request)
        return self._playback(request, path)

    def _front_page(self, request: Request) -> Response:
        """Say what this is; it is also where people go after class, or when they could not join."""
        if "errors" in request.args:
            return pages.message("You could not join the class", request.args["errors"])
        return pages.message("BigBlueButton simulator", f"The API is at {self._address()}{API_PATH}/")

    def _playback(self, request: Request, path: str) -> Response:
        """Show a recording; a protected one to who has a good link, or came by one before."""
        record_id = record_id_in(path)
        recording = self._recordings.get(record_id)
        answer = playback.answer(path, self._recordings)
        if answer is None or recording is None:
            return html_error(404, "Not Found")
        if recording.protected and not self._api.passes.admits(request, record_id):
            if not self._api.passes.opens(request, record_id):
                return html_error(404, "Not Found")
            self._api.passes.remember(answer, record_id)
        return answer
