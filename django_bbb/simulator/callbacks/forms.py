"""Form encoding as the senders do it, each in its own language."""

from collections.abc import Mapping
from urllib.parse import quote, quote_plus


def form_text(text: str) -> str:
    """Encode as Java's URLEncoder and JavaScript's URLSearchParams do: `*` stays, `~` does not."""
    return quote_plus(_bytes(text), safe="*").replace("~", "%7E")


def form_body(fields: Mapping[str, str]) -> bytes:
    """Return the body of a form as URLSearchParams writes it, in the order of the fields."""
    return "&".join(f"{name}={form_text(value)}" for name, value in fields.items()).encode()


def strict_body(fields: Mapping[str, str]) -> bytes:
    """Return the body of a form as the `qs` package writes it: a space is %20, and `~` stays."""
    return "&".join(f"{name}={quote(_bytes(value), safe='')}" for name, value in fields.items()).encode()


def _bytes(text: str) -> bytes:
    # Half of a surrogate pair has no bytes; JavaScript puts U+FFFD in its place.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
