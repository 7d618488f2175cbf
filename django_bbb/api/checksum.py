"""The checksum that proves a call comes from somebody who knows the shared secret.

BigBlueButton computes it in ``ValidationService.java``: ``hex(H(call + query + secret))`` over the query
exactly as it was received, without its checksum.  It tells the algorithm by the length of the digest.
"""

import hashlib
import hmac
from enum import StrEnum


class HashAlgorithm(StrEnum):
    """The algorithms a server may allow (``supportedChecksumAlgorithms``); sha256 works from 2.3 on."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


#: hashlib's constructors by name; looked up once, since ``hashlib.new`` asks OpenSSL each time.
_HASHES = {
    HashAlgorithm.SHA1: hashlib.sha1,
    HashAlgorithm.SHA256: hashlib.sha256,
    HashAlgorithm.SHA384: hashlib.sha384,
    HashAlgorithm.SHA512: hashlib.sha512,
}


def checksum(call: str, query: str, *, secret: str, algorithm: HashAlgorithm) -> str:
    """Return the lower-case hex digest the server expects for this call.

    ``call`` is the exact name (``create``, ``hooks/list``), ``query`` the encoded query string that will be
    sent, byte for byte.
    """
    return _HASHES[algorithm]((call + query + secret).encode()).hexdigest()


def is_same(ours: str, theirs: str) -> bool:
    """Compare two digests or tokens in constant time; anything that is not ASCII is different."""
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "surrogatepass"))
