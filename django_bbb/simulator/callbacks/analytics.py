"""The callback with everything that happened in a meeting (`post_events_analytics_callback.rb`)."""

import json
import re
from typing import Final

from ..meetings import Meeting
from ..tokens import analytics_token
from .attendance import report
from .callback import WHEN_SENT, Callback

#: Seconds for which the token is good.
TOKEN_LIFE = 24 * 3600

_URL: Final = "analytics-callback-url"
#: What ActiveSupport, which writes this JSON, does not leave as it is.
_ESCAPED: Final = re.compile("[<>&\u2028\u2029]")


def is_wanted(meeting: Meeting) -> bool:
    """Return whether create asked for a report, and for what it is made of."""
    return bool(meeting.settings.meeting_keep_events and meeting.settings.metadata.get(_URL))


def analytics(meeting: Meeting, *, secret: str, now: int) -> list[Callback]:
    """Return the report on a meeting, if create asked for it; `now` in seconds since 1970.

    It is sent once.  The token says nothing of the body.
    """
    if not is_wanted(meeting):
        return []
    text = json.dumps(report(meeting), ensure_ascii=False, separators=(",", ":"))
    body = _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return [
        Callback(
            kind="analytics",
            meeting_id=meeting.meeting_id,
            method="POST",
            url=meeting.settings.metadata[_URL],
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {analytics_token(expires=now + TOKEN_LIFE, secret=secret)}",
                "User-Agent": "BigBlueButton Analytics Callback",
                "Accept-Encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
                "Accept": "*/*",
                "Connection": "close",
                "Host": WHEN_SENT,
                "Content-Length": WHEN_SENT,
            },
            body=body.encode("utf-8", "replace"),
        )
    ]
