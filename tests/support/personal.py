"""People in a test: their boxes in the journal, the index followed, and a vault of another process."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec

from domain.kernel.sealed import Sealed
from infra.crypto.master_key import MasterKey
from infra.crypto.vault import Vault
from infra.event_store.journal import Journal
from infra.people.indexer import PeopleIndex
from infra.postgres.pools import connector, pool, tenant_conninfo
from infra.tenancy import DEFAULT_REGION
from tests.support.api import World

STATES = "SELECT state FROM stored_events ORDER BY notification_id"


@asynccontextmanager
async def vault_of(shop: World) -> AsyncGenerator[Vault]:
    """A vault of another process of the shop."""
    async with pool(shop.tenant.service_url) as keys:
        vault = Vault(keys, MasterKey.of_file(shop.settings.master_key_file), shop.tenant.name)
        await vault.start()
        yield vault


def follow(shop: World, pages: int | None = None) -> int:
    """Follows the journal with the index, to its end or by so many pages; returns the position."""

    async def run() -> int:
        conninfo = tenant_conninfo(shop.tenant.service_url, shop.tenant.name)
        async with vault_of(shop) as vault, await connector(conninfo)() as connection:
            people = PeopleIndex(Journal(shop.tenant.schema), vault, DEFAULT_REGION)
            done = 0
            while (pages is None or done < pages) and await people.run_page(connection):
                done += 1
            return await people.reached(connection)

    return asyncio.run(run())


def sealed_in_journal(shop: World) -> list[Sealed]:
    """Every sealed text of every event, oldest first."""
    return [box for (state,) in shop.query(STATES) for box in boxes_in(msgspec.json.decode(bytes(state)))]


def boxes_in(node: Any) -> Iterator[Sealed]:
    """Every sealed text in decoded JSON."""
    if isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        if found.keys() == set(Sealed.__struct_fields__):
            yield Sealed(**found)
        else:
            for value in found.values():
                yield from boxes_in(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from boxes_in(value)


def opened_elsewhere(shop: World, boxes: list[Sealed]) -> list[str | None]:
    """The texts as another process reads them."""

    async def run() -> list[str | None]:
        async with vault_of(shop) as vault:
            return await vault.open_all(boxes)

    return asyncio.run(run())
