"""A replay into a slot of its own: read models as they were, and the proof of those that there are."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from infra.event_store.as_of import position_at
from infra.postgres.pools import connector, tenant_conninfo
from projections.catalogue import PROJECTIONS
from projections.sales_report.queries import baskets_by_month
from projections.stock_levels.fold import STOCK_LEVELS, StockLevels
from tests.support.broken_folds import broken, moves
from tests.support.commands import receive
from tests.support.journals import (
    Connection,
    answered,
    clerk_of,
    connected,
    conninfo_of,
    journal_of,
    query,
    read_all,
    run,
    watching,
)
from tests.support.postgres import Tenant
from tests.support.read_models import TABLES, all_contents, database_of, made_anew, project
from workers import replay as replay_module
from workers.projection_runner import Runner
from workers.rebuild import CannotFold
from workers.replay import CannotVerify, TookTooLong, Verdict, keep_as_of, replay, verify

SLOTS = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) ORDER BY 1"


SOMEBODY_WAITS = b"""
SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""

MADE_UP = """
INSERT INTO stock_levels
SELECT (jsonb_populate_record(whole, '{"sku": "durian"}')).*
FROM stock_levels AS whole
WHERE sku = 'apple' AND store_id = 's1'
"""


def slots(tenant: Tenant) -> list[str]:
    """The schemas of scratch slots that there are."""
    return [name for (name,) in query(tenant.owner_url, tenant, SLOTS, f"{tenant.schema}.scratch_")]


