"""Booking a line of a stock document: which movement it is, by what the book says of the item then."""

import enum
from collections.abc import Sequence
from datetime import date

import msgspec

from domain.catalog.product import Product
from domain.inventory.flows import held_cost, of_lots, onto_shelf, taken_from
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import at_location, known, lots_at
from domain.inventory.receiving import LotFacts, receive
from domain.inventory.stock_item import StockItem, StockShort, present_cost, require_on_hand
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.money import Money
from domain.kernel.quantity import amount_minor


class MoveKind(enum.StrEnum):
    """Which way a document's lines move.

    In from the supplier, out to waste, to who is given it, to what was counted, into quarantine or back from
    there.
    """

    RECEIPT = "receipt"
    WASTE = "waste"
    DONATION = "donation"
    ADJUSTMENT = "adjustment"
    QUARANTINE = "quarantine"
    RELEASE = "release"


class MoveLine(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a stock document.

    `unit_cost` is per piece or per kilogram, for receipts; without one a receipt takes the present cost.
    `reason` is a cause ("damaged"), never a note about a person: it is stored as it is. A receipt with
    `sell_by` names a `lot`, or has that of the document's reference. Without a lot goods leave by sell-by.
    What is wasted `from_quarantine` was not on the shelf. `location` is where in the store that happens.
    """

    sku: str
    quantity: int
    unit_cost: Money | None = None
    reason: str | None = None
    lot: str | None = None
    sell_by: date | None = None
    supplier_id: str | None = None
    location: str | None = None
    from_quarantine: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines of a document share. `day` is the store's business day."""

    store_id: str
    kind: MoveKind
    reference: str | None
    day: date
    fifo: bool


def book(document: Document, line: MoveLine, product: Product, item: StockItem) -> Sequence[Event]:
    """The events of a line; the first movement among them is the line's own."""
    match document.kind:
        case MoveKind.RECEIPT:
            return _receipt(document, line, product, item)
        case MoveKind.WASTE:
            return _out(document, line, item, Place.WASTE)
        case MoveKind.DONATION:
            return _out(document, line, item, Place.DONATED)
        case MoveKind.QUARANTINE:
            return _out(document, line, item, Place.QUARANTINE)
        case MoveKind.RELEASE:
            return _release(document, line, item)
        case MoveKind.ADJUSTMENT if line.quantity > 0:
            return _found(document, line, item)
        case MoveKind.ADJUSTMENT:
            return _missing(document, line, item)


def _moved(document: Document, line: MoveLine, from_: Place, to: Place, cost_minor: int) -> StockMoved:
    return StockMoved(
        store_id=document.store_id,
        sku=line.sku,
        from_=from_,
        to=to,
        quantity=abs(line.quantity),
        cost_minor=cost_minor,
        lot=line.lot,
        reason=line.reason,
        reference=document.reference,
        location=line.location,
    )


def _receipt(document: Document, line: MoveLine, product: Product, item: StockItem) -> Sequence[Event]:
    cost = (
        present_cost(item, line.quantity)
        if line.unit_cost is None
        else amount_minor(line.unit_cost.amount, line.quantity, product.unit)
    )
    moved = _moved(document, line, Place.SUPPLIER, Place.SHELF, cost)
    moved = msgspec.structs.replace(moved, fifo=document.fifo)
    lot = line.lot or (None if line.sell_by is None else document.reference)
    if lot is None:
        if line.sell_by is not None:
            raise InvalidCommand("What has a sell-by needs a lot. Name one.", sku=line.sku)
        return receive(item, moved)
    facts = LotFacts(
        lot=lot,
        received_on=document.day,
        sell_by=line.sell_by,
        supplier_id=line.supplier_id,
        unit_cost_minor=None if line.unit_cost is None else line.unit_cost.amount,
    )
    return receive(item, moved, facts)


def _out(document: Document, line: MoveLine, item: StockItem, to: Place) -> Sequence[Event]:
    if line.from_quarantine:
        cost = held_cost(item, line.lot, line.quantity)
        return (_moved(document, line, Place.QUARANTINE, to, cost),)
    # Nobody is given what has expired, unless its lot is named.
    today = document.day if to is Place.DONATED else None
    if line.lot is None:
        require_on_hand(item, document.store_id, line.sku, line.quantity, today=today)
    else:
        # A lot that lies there can be taken away though tills have sold more than the book knew of.
        _require_in_lot(document, line, item)
    _require_at_location(document, line, item, today)
    cost, shares = taken_from(item, line.quantity, today, line.lot, line.location)
    return (of_lots(_moved(document, line, Place.SHELF, to, cost), shares),)


def _release(document: Document, line: MoveLine, item: StockItem) -> Sequence[Event]:
    cost = held_cost(item, line.lot, line.quantity)
    return onto_shelf(item, _moved(document, line, Place.QUARANTINE, Place.SHELF, cost))


def _found(document: Document, line: MoveLine, item: StockItem) -> Sequence[Event]:
    _require_known(line, item)
    cost = present_cost(item, line.quantity)
    return onto_shelf(item, _moved(document, line, Place.COUNT_DIFFERENCE, Place.SHELF, cost))


def _missing(document: Document, line: MoveLine, item: StockItem) -> Sequence[Event]:
    _require_in_lot(document, line, item)
    # What is missing is what has expired, if nobody says which lot it is of.
    cost, shares = taken_from(item, -line.quantity, None, line.lot)
    return (of_lots(_moved(document, line, Place.SHELF, Place.COUNT_DIFFERENCE, cost), shares),)


def _require_known(line: MoveLine, item: StockItem) -> None:
    if line.lot is not None and (item.parts is None or not known(item.parts, line.lot)):
        raise NotFound(
            f"There is no lot {line.lot!r} of {line.sku!r}. Check the lot.", kind="lot", id=line.lot
        )


def _require_in_lot(document: Document, line: MoveLine, item: StockItem) -> None:
    """StockShort unless the named lot has that much."""
    if line.lot is None:
        return
    _require_known(line, item)
    assert item.parts is not None
    there = item.parts.lots[line.lot].quantity
    if abs(line.quantity) > there:
        raise _short(document, line, there, f"Only {there} of lot {line.lot!r} are on hand.")


def _require_at_location(document: Document, line: MoveLine, item: StockItem, today: date | None) -> None:
    if line.location is None:
        return
    if line.lot is None:
        there = sum(lots_at(item.parts, line.location, today).values())
    else:
        there = at_location(item.parts, line.lot, line.location, item.on_hand)
    if line.quantity > there:
        raise _short(document, line, there, f"Only {there} of {line.sku!r} are at {line.location!r}.")


def _short(document: Document, line: MoveLine, there: int, detail: str) -> StockShort:
    return StockShort(
        f"{detail} Take less, or name another.",
        store_id=document.store_id,
        sku=line.sku,
        lot=line.lot or "",
        on_hand=there,
        asked=abs(line.quantity),
    )
