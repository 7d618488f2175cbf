"""The join of a running class and the answer to those who wait as one would write them for just this.

And the addresses of the site.
"""

from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from django_bbb.models import MeetingSession, Membership

from .joining_site import SECRET


@require_GET
@never_cache
@login_required
def join(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Read the session, the user, and the class with its meeting, its server and the membership; sign the address."""
    user, now = request.user, timezone.now()
    valid = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=now),
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        Q(user=user) | Q(group__in=user.groups.all()),
        meeting=OuterRef("meeting"),
    )
    role = Subquery(valid.order_by("role").values("role")[:1])
    running = MeetingSession.objects.select_related("meeting", "server").annotate(role=role)
    session = get_object_or_404(
        running, is_open=True, meeting__meeting_id=meeting_id, meeting__archived_at__isnull=True
    )
    if session.role is None or session.create_time is None:
        return HttpResponseForbidden()
    failed = reverse("django_bbb:join-failed", kwargs={"meeting_id": meeting_id})
    query = urlencode(
        {
            "meetingID": meeting_id,
            "fullName": user.get_full_name() or str(user),
            "role": session.role.upper(),
            "userID": f"u{user.pk}",
            "createTime": int(session.create_time.timestamp() * 1000),
            "errorRedirectUrl": f"http://testserver{failed}",
            "userdata-bbb_override_default_locale": get_language(),
        }
    )
    checksum = sha256(f"join{query}{SECRET}".encode()).hexdigest()
    response = HttpResponseRedirect(f"{session.server.url}join?{query}&checksum={checksum}")
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Check the signature, read one row by its key, and say whether anything has happened."""
    meeting_id, _role = signing.loads(token, salt="django_bbb.waiting", max_age=timedelta(hours=12))
    session = MeetingSession.objects.filter(meeting=meeting_id, is_open=True).first()
    state = "waiting" if session is None else "open" if session.moderator_count else "moderator"
    if request.headers.get("If-None-Match") == f'"{state}"':
        response = HttpResponse(status=304)
    else:
        response = JsonResponse({"state": state, "pause": 5.0})
    response["ETag"] = f'"{state}"'
    response["Retry-After"] = "5"
    response["Cache-Control"] = "private, no-cache"
    return response


urlpatterns = [
    path("bbb/", include("django_bbb.urls")),
    path("by-hand/meetings/<str:meeting_id>/join/", join),
    path("by-hand/status/<str:token>/", status),
]
