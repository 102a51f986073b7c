"""The projector process: one tenant's trouble is its own."""

import asyncio

import pytest

from infra.postgres.pools import connector
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.rebuilds import ask_for_rebuild, begin_rebuild, read_rebuilds
from projections.stock_levels.fold import StockLevels
from tests.support.commands import add_product, open_store, receive
from tests.support.journals import answered, clerk_of, connected, query, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import all_contents, database_of, project
from workers import projection_runner, projector
from workers.rebuild_processes import left_to_do


async def reached(tenant: Tenant, *, position: int = 0, epoch: int = 1) -> None:
    """Returns when all of the tenant's read models have folded a position and begun so many epochs."""
    async with asyncio.timeout(20), connected(tenant) as connection:
        while True:
            cursor = await connection.execute("SELECT min(position), min(epoch) FROM projection_checkpoints")
            least = await cursor.fetchone()
            if least not in (None, (None, None)) and least[0] >= position and least[1] >= epoch:
                return
            await asyncio.sleep(0.01)


async def made_anew_by_itself(tenant: Tenant) -> None:
    """Runs the part of the projector that sees to versions, until nothing is left to do."""
    stop = asyncio.Event()
    database = database_of(tenant)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        share = projector.Share("one")
        group.create_task(projector.keep_current(tenant.service_url, tenant.name, stop, share))
        async with connected(tenant) as connection:
            while True:
                if not await left_to_do(database, PROJECTIONS) and not await read_rebuilds(connection):
                    break
                # A rebuild gives way to everybody: who looked without a pause would keep it waiting.
                await asyncio.sleep(0.02)
        stop.set()


def test_what_an_older_version_made_is_made_anew_by_itself(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """In processes of their own. What was read until then stands beside it."""
    run(project(shop))
    query(shop.owner_url, shop, "UPDATE stock_levels SET on_hand = 0")
    query(shop.owner_url, shop, "UPDATE projection_checkpoints SET version = 0 WHERE name <> 'staff_scores'")

    run(made_anew_by_itself(shop))

    assert all_contents(shop) == expected
    checkpoints = query(shop.service_url, shop, "SELECT DISTINCT version FROM projection_checkpoints")
    previous = query(shop.service_url, shop, "SELECT name, version FROM previous_projections ORDER BY name")
    assert {version for (version,) in checkpoints} == {each.version for each in PROJECTIONS}
    assert previous == sorted((each.name, 0) for each in PROJECTIONS if each.name != "staff_scores")


def test_a_rebuild_whose_process_was_killed_is_gone_on_with(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """Its owner has been silent for longer than anyone is believed to be at work."""
    run(project(shop))
    query(shop.owner_url, shop, "UPDATE stock_levels SET on_hand = 0")

    async def killed() -> None:
        async with connected(shop) as connection:
            await ask_for_rebuild(connection, {"stock_levels": StockLevels.version})
            await begin_rebuild(connection, ["stock_levels"], "killed", 10)
            assert await left_to_do(database_of(shop), PROJECTIONS) == []

    run(killed())
    query(shop.owner_url, shop, "UPDATE projection_rebuilds SET alive_at = now() - interval '11 seconds'")
    run(made_anew_by_itself(shop))

    assert all_contents(shop) == expected


def test_a_new_read_model_beside_others_with_a_long_past_is_made_by_a_rebuild(
    shop: Tenant, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They need not wait for it."""
    monkeypatch.setattr(projection_runner, "SMALL_PAGE", 100)
    run(project(shop, projections=[each for each in PROJECTIONS if each.name != "stock_levels"]))

    assert run(project(shop)) == 0
    assert all_contents(shop) == {**expected, **{table.name: [] for table in StockLevels.tables}}
    run(made_anew_by_itself(shop))

    assert all_contents(shop) == expected


def test_projectors_share_the_tenants_and_take_over_from_one_that_is_gone() -> None:
    """All agree; when one goes only its own tenants change hands."""
    names = [f"host:{number}" for number in range(5)]
    tenants = [f"shop{number}" for number in range(200)]

    def owners(alive: list[str]) -> dict[str, str]:
        shares = [projector.Share(name) for name in alive]
        for share in shares:
            share.alive = set(alive)
        found = {tenant: [share.name for share in shares if share.has(tenant)] for tenant in tenants}
        assert all(len(who) == 1 for who in found.values())
        return {tenant: who[0] for tenant, who in found.items()}

    before, after = owners(names), owners(names[1:])

    assert set(before.values()) == set(names)
    assert all(after[tenant] == who for tenant, who in before.items() if who != names[0])


def test_a_share_counts_who_is_alive_and_leaves_at_once(database: Database) -> None:
    async def test() -> tuple[set[str], set[str], set[str]]:
        first, second = projector.Share("test:1"), projector.Share("test:2")
        async with await connector(database.service_url)() as connection:
            await first.renew(connection)
            await second.renew(connection)
            both = set(second.alive)
            await first.leave(connection)
            await second.renew(connection)
            left = set(second.alive)
            await connection.execute("UPDATE daybook.projectors SET alive_at = now() - interval '1 minute'")
            await first.renew(connection)
            silent = set(first.alive)
            await first.leave(connection)
        return both, left, silent

    assert run(test()) == ({"test:1", "test:2"}, {"test:2"}, {"test:1"})


def test_a_tenant_changes_hands_when_the_share_does(shop: Tenant, expected: dict[str, list[str]]) -> None:
    """The one that has it leaves, and the other takes it, without waiting for silence."""

    async def owners() -> set[str | None]:
        async with connected(shop) as connection:
            return {checkpoint.owner for checkpoint in await read_checkpoints(connection)}

    async def test() -> list[set[str | None]]:
        stop = asyncio.Event()
        shares = [projector.Share("one"), projector.Share("two")]
        found: list[set[str | None]] = []
        async with asyncio.TaskGroup() as group:
            for epoch, alive in enumerate(("one", "two"), 1):
                for share in shares:
                    share.alive = {alive}
                    if epoch == 1:
                        group.create_task(projector.follow(shop.service_url, shop.name, stop, share=share))
                await reached(shop, position=1, epoch=epoch)
                found.append(await owners())
            stop.set()
        return found

    assert run(test()) == [{"one"}, {"two"}]
    assert all_contents(shop) == expected


def test_read_models_that_can_not_be_written_stop_their_own_tenant_and_go_on_when_mended(
    tenant: Tenant,
) -> None:
    """No event is to blame, so none is parked."""
    neighbour = new_tenant(tenant.database, f"{tenant.name}_b")

    async def test() -> None:
        stop = asyncio.Event()
        for shop in (tenant, neighbour):
            async with clerk_of(shop) as clerk:
                await answered(clerk, open_store(), add_product(), receive(("apple", 3)))
        query(tenant.owner_url, tenant, "ALTER TABLE stock_levels RENAME TO mislaid")
        async with asyncio.TaskGroup() as group:
            for shop in (tenant, neighbour):
                group.create_task(projector.follow(shop.service_url, shop.name, stop))
            await reached(neighbour, position=3)
            # Each attempt is an epoch.
            await reached(tenant, epoch=2)
            query(tenant.owner_url, tenant, "ALTER TABLE mislaid RENAME TO stock_levels")
            await reached(tenant, position=3)
            stop.set()

    run(test())
    assert query(tenant.service_url, tenant, "SELECT position FROM parked_events") == []
