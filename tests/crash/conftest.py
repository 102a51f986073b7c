"""A shop that is killed again and again, one for each worker."""

import sys
from collections.abc import Generator

import pytest

from tests.crash.shop import Shop, serving

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # they read /proc


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Shop]:
    """The shop. What it was told in one test must be there in all that follow."""
    with serving(tmp_path_factory.mktemp("crash")) as shop:
        yield shop
