"""What this app raises, beside the errors of `django_bbb.api`.

::

    JoinDenied            somebody may not join (Django answers 403); its text is for that person
    NoServerAvailable     no server can take a class now: try again, or look at the servers
    MeetingIsRunning      not while a class is running: end it first
    ServerNotConfigured   a server has no secret, or its settings are gone
"""

from django.core.exceptions import PermissionDenied


class JoinDenied(PermissionDenied):
    """Somebody may not join.  The text says why and what to do, in that person's language."""


class NoServerAvailable(Exception):
    """No server is enabled and reachable."""


class MeetingIsRunning(Exception):
    """The meeting runs, and what was asked is possible only when it does not."""


class ServerNotConfigured(Exception):
    """A server cannot be called, since its secret is missing."""
