"""What this app raises, beside the errors of `django_bbb.api`.

::

    JoinDenied            somebody may not join (Django answers 403); its text is for that person
    WrongCode             an access code is not one of the meeting: type it again
    TooManyTries          somebody was wrong too often: try again after `until`
    NoServerAvailable     no server can take a class now: try again, or look at the servers
      └─ NoServerWithTags  no server has the tags the meeting requires
    MeetingIsRunning      not while a class is running: end it first
    UnusableFile          a file that was kept cannot be sent: look at its storage, or upload a smaller one
    ServerNotConfigured   a server has no secret, or its settings are gone
      ├─ ReadOnly          this site changes nothing on any server: `DJANGO_BBB["READ_ONLY"]`
      └─ UnreadableSecret  its secret is encrypted under a key that is gone
"""

from datetime import datetime
from math import ceil

from django.core.exceptions import PermissionDenied
from django.utils import timezone


class JoinDenied(PermissionDenied):
    """Somebody may not join.  The text says why and what to do, in that person's language.

    ``why`` names the page it is said on, one of `django_bbb.services.joining.Why`.
    """

    def __init__(self, reason: object = "", *, why: str = "other") -> None:
        super().__init__(reason)
        self.why = why


class WrongCode(Exception):
    """What somebody typed is not an access code of this meeting."""


class TooManyTries(Exception):
    """Somebody was wrong too often, and is not let in by the right code either before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Too many wrong access codes; try again after {until:%H:%M}.")
        self.until = until

    @property
    def seconds(self) -> int:
        """How long to wait from now on."""
        return max(1, ceil((self.until - timezone.now()).total_seconds()))


class NoServerAvailable(Exception):
    """No server is enabled and reachable."""


class NoServerWithTags(NoServerAvailable):
    """No server that could take the class has all tags that its meeting requires."""


class MeetingIsRunning(Exception):
    """The meeting runs, and what was asked is possible only when it does not."""


class UnusableFile(Exception):
    """A file of slides cannot be read from its storage, or is larger than the server takes."""


class ServerNotConfigured(Exception):
    """A server cannot be called, since its secret is missing."""


class ReadOnly(ServerNotConfigured):
    """This site changes nothing on any server, as its settings say, and the call would have."""


class UnreadableSecret(ServerNotConfigured):
    """The secret of a server cannot be decrypted with any key of this site; it is never used as it is stored."""
