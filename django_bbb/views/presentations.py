"""Where servers fetch presentations: nobody logs in, the address itself is the proof."""

import logging

from django.core.signing import BadSignature, SignatureExpired
from django.db import Error as DatabaseError
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from django_bbb.counting import OnceAMinute
from django_bbb.models import Presentation
from django_bbb.services.file_types import type_by_name
from django_bbb.services.presentations import presentation_of

logger = logging.getLogger(__name__)

#: Seconds after which a server, or whoever looks into its log, may try again.
_RETRY_AFTER = 10


@csrf_exempt  # whose own answer to a POST would put the address into the log
@transaction.non_atomic_requests
def presentation(request: HttpRequest, *, token: str, name: str) -> HttpResponseBase:
    """Give away one file for as long as its address holds."""
    if request.method not in ("GET", "HEAD"):
        return _refuse(405, "Fetch it with GET.", Allow="GET, HEAD")
    try:
        return _file(presentation_of(token=token, name=name))
    except SignatureExpired:
        return _refuse(410, "This address was good for a while only. Send the presentation again.")
    except BadSignature:
        return _refuse(403, "This is no address that this site has given out.")
    except (Presentation.DoesNotExist, FileNotFoundError):
        return _refuse(404, "The presentation has been deleted.")
    except DatabaseError:
        logger.exception("A presentation could not be looked up.")
        return _unavailable()
    except Exception:  # each storage has its own
        logger.exception("A presentation could not be read from its storage.")
        return _unavailable()


presentation.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware looks for it


def _file(found: Presentation) -> HttpResponseBase:
    kind = type_by_name(found.name)
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=kind.content_type if kind is not None else "application/octet-stream",
    )
    response.headers.setdefault("Content-Length", str(found.size))  # not every storage tells
    return _guarded(response)


def _unavailable() -> HttpResponseBase:
    return _refuse(503, "The presentation cannot be read just now. Try again later.", **{"Retry-After": _RETRY_AFTER})


#: Not the address: whoever has it has the file.
_refusals = OnceAMinute(logger, "%d times a presentation was not given away, the last time with %d.")


def _refuse(status: int, text: str, **headers: object) -> HttpResponseBase:
    _refusals.warn(status)
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain")
    for header, value in headers.items():
        response[header] = str(value)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's line would name the address
    return _guarded(response)


def _guarded(response: HttpResponse | FileResponse) -> HttpResponseBase:
    add_never_cache_headers(response)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    # Opened in a browser it is a file and no page, whatever its bytes say.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
