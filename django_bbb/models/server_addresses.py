"""Addresses of servers that people type: those by which this site could be made to call itself are refused.

Declared servers are not judged: whoever writes the settings may do anything.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_bbb.api import normalized
from django_bbb.conf import conf

#: Names under which clouds give away their machines' passwords, beside 169.254.169.254.
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"})

#: IPv6 addresses that mean an IPv4 address.
_WRAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def cleaned_address(url: str) -> str:
    """Return the normalised address; raises ValidationError for one that must not be typed in."""
    try:
        url = normalized(url)
    except ValueError as error:
        raise ValidationError(str(error)) from None
    parts = urlsplit(url)
    in_house = settings.DEBUG or conf.IN_HOUSE_SERVERS
    if parts.scheme != "https" and not in_house:
        raise ValidationError(_("Type an https address: with http everybody on the way reads the signed calls."))
    _judge_host(parts.hostname or "", in_house=in_house)
    return url


def _judge_host(host: str, *, in_house: bool) -> None:
    try:
        spelled = host.encode("idna").decode().lower()
    except UnicodeError:
        raise ValidationError(_("The address has a host name that cannot be.")) from None
    address = _as_ip(spelled)
    if (
        (address is not None and spelled != host)
        or spelled.endswith(".")
        or "%" in spelled
        or (address is None and _ends_in_number(spelled))
    ):
        raise ValidationError(_("Type the host as a plain name or address, for example bbb.example.org or 192.0.2.7."))
    if spelled in _METADATA_NAMES or (address is not None and _is_never_a_server(address)):
        raise ValidationError(_("No BigBlueButton server has such an address."))
    local = spelled == "localhost" or spelled.endswith(".localhost")
    if (local or (address is not None and not address.is_global)) and not in_house:
        raise ValidationError(
            _('Addresses of this machine or of a private network need DJANGO_BBB["IN_HOUSE_SERVERS"] = True.')
        )


def _as_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _ends_in_number(host: str) -> bool:
    """Whether some resolvers would take the name for an IPv4 address: 127.1, 0x7f.1, 2130706433."""
    last = host.rpartition(".")[2]
    return last.isdigit() or last.startswith("0x")


def _is_never_a_server(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo or any(address in one for one in _WRAPPED)
    ):
        return True
    return address.is_link_local or address.is_multicast or address.is_unspecified or _is_reserved(address)


def _is_reserved(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    # ::1 lies in a reserved block too, and is a loopback first of all.
    return address.is_reserved and not address.is_loopback
