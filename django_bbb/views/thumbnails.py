"""Pictures of recordings, from this site itself."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.generic import View

from django_bbb.models import Playback, Recording
from django_bbb.services.guests import guest_in
from django_bbb.services.thumbnails import get_thumbnail
from django_bbb.services.watching import may_watch


@method_decorator([login_not_required, transaction.non_atomic_requests], name="dispatch")
class Thumbnail(View):
    """A picture of a format, for those who may watch the recording.

    No transaction around it: what is not in the cache is asked of the server.
    """

    http_method_names = ("get",)

    # In this browser alone, and not for long: the right may be taken back.
    @method_decorator(cache_control(private=True, max_age=3600))
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        related = Playback.objects.select_related("recording__meeting__owner", "recording__server")
        # The addresses of a protected recording open once: its pictures cannot be kept.
        shown = related.filter(recording__in=Recording.objects.playable()).exclude(recording__protected=True)
        playback = get_object_or_404(shown, pk=kwargs["pk"])
        if not may_watch(user=request.user, recording=playback.recording, guest=guest_in(request.COOKIES)):
            raise Http404
        picture = get_thumbnail(playback=playback, number=kwargs["number"])
        if picture is None:
            raise Http404
        response = HttpResponse(picture.body, content_type=picture.content_type)
        # Opened by itself it is a picture and no page, whatever its bytes say.
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
        return response
