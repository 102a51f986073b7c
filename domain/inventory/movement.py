"""Movements: how much went from which place to which. Every one has two ends, so quantity is conserved.

Over all places the movements of a SKU sum to zero: what the shelf gains, a supplier, a customer or
the count difference loses. (Domain rule "Ledger".)
"""

import enum
from datetime import datetime
from typing import ClassVar

from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare

LATE = "late"
"""Why a count's difference is another one: something is told late of before the count."""


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
    `moved_at` is when it happened, of items that are being counted or that were counted later than that.
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
    moved_at: datetime | None = None


def shares_of(moved: StockMoved) -> tuple[LotShare, ...]:
    """What of the movement is of which lot."""
    if moved.shares:
        return moved.shares
    return (LotShare(lot=moved.lot or "", quantity=moved.quantity, cost_minor=moved.cost_minor),)
