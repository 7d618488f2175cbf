"""Why a server cannot be reached: a look with a bare socket, after a call has failed.

The client tells people what it met; here it is told apart what to do about it.  Nothing but the handshake is sent.
"""

import socket
import ssl
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

_CONNECT = 5.0


class Finding(IntEnum):
    """What a look at a server found; the number is the exit status of ``bbb_check``, and a higher one is worse."""

    REACHABLE = 0
    OLD_KEY = 10
    CLOCK = 11
    ALGORITHM = 12
    WRONG_SECRET = 13
    REFUSED_CALL = 14
    NOT_BIGBLUEBUTTON = 15
    BROKEN = 16
    TIMEOUT = 17
    TLS = 18
    REFUSED = 19
    NAME = 20
    UNREACHABLE = 21
    NO_SECRET = 22


#: OpenSSL's ``X509_V_ERR_…`` that have a remedy of their own; all others mean that nobody trusted has signed.
_CERTIFICATES = {
    9: "has a certificate that is not valid yet. Look at its clock and at that of this machine",
    10: "has a certificate that has expired. Renew it on the server",
    62: "has a certificate for another name. Use the name it was made for",
    64: "has a certificate for another address. Use the name it was made for",
}
_NOT_TRUSTED = (
    "has a certificate that nobody trusted has signed. Install the whole chain on the server, or set CA_BUNDLE to the "
    "certificates of your own authority"
)


def probe(url: str, options: Mapping[str, Any]) -> tuple[Finding, str] | None:
    """Return what keeps a connection from being made, and a sentence about it; None when one can be made."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout=_CONNECT) as connection:
            return _shake_hands(connection, host, options) if parts.scheme == "https" else None
    except (socket.gaierror, UnicodeError):
        return Finding.NAME, f"has a name that does not resolve ({host}). Look for a slip in the address, or at DNS."
    except ConnectionRefusedError:
        return Finding.REFUSED, f"refused the connection. Look whether nginx runs there and listens at port {port}."
    except TimeoutError:
        return Finding.TIMEOUT, f"could not be connected to in time. Look at firewalls on the way to port {port}."
    except OSError as error:
        return Finding.UNREACHABLE, f"cannot be reached: {error.strerror or 'no way to it'}. Look at the network."


def _shake_hands(connection: socket.socket, host: str, options: Mapping[str, Any]) -> tuple[Finding, str] | None:
    bundle = str(options.get("ca_bundle") or DEFAULT_CA_BUNDLE_PATH)
    in_folder = Path(bundle).is_dir()
    try:
        context = ssl.create_default_context(
            cafile=None if in_folder else bundle, capath=bundle if in_folder else None
        )
    except OSError:
        return Finding.TLS, "cannot be verified: its CA_BUNDLE cannot be read. Look at the path in the settings."
    try:
        with context.wrap_socket(connection, server_hostname=host):
            return None
    except ssl.SSLCertVerificationError as error:
        return Finding.TLS, f"{_CERTIFICATES.get(error.verify_code, _NOT_TRUSTED)}."
    except TimeoutError:
        return Finding.TIMEOUT, "did not finish the TLS handshake in time. Look at the server."
    except OSError:
        return Finding.TLS, "does not speak TLS as it should. Look whether https is served at this port."
