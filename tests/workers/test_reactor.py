"""Reactions: once per cause, whoever is killed between event, outbox, queue and command."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from infra.jobs import migrate_jobs
from infra.postgres.pools import connector, tenant_conninfo
from tests.support.api import World, add_shop, add_store, fresh, order, receive, world
from tests.support.reacting import at_rest, connect, reactor_of, work
from tests.support.wires import Wire
from workers.reactor import Cause

QUEUE = """
SELECT args ->> 'reaction', (args ->> 'position')::bigint
FROM jobs.procrastinate_jobs
WHERE task_name = 'react' AND args ->> 'tenant' = %s
ORDER BY 2, 1
"""
OUTBOX = "SELECT reaction, position FROM outbox ORDER BY position, reaction"
HEAD = "SELECT (SELECT position FROM reactor_head) = (SELECT position FROM journal_head)"
DUE_NOW = "UPDATE procrastinate_jobs SET scheduled_at = now(), attempts = 0 WHERE task_name = 'react'"
DO_AGAIN = "UPDATE procrastinate_jobs SET status = 'todo' WHERE task_name = 'react'"
DECIDED = "SELECT count(*) FROM stored_events WHERE topic = %s"


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("reactor"))) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        employee = {"capacity": 100}
        assert opened.call("PUT", "/v1/stores/s1/crew/e1", employee).status_code == 200
        receive(opened, "apple", 1_000)
        asyncio.run(at_rest(opened))
        yield opened


def queued(shop: World) -> list[tuple[Any, ...]]:
    with psycopg.connect(shop.tenant.owner_url) as connection:
        return connection.execute(QUEUE, (shop.tenant.name,)).fetchall()


def told(shop: World, *statements: LiteralString) -> None:
    with psycopg.connect(shop.tenant.owner_url) as connection:
        connection.execute("SET search_path = jobs")
        for statement in statements:
            connection.execute(statement)


def decided(shop: World, type_: str) -> int:
    ((count,),) = shop.query(DECIDED, type_)
    return count


def test_an_order_finds_somebody_by_itself_and_a_paid_one_its_goods(shop: World) -> None:
    order_id = order(shop, "paid")
    asyncio.run(at_rest(shop))
    seen = shop.read(f"/v1/orders/{order_id}")
    assert (seen["status"], seen["employee_id"]) == ("allocated", "e1")
    actors = {each["type"]: (each["actor"], each["channel"]) for each in seen["history"]}
    assert actors["order.allocated.v1"] == ("reaction:allocate_order", "reactor")


def test_a_reaction_is_recorded_with_the_position_or_not_at_all(shop: World) -> None:
    """Killed before the commit: neither row nor position, and the next one records it once."""

    async def killed() -> None:
        connection = await connect(shop)
        async with connection.transaction():
            await reactor_of(shop).run_page(connection)
            await connection.close()

    before = len(queued(shop))
    order(shop)
    asyncio.run(killed())
    assert shop.query(OUTBOX) == []
    assert shop.query(HEAD) == [(False,)]

    async def again() -> None:
        async with await connect(shop) as connection:
            await reactor_of(shop).run_page(connection)
            await reactor_of(shop).run_page(connection)

    asyncio.run(again())
    assert [reaction for reaction, _ in shop.query(OUTBOX)] == ["assign_order", "lapse_order"]
    asyncio.run(at_rest(shop))
    assert len(queued(shop)) == before + 2


def test_a_row_is_in_the_outbox_or_in_the_queue_never_in_both_or_neither(shop: World) -> None:
    async def killed() -> None:
        connection = await connect(shop)
        async with connection.transaction():
            assert await reactor_of(shop).relay(connection) == 2
            await connection.close()

    async def followed() -> None:
        async with await connect(shop) as connection:
            await reactor_of(shop).run_page(connection)

    order(shop)
    asyncio.run(followed())
    before = queued(shop)
    asyncio.run(killed())
    assert (len(shop.query(OUTBOX)), queued(shop)) == (2, before)
    asyncio.run(at_rest(shop))
    assert (shop.query(OUTBOX), len(queued(shop))) == ([], len(before) + 2)


@pytest.mark.parametrize("delivered", [False, True])
def test_a_reactor_that_is_killed_at_any_packet_queues_each_reaction_once(
    shop: World, *, delivered: bool
) -> None:
    """Before a packet is sent, or with the packet on its way: of the page as of the relay."""

    async def killed_at(packet: int) -> bool:
        async with Wire.to(shop.tenant.service_url) as wire:
            wire.cut_at(packet, delivered=delivered)
            try:
                async with await connector(tenant_conninfo(wire.conninfo, shop.tenant.name))() as connection:
                    await reactor_of(shop).run_page(connection)
                    await reactor_of(shop).relay(connection)
            except psycopg.OperationalError:
                assert wire.is_down
            return wire.is_down

    async def followed() -> None:
        async with asyncio.timeout(30), await connect(shop) as connection:
            while await reactor_of(shop).run_page(connection):
                pass
            # The server may not know yet that who held the rows is gone.
            while shop.query(OUTBOX):
                await reactor_of(shop).relay(connection)

    asyncio.run(followed())
    packet, down = 0, True
    while down:
        packet += 1
        before = queued(shop)
        order(shop)
        down = asyncio.run(killed_at(packet))
        asyncio.run(followed())
        new = queued(shop)[len(before) :]
        assert [reaction for reaction, _ in new] == ["assign_order", "lapse_order"]
    assert packet > 10
    asyncio.run(at_rest(shop))


def test_two_who_relay_at_once_relay_each_row_once(shop: World) -> None:
    async def both() -> list[int]:
        async with await connect(shop) as one, await connect(shop) as other:
            await reactor_of(shop).run_page(one)
            return list(await asyncio.gather(reactor_of(shop).relay(one), reactor_of(shop).relay(other)))

    for _ in range(3):
        order(shop)
    before = len(queued(shop))
    assert sum(asyncio.run(both())) == 6
    assert len(queued(shop)) == before + 6
    asyncio.run(at_rest(shop))


def test_a_job_that_runs_again_decides_nothing_again(shop: World) -> None:
    """Killed between command and job's end: the queue hands it out once more."""
    order(shop, "paid")
    asyncio.run(at_rest(shop))
    told(shop, DO_AGAIN, DUE_NOW)
    asyncio.run(work(shop))
    assert decided(shop, "order.assigned.v1") == decided(shop, "order.placed.v1")
    assert decided(shop, "order.allocated.v1") == decided(shop, "order.paid.v1")


