"""Where a request comes from."""

import ipaddress
from collections.abc import Sequence

from django.http import HttpRequest

from django_bbb.conf import conf


def address_of(request: HttpRequest) -> str:
    """Return the address a request comes from: the last one that is not of a proxy in ``TRUSTED_PROXIES``.

    What stands further left in ``X-Forwarded-For`` anybody can write.
    """
    passed_on = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    way = [*(one.strip() for one in passed_on if one.strip()), request.META.get("REMOTE_ADDR", "")]
    networks = [ipaddress.ip_network(one, strict=False) for one in conf.TRUSTED_PROXIES]
    while len(way) > 1 and _is_in(way[-1], networks):
        way.pop()
    return str(way[-1])


def _is_in(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        # A socket of the same machine has none.
        return not address and bool(networks)
    return any(known in network for network in networks)
