"""Tags of servers, which meetings require or prefer."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def cleaned_tags(tags: Any) -> list[str]:
    """Return tags once each, in order; raises ValidationError for anything but a list of short plain words."""
    if tags in (None, ""):
        return []
    if not isinstance(tags, list) or not all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in tags):
        raise ValidationError(
            _('Tags are a JSON list of lower-case words without blanks, for example ["exam", "region-eu"].')
        )
    return sorted(set(tags))