def test_an_order_lapses_when_its_job_is_due(shop: World) -> None:
    placed = order(shop, hold_s=1)
    asyncio.run(at_rest(shop))
    assert shop.read(f"/v1/orders/{placed}")["status"] in {"placed", "cancelled"}

    async def lapsed() -> None:
        while shop.read(f"/v1/orders/{placed}")["status"] == "placed":
            await work(shop)

    asyncio.run(asyncio.wait_for(lapsed(), 30))
    asyncio.run(at_rest(shop))
    seen = shop.read(f"/v1/orders/{placed}")
    assert (seen["status"], seen["cause"]) == ("cancelled", "unpaid")


def test_a_job_that_comes_too_early_comes_again(shop: World) -> None:
    """As when the database's clock is before ours. Here it comes more often than its attempts allow."""
    placed = order(shop, hold_s=2)
    asyncio.run(at_rest(shop))

    async def lapsed() -> None:
        while shop.read(f"/v1/orders/{placed}")["status"] == "placed":
            told(shop, DUE_NOW)
            await work(shop)

    asyncio.run(asyncio.wait_for(lapsed(), 30))
    assert shop.read(f"/v1/orders/{placed}")["cause"] == "unpaid"


def test_capacity_that_comes_free_drains_the_queue(shop: World) -> None:
    store_id = add_store(shop, fresh("s"))["store_id"]
    receive(shop, "apple", 10, store_id=store_id)
    employee = {"employee_id": fresh("e"), "store_id": store_id, "name": "Li Lei"}
    employee_id = shop.made("/v1/employees", employee)["employee_id"]
    shop.call("PUT", f"/v1/stores/{store_id}/crew/{employee_id}", {"capacity": 1})
    first, second = order(shop, store_id=store_id), order(shop, store_id=store_id)
    asyncio.run(at_rest(shop))
    assert shop.read(f"/v1/orders/{second}")["employee_id"] is None

    shop.made(f"/v1/orders/{first}/cancellation", {"cause": "changed mind"})
    asyncio.run(at_rest(shop))

    assert shop.read(f"/v1/orders/{second}")["employee_id"] == employee_id


def test_a_cause_has_one_id(shop: World) -> None:
    ids = {Cause("shop", name, position).id for name in ("a", "b") for position in (1, 2)}
    assert len(ids) == 4
    assert Cause("shop", "a", 1).id == Cause("shop", "a", 1).id
