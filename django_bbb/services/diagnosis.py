"""What is wrong with a server, found out by signed calls; nothing is changed anywhere.

The exit statuses of ``bbb_check`` are the numbers of `Finding`.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlsplit

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from django_bbb.api import (
    BBBError,
    BigBlueButtonClient,
    ChecksumError,
    HashAlgorithm,
    Reply,
    RequestsTransport,
    Secret,
    ServerError,
    ServerInfo,
    ServerUnreachable,
    Timeout,
    UnreadableResponse,
    normalized,
)
from django_bbb.exceptions import ServerNotConfigured
from django_bbb.models import Server

from . import servers
from .arrivals import Arrivals, arrivals
from .probing import Finding, probe

#: A clock that is off by more spoils the times of callbacks and recordings.
CLOCK_MAY_BE_OFF = timedelta(minutes=1)

#: Where servers are, when not where somebody said.
_USUAL_PATHS = ("/bigbluebutton/api/", "/api/", "/scalelite/api/")

_AT_ONCE = 20
_TRANSPORT_OPTIONS = ("ca_bundle", "proxies", "trust_env")


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What was found at one server: a finding, a sentence with the next step, and what to type in its place."""

    server: str
    finding: Finding
    message: str
    #: The address or algorithm that works.
    suggestion: str = ""
    version: str = ""


def diagnose_all(chosen: Iterable[Server]) -> list[Diagnosis]:
    """Look at several servers at a time: one that says nothing holds up none of the others.

    Of those that are well it is said whether their callbacks arrive.
    """
    chosen = list(chosen)
    look = partial(_diagnose_in, translation.get_language())
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(look, chosen))
    return [_with_callbacks(*one) for one in zip(found, arrivals(chosen), strict=True)]


def _with_callbacks(found: Diagnosis, arrived: Arrivals) -> Diagnosis:
    if found.finding is not Finding.REACHABLE or not arrived.are_missing:
        return found
    return replace(found, finding=Finding.CALLBACKS, message=arrived.advice)


def _diagnose_in(language: str | None, server: Server) -> Diagnosis:
    """Look at a server from another thread: each has a language of its own."""
    with translation.override(language):
        return diagnose(server=server)


def diagnose(*, server: Server) -> Diagnosis:
    """Ask a server who it is and whether it takes our checksum, and find out what is wrong; raises nothing of ours."""
    try:
        look = _Look(server)
    except ServerNotConfigured as error:
        return Diagnosis(server=server.slug, finding=Finding.NO_SECRET, message=str(error))
    try:
        info = look.client.get_server_info()
    except BBBError as error:
        return look.failed(error)
    try:
        look.call()
    except ChecksumError:
        return look.wrong_proof()
    except ServerError as error:
        return look.found(Finding.REFUSED_CALL, str(error))
    except BBBError as error:
        return look.failed(error)
    return look.reachable(info)


class _Line:
    """Passes calls on and keeps the last reply: its status and headers are not in what the client returns."""

    def __init__(self, transport: RequestsTransport) -> None:
        self._transport = transport
        self.last: Reply | None = None
        self.heard_at = timezone.now()

    def send(self, method: str, url: str, *, body: bytes = b"", content_type: str = "") -> Reply:
        self.last = None
        self.last = self._transport.send(method, url, body=body, content_type=content_type)
        self.heard_at = timezone.now()
        return self.last


