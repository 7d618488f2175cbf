"""The presentations of a room, for those who may change it; `presentations` has what servers fetch."""

import logging
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from django_bbb.api import BBBError
from django_bbb.exceptions import ReadOnly, ServerNotConfigured, UnusableFile
from django_bbb.forms.rooms import PresentationForm, UploadForm
from django_bbb.models import Presentation
from django_bbb.services import presentations

from .rooms import RoomView

logger = logging.getLogger(__name__)


class Presentations(RoomView):
    """The files of a room in their order, and a form for another one."""

    here = "room-presentations"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.files(UploadForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                made = presentations.add_presentation(meeting=self.meeting, **form.cleaned_data)
                return self.back(_("“%(name)s” is shown from the next start of the class on.") % {"name": made})
            except ValidationError as error:
                form.add_error("file", error)
        return self.files(form, status=422)

    def files(self, upload: UploadForm, *, changed: PresentationForm | None = None, status: int = 200) -> HttpResponse:
        """Return the page; ``changed`` is the form of one of them that could not be stored."""
        every = [(one, _form_of(one)) for one in self.meeting.presentations.all()]
        if changed is not None:
            every = [(one, changed if one == changed.instance else form) for one, form in every]
        session = self.meeting.open_session
        runs = session is not None and session.is_joinable
        return self.room_page("presentations", {"form": upload, "files": every, "runs": runs}, status=status)


class OnePresentation(Presentations):
    """What is done to one file."""

    http_method_names = ("post",)

    def the_one(self, pk: int) -> Presentation:
        """Return a file of this room."""
        return get_object_or_404(self.meeting.presentations, pk=pk)


class ChangePresentation(OnePresentation):
    """Its place, whether it is shown first, and what people may do with it."""

    def post(self, request: HttpRequest, *, pk: int = 0, **kwargs: Any) -> HttpResponse:
        form = PresentationForm(request.POST, instance=self.the_one(pk), prefix=f"p{pk}")
        if not form.is_valid():
            return self.files(UploadForm(), changed=form, status=422)
        fields = dict(form.cleaned_data)
        is_default = fields.pop("shown_first")
        presentations.change_presentation(presentation=form.instance, is_default=is_default, **fields)
        return self.back(_("It is stored."))


class DeletePresentation(OnePresentation):
    """A file is gone from the room; a class that runs keeps it."""

    def post(self, request: HttpRequest, *, pk: int = 0, **kwargs: Any) -> HttpResponse:
        found = self.the_one(pk)
        found.delete()
        return self.back(_("“%(name)s” has been deleted.") % {"name": found})


class SendPresentation(OnePresentation):
    """A file is sent into the class that runs."""

    def post(self, request: HttpRequest, *, pk: int = 0, **kwargs: Any) -> HttpResponse:
        found = self.the_one(pk)
        facts: dict[str, object] = {"name": found}
        session = self.meeting.open_session
        if session is None or not session.is_joinable:
            text = _("“%(name)s” was not sent: the class does not run. It is shown from the next start on.")
            return self.back(text % facts, level=messages.ERROR)
        try:
            presentations.insert_presentation(presentation=found, session=session)
        except ReadOnly as refusal:
            return self.read_only(refusal)
        except (BBBError, ServerNotConfigured, UnusableFile) as error:
            logger.warning("%s", error)
            reason = error if isinstance(error, UnusableFile) else _("the classroom server did not take it.")
            text = _("“%(name)s” was not sent: %(reason)s") % (facts | {"reason": reason})
            return self.back(text, level=messages.ERROR)
        text = _("“%(name)s” was sent into the running class. Presenters find it there once it has been converted.")
        return self.back(text % facts)


class OpenPresentation(OnePresentation):
    """Leads to the file, by an address that is good for a while."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, *, pk: int = 0, **kwargs: Any) -> HttpResponse:
        response = HttpResponseRedirect(presentations.signed_path(self.the_one(pk)))
        response["Referrer-Policy"] = "no-referrer"
        return response


def _form_of(presentation: Presentation) -> PresentationForm:
    return PresentationForm(instance=presentation, prefix=f"p{presentation.pk}")
