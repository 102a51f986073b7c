"""While a batch is being written the next one is decided, on what the first will leave if it lands."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from domain.checkout.check_out import CheckOut, SaleAnswer
from domain.inventory.stock_item import StockShort
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.stream import States
from domain.sales.sale import SaleCompleted
from domain.tills.till import ReceiptIssued
from infra.event_store.clerk import Clerk
from infra.event_store.submission import Answer
from tests.support.commands import add_scarce, open_store, receive, sell
from tests.support.journals import (
    CONNECTIONS,
    Lines,
    answered,
    clerk_of,
    connected,
    end_backend,
    facts,
    keyed,
    origin,
    read_all,
    run,
    until_waiting,
    watching,
)
from tests.support.postgres import Tenant

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TWO_APPLES = sell(("apple", 2), sale_id="x1")
ONE_APPLE = sell(("apple", 1), sale_id="x2")
ONE_MORE = sell(("apple", 1), sale_id="x3")


class Watched(Command, frozen=True, kw_only=True):
    """A sale that says when it is being decided."""

    RESULT: ClassVar = SaleAnswer

    sale: CheckOut
    is_decided: asyncio.Event

    def streams(self) -> Iterable[str]:
        return self.sale.streams()

    def linked(self, states: States) -> Iterable[str]:
        return self.sale.linked(states)

    def decide(self, states: States, at: Moment) -> Decision:
        self.is_decided.set()
        return self.sale.decide(states, at)


@asynccontextmanager
async def held_head(tenant: Tenant) -> AsyncGenerator[None]:
    """Nobody can write while this lasts."""
    async with connected(tenant) as holder, holder.transaction():
        await holder.execute("SELECT FROM journal_head FOR UPDATE")
        yield


async def open_shop(clerk: Clerk) -> None:
    """With three apples."""
    await answered(clerk, open_store(), add_scarce(), receive(("apple", 3)))


async def decided(clerk: Clerk, sale: CheckOut) -> asyncio.Future[Answer]:
    """The answer to come of a sale that has been decided by now."""
    watched = Watched(sale=sale, is_decided=asyncio.Event())
    answer = clerk.submit(watched, keyed(sale.sale_id))
    await watched.is_decided.wait()
    return answer


async def receipts(tenant: Tenant) -> list[tuple[int, str]]:
    """Every receipt's number and sale, in the journal's order."""
    entries = await read_all(tenant)
    numbers = [receipt.number for receipt in facts(entries, ReceiptIssued)]
    sales = [sale.sale_id for sale in facts(entries, SaleCompleted)]
    return list(zip(numbers, sales, strict=True))


def test_the_next_is_decided_on_what_is_being_written_and_told_when_that_has_landed(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three apples two are being sold: one is left for the next, and none for the one after it."""

    async def never(self: Clerk, batch: object) -> None:
        raise AssertionError("nothing has to be decided again")

    async def test() -> None:
        lines = Lines(tenant)
        async with clerk_of(tenant, connect=lines) as clerk, watching(tenant) as watch:
            await open_shop(clerk)
            monkeypatch.setattr(Clerk, "_handle_under_lock", never)
            async with held_head(tenant):
                first = clerk.submit(TWO_APPLES, origin())
                await until_waiting(watch, [lines])
                second = clerk.submit(ONE_APPLE, origin())
                third = await decided(clerk, ONE_MORE)
                assert not any(answer.done() for answer in (first, second, third))
            assert (await second).position == (await first).position + 3
            with pytest.raises(StockShort):
                await third
        assert await receipts(tenant) == [(1, "x1"), (2, "x2")]

    run(test())


def test_the_clock_of_the_next_is_never_behind(tenant: Tenant) -> None:
    """It was set back after the first had been decided."""
    clock = iter([NOON - timedelta(hours=2), NOON, NOON - timedelta(hours=1)])

    async def test() -> None:
        lines = Lines(tenant)
        async with (
            clerk_of(tenant, connect=lines, clock=lambda: next(clock)) as clerk,
            watching(tenant) as watch,
        ):
            await open_shop(clerk)
            async with held_head(tenant):
                first = clerk.submit(TWO_APPLES, origin())
                await until_waiting(watch, [lines])
                second = await decided(clerk, ONE_APPLE)
            await asyncio.gather(first, second)
        assert [entry.recorded_at for entry in await read_all(tenant)][3:] == [NOON] * 6

    run(test())


def test_where_another_process_wrote_first_both_are_decided_again(tenant: Tenant) -> None:
    """The other one sells two of three apples: what one counted on has not come to be."""

    async def test() -> None:
        lines, others = Lines(tenant), Lines(tenant)
        async with (
            clerk_of(tenant, connect=lines) as clerk,
            clerk_of(tenant, connect=others) as other,
            watching(tenant) as watch,
        ):
            await open_shop(clerk)
            await answered(other, open_store("elsewhere"))
            await answered(clerk, open_store("anywhere"))
            async with held_head(tenant):
                elsewhere = other.submit(sell(("apple", 2), sale_id="y"), origin())
                await until_waiting(watch, [others])
                first = clerk.submit(TWO_APPLES, origin())
                await until_waiting(watch, [lines])
                second = await decided(clerk, ONE_APPLE)
            await elsewhere
            with pytest.raises(StockShort):
                await first
            await second
        assert await receipts(tenant) == [(1, "y"), (2, "x2")]

    run(test())


@pytest.mark.parametrize("backend", [-CONNECTIONS, -1])
def test_a_connection_that_is_lost_meanwhile_costs_nobody_an_answer(tenant: Tenant, backend: int) -> None:
    """The one that reads or the one that writes, when one batch is being written and one is decided."""

    async def test() -> None:
        lines = Lines(tenant)
        async with clerk_of(tenant, connect=lines) as clerk, watching(tenant) as watch:
            await open_shop(clerk)
            async with held_head(tenant):
                first = clerk.submit(TWO_APPLES, keyed("x1"))
                await until_waiting(watch, [lines])
                second = await decided(clerk, ONE_APPLE)
                await end_backend(lines.pids[backend], by=watch)
                third = clerk.submit(ONE_MORE, keyed("x3"))
            await first
            await second
            with pytest.raises(StockShort):
                await third
        assert await receipts(tenant) == [(1, "x1"), (2, "x2")]

    run(test())


def test_where_the_next_can_not_be_read_it_waits_for_its_turn(tenant: Tenant) -> None:
    async def test() -> None:
        lines = Lines(tenant)
        async with clerk_of(tenant, connect=lines) as clerk, watching(tenant) as watch:
            await open_shop(clerk)
            async with held_head(tenant):
                first = clerk.submit(TWO_APPLES, origin())
                await until_waiting(watch, [lines])
                await end_backend(lines.pids[-CONNECTIONS], by=watch)
                second = clerk.submit(ONE_APPLE, origin())
            assert (await first).result.receipt_number == 1
            assert (await second).result.receipt_number == 2

    run(test())
