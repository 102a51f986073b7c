"""A stock item: one SKU in one store. Every movement has two ends, so quantity is conserved.

Over all places the movements of a SKU sum to zero: what the shelf gains, a supplier, a customer or
the count difference loses. (Domain rule "Ledger".)
"""

import enum
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.inventory.reservation import Reservation, ReservationReleased, StockReserved, reserved
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.money import half_up, require_bookable
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 200
"""A busy item moves some hundred times a day: reading its state costs at most this many events."""


class Place(enum.StrEnum):
    """Where goods can be. Only the shelf is ours to sell from.

    What is in quarantine is ours and in the store, what is in transit goes from one store to another; the
    others are the ledger's other ends.
    """

    SUPPLIER = "supplier"
    SHELF = "shelf"
    CUSTOMER = "customer"
    WASTE = "waste"
    COUNT_DIFFERENCE = "count_difference"
    TRANSIT = "transit"
    QUARANTINE = "quarantine"
    DONATED = "donated"


class StockMoved(Event, frozen=True, kw_only=True, omit_defaults=True, rename={"from_": "from"}):
    """`quantity` (> 0, pieces or grams) went from one place to another.

    `cost_minor` is the whole movement's value: on receipt what it cost, on issue the moving average,
    on a customer's return what it was issued at. `reference` names the cause's stream (`sale-…`).
    A movement of one lot names it in `lot`, one of several in `shares`, which add up to quantity and cost;
    what names none is of no lot. `location` is where in the store it left or came to, where that isn't the
    sales floor. A receipt in `fifo` has what is there valued first in, first out from then on.
    """

    TYPE: ClassVar = "stock.moved.v1"
    store_id: str
    sku: str
    from_: Place
    to: Place
    quantity: int
    cost_minor: int
    lot: str | None = None
    reason: str | None = None
    reference: str | None = None
    shares: tuple[LotShare, ...] = ()
    location: str | None = None
    fifo: bool = False


class StockShort(Refusal):
    """The item may not go below zero and there is less than asked for."""

    code = "stock_short"


class StockItem(msgspec.Struct, frozen=True, kw_only=True):
    """What the book says is on the shelf. Negative where a till sold what nobody had received yet.

    `last_cost_minor` for `last_quantity` is the latest receipt: the cost of what is sold below zero.
    `reservations` are by what they were made for, lapsed ones included until they are released.
    """

    on_hand: int = 0
    value_minor: int = 0
    last_cost_minor: int = 0
    last_quantity: int = 0
    reservations: dict[str, Reservation] = {}


def evolve(state: StockItem, event: Event) -> StockItem:
    """The item after `event`."""
    if not isinstance(event, StockMoved):
        return _with_reservation(state, event)
    if event.to is Place.SHELF:
        received = event.from_ is Place.SUPPLIER
        return StockItem(
            on_hand=state.on_hand + event.quantity,
            value_minor=state.value_minor + event.cost_minor,
            last_cost_minor=event.cost_minor if received else state.last_cost_minor,
            last_quantity=event.quantity if received else state.last_quantity,
            reservations=state.reservations,
        )
    if event.from_ is Place.SHELF:
        return StockItem(
            on_hand=state.on_hand - event.quantity,
            value_minor=state.value_minor - event.cost_minor,
            last_cost_minor=state.last_cost_minor,
            last_quantity=state.last_quantity,
            reservations=state.reservations,
        )
    return state


def _with_reservation(state: StockItem, event: Event) -> StockItem:
    match event:
        case StockReserved():
            made = {event.reference: Reservation(quantity=event.quantity, until=event.until)}
            return msgspec.structs.replace(state, reservations=state.reservations | made)
        case ReservationReleased():
            left = {name: one for name, one in state.reservations.items() if name != event.reference}
            return msgspec.structs.replace(state, reservations=left)
        case _:
            return state


STOCK_ITEM = StreamKind("stock", StockItem(), evolve, snapshot_every=SNAPSHOT_EVERY)


def item_id(store_id: str, sku: str) -> str:
    """A stock item's id: `main/apple`. Neither part can hold a slash."""
    return f"{store_id}/{sku}"


def cost_of(item: StockItem, quantity: int) -> int:
    """The value that leaves with `quantity`: half_up(value·q/Q), so that nothing leaks.

    What goes below zero is valued at the latest receipt, or at nothing where there never was one. May be
    AmountTooLarge: a receipt of one piece can make a million of them cost anything.
    """
    covered = max(0, min(quantity, item.on_hand))
    cost = half_up(item.value_minor * covered, item.on_hand) if covered else 0
    below_zero = quantity - covered
    if below_zero and item.last_quantity:
        cost += half_up(item.last_cost_minor * below_zero, item.last_quantity)
    return require_bookable(cost)


def present_cost(item: StockItem, quantity: int) -> int:
    """What `quantity` is worth that comes in without a bill: the moving average, or the latest receipt's.

    Nothing where there is neither. May be AmountTooLarge.
    """
    if item.on_hand > 0:
        return require_bookable(half_up(item.value_minor * quantity, item.on_hand))
    if item.last_quantity:
        return require_bookable(half_up(item.last_cost_minor * quantity, item.last_quantity))
    return 0


def require_on_hand(item: StockItem, store_id: str, sku: str, quantity: int) -> None:
    """StockShort unless the shelf holds `quantity`."""
    if quantity > item.on_hand:
        raise StockShort(
            f"Only {max(item.on_hand, 0)} of {sku!r} are on hand. Take less, or receive the delivery first.",
            store_id=store_id,
            sku=sku,
            on_hand=item.on_hand,
            asked=quantity,
        )


def available(item: StockItem, now: datetime, *, but: str = "") -> int:
    """What can be promised or sold: on hand less what is reserved now, `but` for one's own reservation."""
    return item.on_hand - (reserved(item.reservations, now, but=but) if item.reservations else 0)


def require_available(
    item: StockItem, store_id: str, sku: str, quantity: int, now: datetime, *, but: str = ""
) -> None:
    """StockShort unless `quantity` is on hand and promised to nobody else."""
    free = available(item, now, but=but)
    if quantity > free:
        raise StockShort(
            f"Only {max(free, 0)} of {sku!r} are available. Take less, or receive the delivery first.",
            store_id=store_id,
            sku=sku,
            on_hand=item.on_hand,
            available=free,
            asked=quantity,
        )
