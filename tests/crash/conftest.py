"""A shop that is killed again and again, one for each worker."""

import sys
from collections.abc import Generator

import pytest

from infra.logging import configure_logging
from tests.crash.shop import Shop, serving

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # they read /proc


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """A rival's clerk tells of every lost connection, with a traceback where it could not find out."""
    configure_logging("critical")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Shop]:
    """The shop. What it was told in one test must be there in all that follow."""
    with serving(tmp_path_factory.mktemp("crash")) as shop:
        yield shop
