"""A format of a recording has become ready (``post_publish_recording_ready_callback.rb``)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import UnreadableCallback, UntrustedCallback
from ..redaction import Secret
from . import bodies, tokens, values

#: More than any recording-ready callback needs; read no further before it is verified.
MOST_BYTES = 16 * 1024

#: sha1 of the meeting id, a hyphen, milliseconds (BigBlueButton's internal meeting id).
RECORD_ID = re.compile(r"[0-9a-f]{40}-[0-9]{13}")

_LONGEST_ID = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingReady:
    """A format of a recording has become ready.

    It comes once per format with the very same bytes, and again after each rebuild: look at the server for
    what there is now.  ``meeting_id`` may be one we never created (a breakout room's).
    """

    meeting_id: str
    record_id: str


def recording_ready(
    body: bytes,
    *,
    content_type: str,
    secrets: Iterable[Secret],
    algorithms: Sequence[str] = ("HS256",),
) -> RecordingReady:
    """Return what a recording-ready callback says, or raise `UntrustedCallback`.

    ``body`` is the raw request body: a form with one field ``signed_parameters`` from BigBlueButton
    (``post_publish_recording_ready_callback.rb``), JSON with that key from one balancer.  ``secrets`` are the
    server's present secret and, during a rotation, the previous one.  ``algorithms`` are the ones this server
    may use; HS512 comes only from Scalelite with SHA512 alone.
    """
    claims = tokens.verified(_signed_parameters(body, content_type), secrets=secrets, algorithms=algorithms)
    meeting_id, record_id = claims.get("meeting_id"), claims.get("record_id")
    # The same secret signs other tokens too (analytics): only these two claims make this one.
    if not isinstance(meeting_id, str) or not 0 < len(meeting_id) <= _LONGEST_ID:
        raise UntrustedCallback("The token names no meeting.")
    if not isinstance(record_id, str) or not RECORD_ID.fullmatch(record_id):
        raise UntrustedCallback("The token names no recording.")
    return RecordingReady(meeting_id=meeting_id, record_id=record_id)


def _signed_parameters(body: bytes, content_type: str) -> str:
    kind, text = bodies.read_body(
        body, content_type=content_type, kinds=(bodies.FORM, bodies.JSON), most_bytes=MOST_BYTES
    )
    if kind == bodies.FORM:
        found: list[object] = [value for name, value in bodies.read_form(text) if name == "signed_parameters"]
    else:
        found = [values.find(bodies.read_json(text), "signed_parameters")]
    if len(found) != 1 or not isinstance(found[0], str):
        raise UnreadableCallback("There must be exactly one signed_parameters.")
    return found[0]
