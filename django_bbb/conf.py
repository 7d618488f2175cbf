"""The settings of a site: one dict, ``DJANGO_BBB``, read whenever it is asked for."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from django_bbb.api import Secret

#: Keys of a server that say how it is called, and the argument of `BigBlueButtonClient` that each is.
CLIENT_OPTIONS = {
    key: key.lower()
    for key in (
        "TIMEOUT",
        "DEADLINE",
        "RETRIES",
        "CA_BUNDLE",
        "PROXIES",
        "TRUST_ENV",
        "HOOKS_ALGORITHM",
        "LONG_REQUESTS",
        "MOST_IN_QUERY",
        "LARGEST_DOCUMENT",
    )
}

#: All keys of a server.
SERVER_KEYS = frozenset(
    {
        "URL",
        "SECRET",
        "NAME",
        "ALGORITHM",
        "PREVIOUS_SECRET",
        "CALLBACK_ALGORITHMS",
        "ANALYTICS_ALGORITHMS",
        "EVENTS",
        "EVENTS_BEARER",
        "EVENTS_UNSAFE",
        "PRESENTATION_DELIVERY",
        "KIND",
        "TAGS",
        "VERSION",
        *CLIENT_OPTIONS,
    }
)


#: What people may change of their rooms outside the admin, where a site says nothing else.
EDITABLE = (
    "name",
    "access",
    "viewer_code",
    "moderator_code",
    "wait_for",
    "lobby",
    "asks_about_recording",
    "asks_about_attendance",
    "opens_at",
    "closes_at",
    "welcome",
    "max_participants",
    "record",
    "auto_start_recording",
    "allow_start_stop_recording",
    "mute_on_start",
    "allow_mods_to_unmute_users",
    "webcams_only_for_moderator",
    "lock_settings_disable_cam",
    "lock_settings_disable_mic",
    "lock_settings_disable_private_chat",
    "lock_settings_disable_public_chat",
    "lock_settings_disable_notes",
    "lock_settings_hide_user_list",
)


class Events(StrEnum):
    """Whether servers with bbb-webhooks are to tell what happens in classes."""

    NONE = "none"
    SERVER = "server"
    MEETING = "meeting"


class OpenIn(StrEnum):
    """Where classes open."""

    SAME_TAB = "same_tab"
    NEW_TAB = "new_tab"
    FRAME = "frame"


class Delivery(StrEnum):
    """How a server gets the files of a presentation."""

    FETCH = "fetch"
    EMBED = "embed"


class Settings:
    """``settings.DJANGO_BBB``, typed.  Each property documents one key; others are an error of `manage.py check`."""

    @property
    def SERVERS(self) -> Mapping[str, Mapping[str, Any]]:
        """Servers by slug: ``{"default": {"URL": "https://…/bigbluebutton/api/", "SECRET": "…"}}``.

        Further keys of a server: ``NAME`` (what people read), ``ALGORITHM`` (``sha256`` unless given),
        ``PREVIOUS_SECRET`` (accepted for callbacks while a secret is being replaced) and ``CALLBACK_ALGORITHMS``
        (``["HS256"]``; add ``HS512`` for a Scalelite that signs with SHA512 alone), ``KIND`` (``bigbluebutton``, or
        the balancer in front of several: ``scalelite``, ``bbblb``, ``b3lb``), ``TAGS`` (a list such as ``["exam"]``;
        without it tags are given in the admin) and ``VERSION`` (``"3.0.10"``, for people to read; likewise).

        ``ANALYTICS_ALGORITHMS`` are those of its reports (``["HS512"]``, and HS256 from a bbblb).  ``EVENTS`` stands
        in place of the setting of that name.  ``EVENTS_BEARER``: its bbb-webhooks sends the secret itself
        (``auth2_0``; False).  ``EVENTS_UNSAFE``: it is one of 3.0 to 3.3, which sign the address alone, so that
        whoever has seen one event could send another (False).  ``PRESENTATION_DELIVERY`` stands in place of the
        setting of that name.

        How it is called, for servers that need it otherwise: ``TIMEOUT`` and ``DEADLINE`` (seconds, in place of
        those of all), ``RETRIES`` (how often a call that may be repeated is tried again; 0), ``CA_BUNDLE`` (path of
        a private authority's certificates), ``PROXIES`` (``{"https": "http://proxy.example.org:3128"}``),
        ``TRUST_ENV`` (whether proxies, .netrc and bundles are taken from the environment; False),
        ``HOOKS_ALGORITHM`` (``sha1`` for bbb-webhooks before 3.0), ``LONG_REQUESTS`` (``split``, ``form`` or
        ``sorted-form``), ``MOST_IN_QUERY`` (characters of a query; 2000) and ``LARGEST_DOCUMENT`` (bytes of a file
        the server takes).
        """
        declared: Mapping[str, Mapping[str, Any]] = self._get("SERVERS", {})
        # Wrapped at once: local variables end up in crash reports.
        return {slug: {name: _hide(name, value) for name, value in one.items()} for slug, one in declared.items()}

    @property
    def CHOOSE_SERVER(self) -> Callable[..., Any]:
        """Dotted path of a function ``(*, servers, meeting) -> Server`` that chooses the server of a new class.

        ``servers`` are those that may take it, never none; the default is
        `django_bbb.services.choosing.least_loaded`.
        """
        return self._function("CHOOSE_SERVER", "django_bbb.services.choosing.least_loaded")

    @property
    def IN_HOUSE_SERVERS(self) -> bool:
        """Whether servers added in the admin may have http, private and loopback addresses (False).

        With ``DEBUG`` they always may.  Whoever may add servers can then make this site call its own network.
        """
        return bool(self._get("IN_HOUSE_SERVERS", False))

    @property
    def JOIN_POLICY(self) -> Callable[..., Any]:
        """Dotted path of the function that says who may join, and as what.

        See `django_bbb.services.joining.default_join_policy`, which is the default.
        """
        return self._function("JOIN_POLICY", "django_bbb.services.joining.default_join_policy")

    @property
    def MAY_CREATE(self) -> Callable[..., bool]:
        """Dotted path of a function ``(*, user) -> bool`` that says who may make rooms outside the admin.

        The default asks for the permission *Can add meeting*.
        """
        return self._function("MAY_CREATE", "django_bbb.services.editing.default_may_create")

    @property
    def EDITABLE(self) -> tuple[str, ...]:
        """What people may change of their rooms outside the admin: fields of a meeting, and create parameters.

        Such as ``["name", "access", "record"]``; `django_bbb.conf.EDITABLE` is the default.  What a preset enforces
        is shown with the reason, and cannot be changed.
        """
        return tuple(str(one) for one in self._get("EDITABLE", EDITABLE))

    @property
    def OPEN_EARLY(self) -> timedelta:
        """Seconds before a meeting opens from which its moderators may enter and start it (15 minutes)."""
        return timedelta(seconds=float(self._get("OPEN_EARLY", 15 * 60)))

    @property
    def USER_ID(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str`` that gives the id BigBlueButton knows a person by.

        It must match ``[a-z0-9_]+`` and be stable; the default is ``u`` and the primary key.
        """
        return self._function("USER_ID", "django_bbb.services.people.default_user_id")

    @property
    def DISPLAY_NAME(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str`` that gives the name others see in class."""
        return self._function("DISPLAY_NAME", "django_bbb.services.people.default_display_name")

    @property
    def AVATAR_URL(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str``: the address of a person's picture, or nothing.

        The browsers of the others fetch it.
        """
        return self._function("AVATAR_URL", "django_bbb.services.people.default_avatar_url")

    @property
    def LANGUAGE(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str``: the language of the class for a person, such as ``pt-BR``.

        ``user`` is None for guests.  The default is the language of the page they come from.
        """
        return self._function("LANGUAGE", "django_bbb.services.people.default_language")

    @property
    def JOIN_PARAMETERS(self) -> Callable[..., Mapping[str, Any]]:
        """Dotted path of a function ``(*, user, meeting) -> dict`` of further join parameters for a person.

        Such as ``{"userdata_bbb_prefer_dark_theme": True}``; ``user`` is None for guests.  Name, id, role and run
        of the class are not changed by it.
        """
        return self._function("JOIN_PARAMETERS", "django_bbb.services.people.default_join_parameters")

    @property
    def CONSENT_TEXT(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, about, meeting) -> str``: what people agree to, in their language.

        ``about`` is ``recording`` or ``attendance``.  Whoever agreed to other words is asked again.
        """
        return self._function("CONSENT_TEXT", "django_bbb.services.consents.default_consent_text")

    @property
    def TRUSTED_PROXIES(self) -> tuple[str, ...]:
        """Addresses and networks of proxies whose ``X-Forwarded-For`` is believed, such as ``["127.0.0.1"]`` (none).

        Wrong access codes are counted by address: behind a proxy that is not named here all people have one.
        """
        return tuple(str(one) for one in self._get("TRUSTED_PROXIES", ()))

    @property
    def RETURN_URL(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, meeting) -> str``: the page of your site people come back to.

        A path or an address; the default is the meeting's own page.
        """
        return self._function("RETURN_URL", "django_bbb.services.joining.default_return_url")

    @property
    def OPEN_IN(self) -> OpenIn:
        """Where classes open: in the ``same_tab``, in a ``new_tab``, or in a ``frame`` of a page of this site.

        A frame shows only servers that allow it, and that the site's own Content Security Policy names.
        """
        return OpenIn(self._get("OPEN_IN", OpenIn.SAME_TAB))

    @property
    def CALLBACK_BASE_URL(self) -> str:
        """Where BigBlueButton reaches this site, such as ``https://lms.example.org``: without a path.

        For a site below one set ``FORCE_SCRIPT_NAME``, which workers heed too.
        Never taken from a request's Host header.  Without it no callbacks are asked for, and polling alone
        finds out what happened.
        """
        return str(self._get("CALLBACK_BASE_URL", "")).rstrip("/")

    @property
    def CREATE_DEFAULTS(self) -> Mapping[str, Any]:
        """Create parameters of all classes: ``{"record": True, "mute_on_start": True}``.

        What a preset or the meeting itself says stands in their place.
        """
        defaults: Mapping[str, Any] = self._get("CREATE_DEFAULTS", {})
        return defaults

    @property
    def ORIGIN(self) -> str:
        """What marks classes and recordings of this site on servers that others use too.

        Stored at the first migrate, made up if it is not set then; a name that is set later wins.  Whatever runs
        under the old name is not found by polls any more, unless this site knows it already.
        """
        return str(self._get("ORIGIN", ""))

    @property
    def READ_ONLY(self) -> bool:
        """Whether nothing is ever created, ended, changed or deleted on a server (False).

        For a copy of a site, with the servers of the real one: polls and syncs read, all else is refused.
        """
        return bool(self._get("READ_ONLY", False))

    @property
    def STALE_AFTER(self) -> timedelta:
        """Seconds without a poll after which a page that shows a class asks its server itself (30).

        One visitor does for all, and waits three seconds at most.  Where beat or cron polls, no page ever does.
        """
        return timedelta(seconds=float(self._get("STALE_AFTER", 30)))

    @property
    def TIMEOUT(self) -> float:
        """Seconds to wait for a server to say something (10)."""
        return float(self._get("TIMEOUT", 10))

    @property
    def DEADLINE(self) -> float:
        """Seconds one call may take altogether (15)."""
        return float(self._get("DEADLINE", 15))

    @property
    def CREATE_DEADLINE(self) -> float:
        """Seconds a person waits for a class to be created before a task takes over (20)."""
        return float(self._get("CREATE_DEADLINE", 20))

    @property
    def PATIENT_CREATE_DEADLINE(self) -> float:
        """Seconds that task waits: a server may first fetch slides and settings (60)."""
        return float(self._get("PATIENT_CREATE_DEADLINE", 60))

    @property
    def CLAIM_LEASE(self) -> timedelta:
        """How long, in seconds, whoever starts a class has before another may do it in their place (10)."""
        return timedelta(seconds=float(self._get("CLAIM_LEASE", 10)))

    @property
    def WAITING_REFRESH(self) -> int:
        """Seconds between two looks of the waiting page (5)."""
        return int(self._get("WAITING_REFRESH", 5))

    @property
    def LOOK_INTERVAL(self) -> timedelta:
        """Seconds between two looks for the recording of a class that has just ended (60).

        The looks become rarer with time: a tenth of the time since the end, at least this.
        """
        return timedelta(seconds=float(self._get("LOOK_INTERVAL", 60)))

    @property
    def LOOK_FOR(self) -> timedelta:
        """Seconds after the end of a class until nobody looks for its recording any more (7 days)."""
        return timedelta(seconds=float(self._get("LOOK_FOR", 7 * 24 * 3600)))

    @property
    def MISSING_GRACE(self) -> timedelta:
        """Seconds a recording that its server no longer tells of is kept as missing (1 day).

        A server that rebuilds a recording hides it for hours.  If it is still not there after this, it is recorded
        as deleted on the server.
        """
        return timedelta(seconds=float(self._get("MISSING_GRACE", 24 * 3600)))

    @property
    def CALLBACK_TRIES(self) -> int:
        """How often a callback is tried before it is left for an administrator to look at (8)."""
        return int(self._get("CALLBACK_TRIES", 8))

    @property
    def EVENTS(self) -> Events:
        """Whether servers that have bbb-webhooks tell what happens in classes: ``server``, ``meeting`` or ``none``.

        With ``server`` each is asked to tell of all its classes, with ``meeting`` of each of ours by itself: choose
        that where others use the server too.  Without events polls find out the same, later (``none``).
        """
        return Events(self._get("EVENTS", Events.NONE))

    @property
    def LARGEST_ANALYTICS(self) -> int:
        """Bytes of the largest report on a class that is read (4 MiB)."""
        return int(self._get("LARGEST_ANALYTICS", 4 * 1024 * 1024))

    @property
    def LARGEST_EVENT(self) -> int:
        """Bytes of the largest event that is read (1 MiB)."""
        return int(self._get("LARGEST_EVENT", 1024 * 1024))

    @property
    def KEEP_CALLBACKS(self) -> timedelta:
        """Seconds that callbacks are kept after they were worked off, or given up (30 days)."""
        return timedelta(seconds=float(self._get("KEEP_CALLBACKS", 30 * 24 * 3600)))

    @property
    def KEEP_ATTENDANCE(self) -> timedelta:
        """Seconds after a class that it is known who was there (90 days); with 0 nobody takes that down at all.

        With 0 servers are not asked for a report on each class either.
        """
        return timedelta(seconds=float(self._get("KEEP_ATTENDANCE", 90 * 24 * 3600)))

    @property
    def KEEP_TRASH(self) -> timedelta:
        """Seconds that recordings stay in the trash before they are deleted for good (30 days)."""
        return timedelta(seconds=float(self._get("KEEP_TRASH", 30 * 24 * 3600)))

    @property
    def RECORDING_HOSTS(self) -> frozenset[str]:
        """Hosts beside the servers' own that pictures of recordings are fetched from (none).

        For servers behind a balancer: ``["bbb1.example.org", "recordings.example.org:8443"]``.  This site fetches
        nothing from anywhere else, whatever a server tells.
        """
        return frozenset(str(host).lower() for host in self._get("RECORDING_HOSTS", ()))

    @property
    def PRESENTATION_STORAGE(self) -> str:
        """Alias in ``STORAGES`` of where the files of presentations are kept (``default``).

        They have names that nobody guesses.  Better still is a storage of which nothing is public.
        """
        return str(self._get("PRESENTATION_STORAGE", "default"))

    @property
    def PRESENTATION_DELIVERY(self) -> Delivery | None:
        """How servers get presentations: ``fetch`` from a signed address of this site, or ``embed`` in the call.

        Servers fetch from https addresses of public hosts only, unless their settings say otherwise: so they fetch
        where ``CALLBACK_BASE_URL`` is one, and else the files are embedded.  Embedded are altogether as many bytes
        as the server takes of one file; what is over is left out.
        """
        return self._delivery(self._get("PRESENTATION_DELIVERY", None))

    @property
    def PRESENTATION_FETCH_WITHIN(self) -> timedelta:
        """Seconds within which a server has to fetch a presentation (1 hour); it does so at once."""
        return timedelta(seconds=float(self._get("PRESENTATION_FETCH_WITHIN", 3600)))

    @property
    def PRESENTATION_SCANNER(self) -> Callable[..., Any] | None:
        """Dotted path of a function ``(*, file, name)`` that looks at each file before it is kept (none).

        It raises `django.core.exceptions.ValidationError` for one that is not to be kept, with what people read.
        If it raises anything else the file is refused too.
        """
        return self._function("PRESENTATION_SCANNER", "") if self._get("PRESENTATION_SCANNER", None) else None

    @property
    def LARGEST_PRESENTATION(self) -> int:
        """Bytes of the largest presentation that may be uploaded (30 MB).

        More than that servers do not take, unless their ``maxFileSizeUpload`` was changed: then tell it as
        ``LARGEST_DOCUMENT`` of the server, too.
        """
        return int(self._get("LARGEST_PRESENTATION", 30_000_000))

    def events_of(self, declaration: Mapping[str, Any]) -> Events:
        """Return what holds for a server that is declared so, or is not declared at all."""
        return Events(declaration.get("EVENTS", self.EVENTS))

    def delivery_to(self, declaration: Mapping[str, Any]) -> Delivery | None:
        """Return how a server that is declared so gets presentations; None where nobody says."""
        return self._delivery(declaration.get("PRESENTATION_DELIVERY")) or self.PRESENTATION_DELIVERY

    @classmethod
    def names(cls) -> frozenset[str]:
        """Return the keys there are."""
        return frozenset(name for name, value in vars(cls).items() if isinstance(value, property))

    def _get(self, name: str, default: Any) -> Any:
        return getattr(django_settings, "DJANGO_BBB", {}).get(name, default)

    @staticmethod
    def _delivery(word: Any) -> Delivery | None:
        return None if word is None else Delivery(word)

    def _function(self, name: str, default: str) -> Callable[..., Any]:
        function: Callable[..., Any] = import_string(self._get(name, default))
        return function


def _hide(name: str, value: Any) -> Any:
    return Secret(str(value or "")) if name in ("SECRET", "PREVIOUS_SECRET") else value


conf = Settings()
