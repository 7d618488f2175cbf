"""Watching recordings."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from django_bbb.models import Playback, Recording
from django_bbb.services.joining import admit


@method_decorator(never_cache, name="dispatch")
class PlaybackRedirect(View):
    """To a format of a recording, for those who may join its meeting.

    The right is asked for at each click: an address that was copied from a page is of no use to others.
    """

    http_method_names = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        playable = Playback.objects.select_related("recording__meeting__owner").filter(
            recording__in=Recording.objects.visible()
        )
        playback = get_object_or_404(playable, pk=kwargs["pk"])
        # One answer for "not there" and "not for you": nobody learns what exists.
        if not playback.url or not self.may_watch(request, playback.recording):
            raise Http404
        response = HttpResponseRedirect(playback.url)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def may_watch(self, request: HttpRequest, recording: Recording) -> bool:
        """Whoever may join the class may watch it; staff need the permission to view recordings."""
        if request.user.has_perm("django_bbb.view_recording"):
            return True
        return recording.meeting is not None and admit(user=request.user, meeting=recording.meeting).role is not None
