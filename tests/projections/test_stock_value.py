"""What the stock was worth at an instant is what a replay says; a month that is over stays as reported."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from domain.checkout.record_sale import RecordSale
from domain.inventory.flows import lots_back
from domain.inventory.parts import Parts
from domain.inventory.stock_item import STOCK_ITEM, StockItem
from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from domain.kernel.money import Money
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.transfer_in import ReceiveTransfer
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from domain.stores.store import ChangeStore
from domain.transfers.transfer import Transfer
from infra.event_store.as_of import position_at
from projections.stock_ledger.fold import StockLedger
from projections.stock_ledger.queries import StockValue, in_transit_minor, stock_value
from projections.stock_ledger.waste import Loss, losses_of
from tests.support.commands import add_product, open_store, receive, waste
from tests.support.facts import check_out, take_back
from tests.support.journals import clerk_of, connected, folded, journal_of, origin, run
from tests.support.postgres import Tenant
from tests.support.read_models import forget, made_anew, project

STORES = ("s1", "s2")
JANUARY = datetime(2026, 1, 20, 9, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 2, 9, tzinfo=UTC)


def replayed(shop: Tenant, journal: list[AnyRecorded]) -> dict[tuple[str, str | None], StockValue]:
    """By store, and by store and SKU, from the states of the stock items alone; variances are not in them."""
    found: dict[tuple[str, str | None], Counter[str]] = {(store, None): Counter() for store in STORES}
    for stream, state in folded(shop, journal).items():
        if not stream.startswith(STOCK_ITEM.stream("")):
            continue
        store, _, sku = stream.removeprefix(STOCK_ITEM.stream("")).partition("/")
        item: StockItem = state.state
        held = (item.parts or Parts()).held.values()
        sums = {
            "on_hand": item.on_hand,
            "held": sum(each.quantity for each in held),
            "value": item.value_minor + sum(each.value_minor for each in held),
        }
        found[store, None].update(sums)
        found[store, sku] = Counter(sums)
    return {key: StockValue(sums["on_hand"], sums["held"], sums["value"], 0) for key, sums in found.items()}


def in_transit(shop: Tenant, journal: list[AnyRecorded], store: str, sku: str | None) -> int:
    """By the states of the transfers that a store sent: what of each line has not left transit."""
    found = 0
    for state in folded(shop, journal).values():
        if isinstance(state.state, Transfer) and (sent := state.state.sent) and sent.from_store_id == store:
            for line in sent.lines:
                shares = line.shares or (LotShare(quantity=line.quantity, cost_minor=line.cost_minor),)
                left = lots_back(shares, state.state.left.get(line.sku, 0), line.quantity)
                found += sum(share.cost_minor for share in left) if sku in (None, line.sku) else 0
    return found


def test_as_of_any_instant_the_stock_is_worth_what_a_replay_says(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    """At random instants, between entries too, and before the first."""
    forget(shop)
    run(project(shop))
    chance = random.Random(7)
    recorded = [entry.recorded_at for entry in journal]
    instants = [*chance.sample(recorded, 12), recorded[0] - timedelta(seconds=1), recorded[-1]]
    instants += [instant + timedelta(microseconds=chance.randrange(1, 500)) for instant in instants]

    async def ask() -> None:
        async with connected(shop) as connection:
            for instant in instants:
                position = await position_at(connection, journal_of(shop), instant)
                then = [entry for entry in journal if entry.recorded_at <= instant]
                assert position == len(then)
                for (store, sku), told in replayed(shop, then).items():
                    found = await stock_value(connection, store, position, sku)
                    assert (found.on_hand, found.held, found.value_minor) == (
                        told.on_hand,
                        told.held,
                        told.value_minor,
                    ), (instant, store, sku)
                    under_way = await in_transit_minor(connection, store, position, sku)
                    assert under_way == in_transit(shop, then, store, sku), (instant, store, sku)

    run(ask())


def in_january() -> list[Command]:
    lot = MoveLine(
        sku="apple",
        quantity=10,
        unit_cost=Money(amount=300, currency="CNY"),
        lot="A",
        sell_by=date(2026, 1, 25),
    )
    return [
        *(open_store(store) for store in STORES),
        add_product(price_minor=0),
        receive(("apple", 20), unit_cost_minor=330),
        MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(lot,)),
        check_out(("apple", 4)),
        waste("apple", 3),
        SendTransfer(
            transfer_id="t1",
            from_store_id="s1",
            to_store_id="s2",
            lines=(TransferLine(sku="apple", quantity=5),),
        ),
    ]


def told_late() -> list[Command]:
    """All of it happened in January, and nobody knew before February."""
    return [
        RecordSale(
            sale_id="late",
            store_id="s1",
            register_id="till-2",
            lines=check_out(("apple", 6)).lines,
            unit_prices_minor=(None,),
            charged_minor=(0,),
            tenders=(),
        ),
        waste("apple", 2),
        take_back((1, 2)),
        AddLandedCost(
            store_id="s1",
            amount=Money(amount=1_000, currency="CNY"),
            basis=Basis.QUANTITY,
            lines=(LandedLine(sku="apple", quantity=10, lot="A"), LandedLine(sku="apple", quantity=20)),
            reference="freight",
        ),
        ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=()),
    ]


def test_what_was_reported_of_a_month_that_is_over_stays_so(tenant: Tenant) -> None:
    now = [JANUARY]

    async def live(commands: list[Command]) -> None:
        async with clerk_of(tenant, clock=lambda: now[0]) as clerk:
            for command in commands:
                await clerk.submit(command, origin(occurred_at=JANUARY))
        await project(tenant)

    async def report() -> tuple[list[list[Loss]], list[StockValue], list[int]]:
        async with connected(tenant) as connection:
            end = await position_at(connection, journal_of(tenant), datetime(2026, 1, 31, 16, tzinfo=UTC))
            losses = [
                await losses_of(
                    connection,
                    store,
                    first=date(2026, 1, 1),
                    last=date(2026, 1, 31),
                    sku=None,
                )
                for store in STORES
            ]
            values = [await stock_value(connection, store, end, None) for store in STORES]
            return losses, values, [await in_transit_minor(connection, store, end, None) for store in STORES]

    run(live(in_january()))
    told = run(report())
    assert [loss.cost_minor for loss in told[0][0]] == [960]
    assert told[2] == [1_600, 0]
    now[0] = FEBRUARY
    run(live(told_late()))
    assert run(report()) == told
    run(made_anew(tenant, StockLedger()))
    assert run(report()) == told


def test_a_store_whose_clock_is_changed_keeps_its_months(tenant: Tenant) -> None:
    """At 18:00 UTC on the last of January it was February in Shanghai; London came later."""
    now = [JANUARY]

    async def report() -> list[tuple[str, int]]:
        first = date(2026, 1, 1)
        async with clerk_of(tenant, clock=lambda: now[0]) as clerk:
            for command in in_january()[:4]:
                await clerk.submit(command, origin(occurred_at=JANUARY))
            now[0] = datetime(2026, 1, 31, 18, tzinfo=UTC)
            await clerk.submit(waste("apple", 3), origin(occurred_at=now[0]))
            now[0] = FEBRUARY
            await clerk.submit(ChangeStore(store_id="s1", time_zone="Europe/London"), origin())
        await project(tenant)
        async with connected(tenant) as connection:
            lost = await losses_of(connection, "s1", first=first, last=date(2026, 2, 28), sku="apple")
            early = await losses_of(connection, "s1", first=first, last=date(2026, 1, 31), sku=None)
        assert early == []
        return [(loss.month, loss.cost_minor) for loss in lost]

    assert run(report()) == [("2026-02", 990)]
