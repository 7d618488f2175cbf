"""What BigBlueButton servers call: verify, note one row, enqueue after commit, answer within milliseconds.

The answers are those the senders understand (``CallbackUrlService.java``,
``post_publish_recording_ready_callback.rb``): exactly 200 for everything that is proven; 401 for a bad signature and
never 404 or 410, at which a balancer stops trying its other secrets; 410 for a recording that was deleted here; 503
when the database is away.
"""

import functools
import logging
from collections.abc import Callable
from functools import partial

from django.core.signing import BadSignature
from django.db import Error as DatabaseError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from django_bbb import tasks
from django_bbb.api import UntrustedCallback
from django_bbb.api import callbacks as proofs
from django_bbb.broker import enqueue
from django_bbb.exceptions import UnreadableSecret
from django_bbb.models import CallbackDelivery, Server
from django_bbb.services import callbacks

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def callback(method: str) -> Callable[[View], View]:
    """Make a view that only a server calls: one method, no login, no CSRF token, no transaction around it.

    Without that last point a commit that fails would come after our 200.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
            try:
                return view(request, **kwargs)
            except DatabaseError:
                logger.exception("A callback could not be stored.")
                return _answer("Try again later.", 503)

        guarded: View = require_http_methods([method])(csrf_exempt(transaction.non_atomic_requests(answer)))
        guarded.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware looks for it
        return guarded

    return decorate


@callback("GET")
def meeting_ended(request: HttpRequest, *, token: str) -> HttpResponse:
    """A class is said to be over.  BigBlueButton signs nothing: the proof is our own token in the address."""
    try:
        # It appends its parameters to ours, so that a name may stand there twice: the last is its own.
        delivery = callbacks.note_meeting_ended(token=token, recording_marks=request.GET.get("recordingmarks"))
    except BadSignature:
        return _refuse("meeting ended", 403)
    return _accept(delivery)


@callback("POST")
def recording_ready(request: HttpRequest, *, slug: str) -> HttpResponse:
    """A format of a recording has become ready, says a server that signs with its own secret."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        return _refuse("recording ready", 411)
    if int(length) > proofs.MOST_BYTES:
        return _refuse("recording ready", 413)
    server = Server.objects.filter(slug=slug).first()
    if server is None:  # the same answer as to a bad signature: nobody learns which servers there are
        return _refuse("recording ready", 401)
    try:
        event = proofs.recording_ready(
            request.read(proofs.MOST_BYTES + 1),
            content_type=request.headers.get("Content-Type", ""),
            secrets=server.secrets,
            algorithms=server.callback_algorithms,
        )
    except UntrustedCallback as error:
        return _refuse("recording ready", error.status)
    except UnreadableSecret as error:
        logger.error("%s", error)  # nothing can be proven until somebody has done what it says
        return _refuse("recording ready", 503)
    delivery = callbacks.note_recording_ready(server=server, event=event)
    return _answer("deleted", 410) if delivery is None else _accept(delivery)


def _accept(delivery: CallbackDelivery | None) -> HttpResponse:
    if delivery is not None:
        transaction.on_commit(partial(enqueue, tasks.process_callback, delivery.pk))
    return _answer("ok", 200)


# --- answers ------------------------------------------------------------------------------------------


class _Refusals:
    """Counts refusals and logs them once a minute: a balancer's wrong secrets are normal traffic."""

    def __init__(self) -> None:
        self.count = 0
        self.logged_at = 0.0

    def note(self, kind: str, status: int) -> None:
        self.count += 1
        now = timezone.now().timestamp()
        if now - self.logged_at >= 60:
            logger.warning("%d callbacks without proof refused, the last (%s) with %d.", self.count, kind, status)
            self.count, self.logged_at = 0, now


_refusals = _Refusals()


def _refuse(kind: str, status: int) -> HttpResponse:
    _refusals.note(kind, status)
    return _answer("refused", status)


def _answer(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain")
    # Django would log a line for each, and mail one to ADMINS for 503; ours are counted above.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
