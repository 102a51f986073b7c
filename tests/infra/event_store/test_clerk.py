"""The clerk decides what waits together, exactly, and each caller gets the answer of their own."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import OperationalError
from psycopg.conninfo import make_conninfo

from domain.checkout.check_out import SaleAnswer
from domain.inventory.stock_item import SNAPSHOT_EVERY, STOCK_ITEM, StockShort
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import AlreadyExists, NotFound
from domain.kernel.event import AnyRecorded
from domain.kernel.stream import States
from domain.promotions.campaign import CampaignDrawn, CouponLimitReached
from domain.promotions.coupon import CouponRedeemed, CouponSpent
from domain.sales.sale import SaleCompleted
from domain.stores.store import StoreOpened
from domain.tills.till import ReceiptIssued
from infra.event_store import batch as batch_module
from infra.event_store import clerk as clerk_module
from infra.event_store import knowledge as knowledge_module
from infra.event_store.journal import Connection
from infra.event_store.submission import CommandInFlight, DecisionFailed, QueueFull
from infra.postgres.pools import connector
from infra.postgres.roles import tenant_role
from tests.support.commands import (
    add_product,
    add_scarce,
    issue,
    open_campaign,
    open_store,
    receive,
    register,
    sell,
)
from tests.support.journals import (
    CONNECTIONS,
    Lines,
    accepted,
    answered,
    clerk_of,
    connected,
    conninfo_of,
    facts,
    folded,
    journal_of,
    keyed,
    origin,
    outcomes,
    read_all,
    refused,
    run,
)
from tests.support.postgres import Tenant


def batches(entries: list[AnyRecorded]) -> int:
    """The commits that wrote the entries: each batch has one time of recording."""
    return len({entry.recorded_at for entry in entries})


class Stumble(Command, frozen=True, kw_only=True):
    """A command with a bug in it."""

    def streams(self) -> tuple[str, ...]:
        return ()

    def decide(self, states: States, at: Moment) -> Decision:
        raise ZeroDivisionError


def test_commands_that_wait_together_share_one_commit(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            before = (await read_all(tenant))[-1].position
            await answered(clerk, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(60)])
        assert batches((await read_all(tenant))[before:]) == 1

    run(test())


def test_each_command_sees_the_ones_before_it(tenant: Tenant) -> None:
    """From an empty journal, in one batch: the store, the product, the delivery, the sale, its twin."""
    story = [
        open_store(),
        add_scarce(),
        receive(("apple", 1)),
        sell(("apple", 1), sale_id="x1"),
        sell(("apple", 1), sale_id="x2"),
        sell(("apple", 1), sale_id="x1"),
    ]

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            found = await outcomes(clerk, story)
        assert [type(outcome) for outcome in found[4:]] == [StockShort, AlreadyExists]
        assert len(accepted(found)) == 4
        assert batches(await read_all(tenant)) == 1

    run(test())


def test_of_sixty_buyers_of_fifty_apples_exactly_fifty_get_one(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_scarce(), receive(("apple", 50)))
            found = await outcomes(clerk, [sell(("apple", 1), sale_id=f"x{n}") for n in range(60)])
        assert len(accepted(found)) == 50
        assert refused(found) == {StockShort: 10}
        entries = await read_all(tenant)
        assert folded(tenant, entries)[STOCK_ITEM.stream("s1/apple")].state.on_hand == 0
        assert [receipt.number for receipt in facts(entries, ReceiptIssued)] == list(range(1, 51))

    run(test())


def test_a_campaign_of_fifty_uses_is_used_fifty_times(tenant: Tenant) -> None:
    """Seventy coupons, each tried twice at the same time: fifty uses, and no code twice."""
    coupons = [f"k{n}" for n in range(70)]
    tries = [sell(("apple", 1), sale_id=f"{id_}-{n}", coupons=(id_,)) for id_ in coupons for n in range(2)]

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product(), open_campaign(limit_total=50))
            await answered(clerk, issue(*coupons))
            found = await outcomes(clerk, tries)
        assert len(accepted(found)) == 50
        assert refused(found) == {CouponSpent: 50, CouponLimitReached: 40}
        entries = await read_all(tenant)
        assert len(facts(entries, CampaignDrawn)) == 50
        assert len({redeemed.coupon_id for redeemed in facts(entries, CouponRedeemed)}) == 50

    run(test())


def test_a_command_finds_what_a_coupon_of_the_same_batch_is_linked_to(tenant: Tenant) -> None:
    """The sale can't name the campaign: it learns it from the coupon, which is issued just before."""
    story = [
        open_store(),
        add_product(),
        register("c1"),
        open_campaign(limit_per_customer=1),
        issue("k1", "k2"),
        sell(("apple", 1), sale_id="x1", coupons=("k1",), customer_id="c1"),
        sell(("apple", 1), sale_id="x2", coupons=("k2",), customer_id="c1"),
    ]

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            found = await outcomes(clerk, story)
        assert refused(found) == {CouponLimitReached: 1}
        assert batches(await read_all(tenant)) == 1

    run(test())


