"""The lasting room; its runs are in `sessions`."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import FilteredRelation, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.conf import conf
from django_bbb.exceptions import MeetingIsRunning

from .options import Option, Source, put_together, validate_options
from .presets import MeetingPreset
from .servers import Server
from .tags import cleaned_tags

if TYPE_CHECKING:
    from .sessions import MeetingSession

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

#: Ten wrong tries in a quarter of an hour find one of a million codes in years.
SHORTEST_CODE = 6


#: What `MeetingQuerySet.for_user` adds to a meeting; ``loaded_for`` is nobody's where the class alone was loaded.
_LOADED = ("loaded_session", "loaded_role", "loaded_for")


def new_meeting_id() -> str:
    """Return ``m-`` and 26 letters: unguessable, and never the beginning of a SHA-1.

    BigBlueButton compares ids by their beginning in places and takes a SHA-1 for an internal id.
    """
    return "m-" + "".join(secrets.choice(_ALPHABET) for _ in range(26))


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings; `delete` archives them."""

    def active(self) -> "MeetingQuerySet":
        """Meetings that are not archived."""
        return self.filter(archived_at__isnull=True)

    def running(self) -> "MeetingQuerySet":
        """Meetings with a class that is open now."""
        return self.filter(sessions__is_open=True)

    def with_session(self) -> "MeetingQuerySet":
        """Load the open class with each, and its server, in the same query: `Meeting.open_session`."""
        # Without a class Django sets no attribute at all, so another says that it was looked for.
        return self._with_session(loaded_for=Value(""))

    def _with_session(self, **more: Any) -> "MeetingQuerySet":
        is_open = FilteredRelation("sessions", condition=Q(sessions__is_open=True))
        # At once: each click on a class pays for this query, and each further step makes it dearer.
        marked = self.annotate(loaded_session=is_open, **more)
        return marked.select_related("loaded_session__server")  # type: ignore[misc]

    def for_user(self, user: Any, *, now: datetime | None = None) -> "MeetingQuerySet":
        """Load with each all that a page asks about it for one person: a query for fifty as for one.

        The open class, the preset's name apart, and what the person is by membership at ``now``.
        """
        if not user.is_authenticated:
            return self.with_session()
        # Not at the top: memberships need meetings.
        memberships: Any = self.model._meta.get_field("memberships").related_model._default_manager
        mine = memberships.of(user, at=now or timezone.now(), meeting=OuterRef("pk"))
        # "moderator" comes before "viewer".
        role = Subquery(mine.order_by("role").values("role")[:1])
        return self._with_session(loaded_role=role, loaded_for=Value(str(user.pk)))

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
        CODE = "code", _("everybody who knows an access code")
        LINK = "link", _("everybody who has the link")

    class WaitFor(models.TextChoices):
        CLASS = "class", _("the class is open")
        MODERATOR_INSIDE = "moderator_inside", _("a moderator is inside")

    class Lobby(models.TextChoices):
        NOBODY = "", _("nobody")
        GUESTS = "guests", _("guests")
        EVERYBODY = "everybody", _("everybody but moderators")

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
    viewer_code = models.CharField(
        _("access code"),
        max_length=40,
        blank=True,
        validators=[MinLengthValidator(SHORTEST_CODE)],
        help_text=_("Whoever types it enters as viewer, whoever else may enter. At least six characters."),
    )
    moderator_code = models.CharField(
        _("access code of moderators"),
        max_length=40,
        blank=True,
        validators=[MinLengthValidator(SHORTEST_CODE)],
        help_text=_("Whoever types it enters as moderator, and may start the class."),
    )
    wait_for = models.CharField(
        _("viewers wait until"),
        max_length=20,
        choices=WaitFor,
        default=WaitFor.CLASS,
    )
    lobby = models.CharField(
        _("wait in class to be let in"),
        max_length=20,
        choices=Lobby,
        default=Lobby.NOBODY,
        blank=True,
        help_text=_("Moderators inside are asked whether they come in."),
    )
    asks_about_recording = models.BooleanField(
        _("ask for consent to recording"),
        default=False,
        help_text=_("Nobody enters before they have agreed once to being recorded."),
    )
    asks_about_attendance = models.BooleanField(
        _("ask for consent to the attendance list"),
        default=False,
        help_text=_("Nobody enters before they have agreed once to it being kept who was there."),
    )
    opens_at = models.DateTimeField(
        _("opens"),
        null=True,
        blank=True,
        help_text=_("From then on people may enter, moderators a little earlier. Leave it empty for any time."),
    )
    closes_at = models.DateTimeField(
        _("closes"), null=True, blank=True, help_text=_("Nobody enters after. A class that runs then goes on.")
    )
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
    preset = models.ForeignKey(
        MeetingPreset,
        verbose_name=_("preset"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        help_text=_("Options that many meetings share."),
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
        # What the admin's list is sorted and filtered by.
        indexes = [
            models.Index(fields=["name", "id"], name="bbb_meeting_name"),
            models.Index(fields=["created_at"], name="bbb_meeting_created"),
            models.Index(fields=["opens_at", "id"], name="bbb_meeting_opens"),
            models.Index(fields=["access"], name="bbb_meeting_access"),
        ]
        permissions = [
            ("start_meeting", _("Can start any meeting")),
            ("join_as_moderator", _("Can join any meeting as moderator")),
            ("end_any_meeting", _("Can end any meeting")),
            ("message_meeting", _("Can send a message into any class")),
            ("sync_meeting", _("Can fetch the recordings of any meeting")),
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
        if self.viewer_code and self.viewer_code == self.moderator_code:
            raise ValidationError({"moderator_code": _("Viewers have this code. Choose another one.")})
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("This is not after the opening.")})
        for field in ("required_tags", "preferred_tags"):
            try:
                setattr(self, field, cleaned_tags(getattr(self, field)))
            except ValidationError as error:
                raise ValidationError({field: error.messages}) from None
        try:
            validate_options(self.options)
            validate_options(self.effective_options())
        except ValidationError as error:
            raise ValidationError({"options": error.messages}) from None

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Archive the meeting; raises `MeetingIsRunning` while it has a class."""
        done = type(self)._default_manager.using(using).filter(pk=self.pk).delete()
        self.refresh_from_db(fields=["archived_at"])
        return done

    def options_by_source(self) -> dict[str, Option]:
        """Return the create parameters that hold for its next class, and where each comes from."""
        preset = self.preset
        return put_together(
            [
                (Source.SITE, conf.CREATE_DEFAULTS),
                (Source.PRESET, preset.options if preset else {}),
                (Source.MEETING, self.options),
                (Source.ENFORCED, preset.enforced_options if preset else {}),
            ]
        )

    def effective_options(self) -> dict[str, Any]:
        """Return the create parameters that hold for its next class."""
        return {name: one.value for name, one in self.options_by_source().items()}

    def role_by_membership(self, user: Any, *, now: datetime) -> str:
        """Return what somebody is by membership then, "moderator" or "viewer", or nothing."""
        if getattr(self, "loaded_for", None) == str(user.pk):
            return self.loaded_role or ""  # type: ignore[attr-defined]
        return self.memberships.of(user, at=now).order_by("role").values_list("role", flat=True).first() or ""

    @property
    def open_session(self) -> "MeetingSession | None":
        """The class that was open, or being opened, when this was loaded; asked for now if it was not loaded."""
        if hasattr(self, "loaded_for"):
            return getattr(self, "loaded_session", None)
        return self.current_session

    def load_for(self, user: Any) -> None:
        """Load what `MeetingQuerySet.for_user` loads, unless it was loaded so."""
        known = vars(self)
        is_loaded = known.get("loaded_for") == str(user.pk) if user.is_authenticated else "loaded_for" in known
        if is_loaded:
            return
        fresh = vars(type(self)._default_manager.for_user(user).get(pk=self.pk))
        known.update({name: fresh[name] for name in _LOADED if name in fresh})

    def reload_session(self) -> "MeetingSession | None":
        """Ask again which class is open, for all that look at `open_session` from now on."""
        vars(self).setdefault("loaded_for", "")
        vars(self)["loaded_session"] = self.current_session
        return self.open_session

    @property
    def is_known_to_run(self) -> bool:
        """Whether it was loaded with a class that can be joined; asks nothing."""
        session = self.open_session if hasattr(self, "loaded_for") else None
        return session is not None and session.is_joinable

    @property
    def current_session(self) -> "MeetingSession | None":
        """The class that is open now, or being opened."""
        return self.sessions.open().select_related("server").first()
