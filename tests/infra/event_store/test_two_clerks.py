"""Two processes write one journal: two clerks, each with its own connection and its own memory."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg.pq import TransactionStatus

from domain.inventory.stock_item import STOCK_ITEM, StockShort
from domain.kernel.command import Command
from domain.promotions.campaign import CouponLimitReached
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import SaleCompleted
from domain.stockroom.transfer_in import ArrivingLine, ReceiveTransfer, TransferEnded
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from domain.tills.till import ReceiptIssued
from domain.transfers.transfer import TransferReceived
from infra.event_store import knowledge as knowledge_module
from infra.event_store.clerk import Clerk
from infra.event_store.journal import Connection, Journal, Needed
from infra.event_store.submission import Answer
from tests.support.commands import (
    add_product,
    add_scarce,
    issue,
    open_campaign,
    open_store,
    receive,
    sell,
)
from tests.support.journals import (
    Lines,
    accepted,
    answered,
    clerk_of,
    connected,
    facts,
    folded,
    keyed,
    origin,
    read_all,
    refused,
    run,
    until_waiting,
    watching,
)
from tests.support.postgres import Tenant, new_tenant


async def one_by_one(clerk: Clerk, commands: list[Command]) -> list[Answer | BaseException]:
    """Each command when the one before it was answered, as a single till does."""
    found: list[Answer | BaseException] = []
    for command in commands:
        found += await asyncio.gather(clerk.submit(command, origin()), return_exceptions=True)
    return found


def test_interleaved_they_never_sell_what_is_not_there(tenant: Tenant) -> None:
    """Eight tills, four at each clerk, 240 sales of 100 apples, then of what a delivery brings."""
    sales: list[list[Command]] = [
        [sell(("apple", 1), sale_id=f"x{till}-{n}", register_id=f"till-{till}") for n in range(30)]
        for till in range(8)
    ]
    sales[0].insert(10, receive(("apple", 20)))
    sales[1].insert(20, receive(("apple", 20)))

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_scarce(), receive(("apple", 100)))
            found = await asyncio.gather(
                *[one_by_one((one, other)[till % 2], commands) for till, commands in enumerate(sales)]
            )
        outcomes = [outcome for till in found for outcome in till]
        entries = await read_all(tenant)
        sold = facts(entries, SaleCompleted)
        assert len(sold) == len(accepted(outcomes)) - 2 == 140
        assert refused(outcomes) == {StockShort: 100}
        assert folded(tenant, entries)[STOCK_ITEM.stream("s1/apple")].state.on_hand == 0
        for till in range(8):
            numbers = [r.number for r in facts(entries, ReceiptIssued) if r.register_id == f"till-{till}"]
            assert numbers == list(range(1, len(numbers) + 1))

    run(test())


def test_interleaved_they_book_no_unit_of_a_transfer_twice(tenant: Tenant) -> None:
    """Twelve are on their way, and at either clerk ten are booked, one by one."""
    one_more = ArrivingLine(sku="apple", good=1)
    arrivals: list[Command] = [
        ReceiveTransfer(transfer_id="t1", receipt_id=f"a{number}", lines=(one_more,), more_to_come=True)
        for number in range(20)
    ]
    sent = TransferLine(sku="apple", quantity=12)

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), open_store("s2"), add_product(), receive(("apple", 20)))
            send = SendTransfer(transfer_id="t1", from_store_id="s1", to_store_id="s2", lines=(sent,))
            both = await asyncio.gather(one_by_one(one, [send]), one_by_one(other, [send]))
            assert len(accepted([outcome for found in both for outcome in found])) == 1
            found = await asyncio.gather(one_by_one(one, arrivals[::2]), one_by_one(other, arrivals[1::2]))
        assert refused([outcome for clerk in found for outcome in clerk]) == {TransferEnded: 8}
        entries = await read_all(tenant)
        assert [arrival.ends for arrival in facts(entries, TransferReceived)] == [False] * 11 + [True]
        items = folded(tenant, entries)
        on_hand = [items[STOCK_ITEM.stream(f"{store}/apple")].state.on_hand for store in ("s1", "s2")]
        assert on_hand == [8, 12]

    run(test())


def test_interleaved_they_keep_to_the_limit_of_a_campaign(tenant: Tenant) -> None:
    coupons = [f"k{n}" for n in range(80)]
    tries: list[Command] = [sell(("apple", 1), sale_id=f"x-{id_}", coupons=(id_,)) for id_ in coupons]

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_product(), open_campaign(limit_total=50), issue(*coupons))
            found = await asyncio.gather(one_by_one(one, tries[::2]), one_by_one(other, tries[1::2]))
        outcomes = [outcome for till in found for outcome in till]
        assert refused(outcomes) == {CouponLimitReached: 30}
        assert len(facts(await read_all(tenant), CouponRedeemed)) == 50

    run(test())


def test_a_refusal_on_stale_knowledge_is_decided_again(tenant: Tenant) -> None:
    """One clerk believes that nothing is left; the other has received a delivery since."""

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_scarce())
            with pytest.raises(StockShort):
                await answered(one, sell(("apple", 1), sale_id="x1"))
            await answered(other, receive(("apple", 1)))
            (answer,) = await answered(one, sell(("apple", 1), sale_id="x1"))
        assert answer.position == (await read_all(tenant))[-1].position

    run(test())


def test_an_acceptance_on_stale_knowledge_is_decided_again(tenant: Tenant) -> None:
    """One clerk believes that one is left; the other has sold it since."""

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_scarce(), receive(("apple", 1)))
            await answered(other, sell(("apple", 1), sale_id="x1"))
            with pytest.raises(StockShort):
                await answered(one, sell(("apple", 1), sale_id="x2"))

    run(test())


def test_what_is_decided_under_the_lock_is_read_by_whoever_holds_it(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for another connection meanwhile would be a wait that the server can't see."""
    reading: list[TransactionStatus] = []
    read_needed = Journal.read_needed

    async def watched(
        self: Journal, connection: Connection, streams: Sequence[str], command_ids: Sequence[str]
    ) -> Needed:
        reading.append(connection.info.transaction_status)
        return await read_needed(self, connection, streams, command_ids)

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_product())
            await answered(other, open_store("elsewhere"))
            monkeypatch.setattr(Journal, "read_needed", watched)
            await one.submit(sell(("apple", 1), sale_id="x1"), keyed("x1"))

    run(test())
    assert reading == [TransactionStatus.IDLE, TransactionStatus.INTRANS]


