"""Who may use the control API: programs on this machine, and no page of another site in a browser on it.

A browser can be made to ask for anything by any page it shows.  Other sites cannot send JSON without asking first,
which is never granted; a page whose own name was made to lead here (DNS rebinding) shows that name as Host.
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from .refusals import Refused


def refuse_strangers(request: Request, *, host: str, public_address: str) -> None:
    """Return if this request may control the simulator; raise `Refused` if not.

    host: what the simulator is bound to; bound elsewhere than to loopback, other machines may control it.
    """
    if _is_loopback(host) and not _is_loopback(request.remote_addr or ""):
        raise Refused(403, "The control API answers this machine only; bind the simulator elsewhere to open it.")
    named = _host_name(f"//{request.headers.get('Host', '')}")
    if not _is_known(named, {host, _host_name(public_address)}):
        raise Refused(403, "The Host header does not name this simulator by its address, localhost or public address.")
    origin = request.headers.get("Origin")
    if origin is not None and origin.rstrip("/").partition("://")[2] != request.headers.get("Host"):
        raise Refused(403, "The control API does not take requests from pages of other sites.")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise Refused(403, "The control API does not take requests from pages of other sites.")
    if request.method not in {"GET", "HEAD"} and request.mimetype != "application/json":
        raise Refused(415, "Whatever changes something needs the header Content-Type: application/json.")


def _is_known(name: str, own_names: Collection[str]) -> bool:
    """Whether this name cannot be somebody else's: an address, localhost, or one of our own."""
    if name == "localhost" or name.endswith(".localhost") or (name and name in own_names):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host_name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
