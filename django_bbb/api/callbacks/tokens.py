"""JSON Web Tokens signed with a server's secret: the proof of recording-ready and analytics callbacks."""

from collections.abc import Iterable, Sequence
from typing import Any

import jwt

from ..errors import UntrustedCallback
from ..redaction import Secret

_BLOCK = 64  # bytes in a block of SHA-256, the smallest that HMAC is used with here
_LEEWAY = 60  # seconds a server's clock may differ


def verified(
    token: str, *, secrets: Iterable[Secret], algorithms: Sequence[str], required: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the claims of a token that one of the secrets signed; blank secrets sign nothing.

    Times in it (``exp``, ``nbf``, ``iat``) hold within a minute, other claims are whatever they like; ``required``
    are those that must be there.
    """
    for secret in secrets:
        if not secret:
            continue
        try:
            return jwt.decode(
                token,
                _key(secret),
                algorithms=list(algorithms),
                leeway=_LEEWAY,
                options={
                    "require": list(required),
                    # BigBlueButton sets none of these today, and nobody has agreed on what they would mean.
                    "verify_aud": False,
                    "verify_iss": False,
                    "verify_jti": False,
                    "verify_sub": False,
                },
            )
        # PyJWTError and not InvalidTokenError: an unusable key raises outside of the latter.
        except (jwt.PyJWTError, RecursionError, ValueError):
            continue
    raise UntrustedCallback("No secret of this server has signed the token.")


def bearer(authorization: str) -> str:
    """Return what an ``Authorization`` header bears; its scheme may be written in any case (RFC 9110)."""
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise UntrustedCallback("There is no bearer in the Authorization header.")
    return credentials.strip()


def _key(secret: Secret) -> bytes:
    """Return the secret as HMAC uses it: filled up with zeros to a block (RFC 2104).

    BigBlueButton's secrets may be shorter than PyJWT likes; a system check speaks about that.  Filled up, they
    do not make it warn, and no filter for warnings, which all threads share, has to be changed and restored.
    """
    return secret.reveal().encode().ljust(_BLOCK, b"\0")
