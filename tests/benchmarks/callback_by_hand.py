"""The view for a recording-ready callback as one would write it for just this, and the addresses of the site."""

import jwt
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from django_bbb.models import Server
from django_bbb.tasks import process_callback

from .callback_site import SECRET

STATEMENT = """
INSERT INTO django_bbb_callbackdelivery AS noted
(kind, server_id, subject, payload, asked, done, first_asked_at, asked_at, next_try_at, tries, last_error)
VALUES ('recording-ready', %s, %s, '{}', 1, 0, %s, %s, %s, 0, '')
ON CONFLICT (kind, server_id, subject) DO UPDATE SET asked = noted.asked + 1, asked_at = excluded.asked_at
RETURNING id"""


@csrf_exempt
@require_POST
def recording_ready(request: HttpRequest, slug: str) -> HttpResponse:
    """One keyed read, one signature, one statement, one message."""
    server = Server.objects.get(slug=slug)
    claims = jwt.decode(request.POST["signed_parameters"], SECRET, algorithms=["HS256"])
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [server.pk, claims["record_id"], now, now, now])
        (pk,) = cursor.fetchone()
    process_callback.delay(pk)
    return HttpResponse("ok")


urlpatterns = [
    path("bbb/", include("django_bbb.urls")),
    path("by-hand/<slug:slug>/", recording_ready),
]
