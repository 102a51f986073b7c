"""A journal of some hundred commands, written once for all tests that only read it."""

import pytest

from domain.kernel.event import AnyRecorded
from tests.support.journals import clerk_of, read_all, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.shop_day import live, shop_days


@pytest.fixture(scope="session")
def shop(database: Database) -> Tenant:
    """The tenant. Its read models belong to whichever test runs."""
    tenant = new_tenant(database, "test_projections")

    async def write() -> int:
        async with clerk_of(tenant) as clerk:
            return await live(clerk, shop_days())

    assert 20 < run(write()) < 150, "a story in which nothing or everything is refused tests little"
    return tenant


@pytest.fixture(scope="session")
def journal(shop: Tenant) -> list[AnyRecorded]:
    """Its entries, oldest first."""
    return run(read_all(shop))
