"""The BigBlueButton servers of this site."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_bbb.api import HashAlgorithm, Secret
from django_bbb.conf import conf
from django_bbb.exceptions import UnreadableSecret

from . import encryption
from .kinds import FEATURES, Features, Kind
from .server_addresses import cleaned_address
from .tags import cleaned_tags

#: How long one poll of a server may take before another may begin.
POLL_LEASE = timedelta(seconds=30)

#: How long a comparison of recordings may say nothing before another may begin; it takes longer leases as it goes on.
SYNC_LEASE = timedelta(minutes=3)


class ServerQuerySet(models.QuerySet["Server"]):
    """Servers, chosen by what they can be used for."""

    def usable(self) -> "ServerQuerySet":
        """Servers that are not switched off: their classes are looked after."""
        return self.exclude(state=Server.State.DISABLED)

    def open_for_classes(self) -> "ServerQuerySet":
        """Servers that take new classes: enabled, and not left out after failures."""
        now = timezone.now()
        return self.filter(state=Server.State.ENABLED).filter(Q(next_try_at__isnull=True) | Q(next_try_at__lte=now))

    def take_poll_lease(self, server: "Server", *, rested: timedelta = timedelta()) -> bool:
        """Return whether the caller is the one to poll this server now, whom nobody has asked for so long."""
        now = timezone.now()
        free = Q(poll_lease_until__isnull=True) | Q(poll_lease_until__lte=now)
        quiet = Q(asked_at__isnull=True) | Q(asked_at__lte=now - rested)
        facts = {"poll_lease_until": now + POLL_LEASE, "asked_at": now}
        if not self.filter(free, quiet, pk=server.pk).update(**facts):
            return False
        server.poll_lease_until, server.asked_at = facts["poll_lease_until"], now
        return True

    def end_poll_lease(self, server: "Server") -> None:
        """Let the next poll begin, unless it has, since this one took too long."""
        self.filter(pk=server.pk, poll_lease_until=server.poll_lease_until).update(poll_lease_until=None)

    def take_sync_lease(self, pk: int, *, held: datetime | None = None) -> datetime | None:
        """Return until when the caller may compare the recordings of this server; None if somebody else does.

        ``held`` is the lease the caller has, to make it longer.
        """
        now = timezone.now()
        free = Q(sync_lease_until=held) if held else Q(sync_lease_until__isnull=True) | Q(sync_lease_until__lte=now)
        until = now + SYNC_LEASE
        return until if self.filter(free, pk=pk).update(sync_lease_until=until) else None


class Server(models.Model):
    """One BigBlueButton server, or a load balancer in front of several.

    Declared in ``DJANGO_BBB["SERVERS"]``, where address, algorithm, kind and secret stand then; or added in the
    admin, with secrets that are encrypted.  State and weight are changed here.  The rest is what the last poll saw.
    """

    Kind = Kind

    class State(models.TextChoices):
        ENABLED = "enabled", _("enabled")
        DRAINING = "draining", _("draining: no new classes")
        DISABLED = "disabled", _("disabled")

    class Failure(models.TextChoices):
        """Why the last poll failed, in the words of the list; ``last_error`` has the details."""

        NAME = "name", _("its name does not resolve")
        REFUSED = "refused", _("it refused the connection")
        TLS = "tls", _("its certificate is not trusted, or TLS fails")
        TIMEOUT = "timeout", _("it did not answer in time")
        UNREACHABLE = "unreachable", _("it cannot be reached")
        WRONG_SECRET = "wrong-secret", _("wrong secret or algorithm")
        NO_SECRET = "no-secret", _("it has no secret that can be read")
        NOT_BIGBLUEBUTTON = "not-bigbluebutton", _("what answers is not BigBlueButton")
        REFUSED_CALL = "refused-call", _("it refuses to answer")
        OTHER = "other", _("the poll failed")

    class Algorithm(models.TextChoices):
        SHA1 = HashAlgorithm.SHA1, "SHA-1"
        SHA256 = HashAlgorithm.SHA256, "SHA-256"
        SHA384 = HashAlgorithm.SHA384, "SHA-384"
        SHA512 = HashAlgorithm.SHA512, "SHA-512"

    slug = models.SlugField(
        _("slug"),
        unique=True,
        help_text=_("Part of the addresses it calls back, and its key in the settings; it never changes."),
    )
    name = models.CharField(_("name"), max_length=200)
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("For example https://bbb.example.org/bigbluebutton/api/."),
    )
    algorithm = models.CharField(_("checksum algorithm"), max_length=10, choices=Algorithm, default=Algorithm.SHA256)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.BIGBLUEBUTTON)
    declared = models.BooleanField(_("declared in the settings"), default=False, editable=False)
    encrypted_secret = models.TextField(default="", editable=False)
    encrypted_previous_secret = models.TextField(default="", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ENABLED)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=100,
        validators=[MinValueValidator(1)],
        help_text=_("A server of weight 200 gets twice the people of one of weight 100."),
    )
    tags = models.JSONField(
        _("tags"),
        default=list,
        blank=True,
        help_text=_('What meetings may require or prefer, for example ["exam", "region-eu"].'),
    )
    version = models.CharField(
        _("version"),
        max_length=50,
        blank=True,
        help_text=_("What you know of it, for example 3.0.10: servers do not say it reliably."),
    )

    reachable = models.BooleanField(_("reachable"), null=True, editable=False)
    unreachable_since = models.DateTimeField(_("unreachable since"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    successes = models.PositiveIntegerField(_("answers in a row since"), default=0, editable=False)
    next_try_at = models.DateTimeField(_("next try"), null=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    failure = models.CharField(_("why not"), max_length=20, choices=Failure, blank=True, editable=False)
    polled_at = models.DateTimeField(_("last answer"), null=True, editable=False)
    asked_at = models.DateTimeField(_("last poll"), null=True, editable=False)
    poll_lease_until = models.DateTimeField(null=True, editable=False)
    recordings_synced_at = models.DateTimeField(_("recordings last compared"), null=True, editable=False)
    sync_lease_until = models.DateTimeField(null=True, editable=False)
    hooks_look_at = models.DateTimeField(null=True, editable=False)
    hooks_seen_at = models.DateTimeField(_("hooks last seen"), null=True, editable=False)
    hooks_error = models.TextField(_("what is wrong with the hooks"), blank=True, editable=False)
    meeting_count = models.PositiveIntegerField(_("meetings"), default=0, editable=False)
    participant_count = models.PositiveIntegerField(_("people"), default=0, editable=False)
    voice_count = models.PositiveIntegerField(_("voices"), default=0, editable=False)
    video_count = models.PositiveIntegerField(_("cameras"), default=0, editable=False)

    #: Filled in for a choice: our classes there that no poll has seen yet, all that are open, and who is in them.
    new_classes = 0
    own_classes = 0
    own_people = 0

    objects = ServerQuerySet.as_manager()

    class Meta:
        verbose_name = _("server")
        verbose_name_plural = _("servers")
        ordering = ["name", "pk"]
        permissions = [
            ("panic_server", _("Can disable a server and end all its classes")),
            ("test_server", _("Can test the connection to a server")),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse addresses that must not be typed in, and tags that are none; what is declared is not judged."""
        problems: dict[str, Any] = {}
        try:
            self.tags = cleaned_tags(self.tags)
        except ValidationError as error:
            problems["tags"] = error.messages
        if not self.declared:
            try:
                self.url = cleaned_address(self.url)
            except ValidationError as error:
                problems["url"] = error.messages
            if self.algorithm not in self.features.algorithms:
                problems["algorithm"] = _("This kind of server does not take this algorithm.")
        if problems:
            raise ValidationError(problems)

    @property
    def features(self) -> Features:
        """What this kind of server can do."""
        return FEATURES.get(self.kind, FEATURES[Kind.BIGBLUEBUTTON])

    @property
    def declaration(self) -> dict[str, Any]:
        """What the settings say of this server; empty when they do not, or no longer."""
        return dict(conf.SERVERS.get(self.slug, {})) if self.declared else {}

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The present secret and, during a rotation, another one; blank ones are left out.

        Raises `UnreadableSecret` where one cannot be decrypted.
        """
        if self.declared:
            found = [self.declaration.get(key) for key in ("SECRET", "PREVIOUS_SECRET")]
        else:
            found = [self._decrypted(stored) for stored in self._stored]
        # The first is what calls are signed with: without it there is no other either.
        return tuple(secret for secret in found if secret) if found and found[0] else ()

    @property
    def _stored(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.encrypted_secret, self.encrypted_previous_secret)))

    def _decrypted(self, stored: str) -> Secret:
        secret = encryption.decrypt(stored)
        if secret is None:
            raise UnreadableSecret(
                f"The secret of {self} cannot be decrypted: neither SECRET_KEY nor SECRET_KEY_FALLBACKS is the key. "
                "Put the old key into SECRET_KEY_FALLBACKS and run `manage.py bbb_rotate_keys`, "
                "or type the secret again in the admin."
            )
        return secret

    @property
    def is_under_old_key(self) -> bool:
        """Whether a secret is encrypted under another key than that of ``SECRET_KEY``."""
        return not self.declared and not all(encryption.is_current(stored) for stored in self._stored)

    def remember_secret(self, secret: Secret) -> None:
        """Encrypt a new secret, and go on taking callbacks signed with the one before; the caller saves."""
        if self.encrypted_secret:
            self.encrypted_previous_secret = self.encrypted_secret
        self.encrypted_secret = encryption.encrypt(secret)

    def remember_previous_secret(self, secret: Secret | None) -> None:
        """Encrypt another secret that callbacks may be signed with, or forget it; the caller saves."""
        self.encrypted_previous_secret = encryption.encrypt(secret) if secret else ""

    def swap_secrets(self) -> None:
        """Make the other secret the present one, and take callbacks of the one before; the caller saves."""
        stored = self.encrypted_secret, self.encrypted_previous_secret
        self.encrypted_previous_secret, self.encrypted_secret = stored

    def renew_encryption(self) -> None:
        """Encrypt the secrets under the key of ``SECRET_KEY``; the caller saves."""
        for name in ("encrypted_secret", "encrypted_previous_secret"):
            if stored := getattr(self, name):
                setattr(self, name, encryption.encrypt(self._decrypted(stored)))

    @property
    def callback_algorithms(self) -> tuple[str, ...]:
        """The algorithms this server's callbacks may be signed with.

        A Scalelite that is told to use SHA-512 signs them with HS512, and tells nobody.
        """
        derived = ["HS256"]
        if self.kind == Kind.SCALELITE and self.algorithm == self.Algorithm.SHA512:
            derived.append("HS512")
        return tuple(self.declaration.get("CALLBACK_ALGORITHMS", derived))

    @property
    def analytics_algorithms(self) -> tuple[str, ...]:
        """The algorithms of the token that comes with this server's reports."""
        return tuple(self.declaration.get("ANALYTICS_ALGORITHMS", self.features.analytics_algorithms))
