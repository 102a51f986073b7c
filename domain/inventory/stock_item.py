"""A stock item: one SKU in one store, what is on hand of it and what that is worth."""

from datetime import date, datetime

import msgspec

from domain.inventory.cost import CostAdjusted, CostCause
from domain.inventory.counted import (
    CountClosed,
    CountOpened,
    Counts,
    after_closing,
    after_opening,
    after_shift,
    whereabouts,
)
from domain.inventory.layers import revalued, taken, without_remnant
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import LotReceived, is_expired, with_lot
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import Held, Parts, after_move, after_relocation, has_any, known
from domain.inventory.reservation import Reservation, ReservationReleased, StockReserved, reserved
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.money import half_up, require_bookable
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 200
"""A busy item moves some hundred times a day: reading its state costs at most this many events."""


class StockShort(Refusal):
    """The item may not go below zero and there is less than asked for."""

    code = "stock_short"


class StockItem(msgspec.Struct, frozen=True, kw_only=True):
    """What the book says is on the shelf. Negative where a till sold what nobody had received yet.

    `last_cost_minor` for `last_quantity` is the latest receipt, from a supplier or another store: the cost of
    what is sold below zero.
    `reservations` are by what they were made for, lapsed ones included until they are released. `parts` are
    None where there is nothing of lots, locations, quarantine or FIFO, `counts` while it was never counted.
    """

    on_hand: int = 0
    value_minor: int = 0
    last_cost_minor: int = 0
    last_quantity: int = 0
    reservations: dict[str, Reservation] = {}
    parts: Parts | None = None
    counts: Counts | None = None


# Looking up an enum's member takes longer than all the rest, and an item is evolved for each line of a sale.
_SUPPLIER, _TRANSIT, _SHELF, _QUARANTINE = Place.SUPPLIER, Place.TRANSIT, Place.SHELF, Place.QUARANTINE


def evolve(state: StockItem, event: Event) -> StockItem:
    """The item after `event`."""
    if not isinstance(event, StockMoved):
        return _otherwise(state, event)
    from_, to, parts = event.from_, event.to, state.parts
    if parts is not None or event.fifo or event.location or from_ is _QUARANTINE or to is _QUARANTINE:
        parts = after_move(parts or Parts(), event, state.on_hand, state.value_minor)
        if not has_any(parts):
            parts = None
    received = (from_ is _SUPPLIER or from_ is _TRANSIT) and (to is _SHELF or to is _QUARANTINE)
    sign = (to is _SHELF) - (from_ is _SHELF)
    if not (sign or received or parts is not state.parts):
        return state
    return StockItem(
        on_hand=state.on_hand + sign * event.quantity,
        value_minor=state.value_minor + sign * event.cost_minor,
        last_cost_minor=event.cost_minor if received else state.last_cost_minor,
        last_quantity=event.quantity if received else state.last_quantity,
        reservations=state.reservations,
        parts=parts,
        counts=state.counts if state.counts is None else _shifted(state, event, parts),
    )


def _shifted(state: StockItem, event: StockMoved, parts: Parts | None) -> Counts | None:
    counts = state.counts
    if counts is None or not counts.open:
        return counts
    sign = (event.to is _SHELF) - (event.from_ is _SHELF)
    before = whereabouts(state.on_hand, state.parts)
    after = whereabouts(state.on_hand + sign * event.quantity, parts)
    return after_shift(counts, before, after, event)


def _otherwise(state: StockItem, event: Event) -> StockItem:
    match event:
        case StockReserved():
            made = {event.reference: Reservation(quantity=event.quantity, until=event.until)}
            return msgspec.structs.replace(state, reservations=state.reservations | made)
        case ReservationReleased():
            left = {name: one for name, one in state.reservations.items() if name != event.reference}
            return msgspec.structs.replace(state, reservations=left)
        case LotReceived():
            parts = state.parts or Parts()
            lots = with_lot(parts.lots, event, parts.held)
            return msgspec.structs.replace(state, parts=msgspec.structs.replace(parts, lots=lots))
        case StockRelocated():
            parts = after_relocation(state.parts or Parts(), event)
            after = msgspec.structs.replace(state, parts=parts if has_any(parts) else None)
            if (counts := state.counts) is not None and counts.open:
                places = whereabouts(state.on_hand, state.parts), whereabouts(state.on_hand, parts)
                after = msgspec.structs.replace(after, counts=after_shift(counts, *places, event))
            return after
        case CountOpened():
            return msgspec.structs.replace(state, counts=after_opening(state.counts, event))
        case CountClosed():
            return msgspec.structs.replace(state, counts=after_closing(state.counts, event))
        case CostAdjusted():
            return _revalued(state, event)
        case _:
            return state


