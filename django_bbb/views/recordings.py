"""Watching recordings."""

import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Playback, Recording
from django_bbb.services.guests import guest_in
from django_bbb.services.recordings import address_of
from django_bbb.services.watching import may_watch

logger = logging.getLogger(__name__)


@method_decorator([login_not_required, never_cache, transaction.non_atomic_requests], name="dispatch")
class PlaybackRedirect(View):
    """To a format of a recording, for those who belong to its audience.

    The right is asked for at each click: an address that was copied from a page is of no use to others.  No
    transaction around it: for a protected recording it asks the server.
    """

    http_method_names = ("get",)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        related = Playback.objects.select_related("recording__meeting__owner", "recording__server")
        playable = related.filter(recording__in=Recording.objects.playable())
        playback = get_object_or_404(playable, pk=kwargs["pk"])
        # One answer for "not there" and "not for you": nobody learns what exists.
        if not playback.url or not may_watch(
            user=request.user, recording=playback.recording, guest=guest_in(request.COOKIES)
        ):
            raise Http404
        try:
            address = address_of(playback=playback)
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("%s: %s", playback.recording.server, error)
            return self.server_trouble(playback.recording)
        if not address:
            raise Http404
        response = HttpResponseRedirect(address)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def server_trouble(self, recording: Recording) -> HttpResponse:
        """Say that the server does not answer; nothing is lost by trying again."""
        response = render(self.request, "django_bbb/recording_trouble.html", {"recording": recording}, status=503)
        response["Retry-After"] = "10"
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
