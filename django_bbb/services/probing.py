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

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests.utils import DEFAULT_CA_BUNDLE_PATH

_CONNECT = 5.0


class Finding(IntEnum):
    """What a look at a server found; the number is the exit status of ``bbb_check``, and a higher one is worse."""

    REACHABLE = 0
    CALLBACKS = 9
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
_CERTIFICATES: dict[int, Promise] = {
    9: gettext_lazy(
        "%(server)s has a certificate that is not valid yet. Look at its clock and at that of this machine."
    ),
    10: gettext_lazy("%(server)s has a certificate that has expired. Renew it on the server."),
    62: gettext_lazy("%(server)s has a certificate for another name. Use the name it was made for."),
    64: gettext_lazy("%(server)s has a certificate for another address. Use the name it was made for."),
}
_NOT_TRUSTED = gettext_lazy(
    "%(server)s has a certificate that nobody trusted has signed. Install the whole chain on the server, or set "
    "CA_BUNDLE to the certificates of your own authority."
)


def probe(url: str, options: Mapping[str, Any], *, name: str) -> tuple[Finding, str] | None:
    """Return what keeps a connection to a server from being made, and a sentence about it; None when one can be made.

    ``name`` is the server's, for the sentence.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    facts = {"server": name, "host": host, "port": port}
    try:
        with socket.create_connection((host, port), timeout=_CONNECT) as connection:
            found = _shake_hands(connection, host, options) if parts.scheme == "https" else None
    except (socket.gaierror, UnicodeError):
        text = _("%(server)s has a name that does not resolve (%(host)s). Look for a slip in the address, or at DNS.")
        found = Finding.NAME, text
    except ConnectionRefusedError:
        text = _("%(server)s refused the connection. Look whether nginx runs there and listens at port %(port)s.")
        found = Finding.REFUSED, text
    except TimeoutError:
        text = _("%(server)s could not be connected to in time. Look at firewalls on the way to port %(port)s.")
        found = Finding.TIMEOUT, text
    except OSError as error:
        facts["reason"] = error.strerror or type(error).__name__
        found = Finding.UNREACHABLE, _("%(server)s cannot be reached: %(reason)s. Look at the network.")
    return found and (found[0], found[1] % facts)


def _shake_hands(connection: socket.socket, host: str, options: Mapping[str, Any]) -> tuple[Finding, str] | None:
    """Return what is wrong with its TLS, and a sentence in which its name is still to be put."""
    bundle = str(options.get("ca_bundle") or DEFAULT_CA_BUNDLE_PATH)
    in_folder = Path(bundle).is_dir()
    try:
        context = ssl.create_default_context(
            cafile=None if in_folder else bundle, capath=bundle if in_folder else None
        )
    except OSError:
        text = _("%(server)s cannot be verified: its CA_BUNDLE cannot be read. Look at the path in the settings.")
        return Finding.TLS, text
    try:
        with context.wrap_socket(connection, server_hostname=host):
            return None
    except ssl.SSLCertVerificationError as error:
        return Finding.TLS, str(_CERTIFICATES.get(error.verify_code, _NOT_TRUSTED))
    except TimeoutError:
        return Finding.TIMEOUT, _("%(server)s did not finish the TLS handshake in time. Look at the server.")
    except OSError:
        text = _("%(server)s does not speak TLS as it should. Look whether https is served at this port.")
        return Finding.TLS, text
