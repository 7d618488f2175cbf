"""Answers one request to the control API."""

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from ..activity import NotPossible
from ..failures import Failed, Failures
from .fields import Fields
from .guard import refuse_strangers
from .meetings import MEETING_ROUTES
from .recordings import RECORDING_ROUTES
from .refusals import Refused, not_found
from .routes import Asked, Route
from .switches import SWITCH_ROUTES

if TYPE_CHECKING:
    from ..simulator import BigBlueButtonSimulator

CONTROL_PATH = "/simulator/"
ROUTES = (*MEETING_ROUTES, *RECORDING_ROUTES, *SWITCH_ROUTES)


class Control:
    """The control API of one simulator."""

    def __init__(self, simulator: "BigBlueButtonSimulator", *, host: str, public_address: str) -> None:
        self._simulator = simulator
        self._host = host
        self._public_address = public_address

    def answer(self, request: Request) -> Response:
        """Do what was asked and return what came of it as JSON; every error has a sentence."""
        try:
            refuse_strangers(request, host=self._host, public_address=self._public_address)
            return _json(self._do(request))
        except Refused as refused:
            return _json({"error": refused.sentence}, refused.status)
        except NotPossible as error:
            return _json({"error": str(error)}, 409)
        except Failures as failures:
            return _json({"error": failures.failures[0].message}, 409)
        except Failed as failed:
            return _json({"error": failed.message}, 409)
        except LookupError as error:
            return _json({"error": str(error)}, 404)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    def _do(self, request: Request) -> object:
        # From the address as it was sent: an id may have a slash in it.
        raw_path: str = request.environ["REQUEST_URI"].partition("?")[0]
        parts = [unquote(part) for part in raw_path.removeprefix(CONTROL_PATH).rstrip("/").split("/")]
        if parts == [""]:
            return {"calls": [f"{one.method} {CONTROL_PATH}{one.path}: {one.help}" for one in ROUTES]}
        route, names = _find(request.method, parts)
        return route.answer(Asked(self._simulator, Fields.read(request), names))


def _find(method: str, parts: list[str]) -> tuple[Route, dict[str, str]]:
    """Return the route for this address with the ids in it, or raise `Refused`."""
    other_methods = set()
    for route in ROUTES:
        names = route.match(parts)
        if names is not None:
            if route.method == method:
                return route, names
            other_methods.add(route.method)
    if other_methods:
        raise Refused(405, f"This address takes {' and '.join(sorted(other_methods))}.")
    raise not_found(f"There is nothing at this address; GET {CONTROL_PATH} lists what there is.")


def _json(content: object, status: int = 200) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n",
        status=status,
        content_type="application/json;charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
