"""The lasting room; its runs are in `sessions`."""

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.api import wire
from django_bbb.api.parameters import CreateParameters
from django_bbb.exceptions import MeetingIsRunning

from .servers import Server
from .tags import cleaned_tags

if TYPE_CHECKING:
    from .sessions import MeetingSession

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

#: Create parameters that this app fills in itself.
RESERVED_OPTIONS = frozenset(
    {
        "name",
        "meeting_id",
        "attendee_pw",
        "moderator_pw",
        "meeting_ended_url",
        "meta_end_callback_url",
        "meta_bbb_recording_ready_url",
        "meta_bn_recording_ready_url",
        "meta_canvas_recording_ready_url",
        "meta_analytics_callback_url",
    }
)


def new_meeting_id() -> str:
    """Return ``m-`` and 26 letters: unguessable, and never the beginning of a SHA-1.

    BigBlueButton compares ids by their beginning in places and takes a SHA-1 for an internal id.
    """
    return "m-" + "".join(secrets.choice(_ALPHABET) for _ in range(26))


def validate_options(options: Any) -> None:
    """Refuse options that create would not take, with every reason at once."""
    if not isinstance(options, dict):
        raise ValidationError(_("Options are a JSON object of create parameters."), code="options")
    known = wire.table(CreateParameters)
    problems = []
    meta = options.get("meta")
    # A fact in the mapping may have the name of a parameter: both would be sent.
    spelled = [f"meta_{name}" for name in meta] if isinstance(meta, dict) else []
    for name in [*options, *(name for name in spelled if name in known)]:
        parameter = known.get(name)
        if parameter is None:
            problems.append(_("BigBlueButton has no create parameter “%(name)s”.") % {"name": name})
        elif parameter.python_name in RESERVED_OPTIONS:
            problems.append(_("“%(name)s” is filled in by this site.") % {"name": name})
    if not problems:
        arguments = {"name": "valid", "meeting_id": "valid", **options}
        try:
            problems = list(wire.encode(CreateParameters, arguments)[1])
        except TypeError as error:
            problems = [str(error)]
    if problems:
        raise ValidationError([ValidationError(problem, code="options") for problem in problems])


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings; `delete` archives them."""

    def active(self) -> "MeetingQuerySet":
        """Meetings that are not archived."""
        return self.filter(archived_at__isnull=True)

    def running(self) -> "MeetingQuerySet":
        """Meetings with a class that is open now."""
        return self.filter(sessions__is_open=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Archive these meetings; raises `MeetingIsRunning` while one of them has a class."""
        if self.running().exists():
            raise MeetingIsRunning("End the running classes before deleting their meetings.")
        done = self.active().update(archived_at=timezone.now())
        return done, {self.model._meta.label: done}

    # As Django marks its own: no template calls it, and `Meeting.objects.delete()` does not exist.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Meeting(models.Model):
    """A room that lasts: its classes come and go as `MeetingSession`.

    A site hangs its own ForeignKey or OneToOneField to this on its courses.  Deleting one archives it: its
    recordings stay.
    """

    class Access(models.TextChoices):
        MEMBERS = "members", _("members only")
        SIGNED_IN = "signed_in", _("everybody who is signed in")

    meeting_id = models.CharField(
        _("meeting ID"),
        max_length=60,
        unique=True,
        editable=False,
        help_text=_("The id on the server; it never changes."),
    )
    name = models.CharField(
        _("name"), max_length=64, help_text=_("What people see in class, for example Mathematics 7b.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bbb_meetings",
    )
    access = models.CharField(_("who may enter"), max_length=20, choices=Access, default=Access.MEMBERS)
    server = models.ForeignKey(
        Server,
        verbose_name=_("server"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Classes always run there. Leave it empty to use the server with the least load."),
    )
    required_tags = models.JSONField(
        _("required tags"),
        default=list,
        blank=True,
        help_text=_('Only servers with all of them take the class, for example ["exam"].'),
    )
    preferred_tags = models.JSONField(
        _("preferred tags"),
        default=list,
        blank=True,
        help_text=_('Servers with most of them take the class if they can, for example ["region-eu"].'),
    )
    options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_('Create parameters by name, for example {"record": true, "mute_on_start": true}.'),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["name", "pk"]
        permissions = [
            ("start_meeting", _("Can start any meeting")),
            ("join_as_moderator", _("Can join any meeting as moderator")),
            ("end_any_meeting", _("Can end any meeting")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Not a default of the field: a migration would have to import it from here.
        self.meeting_id = self.meeting_id or new_meeting_id()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("django_bbb:meeting", kwargs={"meeting_id": self.meeting_id})

    def clean(self) -> None:
        """Refuse what create would not take: names of one character, unknown or ill-formed options."""
        if len(self.name.strip()) < 2:
            raise ValidationError({"name": _("A name has at least two characters.")})
        for field in ("required_tags", "preferred_tags"):
            try:
                setattr(self, field, cleaned_tags(getattr(self, field)))
            except ValidationError as error:
                raise ValidationError({field: error.messages}) from None
        try:
            validate_options(self.options)
        except ValidationError as error:
            raise ValidationError({"options": error.messages}) from None

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Archive the meeting; raises `MeetingIsRunning` while it has a class."""
        done = type(self)._default_manager.using(using).filter(pk=self.pk).delete()
        self.refresh_from_db(fields=["archived_at"])
        return done

    @property
    def current_session(self) -> "MeetingSession | None":
        """The class that is open now, or being opened."""
        return self.sessions.open().select_related("server").first()
