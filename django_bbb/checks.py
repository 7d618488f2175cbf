"""What `manage.py check` finds wrong with a site's settings.  Ids are never used again."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ValidationError
from django.db import connections
from django.http.request import validate_host
from django.utils.module_loading import import_string

from .api import BigBlueButtonClient, HashAlgorithm, normalized
from .broker import site_app
from .conf import CLIENT_OPTIONS, SERVER_KEYS, Delivery, Events, OpenIn, Settings, conf
from .services.public_addresses import (
    are_translated,
    callback_paths,
    is_loopback,
    is_private,
    own_site,
    redirected_to_https,
)

#: PyJWT's and RFC 7518's minimum for HS256.
_SHORTEST_SECRET = 32

_FUNCTIONS = (
    "CHOOSE_SERVER",
    "JOIN_POLICY",
    "MAY_CREATE",
    "USER_ID",
    "DISPLAY_NAME",
    "RETURN_URL",
    "PRESENTATION_SCANNER",
)


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
    if own_site() == ("", ""):
        yield Error(
            'DJANGO_BBB["CALLBACK_BASE_URL"] is not the address of a site.',
            hint="It looks like https://lms.example.org and has no path. "
            'If your site lies below one, set FORCE_SCRIPT_NAME = "/path", which workers heed too.',
            id="django_bbb.E006",
        )


def check_redirects(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E012, E013: senders do not follow redirects, so that everything they tell would be lost."""
    scheme, host = own_site()
    if scheme == "http" and redirected_to_https(callback_paths()):
        yield Error(
            'DJANGO_BBB["CALLBACK_BASE_URL"] begins with http, and SECURE_SSL_REDIRECT sends such requests elsewhere.',
            hint='Let it begin with "https://".',
            id="django_bbb.E012",
        )
    if settings.PREPEND_WWW and host and not host.startswith("www."):
        yield Error(
            'DJANGO_BBB["CALLBACK_BASE_URL"] has no www., and PREPEND_WWW sends such requests elsewhere.',
            hint=f"Put www.{host} into it.",
            id="django_bbb.E013",
        )


def check_allowed_hosts(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E014: Django refuses what comes to a host it does not know."""
    _scheme, host = own_site()
    # As HttpRequest.get_host() does it.
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    if host and not validate_host(host, allowed):
        yield Error(
            f'The host of DJANGO_BBB["CALLBACK_BASE_URL"], {host!r}, is not in ALLOWED_HOSTS.',
            hint=f'Add "{host}" to ALLOWED_HOSTS. If your proxy names another host to Django, silence this.',
            id="django_bbb.E014",
        )


def check_urls(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E015, E016: without our addresses in the site's, or with a language in them, servers cannot call it."""
    if not conf.CALLBACK_BASE_URL:
        return
    if not callback_paths():
        yield Error(
            "Servers are to call this site, but its addresses lack those of django_bbb.",
            hint='Put path("bbb/", include("django_bbb.urls")) into your ROOT_URLCONF, not below another namespace.',
            id="django_bbb.E015",
        )
    elif are_translated():
        yield Error(
            "The addresses that servers call depend on a language: they are gone or redirected in another one.",
            hint='Move path("bbb/", include("django_bbb.urls")) out of i18n_patterns, and do not translate it.',
            id="django_bbb.E016",
        )


def check_public_address(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """W008: the newest servers call public https addresses only.  No name is looked up."""
    scheme, host = own_site()
    if host and (scheme != "https" or is_private(host)) and not settings.DEBUG and not _servers_are_here():
        yield CheckWarning(
            'New BigBlueButton servers do not call DJANGO_BBB["CALLBACK_BASE_URL"]: it is not a public https address.',
            hint="Use one, or have the servers' administrator set fetchUrlAllowedLocalHosts and "
            "fetchUrlSupportedProtocols, and silence this.",
            id="django_bbb.W008",
        )


def check_events(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E017: a word that is none for where events are wanted."""
    said = {'DJANGO_BBB["EVENTS"]': getattr(settings, "DJANGO_BBB", {}).get("EVENTS")}
    said |= {f'DJANGO_BBB["SERVERS"]["{slug}"]["EVENTS"]': one.get("EVENTS") for slug, one in conf.SERVERS.items()}
    for where, word in said.items():
        if word is not None and word not in list(Events):
            yield Error(
                f"{where} is {word!r}, which is no way to ask for events.",
                hint=f"Use one of {', '.join(Events)}.",
                id="django_bbb.E017",
            )


def check_presentations(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E018, E019: a way to servers that is none, or a storage that is not there."""
    key = "PRESENTATION_DELIVERY"
    said = {f'DJANGO_BBB["{key}"]': getattr(settings, "DJANGO_BBB", {}).get(key)}
    said |= {f'DJANGO_BBB["SERVERS"]["{slug}"]["{key}"]': one.get(key) for slug, one in conf.SERVERS.items()}
    for where, word in said.items():
        if word is not None and word not in list(Delivery):
            hint = f"Use one of {', '.join(Delivery)}, or remove it."
            yield Error(f"{where} is {word!r}, which is no way to a server.", hint=hint, id="django_bbb.E018")
        elif word == Delivery.FETCH and not conf.CALLBACK_BASE_URL:
            yield Error(
                f"{where} has servers fetch presentations, but they are not told from where.",
                hint='Set DJANGO_BBB["CALLBACK_BASE_URL"] to the address of this site.',
                id="django_bbb.E018",
            )
    if conf.PRESENTATION_STORAGE not in settings.STORAGES:
        yield Error(
            f'DJANGO_BBB["PRESENTATION_STORAGE"] is {conf.PRESENTATION_STORAGE!r}, which is not in STORAGES.',
            hint=f"Use one of {', '.join(settings.STORAGES)}.",
            id="django_bbb.E019",
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
    from .models.options import validate_options

    try:
        validate_options(dict(conf.CREATE_DEFAULTS))
    except ValidationError as error:
        yield Error(
            f'DJANGO_BBB["CREATE_DEFAULTS"]: {" ".join(error.messages)}',
            hint="See the reference of create parameters.",
            id="django_bbb.E008",
        )


def check_editable(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E020: a name that is nothing of a room would leave its field out silently."""
    from .forms.rooms import editable_names

    known = editable_names()
    for name in dict.fromkeys(conf.EDITABLE):
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1)
            yield Error(
                f'DJANGO_BBB["EDITABLE"] has {name!r}, which people cannot change of a room outside the admin.',
                hint=f"Did you mean {nearest[0]!r}?" if nearest else "Remove it.",
                id="django_bbb.E020",
            )


def check_where_classes_open(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """E021: a word that is none of those would fail at each button."""
    word = getattr(settings, "DJANGO_BBB", {}).get("OPEN_IN", OpenIn.SAME_TAB)
    if word not in list(OpenIn):
        yield Error(
            f'DJANGO_BBB["OPEN_IN"] is {word!r}, where no class can open.',
            hint=f"Use one of {', '.join(OpenIn)}, or remove it.",
            id="django_bbb.E021",
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


def _servers_are_here() -> bool:
    """Whether every declared server is on this very machine, as in a demo."""
    return bool(conf.SERVERS) and all(is_loopback(str(one.get("URL", ""))) for one in conf.SERVERS.values())


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
    check_redirects,
    check_allowed_hosts,
    check_urls,
    check_public_address,
    check_events,
    check_presentations,
    check_functions,
    check_create_defaults,
    check_editable,
    check_where_classes_open,
    check_celery,
    check_schedule,
    check_zones_of_databases,
)

#: Those that ask a database.
DATABASE_CHECKS = frozenset({check_zones_of_databases})