@pytest.mark.parametrize("names_limit", [10, 1_000])
def test_a_clerk_that_slept_through_more_than_it_reads_is_exact(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, names_limit: int
) -> None:
    """Further behind than the limits, it forgets what others wrote, or everything, and reads it again."""
    monkeypatch.setattr(knowledge_module, "TAIL_LIMIT", 10)
    monkeypatch.setattr(knowledge_module, "NAMES_LIMIT", names_limit)

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_scarce(), receive(("apple", 30)))
            await answered(other, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(29)])
            await answered(one, sell(("apple", 1), sale_id="last"))
            with pytest.raises(StockShort):
                await answered(one, sell(("apple", 1), sale_id="too late"))
        numbers = [receipt.number for receipt in facts(await read_all(tenant), ReceiptIssued)]
        assert numbers == list(range(1, 31))

    run(test())


def test_a_tenant_does_not_wait_for_another(tenant: Tenant) -> None:
    """Somebody holds one journal's head, and a sale waits for it; the other merchant sells on."""

    async def test() -> None:
        neighbour = new_tenant(tenant.database, f"{tenant.name}_neighbour")
        lines = Lines(tenant)
        async with (
            clerk_of(tenant, connect=lines) as held,
            clerk_of(neighbour) as free,
            connected(tenant) as holder,
            watching(tenant) as watch,
        ):
            for clerk in (held, free):
                await answered(clerk, open_store(), add_product())
            async with holder.transaction():
                await holder.execute("SELECT FROM journal_head FOR UPDATE")
                waiting = held.submit(sell(("apple", 1), sale_id="x1"), origin())
                await until_waiting(watch, [lines])
                await answered(free, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(20)])
                assert not waiting.done()
            await waiting
        assert len(facts(await read_all(neighbour), SaleCompleted)) == 20
        assert len(facts(await read_all(tenant), SaleCompleted)) == 1

    run(test())