def _revalued(state: StockItem, event: CostAdjusted) -> StockItem:
    parts = state.parts
    if parts is not None:
        lot = known(parts, event.lot)
        # Layers cover what is below zero by themselves, but for what receipts in lots leave alone.
        layers = (
            without_remnant(parts.layers)
            if event.cause is CostCause.BELOW_ZERO
            else revalued(parts.layers, event.stock_minor, lot, event.receipt)
        )
        parts = msgspec.structs.replace(parts, layers=layers)
        if event.held_minor and (held := parts.held.get(lot)) is not None:
            more = Held(quantity=held.quantity, value_minor=held.value_minor + event.held_minor)
            parts = msgspec.structs.replace(parts, held=parts.held | {lot: more})
    return msgspec.structs.replace(state, value_minor=state.value_minor + event.stock_minor, parts=parts)


STOCK_ITEM = StreamKind("stock", StockItem(), evolve, snapshot_every=SNAPSHOT_EVERY)


def item_id(store_id: str, sku: str) -> str:
    """A stock item's id: `main/apple`. Neither part can hold a slash."""
    return f"{store_id}/{sku}"


def cost_of(item: StockItem, quantity: int) -> int:
    """The value that leaves with `quantity` of goods without lots: half_up(value·q/Q), so nothing leaks.

    Under FIFO it is what the oldest cost. What goes below zero is valued at the latest receipt, or at nothing
    where there never was one. May be AmountTooLarge: a receipt of one piece can make a million cost anything.
    """
    if item.parts is not None and item.parts.fifo:
        return lot_cost(item, "", quantity)
    covered = max(0, min(quantity, item.on_hand))
    cost = half_up(item.value_minor * covered, item.on_hand) if covered else 0
    return require_bookable(cost + _latest(item, quantity - covered))


def lot_cost(item: StockItem, lot: str, quantity: int) -> int:
    """The value that leaves with `quantity` of a lot under FIFO: what its oldest layers cost."""
    assert item.parts is not None
    _, cost, missing = taken(item.parts.layers, lot, quantity)
    return require_bookable(cost + _latest(item, missing))


def _latest(item: StockItem, quantity: int) -> int:
    """What a quantity cost by the latest receipt."""
    if not (quantity and item.last_quantity):
        return 0
    return half_up(item.last_cost_minor * quantity, item.last_quantity)


def present_cost(item: StockItem, quantity: int) -> int:
    """What `quantity` is worth that comes in without a bill: the moving average, or the latest receipt's.

    Nothing where there is neither. May be AmountTooLarge.
    """
    if item.on_hand > 0:
        return require_bookable(half_up(item.value_minor * quantity, item.on_hand))
    if item.last_quantity:
        return require_bookable(half_up(item.last_cost_minor * quantity, item.last_quantity))
    return 0


def require_on_hand(
    item: StockItem, store_id: str, sku: str, quantity: int, *, today: date | None = None
) -> None:
    """StockShort unless the shelf holds `quantity`, which `today` has not expired."""
    there = item.on_hand if today is None else item.on_hand - expired(item, today)
    if quantity > there:
        raise StockShort(
            f"Only {max(there, 0)} of {sku!r} are on hand. Take less, or receive the delivery first.",
            store_id=store_id,
            sku=sku,
            on_hand=item.on_hand,
            asked=quantity,
        )


def expired(item: StockItem, today: date) -> int:
    """How much of what is on hand may not be sold any more."""
    if item.parts is None:
        return 0
    return sum(lot.quantity for lot in item.parts.lots.values() if is_expired(lot, today))


def available(item: StockItem, now: datetime, *, but: str = "", today: date | None = None) -> int:
    """What can be promised or sold: on hand less what is reserved now, `but` for one's own reservation.

    `today` is the store's business day, which leaves out what has expired.
    """
    free = item.on_hand - (reserved(item.reservations, now, but=but) if item.reservations else 0)
    return free if today is None else free - expired(item, today)


def require_available(
    item: StockItem,
    store_id: str,
    sku: str,
    quantity: int,
    now: datetime,
    *,
    but: str = "",
    today: date | None = None,
) -> None:
    """StockShort unless `quantity` is on hand, not expired and promised to nobody else."""
    free = available(item, now, but=but, today=today)
    if quantity > free:
        raise StockShort(
            f"Only {max(free, 0)} of {sku!r} are available. Take less, or receive the delivery first.",
            store_id=store_id,
            sku=sku,
            on_hand=item.on_hand,
            available=free,
            asked=quantity,
        )
