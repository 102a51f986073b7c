"""A lost connection loses nothing and doubles nothing, whenever it is lost."""

import asyncio
import itertools

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.inventory.stock_item import StockMoved, StockShort
from domain.kernel.errors import NotFound
from domain.sales.sale import SaleCompleted
from domain.tills.till import ReceiptIssued
from infra.event_store import clerk as clerk_module
from infra.event_store import knowledge as knowledge_module
from infra.event_store.clerk import Clerk
from infra.event_store.journal import Connection, NewEntry, channel_of
from infra.event_store.submission import Answer, OutcomeUnknown
from infra.postgres.pools import connector
from infra.postgres.roles import tenant_role
from tests.support.commands import add_product, add_scarce, open_store, receive, sell
from tests.support.facts import SPRING
from tests.support.journals import (
    CONNECTIONS,
    Lines,
    answered,
    clerk_of,
    connected,
    conninfo_of,
    facts,
    journal_of,
    keyed,
    origin,
    read_all,
    run,
    until_waiting,
    watching,
)
from tests.support.postgres import Tenant
from tests.support.wires import Wire

ONE_APPLE = sell(("apple", 1), sale_id="x1")


async def open_shop(clerk: Clerk) -> None:
    await answered(clerk, open_store(), add_product())


async def end(pid: int, by: Connection) -> None:
    """Ends a backend and returns when it is gone."""
    await by.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


async def sales_of(tenant: Tenant) -> list[str]:
    """Every sale in the journal, which has a receipt number of its own."""
    entries = await read_all(tenant)
    sold = facts(entries, SaleCompleted)
    assert [receipt.number for receipt in facts(entries, ReceiptIssued)] == list(range(1, len(sold) + 1))
    return [sale.sale_id for sale in sold]


def test_a_connection_lost_between_commands_is_replaced(tenant: Tenant) -> None:
    async def test() -> None:
        lines = Lines(tenant)
        async with clerk_of(tenant, connect=lines) as clerk, watching(tenant) as watch:
            await open_shop(clerk)
            await end(lines.pids[-1], by=watch)
            first = await clerk.submit(ONE_APPLE, keyed("sell"))
            await end(lines.pids[-1], by=watch)
            again = await clerk.submit(ONE_APPLE, keyed("sell"))
        assert (first.replayed, again.replayed) == (False, True)
        assert len(lines.pids) == 3 * CONNECTIONS
        assert await sales_of(tenant) == ["x1"]

    run(test())


def test_a_commit_that_never_happened_is_made_again(tenant: Tenant) -> None:
    """The backend ends while its append waits for the head's lock."""

    async def test() -> None:
        lines = Lines(tenant)
        async with (
            clerk_of(tenant, connect=lines) as clerk,
            connected(tenant) as holder,
            watching(tenant) as watch,
        ):
            await open_shop(clerk)
            async with holder.transaction():
                await holder.execute("SELECT position FROM journal_head FOR UPDATE")
                waiting = [clerk.submit(ONE_APPLE, keyed("sell"))]
                waiting += [clerk.submit(sell(("apple", 1), sale_id=f"y{n}"), origin()) for n in range(9)]
                await until_waiting(watch, [lines])
                await end(lines.pids[-1], by=watch)
            answers = await asyncio.gather(*waiting)
        assert not any(answer.replayed for answer in answers)
        assert await sales_of(tenant) == ["x1", *[f"y{n}" for n in range(9)]]

    run(test())


def test_a_commit_whose_acknowledgement_was_lost_is_found(tenant: Tenant) -> None:
    """The batch is in the journal, the clerk was never told: every caller with a key gets the answer."""

    async def test() -> None:
        async with (
            Wire.to(conninfo_of(tenant)) as wire,
            clerk_of(tenant, connect=connector(wire.conninfo)) as clerk,
        ):
            await open_shop(clerk)
            wire.cut_before_the_answer_to(channel_of(tenant.schema).encode())
            waiting = [
                clerk.submit(sell(("apple", 1), sale_id=f"x{n}"), keyed(f"sell-{n}")) for n in range(9)
            ]
            answers = await asyncio.gather(*waiting)
            assert all(answer.replayed for answer in answers)
            assert [answer.result.sale_id for answer in answers] == [f"x{n}" for n in range(9)]
            after = await clerk.submit(sell(("apple", 1), sale_id="y"), origin())
            assert after.result.receipt_number == 10
        assert await sales_of(tenant) == [*[f"x{n}" for n in range(9)], "y"]

    run(test())


