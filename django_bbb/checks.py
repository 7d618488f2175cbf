"""What `manage.py check` finds wrong with a site's settings.  Ids are never used again."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.module_loading import import_string

from .api import BigBlueButtonClient, HashAlgorithm, normalized
from .broker import site_app
from .conf import CLIENT_OPTIONS, SERVER_KEYS, Settings, conf

#: PyJWT's and RFC 7518's minimum for HS256.
_SHORTEST_SECRET = 32

_FUNCTIONS = ("CHOOSE_SERVER", "JOIN_POLICY", "USER_ID", "DISPLAY_NAME", "RETURN_URL")


def check_time_zones(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E001: naive times cannot say when a class began."""
    if not settings.USE_TZ:
        yield Error("django_bbb needs aware times.", hint="Set USE_TZ = True in your settings.", id="django_bbb.E001")


def check_names(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E002: a key that does not exist would be ignored silently."""
    for name in set(getattr(settings, "DJANGO_BBB", {})) - Settings.names():
        nearest = difflib.get_close_matches(name, Settings.names(), n=1)
        yield Error(
            f"DJANGO_BBB has no setting {name!r}.",
            hint=f"Did you mean {nearest[0]!r}?" if nearest else "Remove it.",
            id="django_bbb.E002",
        )


def check_servers(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W001, E003 to E005: servers that cannot be called."""
    if not conf.SERVERS:
        yield CheckWarning(
            "No BigBlueButton server is configured, so that no class can be started.",
            hint='Set DJANGO_BBB = {"SERVERS": {"default": {"URL": "https://…/bigbluebutton/api/", "SECRET": "…"}}}.',
            id="django_bbb.W001",
        )
    for slug, declaration in conf.SERVERS.items():
        where = f'DJANGO_BBB["SERVERS"]["{slug}"]'
        try:
            normalized(str(declaration.get("URL", "")))
        except ValueError as error:
            yield Error(f"{where} has no usable URL: {error}", hint="Set URL.", id="django_bbb.E003")
        secret = declaration.get("SECRET")
        if not secret:
            yield Error(
                f"{where} has no secret.",
                hint="Set SECRET to what `bbb-conf --secret` prints on the server.",
                id="django_bbb.E004",
            )
        elif len(secret.reveal().encode()) < _SHORTEST_SECRET and not settings.DEBUG:
            yield CheckWarning(
                f"{where} has a short secret: callbacks signed with it can be forged by trying.",
                hint=f"Use at least {_SHORTEST_SECRET} characters (`bbb-conf --setsecret` on the server).",
                id="django_bbb.W002",
            )
        algorithm = str(declaration.get("ALGORITHM", "sha256")).lower()
        if algorithm not in list(HashAlgorithm):
            yield Error(
                f"{where} has no such algorithm: {algorithm!r}.",
                hint=f"Use one of {', '.join(HashAlgorithm)}.",
                id="django_bbb.E005",
            )


def check_kinds_and_tags(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E011: a kind of server there is not, or tags that no meeting could name."""
    from .models.kinds import FEATURES
    from .models.tags import cleaned_tags

    for slug, declaration in conf.SERVERS.items():
        where = f'DJANGO_BBB["SERVERS"]["{slug}"]'
        kind = str(declaration.get("KIND", "bigbluebutton")).lower()
        algorithm = str(declaration.get("ALGORITHM", "sha256")).lower()
        if kind not in FEATURES:
            known = ", ".join(FEATURES)
            yield Error(f"{where} has no such KIND: {kind!r}.", hint=f"Use one of {known}.", id="django_bbb.E011")
        elif algorithm in list(HashAlgorithm) and algorithm not in FEATURES[kind].algorithms:
            yield Error(
                f"{where} has an ALGORITHM that a server of this kind does not take: {algorithm!r}.",
                hint=f"Use one of {', '.join(sorted(FEATURES[kind].algorithms))}.",
                id="django_bbb.E011",
            )
        try:
            cleaned_tags(declaration.get("TAGS"))
        except ValidationError as error:
            yield Error(f"{where} has TAGS that are none.", hint=" ".join(error.messages), id="django_bbb.E011")


def check_in_house(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W005: who may add servers can make this site call its own network."""
    if conf.IN_HOUSE_SERVERS and not settings.DEBUG:
        yield CheckWarning(
            "Servers added in the admin may have addresses of this machine and of private networks, and http.",
            hint='Remove DJANGO_BBB["IN_HOUSE_SERVERS"], or silence this if all who may add servers are trusted.',
            id="django_bbb.W005",
        )


def check_ways_of_calling(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E009, E010: keys of a server that do not exist, or say what cannot be done."""
    for slug, declaration in conf.SERVERS.items():
        where = f'DJANGO_BBB["SERVERS"]["{slug}"]'
        for name in sorted(set(declaration) - SERVER_KEYS):
            nearest = difflib.get_close_matches(name, SERVER_KEYS, n=1)
            yield Error(
                f"{where} has a key {name!r}, which no server has.",
                hint=f"Did you mean {nearest[0]!r}?" if nearest else "Remove it.",
                id="django_bbb.E009",
            )
        options = {name: declaration[key] for key, name in CLIENT_OPTIONS.items() if key in declaration}
        try:
            BigBlueButtonClient("https://bbb.example.org/", "secret", **options)
        except (ValueError, TypeError) as error:
            yield Error(
                f"{where} says how to call it, but not rightly: {error}",
                hint="See SERVERS in the reference of settings.",
                id="django_bbb.E010",
            )


def check_callback_address(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W003, E006: without an address of this site servers cannot call it."""
    if not conf.CALLBACK_BASE_URL:
        if conf.SERVERS:
            yield CheckWarning(
                "Servers are not told where to call back: only polling finds out what happened.",
                hint='Set DJANGO_BBB["CALLBACK_BASE_URL"] to the https address of this site.',
                id="django_bbb.W003",
            )
        return
    parts = urlsplit(conf.CALLBACK_BASE_URL)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        yield Error(
            'DJANGO_BBB["CALLBACK_BASE_URL"] is not an address.',
            hint="It looks like https://lms.example.org.",
            id="django_bbb.E006",
        )


def check_functions(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E007: a hook that does not exist would fail at the first click."""
    for name in _FUNCTIONS:
        path = getattr(settings, "DJANGO_BBB", {}).get(name)
        if path is None:
            continue
        try:
            found = import_string(path)
        except (ImportError, AttributeError, TypeError) as error:
            yield Error(
                f'DJANGO_BBB["{name}"] cannot be imported: {error}',
                hint="Set it to the dotted path of a function.",
                id="django_bbb.E007",
            )
        else:
            if not callable(found):
                yield Error(
                    f'DJANGO_BBB["{name}"] is not a function.',
                    hint="Set it to the dotted path of a function.",
                    id="django_bbb.E007",
                )


def check_create_defaults(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E008: defaults create would not take make every new meeting fail."""
    from .models.meetings import validate_options

    try:
        validate_options(dict(conf.CREATE_DEFAULTS))
    except ValidationError as error:
        yield Error(
            f'DJANGO_BBB["CREATE_DEFAULTS"]: {" ".join(error.messages)}',
            hint="See the reference of create parameters.",
            id="django_bbb.E008",
        )


def check_celery(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W004: without the site's Celery app, callbacks wait for cron."""
    if conf.SERVERS and site_app() is None:
        yield CheckWarning(
            "No Celery app is loaded together with Django: only `manage.py bbb_poll` works off what servers tell.",
            hint="Import your Celery app in the __init__.py beside your settings, as Celery's documentation says. "
            "If cron runs bbb_poll instead, silence this.",
            id="django_bbb.W004",
        )


def check_schedule(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W006: periodic tasks that do not expire pile up while no worker runs."""
    app = site_app()
    for name, entry in (app.conf.beat_schedule or {} if app is not None else {}).items():
        if not str(entry.get("task", "")).startswith("django_bbb."):
            continue
        period, expires = (_seconds(one) for one in (entry["schedule"], entry.get("options", {}).get("expires")))
        if expires is None or (period is not None and expires > period):
            yield CheckWarning(
                f"The messages of {name!r} in the beat schedule outlive their period: without a worker they pile up.",
                hint=f'Add "options": {{"expires": {period or 60:g}}} to it.',
                id="django_bbb.W006",
            )


def check_zones_of_databases(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """W007: without time zones a database cannot group by days, and lists in the admin end in an error.

    Django asks databases only in `migrate` and in ``check --database default``.
    """
    for alias in databases or ():
        if not connections[alias].features.has_zoneinfo_database:
            yield CheckWarning(
                f"The database {alias!r} has no time zones: the admin's lists by day would be an error.",
                hint="Load them once: mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql",
                id="django_bbb.W007",
            )


def _seconds(value: Any) -> float | None:
    """Return a number or a timedelta in seconds; None for a crontab, which has no one period, and for nothing."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, int | float) else None


CHECKS: tuple[Callable[..., Iterator[CheckMessage]], ...] = (
    check_time_zones,
    check_names,
    check_servers,
    check_kinds_and_tags,
    check_in_house,
    check_ways_of_calling,
    check_callback_address,
    check_functions,
    check_create_defaults,
    check_celery,
    check_schedule,
    check_zones_of_databases,
)

#: Those that ask a database.
DATABASE_CHECKS = frozenset({check_zones_of_databases})
