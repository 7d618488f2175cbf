"""This site as servers see it: where it says it is, and whether what they are told to call can be called.

No model is imported, since checks run before there are tables; no name is looked up.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern
from django.utils.functional import Promise

from django_bbb.conf import conf

#: Endings of names that only a network of one's own knows.
_PRIVATE_ENDINGS = (".local", ".localhost", ".internal")

#: What stands before our addresses in the site's, from the outside in; and our addresses.
_OurUrls = tuple[list[Any], Sequence[URLPattern | URLResolver]]
_NOWHERE: _OurUrls = ([], ())


def own_site() -> tuple[str, str]:
    """Return scheme and host of ``CALLBACK_BASE_URL``, without a port; empty texts for what is no site's address."""
    try:
        parts = urlsplit(conf.CALLBACK_BASE_URL)
    except ValueError:
        return "", ""
    host, _port = split_domain_port(parts.netloc)  # as Django will read the Host header
    is_site = host and parts.scheme in ("http", "https") and not (parts.path or parts.query or parts.fragment)
    return (parts.scheme, host) if is_site else ("", "")


def callback_paths() -> list[str]:
    """Return a path of each kind of callback; none where the site's addresses lack ours."""
    _before, ours = _find_our_urls()
    found = [one for one in ours if isinstance(one, URLPattern) and str(one.pattern).startswith("callbacks/")]
    try:
        return [reverse(f"django_bbb:{one.name}", kwargs=dict.fromkeys(one.pattern.converters, "1")) for one in found]
    except NoReverseMatch:  # they lie in a namespace of the site's
        return []


def are_translated() -> bool:
    """Whether our addresses are others in another language."""
    before, _ours = _find_our_urls()
    return any(
        isinstance(pattern, LocalePrefixPattern) or any(isinstance(part, Promise) for part in vars(pattern).values())
        for pattern in before
    )


def redirected_to_https(paths: Iterable[str]) -> bool:
    """Whether `SecurityMiddleware` redirects one of them, or anything if there are none, when asked over http."""
    exempt = [re.compile(one) for one in settings.SECURE_REDIRECT_EXEMPT]
    is_exempt = [any(one.search(path.lstrip("/")) for one in exempt) for path in paths]
    return settings.SECURE_SSL_REDIRECT and not (is_exempt and all(is_exempt))


def is_private(host: str) -> bool:
    """Whether only a network of one's own knows this host."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_ENDINGS)


def is_loopback(url: str) -> bool:
    """Whether an address is one of this very machine; one that cannot be read is not."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _find_our_urls() -> _OurUrls:
    return _find_below(get_resolver()) if getattr(settings, "ROOT_URLCONF", None) else _NOWHERE


def _find_below(resolver: URLResolver) -> _OurUrls:
    for one in resolver.url_patterns:
        if not isinstance(one, URLResolver):
            continue
        before, ours = ([], one.url_patterns) if one.app_name == "django_bbb" else _find_below(one)
        if ours:
            return [one.pattern, *before], ours
    return _NOWHERE
