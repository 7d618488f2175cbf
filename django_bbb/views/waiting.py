"""What the page of somebody who waits asks, again and again."""

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
from django.views.generic import View

from django_bbb.services.waiting import status_of


@method_decorator([login_not_required, transaction.non_atomic_requests], name="dispatch")
class StatusView(View):
    """The state of a class as JSON: ``{"state": "waiting", "pause": 5.3}``.

    Neither session nor user is loaded: the address is signed.  As long as nothing has happened the answer is 304, and
    ``Retry-After`` tells when to ask again.
    """

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            status = status_of(token)
        except (signing.BadSignature, ValueError, TypeError):
            return JsonResponse({"state": "expired"}, status=410)
        etag = quote_etag(status.state)
        if status.state != "open" and request.headers.get("If-None-Match") == etag:
            response = HttpResponse(status=304)
        else:
            response = JsonResponse({"state": status.state, "pause": round(status.pause, 1)})
        response["ETag"] = etag
        response["Retry-After"] = str(round(status.pause + 0.5))
        response["Cache-Control"] = "private, no-cache"
        return response
