"""The presentations of a meeting, on its page: uploaded, put in order, looked at, sent into a class that runs."""

import logging
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from django_bbb.api import BBBError
from django_bbb.exceptions import ServerNotConfigured, UnusableFile
from django_bbb.models import Meeting, Presentation
from django_bbb.services import presentations
from django_bbb.services.file_types import TYPES

from .base import ModelAdmin
from .meeting_list import open_session_of

if TYPE_CHECKING:
    Form = forms.ModelForm[Presentation]
    FormSet = BaseInlineFormSet[Presentation, Meeting, Any]
    Inline = admin.TabularInline[Any, Any]
else:
    Form, FormSet, Inline = forms.ModelForm, BaseInlineFormSet, admin.TabularInline

logger = logging.getLogger(__name__)


class _NoWidget(forms.Widget):
    """Nothing, where a file is there already: another one is another presentation."""

    needs_multipart_form = True

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")


class PresentationForm(Form):
    """A new file, or what holds for one that is there."""

    # Not the model's field: Django would show the storage's own address of the file.
    upload = forms.FileField(
        label=gettext_lazy("file"),
        help_text=gettext_lazy("It is shown from the next start of the class on."),
        widget=forms.FileInput(attrs={"accept": ",".join(TYPES)}),
    )
    shown_first = forms.BooleanField(label=gettext_lazy("shown first"), required=False)

    class Meta:
        model = Presentation
        fields = ("position", "is_downloadable", "is_removable")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["upload"].disabled, self.fields["upload"].required = True, False
            self.fields["upload"].widget = _NoWidget()
            self.fields["shown_first"].initial = bool(self.instance.is_default)
        else:
            self.fields["position"].required, self.initial["position"] = False, None

    def clean_upload(self) -> Any:
        """Return the file, whose name is the one it is to have from now on."""
        file = self.cleaned_data["upload"]
        if file:
            name = presentations.check_upload(file=file, name=file.name)
            presentations.keep(self.instance, file=file, name=name)
        return file

    def clean_position(self) -> int:
        """Return the place that was typed; a new one without any is the last."""
        position: int | None = self.cleaned_data["position"]
        if position is None:
            position = presentations.next_position(meeting_id=self.instance.meeting_id)
        return position

    @property
    def is_default(self) -> bool:
        """Whether this is shown first once what was typed is stored."""
        if self.has_changed():
            return bool(self.cleaned_data.get("shown_first"))
        return bool(self.instance.is_default)


class PresentationFormSet(FormSet):
    """All presentations of a meeting: not too many, and one of them shown first at most."""

    def clean(self) -> None:
        super().clean()
        left = [one for one in self.forms if one.instance.pk or one.has_changed()]
        left = [one for one in left if not one.cleaned_data.get(DELETION_FIELD_NAME)]
        # Nobody who has too many from somewhere is kept from changing them.
        if len(left) > max(presentations.MOST, self.initial_form_count()):
            raise ValidationError(presentations.too_many())
        if sum(one.is_default for one in left) > 1:
            raise ValidationError(_("Only one presentation can be shown first. Choose one of them."))

    def save(self, commit: bool = True) -> Any:
        # Django saves row by row: none may be in the way of another.
        waived = [one.instance.pk for one in self.initial_forms if one.instance.is_default and not one.is_default]
        self.get_queryset().filter(pk__in=waived).update(is_default=None)
        for one in self.forms:
            one.instance.is_default = one.is_default or None
        return super().save(commit)


class PresentationInline(Inline):
    """The presentations of a meeting."""

    model = Presentation
    form = PresentationForm
    formset = PresentationFormSet
    fields = ("upload", "link", "file_size", "position", "shown_first", "is_downloadable", "is_removable")
    readonly_fields = ("link", "file_size")
    extra = 1  # one can be added without JavaScript, too
    max_num = presentations.MOST

    @admin.display(description=gettext_lazy("open"))
    def link(self, presentation: Presentation) -> str:
        if not presentation.pk:
            return ""
        site = self.admin_site.name
        args = [presentation.meeting_id, presentation.pk]
        where = reverse("admin:django_bbb_meeting_presentation", args=args, current_app=site)
        return format_html('<a href="{}">{}</a>', where, presentation.name)

    @admin.display(description=gettext_lazy("size"))
    def file_size(self, presentation: Presentation) -> str:
        return filesizeformat(presentation.size) if presentation.pk else ""

    @admin.display(description=gettext_lazy("shown first"), boolean=True)
    def shown_first(self, presentation: Presentation) -> bool:
        """What those see who may only look."""
        return bool(presentation.is_default)


