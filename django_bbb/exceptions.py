"""What this app raises, beside the errors of `django_bbb.api`.

::

    JoinDenied            somebody may not join (Django answers 403); its text is for that person
    NoServerAvailable     no server can take a class now: try again, or look at the servers
      └─ NoServerWithTags  no server has the tags the meeting requires
    MeetingIsRunning      not while a class is running: end it first
    ServerNotConfigured   a server has no secret, or its settings are gone
      ├─ ReadOnly          this site changes nothing on any server: `DJANGO_BBB["READ_ONLY"]`
      └─ UnreadableSecret  its secret is encrypted under a key that is gone
"""

from django.core.exceptions import PermissionDenied


class JoinDenied(PermissionDenied):
    """Somebody may not join.  The text says why and what to do, in that person's language."""


class NoServerAvailable(Exception):
    """No server is enabled and reachable."""


class NoServerWithTags(NoServerAvailable):
    """No server that could take the class has all tags that its meeting requires."""


class MeetingIsRunning(Exception):
    """The meeting runs, and what was asked is possible only when it does not."""


class ServerNotConfigured(Exception):
    """A server cannot be called, since its secret is missing."""


class ReadOnly(ServerNotConfigured):
    """This site changes nothing on any server, as its settings say, and the call would have."""


class UnreadableSecret(ServerNotConfigured):
    """The secret of a server cannot be decrypted with any key of this site; it is never used as it is stored."""
