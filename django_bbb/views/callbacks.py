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
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from django_bbb import tasks
from django_bbb.api import UnreadableCallback, UntrustedCallback
from django_bbb.api import callbacks as proofs
from django_bbb.broker import enqueue
from django_bbb.conf import Events, conf
from django_bbb.counting import OnceAMinute
from django_bbb.exceptions import UnreadableSecret
from django_bbb.models import CallbackDelivery, Server
from django_bbb.models.callbacks import REST, Noted
from django_bbb.services import addresses, callbacks

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

Kind = CallbackDelivery.Kind


def callback(method: str, *, most_bytes: Callable[[], int] | None = None) -> Callable[[View], View]:
    """Make a view that only a server calls: one method, no login, no CSRF token, no transaction around it.

    Without that last point a commit that fails would come after our 200.  ``most_bytes`` says how much a body may
    have: what is larger, or does not say how large it is, is refused before anything of it is read.
    """

    def decorate(view: View) -> View:
        kind = view.__name__.replace("_", " ")

        @functools.wraps(view)
        def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
            if request.method != method:
                # Not Django's own answer: its line in the log would name the address, with its token.
                refusal = _refuse(kind, 405)
                refusal["Allow"] = method
                return refusal
            try:
                too_large = most_bytes and _refuse_length(request, kind, most_bytes())
                return too_large or view(request, **kwargs)
            except UntrustedCallback as error:
                return _refuse(kind, error.status)
            except UnreadableSecret as error:
                logger.error("%s", error)  # nothing can be proven until somebody has done what it says
                return _refuse(kind, 503)
            except DatabaseError:
                logger.exception("A callback could not be stored.")
                return _answer("Try again later.", 503)

        guarded: View = csrf_exempt(transaction.non_atomic_requests(answer))
        guarded.login_required = False  # type: ignore[attr-defined]  # LoginRequiredMiddleware looks for it
        return guarded

    return decorate


def _refuse_length(request: HttpRequest, kind: str, most_bytes: int) -> HttpResponse | None:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        return _refuse(kind, 411)
    return _refuse(kind, 413) if int(length) > most_bytes else None


@callback("GET")
def meeting_ended(request: HttpRequest, *, token: str) -> HttpResponse:
    """A class is said to be over.  BigBlueButton signs nothing: the proof is our own token in the address."""
    try:
        # It appends its parameters to ours, so that a name may stand there twice: the last is its own.
        noted = callbacks.note_meeting_ended(token=token, recording_marks=request.GET.get("recordingmarks"))
    except BadSignature:
        return _refuse("meeting ended", 403)
    return _accept(noted)


@callback("POST", most_bytes=lambda: proofs.MOST_BYTES)
def recording_ready(request: HttpRequest, *, slug: str) -> HttpResponse:
    """A format of a recording has become ready, says a server that signs with its own secret."""
    server = _server(slug)
    event = proofs.recording_ready(
        _body(request, proofs.MOST_BYTES),
        content_type=request.headers.get("Content-Type", ""),
        secrets=server.secrets,
        algorithms=server.callback_algorithms,
    )
    noted = callbacks.note_recording_ready(server=server, event=event)
    return _answer("deleted", 410) if noted is None else _accept(noted)


@callback("POST", most_bytes=lambda: conf.LARGEST_ANALYTICS)
def analytics(request: HttpRequest, *, token: str) -> HttpResponse:
    """A report on a class that is over.  Its bearer does not sign the body: our token says which class it is on."""
    try:
        session = callbacks.session_of(token, kind=Kind.ANALYTICS)
    except BadSignature:
        return _refuse("analytics", 403)
    if session is None:
        return _answer("deleted", 410)
    report = proofs.analytics(
        _body(request, conf.LARGEST_ANALYTICS),
        authorization=request.headers.get("Authorization", ""),
        content_type=request.headers.get("Content-Type", ""),
        secrets=session.server.secrets,
        algorithms=session.server.analytics_algorithms,
        most_bytes=conf.LARGEST_ANALYTICS,
    )
    return _accept(callbacks.note_report(session=session, report=report))


@callback("POST", most_bytes=lambda: conf.LARGEST_EVENT)
def webhook(request: HttpRequest, *, slug: str, token: str) -> HttpResponse:
    """Something happened in a class, says the bbb-webhooks of a server.

    It takes 2xx and 401 for an answer, and at anything else tries for minutes and then forgets the hook: that is
    what it is to do once nobody wants events any more.
    """
    try:
        addresses.check_hook_token(token, slug=slug)
    except BadSignature:
        return _refuse("webhook", 401)
    server = _server(slug)
    if conf.events_of(server.declaration) is Events.NONE:
        return _answer("not wanted", 410)
    try:
        found = proofs.webhook_events(
            _body(request, conf.LARGEST_EVENT),
            url=addresses.absolute(request.get_full_path()) or "",
            content_type=request.headers.get("Content-Type", ""),
            secrets=server.secrets,
            accept_unsafe=bool(server.declaration.get("EVENTS_UNSAFE")),
            authorization=request.headers.get("Authorization", ""),
            bearer=bool(server.declaration.get("EVENTS_BEARER")),
            most_bytes=conf.LARGEST_EVENT,
        )
    except UnreadableCallback:
        return _refuse("webhook", 401)
    return _accept(*callbacks.note_events(server=server, found=found))


# --- what they share ----------------------------------------------------------------------------------


def _server(slug: str) -> Server:
    try:
        return Server.objects.get(slug=slug)
    except Server.DoesNotExist:  # the same answer as to a bad signature: nobody learns which servers there are
        raise UntrustedCallback("There is no such server.") from None


def _body(request: HttpRequest, most_bytes: int) -> bytes:
    # One byte more than may be there: whoever says less than it sends is found out.
    return request.read(most_bytes + 1)


def _accept(*noted: Noted | None) -> HttpResponse:
    for one in noted:
        if one is not None and one.needs_a_worker:
            delay = REST.total_seconds() if one.has_to_wait else 0
            transaction.on_commit(partial(enqueue, tasks.process_callback, one.pk, delay=delay, wait=False))
    return _answer("ok", 200)


# --- answers ------------------------------------------------------------------------------------------


#: A balancer's wrong secrets are normal traffic.
_refusals = OnceAMinute(logger, "%d callbacks without proof refused, the last (%s) with %d.")


def _refuse(kind: str, status: int) -> HttpResponse:
    _refusals.warn(kind, status)
    return _answer("refused", status)


def _answer(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain")
    # Django would log a line for each, and mail one to ADMINS for 503; ours are counted above.
    response._has_been_logged = True  # type: ignore[attr-defined]
    add_never_cache_headers(response)  # a cache that answers in our place would lose what was asked for
    return response
