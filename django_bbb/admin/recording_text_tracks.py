"""The text tracks of a recording: what its server has, and one more."""

import logging
import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Recording, TextTrack
from django_bbb.services import text_tracks

from .base import ModelAdmin

logger = logging.getLogger(__name__)

#: Bytes; a film's subtitles are of some hundred thousand.
MOST_BYTES = 5 * 1024 * 1024

_ENDINGS = (".srt", ".vtt", ".ssa", ".ass")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


class TextTrackForm(forms.Form):
    """A file, and what it is."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Subtitles as SubRip (.srt), WebVTT (.vtt) or SubStation (.ssa, .ass)."),
        widget=forms.FileInput(attrs={"accept": ",".join(_ENDINGS)}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=TextTrack.Kind.choices)
    lang = forms.CharField(label=_("Language"), max_length=5, help_text=_("For example en or pt-BR."))
    label = forms.CharField(
        label=_("Label"), max_length=100, required=False, help_text=_("What people choose it by, for example English.")
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if PurePath(file.name or "").suffix.lower() not in _ENDINGS:
            raise ValidationError(_("Servers take files that end in .srt, .vtt, .ssa or .ass."))
        if (file.size or 0) > MOST_BYTES:
            text = _("The file is larger than %(most)s.")
            raise ValidationError(text, params={"most": filesizeformat(MOST_BYTES)})
        return file

    def clean_lang(self) -> str:
        lang = str(self.cleaned_data["lang"]).replace("_", "-")
        if not _LANGUAGE.fullmatch(lang):
            raise ValidationError(_("Write the language like en or pt-BR."))
        return lang


class RecordingTextTracks(ModelAdmin):
    """The pages of text tracks: looked at by those who may view recordings, added by those who may change them."""

    def get_text_track_urls(self) -> list[URLPattern]:
        """Return what goes before the other pages of single recordings."""
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("text-tracks", "text_tracks", self.text_tracks_view),
            ("text-tracks/look", "look_for_text_tracks", require_POST(self.look_view)),
        ]
        return [
            path(
                f"<path:object_id>/{where}/",
                transaction.non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"django_bbb_recording_{name}",
            )
            for where, name, view in pages
        ]

    def text_tracks_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List the tracks we know of; a POST sends another one to the server."""
        recording = self._recording(request, object_id)
        may_add = self._may_add(request, recording)
        form = TextTrackForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            if not may_add:
                raise PermissionDenied
            if form.is_valid() and self._send(request, recording, form.cleaned_data):
                return self._to_tracks(recording)
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {
            "title": _("Text tracks"),
            "recording": recording,
            "tracks": recording.text_tracks.all(),
            "form": form,
            "may_add": may_add,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_bbb/recording_text_tracks.html", context)

    def look_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the server which tracks it has."""
        recording = self._recording(request, object_id)
        if not self._may_add(request, recording):
            raise PermissionDenied
        if self._try(request, partial(text_tracks.refresh_text_tracks, recording=recording)):
            self.message_user(request, _("These are the tracks the server has now."), messages.SUCCESS)
            self.log_change(request, recording, "Looked for text tracks.")
        return self._to_tracks(recording)

    def _send(self, request: HttpRequest, recording: Recording, typed: dict[str, Any]) -> bool:
        file = typed.pop("file")
        send = partial(
            text_tracks.send_text_track, recording=recording, content=file.read(), filename=file.name, **typed
        )
        if not self._try(request, send):
            return False
        self.log_change(request, recording, "Text track sent.")
        self.message_user(request, _("The track was sent. The server takes it in later."), messages.SUCCESS)
        return True

    def _try(self, request: HttpRequest, service: Callable[[], object]) -> bool:
        try:
            service()
        except (BBBError, ServerNotConfigured) as error:
            logger.warning("%s", error)
            self.message_user(request, str(error), messages.ERROR)
            return False
        return True

    def _recording(self, request: HttpRequest, object_id: str) -> Recording:
        recording: Recording | None = self.get_object(request, unquote(object_id))
        if recording is None:
            raise Http404
        if not self.has_view_permission(request, recording):
            raise PermissionDenied
        return recording

    def _may_add(self, request: HttpRequest, recording: Recording) -> bool:
        return bool(self.has_edit_permission(request, recording))  # type: ignore[attr-defined]

    def _to_tracks(self, recording: Recording) -> HttpResponseRedirect:
        where = reverse(
            "admin:django_bbb_recording_text_tracks", args=[recording.pk], current_app=self.admin_site.name
        )
        return HttpResponseRedirect(where)
