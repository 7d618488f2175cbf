"""What tests of several pages need."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone


@pytest.fixture
def at() -> Callable[[int], datetime]:
    """A moment so many hours from now."""
    return lambda hours: timezone.now() + timedelta(hours=hours)
