"""What most tests need: a server to call, its row, a meeting, people, and the queue of tasks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from config.celery import app
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.utils import translation

from django_bbb import broker
from django_bbb.api import RequestsTransport
from django_bbb.models import Meeting, Server
from django_bbb.services import servers
from django_bbb.services.meetings import create_meeting
from django_bbb.simulator import BigBlueButtonSimulator

#: Appears in no page, log, exception or repr: several tests look for it.
SECRET = "SENTINEL-secret-that-must-never-be-seen"


@pytest.fixture(autouse=True)
def no_call_inside_a_transaction(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any call to a server that is made inside a transaction (# threats.md 43).

    The call is made as always; pytest-django's own block around a test does not count.
    """
    if not {"db", "transactional_db"} & set(request.fixturenames):
        return
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
    usual = len(connection.atomic_blocks)
    for name in ("send", "stream"):
        monkeypatch.setattr(RequestsTransport, name, _guarded(getattr(RequestsTransport, name), usual))


def _guarded(call: Callable[..., Any], usual: int) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        assert len(connection.atomic_blocks) <= usual, "A server was called inside a database transaction."
        return call(*args, **kwargs)

    return guarded


@pytest.fixture(autouse=True)
def nobodys_language() -> Iterator[None]:
    """Django's middleware leaves a thread in the language of whoever asked last."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def fresh_messenger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread of its own for each test: one that waits for a broker does not hold up the next test."""
    messenger = broker._Messenger()
    monkeypatch.setattr(broker, "_messenger", messenger)
    # Waited for is an event: however slow the machine is, what was handed over is there afterwards.
    monkeypatch.setattr(broker, "PATIENCE", 30)
    yield
    while not messenger._waiting.empty():  # what nobody waits for any more is not tried either
        messenger._waiting.get_nowait()


@pytest.fixture
def simulator() -> Iterator[BigBlueButtonSimulator]:
    with BigBlueButtonSimulator(secret=SECRET, callback_retries=(0,)) as running:
        yield running


@pytest.fixture
def bbb(settings: Any, simulator: BigBlueButtonSimulator) -> dict[str, Any]:
    """``DJANGO_BBB`` with the simulator as the one server; tests change it and it is read live."""
    settings.DJANGO_BBB = {
        "SERVERS": {"default": {"URL": simulator.url, "SECRET": SECRET}},
        "CALLBACK_BASE_URL": "http://testserver",
        "CREATE_DEFAULTS": {"record": True},
        "TIMEOUT": 2,
        "CREATE_DEADLINE": 2,
    }
    changed: dict[str, Any] = settings.DJANGO_BBB
    return changed


@pytest.fixture
def server(db: None, bbb: dict[str, Any]) -> Server:
    return servers.register_declared_servers()[0]


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person; ``permissions`` are code names of this app's."""

    def make(username: str, *, permissions: tuple[str, ...] = (), **fields: object) -> User:
        user = User.objects.create_user(username, password=username, **fields)
        wanted = Permission.objects.filter(content_type__app_label="django_bbb", codename__in=permissions)
        assert len(wanted) == len(permissions)
        user.user_permissions.set(wanted)
        return user

    return make


@pytest.fixture
def teacher(person: Callable[..., User]) -> User:
    return person("teacher", first_name="Ada", last_name="Weber")


@pytest.fixture
def student(person: Callable[..., User]) -> User:
    return person("student", first_name="Ben", last_name="Klein")


@pytest.fixture
def meeting(server: Server, teacher: User) -> Meeting:
    """A meeting that its teacher starts and everybody who is logged in may enter."""
    return create_meeting(name="Mathematics 7b", owner=teacher, access=Meeting.Access.SIGNED_IN)


@pytest.fixture
def queued() -> Iterator[Callable[[], list[tuple[str, list[Any]]]]]:
    """Take what has been enqueued since the last time: names and arguments of tasks."""
    with app.connection_for_read() as connected, connected.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.clear()

        def take() -> list[tuple[str, list[Any]]]:
            taken = []
            broker._messenger._waiting.join()  # nobody waits for the broker in a callback's request
            while queue.qsize():
                message = queue.get_nowait()
                message.ack()
                taken.append((message.headers["task"], message.payload[0]))
            return taken

        yield take
