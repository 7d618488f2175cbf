"""A site of several processes, on each broker."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context

import pytest

from django_bbb.simulator import BigBlueButtonSimulator
from tests.lacking import skip
from tests.processes import brokers
from tests.processes.stage import SECRET, Stage

ADDRESS = os.environ.get("POSTGRES_URL", "postgres://root@127.0.0.1/test")


@pytest.fixture(scope="session")
def shared_database() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    psycopg = import_module("psycopg") if find_spec("psycopg") else skip("psycopg is not installed.")
    try:
        connection = psycopg.connect(ADDRESS, autocommit=True)
    except psycopg.OperationalError as error:
        skip(f"There is no PostgreSQL to test with: {error}")
    name = f"test_brokers_{os.getpid()}"
    with connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{ADDRESS.rpartition('/')[0]}/{name}"
    with psycopg.connect(ADDRESS, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def stages(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stage]]:
    """Set up a site on a broker; once for all tests, since that takes seconds."""
    up: dict[str, Stage] = {}
    with BigBlueButtonSimulator(secret=SECRET, callback_retries=(0,)) as simulator:

        def find(name: str) -> Stage:
            if name not in up:
                folder = tmp_path_factory.mktemp(name)
                broker = brokers.start(name, folder)
                up[name] = Stage(broker=broker, database=shared_database, simulator=simulator, folder=folder)
            return up[name]

        yield find
        for stage in up.values():
            stage.stop()


@pytest.fixture(scope="session")
def senders() -> Iterator[ProcessPoolExecutor]:
    """Eight processes that send callbacks."""
    with ProcessPoolExecutor(8, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(params=brokers.NAMES)
def stage(request: pytest.FixtureRequest, stages: Callable[[str], Stage]) -> Stage:
    """A site whose broker, worker and processes are well, and that knows of no class."""
    found = stages(request.param)
    found.begin_anew()
    return found