def test_a_refused_command_fails_alone(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            found = await outcomes(clerk, [open_store(), sell(("pear", 1), sale_id="x1"), add_product()])
        assert refused(found) == {NotFound: 1}
        assert len(await read_all(tenant)) == len(accepted(found)) == 2

    run(test())


def test_a_command_with_a_bug_fails_alone(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            found = await outcomes(clerk, [open_store(), Stumble(), add_product()])
            again = await outcomes(clerk, [sell(("apple", 1), sale_id="x1")])
        assert refused(found) == {DecisionFailed: 1}
        assert len(accepted(found)) == 2
        assert len(accepted(again)) == 1

    run(test())


def test_an_answer_names_the_position_of_its_commands_last_event(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            answers = await answered(clerk, open_store(), add_product(), sell(("apple", 1), sale_id="x1"))
        # The sale's events are the sale, the movement and the receipt.
        assert [answer.position for answer in answers] == [1, 2, 5]
        assert isinstance(answers[2].result, SaleAnswer)

    run(test())


def test_a_batch_of_many_bytes_is_divided_and_keeps_its_order(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "BATCH_BYTES", 2_000)

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            answers = await answered(clerk, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(20)])
        entries = await read_all(tenant)
        assert batches(entries) > 5
        assert [sale.sale_id for sale in facts(entries, SaleCompleted)] == [f"x{n}" for n in range(20)]
        assert [answer.result.receipt_number for answer in answers] == list(range(1, 21))

    run(test())


def test_a_clerk_that_remembers_nothing_is_still_exact(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every state is forgotten after every batch, and batches are small."""
    monkeypatch.setattr(knowledge_module, "CACHE_BYTES", 1)
    monkeypatch.setattr(clerk_module, "BATCH_COMMANDS", 7)
    skus = [f"sku{n}" for n in range(5)]

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), *[add_scarce(sku) for sku in skus])
            await answered(clerk, receive(*[(sku, 12) for sku in skus]))
            found = await outcomes(clerk, [sell((skus[n % 5], 1), sale_id=f"x{n}") for n in range(100)])
        assert len(accepted(found)) == 60
        assert refused(found) == {StockShort: 40}
        entries = await read_all(tenant)
        assert [receipt.number for receipt in facts(entries, ReceiptIssued)] == list(range(1, 61))

    run(test())


def test_the_same_command_can_not_be_decided_twice_at_a_time(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            first = clerk.submit(open_store(), keyed("open"))
            with pytest.raises(CommandInFlight):
                clerk.submit(open_store(), keyed("open"))
            assert not (await first).replayed
            assert (await clerk.submit(open_store(), keyed("open"))).replayed

    run(test())


def test_a_full_queue_takes_no_more_and_answers_those_it_has(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk_module, "QUEUE_COMMANDS", 3)

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            waiting = [clerk.submit(open_store(f"s{n}"), origin(f"open-{n}")) for n in range(3)]
            with pytest.raises(QueueFull):
                clerk.submit(open_store("s3"), origin("open-3"))
            await asyncio.gather(*waiting)
            # The one that was turned away isn't in flight.
            await clerk.submit(open_store("s3"), origin("open-3"))
        assert len(facts(await read_all(tenant), StoreOpened)) == 4

    run(test())


def test_a_queue_is_full_when_its_commands_name_too_many_streams(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few large commands hold as much memory as many small ones. One alone always fits."""
    monkeypatch.setattr(clerk_module, "QUEUE_STREAMS", 3)
    delivery = receive(("apple", 1), ("pear", 1))  # a store, two products, two stock items

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product("apple"), add_product("pear"))
            waiting = clerk.submit(delivery, origin())
            with pytest.raises(QueueFull):
                clerk.submit(add_product("fig"), origin())
            await waiting
            await clerk.submit(add_product("fig"), origin())

    run(test())


def test_a_batch_of_many_streams_is_divided_and_keeps_its_order(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk_module, "BATCH_STREAMS", 20)

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            await answered(clerk, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(20)])
        entries = await read_all(tenant)
        assert batches(entries) > 5
        assert [sale.sale_id for sale in facts(entries, SaleCompleted)] == [f"x{n}" for n in range(20)]

    run(test())


def test_a_long_stream_is_kept_beside_the_clerk(tenant: Tenant) -> None:
    """The clerk's own connections never write a snapshot, and a clerk that stops leaves none unwritten."""
    sales = [sell(("apple", 1), sale_id=f"x{n}") for n in range(SNAPSHOT_EVERY)]

    async def test() -> None:
        lines = Lines(tenant)
        async with clerk_of(tenant, connect=lines) as clerk:
            await answered(clerk, open_store(), add_product(), *sales)
        async with connected(tenant) as connection:
            cursor = await connection.execute("SELECT originator_id, originator_version FROM snapshots")
            kept = await cursor.fetchall()
        assert kept == [(STOCK_ITEM.stream("s1/apple"), SNAPSHOT_EVERY)]
        assert len(lines.pids) == CONNECTIONS + 1

    run(test())


def test_a_snapshot_that_can_not_be_written_stops_nobody(tenant: Tenant) -> None:
    """Only the clerk itself gets a connection."""
    own = Lines(tenant)

    async def connect_no_more() -> Connection:
        if len(own.pids) == CONNECTIONS:
            raise OperationalError("too many connections")
        return await own()

    async def test() -> None:
        sales = [sell(("apple", 1), sale_id=f"x{n}") for n in range(SNAPSHOT_EVERY)]
        async with clerk_of(tenant, connect=connect_no_more) as clerk:
            await answered(clerk, open_store(), add_product(), *sales)
            (answer,) = await answered(clerk, sell(("apple", 1), sale_id="after"))
        assert answer.result.receipt_number == SNAPSHOT_EVERY + 1

    run(test())


def test_stopping_finishes_what_waits_and_takes_nothing_new(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            waiting = [clerk.submit(open_store(f"s{n}"), origin()) for n in range(20)]
            await clerk.stop()
            assert all(future.done() for future in waiting)
            with pytest.raises(QueueFull):
                clerk.submit(open_store("late"), origin())
        assert len(facts(await read_all(tenant), StoreOpened)) == 20

    run(test())


def test_a_caller_who_went_away_harms_nobody(tenant: Tenant) -> None:
    """The command of a caller who no longer waits is carried out: only its answer is lost, and kept."""

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            waiting = [clerk.submit(sell(("apple", 1), sale_id=f"x{n}"), keyed(f"x{n}")) for n in range(5)]
            waiting[2].cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            again = await clerk.submit(sell(("apple", 1), sale_id="x2"), keyed("x2"))
        assert [future.cancelled() for future in waiting] == [False, False, True, False, False]
        assert again.replayed
        assert len(facts(await read_all(tenant), SaleCompleted)) == 5

    run(test())


def test_the_time_of_recording_never_goes_back(tenant: Tenant) -> None:
    """The server's clock does, by an hour a batch, also over a restart of the clerk."""
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    ticks = itertools.count()

    def clock() -> datetime:
        return start - timedelta(hours=next(ticks))

    async def test() -> None:
        for restart in range(2):
            async with clerk_of(tenant, clock=clock) as clerk:
                for batch in range(3):
                    await answered(clerk, open_store(f"s{restart}-{batch}"))
        entries = await read_all(tenant)
        assert {entry.recorded_at for entry in entries} == {start}
        async with connected(tenant) as connection:
            assert (await journal_of(tenant).head(connection)).recorded_at == start

    run(test())


def test_a_server_that_tells_its_own_local_time_changes_no_time_of_recording(tenant: Tenant) -> None:
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    moments = iter([start, start - timedelta(hours=1)])
    options = f"-c role={tenant_role(tenant.schema)} -c search_path={tenant.schema} -c timezone=Asia/Shanghai"
    connect = connector(make_conninfo(conninfo_of(tenant), options=options))

    async def test() -> None:
        for name in ("s1", "s2"):
            async with clerk_of(tenant, connect=connect, clock=lambda: next(moments)) as clerk:
                await answered(clerk, open_store(name))
        assert [entry.recorded_at.isoformat() for entry in await read_all(tenant)] == [start.isoformat()] * 2

    run(test())


def test_times_are_recorded_in_utc_whatever_the_tills_offset(tenant: Tenant) -> None:
    at_the_till = datetime.fromisoformat("2026-03-02T20:30:00+08:00")

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await clerk.submit(open_store(), origin(occurred_at=at_the_till))
        (opened,) = await read_all(tenant)
        assert opened.occurred_at == at_the_till
        assert opened.occurred_at.hour == 12

    run(test())
