"""Secrets at rest: what the admin is told is encrypted under keys made from ``SECRET_KEY`` and its fallbacks.

Fails closed: what cannot be decrypted is an error, and never taken for the secret itself.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from django_bbb.api import Secret

#: Nothing else a site makes from its SECRET_KEY has these keys, and what is for one purpose is opened for no other.
SECRETS = "django_bbb.secrets.1"
GUESTS = "django_bbb.guests.1"


def _fernet(secret_key: str | bytes, purpose: str) -> Fernet:
    material = secret_key.encode() if isinstance(secret_key, str) else secret_key
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(material)
    return Fernet(base64.urlsafe_b64encode(key))


def encrypt(secret: Secret, *, purpose: str = SECRETS) -> str:
    """Return the text to store, under the key made from ``SECRET_KEY``."""
    return _fernet(settings.SECRET_KEY, purpose).encrypt(secret.reveal().encode()).decode()


def decrypt(stored: str, *, purpose: str = SECRETS) -> Secret | None:
    """Return the secret; None when neither ``SECRET_KEY`` nor a fallback opens it."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    try:
        return Secret(MultiFernet([_fernet(key, purpose) for key in keys]).decrypt(stored.encode()).decode())
    except InvalidToken:
        return None


def is_current(stored: str) -> bool:
    """Whether the text is encrypted under ``SECRET_KEY`` itself, so that the fallbacks may go."""
    try:
        _fernet(settings.SECRET_KEY, SECRETS).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True
