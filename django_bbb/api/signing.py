"""What is signed, and where it goes: into the query, or for long calls partly into a form.

The rule is the server's (``ValidationService.java``): it signs the query as received; where a query is there at all,
what comes in a form beside it is not signed.  Without any query its versions differ (`LongRequests`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .checksum import HashAlgorithm, checksum
from .redaction import Secret, SignedURL

FORM = "application/x-www-form-urlencoded"

#: Characters of an encoded query: nginx and Tomcat take about 8 000, some proxies no more than this.
MOST_IN_QUERY = 2000

#: Calls the server also takes by POST (``UrlMappings.groovy``); the others are GET however long they are.
BY_POST = frozenset(
    {
        "create",
        "end",
        "getMeetingInfo",
        "getMeetings",
        "getRecordings",
        "getRecordingTextTracks",
        "getSessions",
        "isMeetingRunning",
        "updateRecordings",
    }
)


class LongRequests(StrEnum):
    """How a server wants calls that are too long for a query."""

    #: As much as fits stands in the query and is signed, the rest in a form beside it; every version takes that.
    SPLIT = "split"
    #: All in a form, and what is signed is empty: servers from 3.0 on.  The checksum is then the same for all calls
    #: of that name: whoever has seen one can send another.
    FORM = "form"
    #: All in a form, signed sorted by name and encoded as Java does: servers up to 2.7.  It is sent just as it is
    #: signed, which is what bbblb wants; bbblb leaves out what stands in a form beside a query.
    SORTED_FORM = "sorted-form"


@dataclass(frozen=True, slots=True)
class Request:
    """A signed call, as it goes to a transport."""

    method: str
    url: SignedURL
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs calls for one server: ``base`` is the address of its API, with a slash at the end."""

    base: str
    secret: Secret
    algorithm: HashAlgorithm
    long_requests: LongRequests = LongRequests.SPLIT
    most_in_query: int = MOST_IN_QUERY

    def url(self, call: str, pairs: Sequence[str]) -> SignedURL:
        """Return the URL of a call with all its encoded ``name=value`` pairs in the query."""
        query = "&".join(pairs)
        digest = checksum(call, query, secret=self.secret.reveal(), algorithm=self.algorithm)
        return SignedURL(f"{self.base}{call}?{query}{'&' if query else ''}checksum={digest}")

    def request(self, call: str, pairs: Sequence[str]) -> Request:
        """Return a call as a GET, or as a POST with a form where its query would be too long."""
        if sum(map(len, pairs)) + len(pairs) <= self.most_in_query or call not in BY_POST:
            return Request("GET", self.url(call, pairs))
        if self.long_requests is LongRequests.SPLIT:
            return self._split(call, pairs)
        if self.long_requests is LongRequests.FORM:
            signed = ""
        else:
            pairs = _as_java_encodes(pairs)
            signed = "&".join(pairs)
        digest = checksum(call, signed, secret=self.secret.reveal(), algorithm=self.algorithm)
        return _post(SignedURL(f"{self.base}{call}"), [*pairs, f"checksum={digest}"])

    def _split(self, call: str, pairs: Sequence[str]) -> Request:
        query: list[str] = []
        form: list[str] = []
        left = self.most_in_query
        for pair in pairs:
            fits = len(pair) < left
            (query if fits else form).append(pair)
            left -= len(pair) + 1 if fits else 0
        return _post(self.url(call, query), form)


def _post(url: SignedURL, pairs: Sequence[str]) -> Request:
    return Request("POST", url, "&".join(pairs).encode(), FORM)


def _as_java_encodes(pairs: Sequence[str]) -> list[str]:
    """``java.net.URLEncoder`` leaves the asterisk and quotes the tilde, unlike everybody else."""
    # One argument may have made several pairs, such as `meta`.
    single = "&".join(pairs).split("&")
    in_order = sorted(single, key=lambda pair: pair.partition("=")[0])
    return [pair.replace("~", "%7E").replace("%2A", "*") for pair in in_order]