class MeetingPresentations(ModelAdmin):
    """Open a file, and send one into a class that runs."""

    def get_urls(self) -> list[URLPattern]:
        where, wrap = "<path:object_id>/presentations/<int:pk>/", self.admin_site.admin_view
        look = wrap(require_safe(never_cache(self.presentation_view)))
        send = transaction.non_atomic_requests(wrap(require_POST(self.send_presentation_view)))
        own = [
            path(where, look, name="django_bbb_meeting_presentation"),
            path(f"{where}send/", send, name="django_bbb_meeting_presentation_send"),
        ]
        return own + super().get_urls()

    def presentations_to_send(self, request: HttpRequest, meeting: Meeting) -> list[tuple[str, str]]:
        """Return the address and the text of each button: none where no class runs, or for who may not."""
        if open_session_of(meeting) is None or not self.has_send_permission(request, meeting):
            return []
        site = self.admin_site.name
        return [
            (
                reverse("admin:django_bbb_meeting_presentation_send", args=[meeting.pk, one.pk], current_app=site),
                _("Send “%(name)s” into the running class") % {"name": one.name},
            )
            for one in meeting.presentations.all()
        ]

    def has_send_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """Whoever may change a meeting may show something in its class."""
        return self.has_change_permission(request, obj) and _may_view(request)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Presentation and formset.new_objects and open_session_of(form.instance) is not None:
            text = _(
                "A class is running: new presentations are shown from its next start on. "
                "Send them into the running class with the buttons below."
            )
            self.message_user(request, text, messages.INFO)

    # --- pages ----------------------------------------------------------------------------------------

    def presentation_view(self, request: HttpRequest, object_id: str, pk: int) -> HttpResponse:
        """Lead to the file, for a moment, whoever may look at the meeting and its presentations."""
        meeting = self._meeting(request, object_id)
        if not self.has_view_permission(request, meeting) or not _may_view(request):
            raise PermissionDenied
        return HttpResponseRedirect(presentations.signed_path(self._presentation(meeting, pk)))

    def send_presentation_view(self, request: HttpRequest, object_id: str, pk: int) -> HttpResponse:
        """Send one into the class that runs, and come back to the page of the meeting."""
        meeting = self._meeting(request, object_id)
        if not self.has_send_permission(request, meeting):
            raise PermissionDenied
        self._insert(request, meeting, self._presentation(meeting, pk))
        where = reverse("admin:django_bbb_meeting_change", args=[meeting.pk], current_app=self.admin_site.name)
        return HttpResponseRedirect(where)

    def _insert(self, request: HttpRequest, meeting: Meeting, presentation: Presentation) -> None:
        session = open_session_of(meeting)
        facts: dict[str, object] = {"name": presentation}
        if session is None:
            text = _("“%(name)s” was not sent: the class does not run. It is shown from the next start on.")
            self.message_user(request, text % facts, messages.ERROR)
            return
        try:
            presentations.insert_presentation(presentation=presentation, session=session)
        except (BBBError, ServerNotConfigured, UnusableFile) as error:
            logger.warning("%s", error)
            text = _("“%(name)s” was not sent: %(reason)s")
            self.message_user(request, text % (facts | {"reason": error}), messages.ERROR)
            return
        self.log_change(request, meeting, f"Sent “{presentation}” into class.")
        text = _("“%(name)s” was sent into the running class. Presenters find it there once it has been converted.")
        self.message_user(request, text % facts, messages.SUCCESS)

    def _meeting(self, request: HttpRequest, object_id: str) -> Meeting:
        meeting: Meeting | None = self.get_object(request, unquote(object_id))
        if meeting is None:
            raise Http404
        return meeting

    def _presentation(self, meeting: Meeting, pk: int) -> Presentation:
        found = meeting.presentations.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


def _may_view(request: HttpRequest) -> bool:
    return request.user.has_perm("django_bbb.view_presentation") or request.user.has_perm(
        "django_bbb.change_presentation"
    )
