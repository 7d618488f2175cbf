"""The parameters of a request, read and checked as the server does it.

Constraints: `bbb-common-web/.../api/model/constraint`.  Values: `ParamsProcessorUtil.java`.
"""

import re
import unicodedata
from collections.abc import Iterable

from .failures import Failed
from .profiles import Profile

_META_NAME = re.compile(r"meta_([a-zA-Z][a-zA-Z0-9-]*)")
_USERDATA_NAME = re.compile(r"userdata-([^-]+)")


class Parameters:
    """Names are case-sensitive, unknown ones do not matter, of two with one name the first counts."""

    def __init__(self, pairs: Iterable[tuple[str, str]], profile: Profile) -> None:
        self._profile = profile
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name, value)

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return a value without control characters; the default also for an empty one."""
        value = self._values.get(name, "")
        if not value.isprintable():
            value = "".join(character for character in value if unicodedata.category(character) != "Cc")
        return value or default

    def flag(self, name: str, default: bool = False) -> bool:
        """Only `true`, spelled exactly so, is true."""
        value = self._values.get(name)
        return value == "true" if value else default

    def number(self, name: str, default: int = 0) -> int:
        """What is not made of digits becomes the default without a word."""
        value = self._values.get(name, "")
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else default

    def words(self, name: str) -> list[str]:
        """Return the parts of a comma-separated list."""
        return [word.strip() for word in self._values.get(name, "").split(",") if word.strip()]

    def metadata(self) -> dict[str, str]:
        """Return the `meta_…` parameters by lower-case key; names with a further underscore do not count."""
        found = ((_META_NAME.fullmatch(name), value) for name, value in self._values.items())
        return {match[1].lower(): value for match, value in found if match}

    def userdata(self) -> dict[str, str]:
        """Return the `userdata-…` parameters by key; names with a further hyphen do not count."""
        found = ((_USERDATA_NAME.fullmatch(name), value) for name, value in self._values.items())
        return {match[1]: value for match, value in found if match}

    # Checked values

    def meeting_id(self) -> str:
        value = self._values.get("meetingID")
        if value is None:
            raise Failed(self._profile.absent_meeting_id, "The parameter meetingID is missing.")
        if not value:
            raise Failed("missingParamMeetingID", "The parameter meetingID is empty.")
        if not 2 <= len(value) <= 256:
            raise Failed("sizeError", "A meetingID has 2 to 256 characters.")
        if "," in value:
            raise Failed("validationError", "A meetingID holds no comma.")
        if self._profile.narrow_meeting_ids and (value != value.strip() or not value.isprintable()):
            raise Failed("validationError", "A meetingID has no blanks at its ends and no control characters.")
        return value

    def meeting_name(self) -> str:
        if self._values.get("name") is None:
            raise Failed("nullError", "The parameter name is missing.")
        value = self.text("name")
        if not value:
            raise Failed("emptyError", "The parameter name is empty.")
        if not 2 <= len(value) <= 256:
            raise Failed("sizeError", "A name has 2 to 256 characters.")
        return value

    def password(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is not None and not 2 <= len(value) <= 64:
            raise Failed("invalidPassword", "A password has 2 to 64 characters.")
        return value

    def digits(self, name: str) -> str | None:
        value = self._values.get(name)
        if not value:
            return None
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise Failed("validationError", f"The parameter {name} is made of digits.")
        return value

    def record_ids(self) -> list[str]:
        found = self.words("recordID")
        if not found:
            raise Failed("missingParamRecordID", "The parameter recordID is missing.")
        return found
