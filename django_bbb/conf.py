"""The settings of a site: one dict, ``DJANGO_BBB``, read whenever it is asked for."""

from collections.abc import Callable, Mapping
from datetime import timedelta
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
    {"URL", "SECRET", "NAME", "ALGORITHM", "PREVIOUS_SECRET", "CALLBACK_ALGORITHMS", "KIND", "TAGS", *CLIENT_OPTIONS}
)


class Settings:
    """``settings.DJANGO_BBB``, typed.  Each property documents one key; others are an error of `manage.py check`."""

    @property
    def SERVERS(self) -> Mapping[str, Mapping[str, Any]]:
        """Servers by slug: ``{"default": {"URL": "https://…/bigbluebutton/api/", "SECRET": "…"}}``.

        Further keys of a server: ``NAME`` (what people read), ``ALGORITHM`` (``sha256`` unless given),
        ``PREVIOUS_SECRET`` (accepted for callbacks while a secret is being replaced) and ``CALLBACK_ALGORITHMS``
        (``["HS256"]``; add ``HS512`` for a Scalelite that signs with SHA512 alone), ``KIND`` (``bigbluebutton``, or
        the balancer in front of several: ``scalelite``, ``bbblb``, ``b3lb``) and ``TAGS`` (a list such as
        ``["exam"]``; without it tags are given in the admin).

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
    def USER_ID(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str`` that gives the id BigBlueButton knows a person by.

        It must match ``[a-z0-9_]+`` and be stable; the default is ``u`` and the primary key.
        """
        return self._function("USER_ID", "django_bbb.services.joining.default_user_id")

    @property
    def DISPLAY_NAME(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, user) -> str`` that gives the name others see in class."""
        return self._function("DISPLAY_NAME", "django_bbb.services.joining.default_display_name")

    @property
    def RETURN_URL(self) -> Callable[..., str]:
        """Dotted path of a function ``(*, meeting) -> str``: the page of your site people come back to.

        A path or an address; the default is the meeting's own page.
        """
        return self._function("RETURN_URL", "django_bbb.services.joining.default_return_url")

    @property
    def CALLBACK_BASE_URL(self) -> str:
        """Where BigBlueButton reaches this site, such as ``https://lms.example.org``.

        Never taken from a request's Host header.  Without it no callbacks are asked for, and polling alone
        finds out what happened.
        """
        return str(self._get("CALLBACK_BASE_URL", "")).rstrip("/")

    @property
    def CREATE_DEFAULTS(self) -> Mapping[str, Any]:
        """Create parameters a new meeting begins with: ``{"record": True, "mute_on_start": True}``."""
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

    @classmethod
    def names(cls) -> frozenset[str]:
        """Return the keys there are."""
        return frozenset(name for name, value in vars(cls).items() if isinstance(value, property))

    def _get(self, name: str, default: Any) -> Any:
        return getattr(django_settings, "DJANGO_BBB", {}).get(name, default)

    def _function(self, name: str, default: str) -> Callable[..., Any]:
        function: Callable[..., Any] = import_string(self._get(name, default))
        return function


def _hide(name: str, value: Any) -> Any:
    return Secret(str(value or "")) if name in ("SECRET", "PREVIOUS_SECRET") else value


conf = Settings()
