"""What keeps a copy of a site from doing anything to the servers of the real one."""

from typing import Any

from django.utils.translation import gettext as _

from django_bbb.api import Reply, RequestsTransport
from django_bbb.exceptions import ReadOnly

#: Calls that only tell something; all others, and those that are yet to be invented, are refused.
READING_CALLS = frozenset(
    {
        "",  # the index
        "getMeetingInfo",
        "getMeetings",
        "getRecordings",
        "getRecordingTextTracks",
        "getSessions",
        "hooks/list",
        "isMeetingRunning",
        "learningDashboard",
    }
)


def refusal() -> ReadOnly:
    """Return what is raised in place of a call that would change something."""
    return ReadOnly(
        _(
            "This site only shows what is on its servers, and changes nothing there. "
            "If that is wrong, remove READ_ONLY from its settings."
        )
    )


class ReadOnlyTransport(RequestsTransport):
    """A transport that sends nothing but questions; ``base`` is what the addresses of all calls begin with."""

    def __init__(self, *, base: str, **options: Any) -> None:
        super().__init__(**options)
        self._base = base.rstrip("/")

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        call = str(url).partition("?")[0].removeprefix(self._base).strip("/")
        if call not in READING_CALLS:
            raise refusal()
        return super().send(method, url, body=body, content_type=content_type)