@pytest.mark.parametrize("strangers", [0, 3, 30])
def test_without_a_key_a_lost_acknowledgement_is_said_and_not_repeated(
    tenant: Tenant, strangers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery must not be booked twice, however much others wrote since the clerk last looked."""
    monkeypatch.setattr(knowledge_module, "TAIL_LIMIT", 10)
    # Where the head has moved, the clerk appends in a transaction of its own, under the head's lock.
    commit = b"COMMIT" if strangers else channel_of(tenant.schema).encode()

    async def test() -> None:
        async with (
            Wire.to(conninfo_of(tenant)) as wire,
            clerk_of(tenant, connect=connector(wire.conninfo)) as clerk,
            clerk_of(tenant) as other,
        ):
            await open_shop(clerk)
            await answered(other, *[open_store(f"other-{n}") for n in range(strangers)])
            wire.cut_before_the_answer_to(commit)
            with pytest.raises(OutcomeUnknown):
                await clerk.submit(receive(("apple", 5)), origin())
            await answered(clerk, receive(("apple", 7)))
        moved = facts(await read_all(tenant), StockMoved)
        assert [movement.quantity for movement in moved] == [5, 7]

    run(test())


def test_a_neighbour_without_a_key_does_not_decide_what_others_are_told(tenant: Tenant) -> None:
    """One batch, its acknowledgement lost: each command's caller is told what became of that command."""

    async def test() -> None:
        async with (
            Wire.to(conninfo_of(tenant)) as wire,
            clerk_of(tenant, connect=connector(wire.conninfo)) as clerk,
        ):
            await answered(clerk, open_store(), add_scarce())
            wire.cut_before_the_answer_to(channel_of(tenant.schema).encode())
            delivery, sale, short = await asyncio.gather(
                clerk.submit(receive(("apple", 5)), origin()),
                clerk.submit(sell(("apple", 1), sale_id="x1"), keyed("sell")),
                clerk.submit(sell(("apple", 9), sale_id="x2"), origin()),
                return_exceptions=True,
            )
        assert isinstance(delivery, OutcomeUnknown)
        assert isinstance(sale, Answer)
        assert sale.replayed
        assert isinstance(short, StockShort)
        assert await sales_of(tenant) == ["x1"]

    run(test())


def test_connections_that_break_all_the_time_lose_and_double_nothing(tenant: Tenant) -> None:
    """Ten callers, 200 sales; after every fifteenth answer the backend ends, whatever it is doing."""

    async def test() -> None:
        lines = Lines(tenant)
        answers = itertools.count(1)

        async with clerk_of(tenant, connect=lines) as clerk, watching(tenant) as watch:
            await open_shop(clerk)

            async def caller(number: int) -> None:
                for sale in range(20):
                    id_ = f"x{number}-{sale}"
                    await clerk.submit(sell(("apple", 1), sale_id=id_), keyed(id_))
                    if next(answers) % 15 == 0:
                        await watch.execute("SELECT pg_terminate_backend(%s)", [lines.pids[-1]])

            await asyncio.gather(*[caller(number) for number in range(10)])
        assert len(lines.pids) > 10
        assert sorted(await sales_of(tenant)) == sorted(
            f"x{n}-{sale}" for n in range(10) for sale in range(20)
        )

    run(test())


def test_while_the_database_is_away_callers_are_told_and_afterwards_the_clerk_works(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk_module, "FIND_OUT_LIMIT_S", 0.05)

    async def test() -> None:
        async with (
            Wire.to(conninfo_of(tenant)) as wire,
            clerk_of(tenant, connect=connector(wire.conninfo)) as clerk,
        ):
            await open_shop(clerk)
            wire.take_down()
            with pytest.raises(OutcomeUnknown):
                await clerk.submit(ONE_APPLE, keyed("sell"))
            with pytest.raises(psycopg.OperationalError):
                await clerk.submit(ONE_APPLE, keyed("sell"))
            wire.put_up()
            await clerk.submit(ONE_APPLE, keyed("sell"))
        assert await sales_of(tenant) == ["x1"]

    run(test())


def test_what_the_server_itself_refuses_is_told_at_once_and_the_clerk_goes_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers (a full disk, a lock that is not to be had) leaves nothing to find out."""

    async def never(self: Clerk, batch: object, before: int) -> None:
        raise AssertionError("there is nothing to find out")

    monkeypatch.setattr(Clerk, "_find_out", never)
    impatient = connector(make_conninfo(conninfo_of(tenant), options=_impatient(tenant)))

    async def test() -> None:
        async with clerk_of(tenant, connect=impatient) as clerk:
            await open_shop(clerk)
            async with connected(tenant) as other, other.transaction():
                await other.execute("SELECT FROM journal_head FOR UPDATE")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    await clerk.submit(ONE_APPLE, keyed("k1"))
            assert not facts(await read_all(tenant), SaleCompleted)

            assert (await clerk.submit(ONE_APPLE, keyed("k1"))).replayed is False
            assert len(facts(await read_all(tenant), SaleCompleted)) == 1

    run(test())


def _impatient(tenant: Tenant) -> str:
    return f"-c role={tenant_role(tenant.schema)} -c search_path={tenant.schema} -c lock_timeout=50ms"


def test_an_append_that_the_server_begins_too_late_writes_nothing(tenant: Tenant) -> None:
    """Its connection was lost before the server looked at it, and its callers have another answer."""

    async def test() -> None:
        journal = journal_of(tenant)
        async with clerk_of(tenant) as clerk, connected(tenant) as late:
            await open_shop(clerk)
            before = await journal.head(late)
            async with connected(tenant) as other, other.transaction():
                await journal.head(other, lock=True)
                await journal.raise_fence(other)
            landed = await journal.append(
                late,
                known=before.position,
                fence=before.fence,
                recorded_at=SPRING,
                entries=[NewEntry(stream="sale-late", version=1, type=SaleCompleted.TYPE, state=b"{}")],
                accepted=[],
            )
            (answer,) = await answered(clerk, ONE_APPLE)
        assert not landed
        assert answer.position == before.position + 3
        assert await sales_of(tenant) == ["x1"]

    run(test())


def test_whoever_asks_what_landed_keeps_off_what_has_not(tenant: Tenant) -> None:
    """After a lost connection the fence is another one, whether or not anything had landed."""

    async def test() -> None:
        lines = Lines(tenant)
        async with (
            clerk_of(tenant, connect=lines) as clerk,
            connected(tenant) as reader,
            watching(tenant) as watch,
        ):
            await open_shop(clerk)
            before = await journal_of(tenant).head(reader)
            await end(lines.pids[-1], by=watch)
            with pytest.raises(NotFound):
                await answered(clerk, sell(("pear", 1), sale_id="x1"))
            after = await journal_of(tenant).head(reader)
        assert after.position == before.position
        assert after.fence > before.fence

    run(test())