def contents_of(tenant: Tenant, slot: str) -> dict[str, list[str]]:
    """The rows of every read model in a slot."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(conninfo_of(tenant)) as connection:
        for table in TABLES:
            statement = sql.SQL("SELECT whole::text FROM {} AS whole ORDER BY {}").format(
                sql.Identifier(f"{tenant.schema}.{slot}", table.name),
                sql.SQL(", ").join(map(sql.Identifier, table.key_columns)),
            )
            found[table.name] = [str(row) for (row,) in connection.execute(statement)]
    return found


async def up_to(tenant: Tenant, position: int) -> None:
    """Runs the projections up to a position."""
    async with connected(tenant) as connection:
        runner = Runner(journal_of(tenant), PROJECTIONS, "test")
        await runner.begin(connection)
        reached = 0
        while reached < position:
            reached += await runner.run_page(connection, position - reached)


@pytest.mark.parametrize("position", [0, 1, 77, 200])
def test_a_replay_up_to_a_position_is_what_was_read_then(shop: Tenant, position: int) -> None:
    run(up_to(shop, position))
    then = all_contents(shop)
    run(project(shop))
    now = all_contents(shop)

    slot, expires_at = run(keep_as_of(database_of(shop), PROJECTIONS, position, keep_s=60))

    assert contents_of(shop, slot) == then
    assert all_contents(shop) == now
    assert timedelta(0) < expires_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_the_queries_of_the_reports_answer_as_they_did_then(shop: Tenant) -> None:
    async def baskets(slot: str | None) -> object:
        conninfo = tenant_conninfo(shop.service_url, shop.name, slot=slot)
        async with await connector(conninfo)() as connection:
            return await baskets_by_month(connection, "s1")

    run(up_to(shop, 150))
    then = run(baskets(None))
    run(project(shop))
    slot, _ = run(keep_as_of(database_of(shop), PROJECTIONS, 150, keep_s=60))

    assert run(baskets(slot)) == then
    assert run(baskets(None)) != then


def test_an_instant_is_the_last_position_that_was_recorded_until_then(shop: Tenant) -> None:
    entries = run(read_all(shop))
    tick = timedelta(microseconds=1)

    async def at(instant: datetime) -> int:
        async with connected(shop) as connection:
            return await position_at(connection, journal_of(shop), instant)

    for entry in (entries[0], entries[100], entries[-1]):
        until = [other.position for other in entries if other.recorded_at <= entry.recorded_at]
        assert run(at(entry.recorded_at)) == until[-1]
        before = [other.position for other in entries if other.recorded_at < entry.recorded_at]
        assert run(at(entry.recorded_at - tick)) == len(before)


def test_a_slot_goes_with_its_block_or_when_its_time_is_over(shop: Tenant) -> None:
    async def in_a_block() -> None:
        async with replay(database_of(shop), PROJECTIONS) as scratch:
            await scratch.fold_up_to(10)
            assert slots(shop) == [f"{shop.schema}.{scratch.slot}"]

    run(in_a_block())
    assert slots(shop) == []
    kept, _ = run(keep_as_of(database_of(shop), PROJECTIONS, 10, keep_s=60))
    over, _ = run(keep_as_of(database_of(shop), PROJECTIONS, 10, keep_s=-1))
    assert slots(shop) == sorted(f"{shop.schema}.{slot}" for slot in (kept, over))
    run(in_a_block_again(shop))
    assert slots(shop) == [f"{shop.schema}.{kept}"]


async def in_a_block_again(tenant: Tenant) -> None:
    async with replay(database_of(tenant), PROJECTIONS):
        pass


def test_a_replay_ends_at_its_time_limit_and_leaves_nothing(shop: Tenant) -> None:
    async def too_long() -> None:
        async with replay(database_of(shop), PROJECTIONS, limit_s=0.2) as scratch:
            await scratch.fold_up_to(10)
            await asyncio.Event().wait()

    with pytest.raises(TookTooLong, match="not done after 0 s"):
        run(too_long())
    assert slots(shop) == []


def test_a_replay_names_an_event_that_it_can_not_fold_and_leaves_nothing(shop: Tenant) -> None:
    bad = moves(shop)[2].position
    with broken({bad}), pytest.raises(CannotFold, match=f"position {bad},"):
        run(keep_as_of(database_of(shop), PROJECTIONS, bad, keep_s=60))
    assert slots(shop) == []


# The proof.


def verdict_of(tenant: Tenant) -> Verdict:
    return run(verify(database_of(tenant), PROJECTIONS))


def test_what_is_read_is_what_the_journal_says(shop: Tenant) -> None:
    run(project(shop))

    verdict = verdict_of(shop)

    assert verdict.position == len(run(read_all(shop)))
    assert verdict.rows == {name: len(rows) for name, rows in all_contents(shop).items()}
    assert (set(verdict.differing.values()), verdict.differences) == ({0}, [])
    assert slots(shop) == []


@pytest.mark.parametrize(
    ("damage", "live", "replayed"),
    [
        ("UPDATE stock_levels SET on_hand = on_hand + 1 WHERE sku = 'apple' AND store_id = 's1'", True, True),
        ("DELETE FROM stock_levels WHERE sku = 'apple' AND store_id = 's1'", False, True),
        (
            MADE_UP,
            True,
            False,
        ),
    ],
)
def test_a_row_that_was_changed_lost_or_made_up_is_found(
    shop: Tenant, damage: str, *, live: bool, replayed: bool
) -> None:
    run(project(shop))
    query(shop.owner_url, shop, damage)

    verdict = verdict_of(shop)

    (found,) = verdict.differences
    assert (found.table, found.live is not None, found.replayed is not None) == (
        "stock_levels",
        live,
        replayed,
    )
    assert verdict.differing["stock_levels"] == 1
    assert found.key == ["s1", "apple" if replayed else "durian"]


def test_the_proof_holds_while_the_shop_goes_on(shop: Tenant) -> None:
    """It waits for no quiet: the projector folds, and new events come."""
    run(project(shop))

    async def test() -> list[Verdict]:
        stop = asyncio.Event()

        async def trade() -> None:
            async with clerk_of(shop) as clerk, connected(shop) as connection:
                runner = Runner(journal_of(shop), PROJECTIONS, "test")
                await runner.begin(connection)
                while not stop.is_set():
                    await answered(clerk, receive(("apple", 1)))
                    await runner.run_page(connection)

        trading = asyncio.create_task(trade())
        verdicts = [await verify(database_of(shop), PROJECTIONS) for _ in range(3)]
        stop.set()
        await trading
        return verdicts

    verdicts = run(test())
    assert [verdict.differences for verdict in verdicts] == [[], [], []]
    assert len({verdict.position for verdict in verdicts}) == 3


def test_a_rebuild_can_not_change_tables_under_the_proof(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits: the proof would see none of the rows that came after it had begun to look."""
    run(project(shop))
    compare = replay_module.compare
    rebuilding: list[asyncio.Task[int]] = []

    async def compare_late(connection: Connection, *arguments: Any) -> Verdict:
        rebuilding.append(asyncio.create_task(made_anew(shop)))
        waits = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with watching(shop) as looking:
            while not (await (await looking.execute(waits.encode())).fetchone()):
                pass
        return await compare(connection, *arguments)

    async def test() -> Verdict:
        verdict = await verify(database_of(shop), PROJECTIONS)
        await rebuilding[0]
        return verdict

    monkeypatch.setattr(replay_module, "compare", compare_late)
    assert run(test()).differences == []
    monkeypatch.undo()
    assert verdict_of(shop).differences == []


def test_tables_of_another_version_can_not_be_proved(shop: Tenant) -> None:
    run(project(shop))
    query(shop.owner_url, shop, "UPDATE projection_checkpoints SET version = 7")
    with pytest.raises(CannotVerify, match="another version"):
        run(verify(database_of(shop), [StockLevels()]))


def test_read_models_at_different_positions_can_not_be_proved_together(shop: Tenant) -> None:
    run(project(shop))
    query(
        shop.owner_url,
        shop,
        "UPDATE projection_checkpoints SET position = position - 1 WHERE name = %s",
        STOCK_LEVELS.name,
    )
    with pytest.raises(CannotVerify, match="behind the others"):
        verdict_of(shop)
