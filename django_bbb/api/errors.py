"""What can go wrong when talking to a server, cut by "would another try help?".

::

    BBBError
    ├── InvalidParameters        ours, before anything was sent: lists every problem
    ├── ServerUnreachable        no answer: try again
    │   └── Timeout              no answer in time; the call may have been carried out
    ├── UnreadableResponse       an answer, but not BigBlueButton's: look at the address
    ├── ServerError              BigBlueButton said no: message_key, message
    │   ├── ChecksumError        wrong secret or algorithm
    │   ├── MeetingNotFound      gone, or never there; usually fine
    │   ├── RecordingNotFound    gone, or never there; usually fine
    │   ├── HookNotFound         gone, or never there; usually fine
    │   ├── IdNotUnique          the meeting runs with other passwords
    │   ├── NonUniqueVoiceBridge another meeting has this number: choose another, or leave it out
    │   ├── CreateTimeMismatch   an older run of the meeting was meant: create again, and take its create time
    │   ├── InvalidPassword      neither of the meeting's two: send a role in its place
    │   ├── MaxParticipantsReached  the class is full: try again later
    │   ├── GuestDenied          the class takes no guests, or a moderator said no
    │   ├── UnsupportedCall      this server or balancer does not know the call
    │   └── ServerBusy           a balancer has no server to give, or lost one: try again
    └── UntrustedCallback        somebody sent a callback without proof
        └── UnreadableCallback   not even of the right shape
            └── OversizedCallback  larger than any real one

Messages name the server, the call and the next step; never a secret or a signed URL.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from .redaction import without_signed_queries


class BBBError(Exception):
    """Base of all errors of this package.

    ``server`` is the name the client was given (or its host), ``call`` the BigBlueButton call, ``message_key``
    the server's own word for what is wrong (empty unless it said no).
    """

    message_key: str = ""

    def __init__(self, message: str, *, server: str = "", call: str = "") -> None:
        super().__init__(message)
        self.server = server
        self.call = call

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own pickling calls the class with args alone and loses keyword-only arguments.
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(kind: type[BBBError], args: tuple[object, ...], state: dict[str, object]) -> BBBError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidParameters(BBBError, ValueError):
    """The arguments would be refused or misread by the server.  ``problems`` has a sentence for each."""

    def __init__(self, problems: Sequence[str], *, server: str = "", call: str = "") -> None:
        super().__init__(f"{call}: {' '.join(problems)}", server=server, call=call)
        self.problems = tuple(problems)


class ServerUnreachable(BBBError):
    """The server gave no answer.

    ``sent`` is false when nothing can have reached it (the name did not resolve, the connection was refused,
    TLS failed): then another server may be asked in its place.
    """

    def __init__(self, message: str, *, server: str = "", call: str = "", sent: bool = True) -> None:
        super().__init__(message, server=server, call=call)
        self.sent = sent


class Timeout(ServerUnreachable):
    """The server did not answer in time; the call may have been carried out all the same."""


class UnreadableResponse(BBBError):
    """Something answered that is not BigBlueButton: a proxy's page, a front page, a cut-off document."""


class ServerError(BBBError):
    """BigBlueButton answered FAILED.

    ``message_key`` is its key (empty where it sends none), ``message`` its English text, which changes
    between versions: compare keys.
    """

    def __init__(
        self, text: str, *, server: str = "", call: str = "", message_key: str = "", message: str = ""
    ) -> None:
        super().__init__(text, server=server, call=call)
        self.message_key = message_key
        self.message = message


class ChecksumError(ServerError):
    """Wrong secret or algorithm; another try does not help."""


class MeetingNotFound(ServerError):
    """The server knows no such meeting: it has ended, or was never created."""


class RecordingNotFound(ServerError):
    """The server knows no such recording, or none of those asked for."""


class HookNotFound(ServerError):
    """bbb-webhooks knows no such hook, or a permanent one that cannot be removed."""


class IdNotUnique(ServerError):
    """A meeting with this id runs with other passwords."""


class NonUniqueVoiceBridge(ServerError):
    """Another running meeting has this voice bridge number."""


class CreateTimeMismatch(ServerError):
    """The meeting was created again since: this create time is that of a run that is over."""


class InvalidPassword(ServerError):
    """The password is neither of the two the meeting was created with, or not of 2 to 64 characters."""


class MaxParticipantsReached(ServerError):
    """The class holds as many people as it may."""


class GuestDenied(ServerError):
    """The guest policy of the meeting keeps this person out."""


class UnsupportedCall(ServerError):
    """The server or the balancer in front of it does not offer this call."""


class ServerBusy(ServerError):
    """A balancer has no server free, or lost contact with one; another try helps."""


class UntrustedCallback(BBBError):
    """A callback without a valid proof.  ``status`` is the HTTP status its sender understands."""

    status: ClassVar[int] = 401


class UnreadableCallback(UntrustedCallback):
    """A callback that is not of the shape BigBlueButton sends."""

    status = 400


class OversizedCallback(UnreadableCallback):
    """A callback larger than any that BigBlueButton sends."""

    status = 413


#: The keys worth a class of their own (BigBlueButton's ApiErrors.java, Scalelite's bbb_errors.rb).
BY_MESSAGE_KEY: dict[str, type[ServerError]] = {
    "checksumError": ChecksumError,
    "destroyMissingHook": HookNotFound,
    "guestDeniedAccess": GuestDenied,
    "idNotUnique": IdNotUnique,
    "internalError": ServerBusy,
    "invalidMeetingIdentifier": MeetingNotFound,
    "invalidPassword": InvalidPassword,
    "maxParticipantsReached": MaxParticipantsReached,
    "meetingForciblyEnded": MeetingNotFound,
    "meetingNotFound": MeetingNotFound,
    "mismatchCreateTimeParam": CreateTimeMismatch,
    "nonUniqueVoiceBridge": NonUniqueVoiceBridge,
    "noRecordings": RecordingNotFound,
    "serverTagUnavailable": ServerBusy,
    "serverUnavailable": ServerBusy,
    "unsupportedRequest": UnsupportedCall,
}

_NEXT_STEP: dict[type[ServerError], str] = {
    ChecksumError: "wrong secret or algorithm. Compare the secret with `bbb-conf --secret` on the server",
    MeetingNotFound: "the meeting has ended or was never created",
    RecordingNotFound: "the recording is gone or was never there",
    HookNotFound: "the hook is gone, was never there or is a permanent one",
    CreateTimeMismatch: "the meeting has been created again. Create it once more and take the create time it tells",
    InvalidPassword: "the password is not the meeting's. Send a role in its place",
    MaxParticipantsReached: "the class is full. Try again later",
    GuestDenied: "the meeting takes no guests",
}


def server_error(*, call: str, server: str, message_key: str, message: str) -> ServerError:
    """Return the error that fits a FAILED answer; unknown keys give a plain `ServerError`."""
    kind = BY_MESSAGE_KEY.get(message_key, ServerError)
    if message_key == "notFound":  # one key for two nouns: the call tells which
        kind = RecordingNotFound if "Recording" in call else MeetingNotFound
    # One line each: they end up in logs.  Some servers repeat the call in their message.
    message_key = " ".join(message_key.split())[:100]
    message = without_signed_queries(" ".join(message.split()))[:300]
    reason = _NEXT_STEP.get(kind) or f"{message_key or 'no message key'}: {message.rstrip('.')}"
    return kind(
        f"{server} refused {call}: {reason}.",
        server=server,
        call=call,
        message_key=message_key,
        message=message,
    )
