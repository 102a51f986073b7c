"""A shop with a past, for tests of what folds it: written once, and copied for each test."""

import itertools
from collections.abc import Generator

import pytest

from tests.support.journals import clerk_of, run
from tests.support.postgres import Tenant, shop_alone
from tests.support.read_models import all_contents, project
from tests.support.shop_day import live, shop_days

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def past(worker_id: str) -> Generator[Tenant]:
    """A tenant with a few hundred entries, on which no projection has run. It stays as it is."""

    async def write(tenant: Tenant) -> None:
        async with clerk_of(tenant) as clerk:
            await live(clerk, shop_days(steps=60))

    with shop_alone(f"{worker_id}_past") as tenant:
        run(write(tenant))
        yield tenant


@pytest.fixture(scope="session")
def folded_past(past: Tenant, worker_id: str) -> Generator[Tenant]:
    """The same with its read models at the journal's end. It stays as it is."""
    with shop_alone(f"{worker_id}_folded_past", like=past) as tenant:
        run(project(tenant))
        yield tenant


@pytest.fixture
def shop(past: Tenant, worker_id: str) -> Generator[Tenant]:
    """A tenant with a few hundred entries, on which no projection has run."""
    with shop_alone(f"{worker_id}_shop_{next(_numbers)}", like=past) as tenant:
        yield tenant


@pytest.fixture
def folded(folded_past: Tenant, worker_id: str) -> Generator[Tenant]:
    """The shop, with its read models at the journal's end."""
    with shop_alone(f"{worker_id}_folded_{next(_numbers)}", like=folded_past) as tenant:
        yield tenant


@pytest.fixture(scope="session")
def expected(folded_past: Tenant) -> dict[str, list[str]]:
    """The read models of the shop as they have to be in the end."""
    return all_contents(folded_past)
