"""Is this request signed with our secret?  The simulator's own answer, independent of `django_bbb.api`.

The rule is `ValidationService.java` of BigBlueButton (bbb-common-web): the hex digest of call name, query
string as it came over the wire without its checksum, and secret; its length names the algorithm.
"""

import hashlib
import hmac
from collections.abc import Iterable, Set
from typing import Literal
from urllib.parse import quote_plus

#: Hex digits of a checksum, and the algorithm that makes so many.
ALGORITHM_BY_LENGTH = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
ALL_ALGORITHMS = frozenset(ALGORITHM_BY_LENGTH.values())

Verdict = Literal["good", "missing", "wrong", "algorithm not allowed", "not needed", "not checked"]


class ChecksumRefused(Exception):
    """The request proves nothing; `verdict` says in which way."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


def signed_part(query: str, checksum: str) -> str:
    """Return what of the raw query string was signed: everything but the checksum, undecoded and unsorted.

    BigBlueButton replaces text and does not parse; what stands after the checksum is signed as well.
    """
    for pair in (f"&checksum={checksum}", f"checksum={checksum}&", f"checksum={checksum}"):
        if pair in query:
            query = query.replace(pair, "")
            break
    if not (query.isascii() and query.isprintable()):
        query = "".join(character for character in query if character.isprintable() or character > "\x9f")
    return query.strip()


def form_as_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query string that servers up to 2.7 make of a form to check it: sorted, as Java encodes."""
    signed = sorted((pair for pair in pairs if pair[0] != "checksum"), key=lambda pair: pair[0])
    return "&".join([f"{name}={quote_plus(value, safe='*').replace('~', '%7E')}" for name, value in signed])


def verify_checksum(
    call: str,
    query: str,
    checksum: str | None,
    *,
    secret: str,
    algorithms: Set[str] = ALL_ALGORITHMS,
    ignore_case: bool = True,
) -> None:
    """Return if the checksum is right for this call and query; raise `ChecksumRefused` if it is not.

    `query` is the query string as received, one character per byte (Latin-1), as Python's HTTP servers do.
    """
    if not checksum:
        raise ChecksumRefused("missing")
    algorithm = ALGORITHM_BY_LENGTH.get(len(checksum))
    if algorithm is None:
        raise ChecksumRefused("wrong")
    if algorithm not in algorithms:
        raise ChecksumRefused("algorithm not allowed")
    signed = call.encode() + signed_part(query, checksum).encode("latin-1") + secret.encode()
    expected = hashlib.new(algorithm, signed).hexdigest()
    # The server compares without regard to case; bbb-webhooks and balancers do not.
    given = checksum.lower() if ignore_case else checksum
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise ChecksumRefused("wrong")
