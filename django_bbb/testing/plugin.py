"""The pytest plugin: `pytest_plugins = ["django_bbb.testing.plugin"]`.

It builds on pytest-django.  Nothing of the site is imported before a fixture is asked for: pytest loads plugins
before Django is ready.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from django_bbb.simulator import BigBlueButtonSimulator

if TYPE_CHECKING:
    from django_bbb.models import Meeting, Recording, Server
    from django_bbb.testing.callbacks import Callbacks

#: Of every simulator that a test gets; it protects nothing.
SECRET = "secret-of-the-simulator"  # noqa: S105
#: What Django's test client calls the site.
SITE = "http://testserver"


@pytest.fixture
def bbb_simulator(request: pytest.FixtureRequest) -> Iterator[BigBlueButtonSimulator]:
    """A BigBlueButton on a free port, stopped after the test.

    It sends callbacks to `live_server` where a test uses that; else it keeps them to itself, since nothing would
    receive them: `bbb_callbacks` delivers those a test wants.
    """
    with BigBlueButtonSimulator(
        secret=SECRET, callback_retries=(0,), lose_callbacks="live_server" not in request.fixturenames
    ) as simulator:
        yield simulator


@pytest.fixture
def bbb_server(
    request: pytest.FixtureRequest, db: None, settings: Any, bbb_simulator: BigBlueButtonSimulator
) -> "Server":
    """The simulator's row, the only server of the site during the test; other settings of the site stay."""
    from django_bbb.services.servers import register_declared_servers

    is_live = "live_server" in request.fixturenames
    settings.DJANGO_BBB = {
        **getattr(settings, "DJANGO_BBB", {}),
        "SERVERS": {"default": {"URL": bbb_simulator.url, "SECRET": SECRET}},
        "CALLBACK_BASE_URL": request.getfixturevalue("live_server").url if is_live else SITE,
    }
    return register_declared_servers()[0]


@pytest.fixture
def bbb_meeting(bbb_server: "Server") -> "Meeting":
    """A meeting that everybody who is logged in may enter; its class has not begun."""
    from django_bbb.models import Meeting
    from django_bbb.services.meetings import create_meeting

    return create_meeting(name="Mathematics 7b", access=Meeting.Access.SIGNED_IN)


@pytest.fixture
def bbb_recording(bbb_server: "Server", bbb_meeting: "Meeting", bbb_simulator: BigBlueButtonSimulator) -> "Recording":
    """A published recording of `bbb_meeting` in two formats, on the server and in the site's database."""
    from django.urls import reverse

    from django_bbb.services.addresses import absolute
    from django_bbb.services.recordings import refresh_recordings

    # As if its class had been started by the site.
    ready = absolute(reverse("django_bbb:recording-ready", kwargs={"slug": bbb_server.slug}))
    remote = bbb_simulator.add_recording(
        bbb_meeting.meeting_id,
        name=bbb_meeting.name,
        formats=("presentation", "video"),
        metadata={"bbb-recording-ready-url": ready or ""},
    )
    (recording,) = refresh_recordings(server=bbb_server, record_ids=[remote.record_id])
    return recording


@pytest.fixture
def bbb_callbacks(
    request: pytest.FixtureRequest, bbb_server: "Server", bbb_simulator: BigBlueButtonSimulator
) -> "Callbacks":
    """Delivers callbacks to the site, good ones and forged ones, when the test says so."""
    from django_bbb.testing.callbacks import Callbacks, send_by_http, send_by_test_client

    is_live = "live_server" in request.fixturenames
    return Callbacks(bbb_simulator, send=send_by_http if is_live else send_by_test_client)
