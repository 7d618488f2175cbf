"""What can be done with recordings in the admin: one entry each, for the list's actions and for the pages of one."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_bbb.models import Recording, RecordingJob
from django_bbb.services import choices

from .recording_forms import AudienceForm, ExpiryForm, RenameForm

Action = RecordingJob.Action


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that can be done with recordings.

    It asks first where it has a ``warning`` or a ``form``, whose fields are the arguments of what is done: of the
    service in `django_bbb.services.jobs` that is called so, or of ``choose``, which calls no server.
    """

    name: str
    permission: str
    #: Of the list's action, of the link on the page of one, and of the button that answers the question.
    description: "str | Promise"
    label: "str | Promise"
    button: "str | Promise"
    done: Callable[[int], str]
    log: str
    title: "str | Promise" = ""
    warning: "str | Promise" = ""
    form: type[forms.Form] | None = None
    choose: Callable[..., int] | None = None
    #: Whether it is offered on the page of this one.
    fits: Callable[[Recording], bool] = lambda one: True

    @property
    def asks(self) -> bool:
        return bool(self.warning) or self.form is not None

    @property
    def url_name(self) -> str:
        return f"django_bbb_recording_{self.name}"

    @property
    def path(self) -> str:
        return self.name.replace("_", "-")


ACTS = (
    Act(
        name=Action.PUBLISH,
        permission="publish",
        description=_("Publish selected recordings"),
        label=_("Publish"),
        button=_("Publish"),
        title=_("Publish on the server?"),
        log="Published.",
        done=lambda count: ngettext("%(count)d recording published.", "%(count)d recordings published.", count),
        fits=lambda one: not one.published and one.trashed_at is None,
    ),
    Act(
        name=Action.UNPUBLISH,
        permission="unpublish",
        description=_("Unpublish selected recordings"),
        label=_("Unpublish"),
        button=_("Unpublish"),
        title=_("Unpublish on the server?"),
        log="Unpublished.",
        done=lambda count: ngettext("%(count)d recording unpublished.", "%(count)d recordings unpublished.", count),
        fits=lambda one: one.published,
    ),
    Act(
        name=Action.PROTECT,
        permission="protect",
        description=_("Protect selected recordings with personal links"),
        label=_("Protect"),
        button=_("Protect"),
        title=_("Protect with personal links?"),
        log="Protected.",
        done=lambda count: ngettext("%(count)d recording protected.", "%(count)d recordings protected.", count),
        fits=lambda one: one.protected is False,
    ),
    Act(
        name=Action.UNPROTECT,
        permission="protect",
        description=_("End the protection of selected recordings"),
        label=_("End the protection"),
        button=_("End the protection"),
        title=_("End the protection?"),
        log="No longer protected.",
        done=lambda count: ngettext("%(count)d recording unprotected.", "%(count)d recordings unprotected.", count),
        fits=lambda one: one.protected is True,
    ),
    Act(
        name=Action.RENAME,
        permission="edit",
        description=_("Rename selected recordings"),
        label=_("Rename"),
        button=_("Rename"),
        title=_("Rename recordings"),
        log="Renamed.",
        done=lambda count: ngettext("%(count)d recording renamed.", "%(count)d recordings renamed.", count),
        form=RenameForm,
    ),
    Act(
        name="audience",
        permission="edit",
        description=_("Say who may watch selected recordings"),
        label=_("Audience"),
        button=_("Save"),
        title=_("Who may watch?"),
        log="Audience changed.",
        done=lambda count: ngettext(
            "The audience of %(count)d recording is changed.",
            "The audience of %(count)d recordings is changed.",
            count,
        ),
        form=AudienceForm,
        choose=choices.set_audience,
    ),
    Act(
        name="expiry",
        permission="edit",
        description=_("Say when selected recordings expire"),
        label=_("Expiry"),
        button=_("Save"),
        title=_("When do they expire?"),
        warning=_("When their time is over nobody can watch them any more, and they are moved to the trash."),
        log="Expiry changed.",
        done=lambda count: ngettext(
            "The expiry of %(count)d recording is changed.",
            "The expiry of %(count)d recordings is changed.",
            count,
        ),
        form=ExpiryForm,
        choose=choices.set_expiry,
    ),
    Act(
        name="keep",
        permission="edit",
        description=_("Keep selected recordings for ever"),
        label=_("Keep for ever"),
        button=_("Keep"),
        title=_("Keep for ever?"),
        log="Kept for ever.",
        done=lambda count: ngettext(
            "%(count)d recording is kept for ever.", "%(count)d recordings are kept for ever.", count
        ),
        choose=choices.keep_for_ever,
        fits=lambda one: not one.keep,
    ),
    Act(
        name=Action.RESYNC,
        permission="edit",
        description=_("Ask the server again about selected recordings"),
        label=_("Ask the server again"),
        button=_("Ask again"),
        title=_("Ask the server again?"),
        log="Asked the server again.",
        done=lambda count: ngettext(
            "%(count)d recording is as its server says.", "%(count)d recordings are as their servers say.", count
        ),
    ),
    Act(
        name=Action.TRASH,
        permission="delete",
        description=_("Move selected recordings to the trash"),
        label=_("Move to the trash"),
        button=_("Yes, move them"),
        title=_("Move recordings to the trash?"),
        warning=_("They are unpublished on their server, and nobody can watch them until they are restored."),
        log="Moved to the trash.",
        done=lambda count: ngettext(
            "%(count)d recording moved to the trash.", "%(count)d recordings moved to the trash.", count
        ),
        fits=lambda one: one.trashed_at is None,
    ),
    Act(
        name=Action.RESTORE,
        permission="delete",
        description=_("Restore selected recordings from the trash"),
        label=_("Restore from the trash"),
        button=_("Restore"),
        title=_("Restore from the trash?"),
        log="Restored from the trash.",
        done=lambda count: ngettext("%(count)d recording restored.", "%(count)d recordings restored.", count),
        fits=lambda one: one.trashed_at is not None,
    ),
)

#: Its page is in the place of Django's own, which deletes rows only: whoever has a link could still watch.
DELETE = Act(
    name=Action.DELETE,
    permission="delete",
    description=_("Delete selected recordings on their server"),
    label=_("Delete for good"),
    button=_("Yes, delete them"),
    title=_("Delete recordings?"),
    warning=_("They are deleted on their server, and all links to them stop working. This cannot be undone here."),
    log="Deleted on the server.",
    done=lambda count: ngettext("%(count)d recording deleted.", "%(count)d recordings deleted.", count),
)

#: By name.
ALL_ACTS = {act.name: act for act in (*ACTS, DELETE)}
