"""What senders do, in processes of their own: imports nothing that takes long."""

import http.client
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit


def send(method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float = 60) -> int:
    """Make a request, and return the status of the answer.

    Whoever is refused in the middle of a long body looks at the answer all the same.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, target, body=body or None, headers=dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()
