"""Worlds: one shared by a file's tests, who use ids of their own, and new ones for those who count."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.api import World, add_shop, world


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop with two stores, products, an employee, a customer and a campaign; shared by the file."""
    with world(worker_id, tmp_path_factory.mktemp("shop")) as opened:
        add_shop(opened)
        yield opened


@pytest.fixture
def new_shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    """The same shop, known to this test alone."""
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened
