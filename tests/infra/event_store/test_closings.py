"""Closings of a till at which several processes sell and close at once."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from domain.checkout.close_period import ClosePeriod
from domain.kernel.command import Command
from domain.tills.till import TILL, Period, PeriodClosed, ReceiptIssued
from infra.event_store.clerk import Clerk
from infra.event_store.closings import BEFORE_NONE, read_closings
from tests.support.commands import add_product, open_store, sell
from tests.support.journals import (
    answered,
    clerk_of,
    connected,
    facts,
    folded,
    journal_of,
    origin,
    read_all,
    run,
)
from tests.support.postgres import Tenant

TILL_ID = "s1/till-1"


async def one_by_one(clerk: Clerk, commands: Sequence[Command]) -> None:
    for command in commands:
        await clerk.submit(command, origin())


def shift(name: str) -> list[Command]:
    """Forty sales, a closing after every fifth, a month's among them."""
    commands: list[Command] = []
    for number in range(40):
        commands.append(sell(("apple", 1), sale_id=f"{name}-{number}"))
        if number % 5 == 4:
            period = Period.MONTH if number % 20 == 19 else Period.DAY
            commands.append(ClosePeriod(store_id="s1", register_id="till-1", period=period))
    return commands


def test_every_receipt_is_in_one_closing_of_each_kind_whoever_sells_and_closes(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_product())
            await asyncio.gather(*[one_by_one((one, other)[n % 2], shift(f"x{n}")) for n in range(4)])
            await answered(one, ClosePeriod(store_id="s1", register_id="till-1", period=Period.YEAR))
        entries = await read_all(tenant)
        receipts, closings = facts(entries, ReceiptIssued), facts(entries, PeriodClosed)
        assert [receipt.number for receipt in receipts] == list(range(1, 161))
        for period in Period:
            made = [closing for closing in closings if closing.period is period]
            assert [closing.number for closing in made] == list(range(1, len(made) + 1))
            assert (made[0].first_receipt, made[-1].last_receipt) == (1, 160)
            assert all(after.first_receipt == before.last_receipt + 1 for before, after in pairwise(made))
            assert sum(closing.totals.sales_minor for closing in made) == 160_000
        assert folded(tenant, entries)[TILL.stream(TILL_ID)].state.perpetual.sales_minor == 160_000

    run(test())


def test_closings_are_read_newest_first_with_their_places(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            await one_by_one(clerk, shift("x"))
        entries = [entry for entry in await read_all(tenant) if isinstance(entry.data, PeriodClosed)]
        async with connected(tenant) as connection:
            found = await read_closings(journal_of(tenant), connection, TILL_ID, BEFORE_NONE, 100)
            older = await read_closings(journal_of(tenant), connection, TILL_ID, found[3].version, 2)
        assert [(each.version, each.position, each.closing) for each in found] == [
            (entry.version, entry.position, entry.data) for entry in reversed(entries)
        ]
        assert older == found[4:6]

    run(test())
