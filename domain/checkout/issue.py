"""Issuing what is sold: from the shelf to the customer, lot by lot where there are lots."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from domain.catalog.product import NegativeStock, Product
from domain.inventory.flows import taken_from
from domain.inventory.movement import shares_of
from domain.inventory.stock_item import (
    STOCK_ITEM,
    Place,
    StockItem,
    StockMoved,
    StockShort,
    cost_of,
    evolve,
    expired,
    item_id,
    require_available,
)
from domain.kernel.business_day import business_day
from domain.kernel.command import Moment
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.stream import States
from domain.sales.sale import SaleException, SaleLine
from domain.stores.store import Store


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """The movements, each line's cost, what somebody should look at and, by index of the line, its lots."""

    moves: list[tuple[str, Event]]
    costs: list[int]
    lots: dict[int, tuple[LotShare, ...]]
    exceptions: list[SaleException]


def issue(
    states: States,
    at: Moment,
    store: Store,
    lines: Iterable[tuple[str, Product, int, str | None]],
    reference: str,
) -> Issued:
    """Issues SKUs, each with its product, quantity and lot; a SKU may stand on several lines.

    A cashier rarely scans a lot: where it is None the one that expires first is assumed. (Rule "FEFO".)
    """
    last: dict[str, tuple[StockItem, StockMoved]] = {}
    issued = Issued(moves=[], costs=[], lots={}, exceptions=[])
    for index, (sku, product, quantity, lot) in enumerate(lines):
        if not product.stocked:
            issued.costs.append(0)
            continue
        id_ = item_id(store.store_id, sku)
        item = states.of(STOCK_ITEM, id_) if id_ not in last else evolve(*last[id_])
        today = None if item.parts is None else day_of(item, at, store)
        if product.negative_stock is NegativeStock.BLOCK:
            require_available(item, store.store_id, sku, quantity, at.recorded_at, today=today)
        elif product.negative_stock is NegativeStock.WARN:
            there = item.on_hand if today is None else item.on_hand - expired(item, today)
            if quantity > there:
                short = SaleException(
                    code=StockShort.code, line=index + 1, expected=there, found=quantity, reference=sku
                )
                issued.exceptions.append(short)
        moved = sold(item, store.store_id, sku, quantity, reference, today, lot)
        last[id_] = item, moved
        issued.moves.append((STOCK_ITEM.stream(id_), moved))
        issued.costs.append(moved.cost_minor)
        if today is not None and (lots := lots_of(moved)):
            issued.lots[index] = lots
    return issued


def sold(
    item: StockItem,
    store_id: str,
    sku: str,
    quantity: int,
    reference: str,
    today: date | None,
    lot: str | None = None,
) -> StockMoved:
    """The movement of a quantity to the customer; `today` is None where the item has no parts."""
    if today is None:
        return StockMoved(
            store_id=store_id,
            sku=sku,
            from_=Place.SHELF,
            to=Place.CUSTOMER,
            quantity=quantity,
            cost_minor=cost_of(item, quantity),
            lot=lot,
            reference=reference,
        )
    cost, shares = taken_from(item, quantity, today, lot)
    one = shares[0] if len(shares) == 1 else None
    return StockMoved(
        store_id=store_id,
        sku=sku,
        from_=Place.SHELF,
        to=Place.CUSTOMER,
        quantity=quantity,
        cost_minor=cost,
        lot=None if one is None else one.lot or None,
        reference=reference,
        shares=shares if one is None else (),
    )


def lots_of(moved: StockMoved) -> tuple[LotShare, ...]:
    """What a document says of a movement's lots: nothing where it has none."""
    return shares_of(moved) if moved.lot is not None or moved.shares else ()


def day_of(item: StockItem, at: Moment, store: Store) -> date | None:
    """The store's business day, by which lots expire; None where there are none to ask about."""
    if item.parts is None:
        return None
    return business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)


def with_lots(lines: Sequence[SaleLine], issued: Issued) -> tuple[SaleLine, ...]:
    """The lines of a sale, with their lots where they have any."""
    if not issued.lots:
        return tuple(lines)
    return tuple(
        msgspec.structs.replace(line, lots=issued.lots[index]) if index in issued.lots else line
        for index, line in enumerate(lines)
    )
