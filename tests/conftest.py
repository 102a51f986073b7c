"""Fixtures of every test: a real PostgreSQL, a database a worker, a tenant a test."""

import itertools
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from tests.support.postgres import Database, Tenant, shop_alone, test_server, worker_database

_server = pytest.StashKey[ExitStack]()
_tenant_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the process that outlives all workers, before they inherit its environment."""
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    stack = config.stash[_server] = ExitStack()
    stack.enter_context(test_server())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop it."""
    if _server in config.stash:
        config.stash[_server].close()


@pytest.fixture(scope="session")
def database(worker_id: str) -> Database:
    """This worker's database."""
    return worker_database(worker_id)


@pytest.fixture
def tenant(worker_id: str) -> Generator[Tenant]:
    """A tenant that only this test knows, in a database of its own."""
    with shop_alone(f"{worker_id}_tenant_{next(_tenant_numbers)}") as tenant:
        yield tenant
