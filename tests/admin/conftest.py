"""What tests of several pages of the admin need."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import content_policy


@pytest.fixture
def cookies(transactional_db: None, live_server: Any, settings: Any, admin_user: User) -> list[dict[str, str]]:
    """What the browser of a superuser has, on a site with a strict policy."""
    content_policy.send_with_each_page(settings)
    client = Client()
    client.force_login(admin_user)
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