class _Look:
    """One look at one server."""

    def __init__(self, server: Server) -> None:
        self.server, self.secrets = server, server.secrets
        self._secret = servers.secret_of(server)
        self._options = servers.client_options(server)
        given = {name: self._options.pop(name) for name in _TRANSPORT_OPTIONS if name in self._options}
        self._given = given
        timing = {"read": self._options["timeout"], "deadline": self._options["deadline"]}
        self.line = _Line(RequestsTransport(**timing, **given))
        self.client = self._client(server.url, self._secret, server.algorithm)

    def _client(self, url: str, secret: Secret, algorithm: str) -> BigBlueButtonClient:
        options = {**self._options, "retries": 0}
        return BigBlueButtonClient(
            url, secret, algorithm=algorithm, name=self.server.name, transport=self.line, **options
        )

    def call(self, *, secret: Secret | None = None, algorithm: str = "") -> None:
        """Make a signed call that asks for nothing."""
        client = self._client(self.server.url, secret or self._secret, algorithm or self.server.algorithm)
        client.meetings.is_meeting_running(meeting_id="bbb-check")

    def found(self, finding: Finding, message: str, *, suggestion: str = "", version: str = "") -> Diagnosis:
        return Diagnosis(
            server=self.server.slug, finding=finding, message=message, suggestion=suggestion, version=version
        )

    def says(self, sentence: str, **facts: object) -> str:
        """Return a sentence about this server."""
        return sentence % {"server": self.server.name, **facts}

    # --- it answers -----------------------------------------------------------------------------------

    def reachable(self, info: ServerInfo) -> Diagnosis:
        version = info.bbb_version or info.build or info.api_version
        text = self.says(_("%(server)s answers and takes our checksum."))
        done = self.found(Finding.REACHABLE, text, version=version)
        if self.server.is_under_old_key:
            text = _("%(server)s answers, but its secret is encrypted under an old key. Run `%(command)s`.")
            text = self.says(text, command="manage.py bbb_rotate_keys")
            done = replace(done, finding=Finding.OLD_KEY, message=text)
        off = self._clock_is_off()
        if abs(off) > CLOCK_MAY_BE_OFF:
            if off > timedelta():
                text = _("%(server)s answers, but its clock is %(seconds)d s ahead of ours. Set up NTP on both.")
            else:
                text = _("%(server)s answers, but its clock is %(seconds)d s behind ours. Set up NTP on both.")
            text = self.says(text, seconds=round(abs(off).total_seconds()))
            done = replace(done, finding=Finding.CLOCK, message=text)
        return done

    def _clock_is_off(self) -> timedelta:
        said = self.line.last.headers.get("Date", "") if self.line.last else ""
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return timedelta()
        return _aware(moment) - self.line.heard_at

    # --- it says no -----------------------------------------------------------------------------------

    def wrong_proof(self) -> Diagnosis:
        """Another algorithm or the other secret may be right."""
        for algorithm in HashAlgorithm:
            if algorithm != self.server.algorithm and self._works(algorithm=algorithm):
                text = _("%(server)s does not take %(present)s, but it takes %(other)s. Set the algorithm.")
                text = self.says(text, present=self.server.algorithm, other=str(algorithm))
                return self.found(Finding.ALGORITHM, text, suggestion=str(algorithm))
        if any(self._works(secret=secret) for secret in self.secrets[1:]):
            text = _("%(server)s takes the other secret, not the present one. Make the other the present one.")
            return self.found(Finding.WRONG_SECRET, self.says(text), suggestion="PREVIOUS_SECRET")
        text = _("%(server)s does not take our secret. Compare it with what `%(command)s` prints there.")
        return self.found(Finding.WRONG_SECRET, self.says(text, command="bbb-conf --secret"))

    def _works(self, *, secret: Secret | None = None, algorithm: str = "") -> bool:
        try:
            self.call(secret=secret, algorithm=algorithm)
        except BBBError:
            return False
        return True

    # --- it does not answer as it should --------------------------------------------------------------

    def failed(self, error: BBBError) -> Diagnosis:
        reply = self.line.last
        if reply is not None and reply.status >= 500:
            text = _("%(server)s answers with an error page (HTTP %(status)d). Look whether bbb-web runs there.")
            return self.found(Finding.BROKEN, self.says(text, status=reply.status))
        if isinstance(error, ServerUnreachable):
            return self._why_unreachable(error)
        if isinstance(error, UnreadableResponse | ServerError):  # the index refuses nobody: this is another call
            return self._elsewhere()
        return self.found(Finding.UNREACHABLE, str(error))

    def _why_unreachable(self, error: ServerUnreachable) -> Diagnosis:
        by_proxy = self._given.get("proxies") or self._given.get("trust_env")
        if not error.sent and not by_proxy:  # what a proxy cannot reach is not seen from here
            reason = probe(self.server.url, self._given, name=self.server.name)
            if reason:
                return self.found(*reason)
        if isinstance(error, Timeout):
            text = _("%(server)s did not answer in time. Look whether it is overloaded, or its address is another's.")
            return self.found(Finding.TIMEOUT, self.says(text))
        if by_proxy:
            text = _("%(server)s cannot be reached through its proxy. Look at the proxy, and at its address.")
        else:
            text = _(
                "The connection to %(server)s broke off. Look at what stands before it: its nginx, or a balancer."
            )
        return self.found(Finding.UNREACHABLE, self.says(text))

    def _elsewhere(self) -> Diagnosis:
        """Look for BigBlueButton at the usual addresses of the same host; nothing signed goes there."""
        facts = {"url": self.server.url, "command": "bbb-conf --secret"}
        for url in dict.fromkeys(self._other_addresses()):
            try:
                self._client(url, Secret("not used"), HashAlgorithm.SHA256).get_server_info()
            except BBBError:
                continue
            text = _("What answers at %(url)s is not BigBlueButton. It is at %(other)s: set that.")
            return self.found(Finding.NOT_BIGBLUEBUTTON, text % (facts | {"other": url}), suggestion=url)
        text = _("What answers at %(url)s is not BigBlueButton. `%(command)s` prints the address on the server.")
        return self.found(Finding.NOT_BIGBLUEBUTTON, text % facts)

    def _other_addresses(self) -> Iterator[str]:
        parts = urlsplit(self.server.url)
        origins = [f"{parts.scheme}://{parts.netloc}"]
        target = urlsplit(self.line.last.headers.get("Location", "") if self.line.last else "")
        if target.hostname == parts.hostname and target.scheme in ("http", "https"):
            origins.insert(0, f"{target.scheme}://{target.netloc}")
        for origin in origins:
            for path in (*_USUAL_PATHS, f"{parts.path}bigbluebutton/api/"):
                url = normalized(f"{origin}{path}")
                if url != self.server.url:
                    yield url


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
