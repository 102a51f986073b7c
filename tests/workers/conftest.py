"""A shop with a past, for tests of what folds it."""

import pytest

from tests.support.journals import clerk_of, run
from tests.support.postgres import Tenant
from tests.support.read_models import all_contents, forget, project
from tests.support.shop_day import live, shop_days


@pytest.fixture
def shop(tenant: Tenant) -> Tenant:
    """A tenant with a few hundred entries, on which no projection has run."""

    async def write() -> None:
        async with clerk_of(tenant) as clerk:
            await live(clerk, shop_days(steps=60))

    run(write())
    return tenant


@pytest.fixture
def expected(shop: Tenant) -> dict[str, list[str]]:
    """The read models as they have to be in the end; they are empty again."""
    run(project(shop))
    found = all_contents(shop)
    forget(shop)
    return found
