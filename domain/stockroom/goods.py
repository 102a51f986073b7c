"""The stock items of one store in one decision: each event is seen by the ones after it."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.inventory.cost import CostMethod
from domain.inventory.flows import of_lots, taken_from
from domain.inventory.lots import is_expired
from domain.inventory.movement import StockMoved
from domain.inventory.policy import MAIN, STOCK_POLICY
from domain.inventory.stock_item import STOCK_ITEM, StockItem, StockShort, evolve, item_id
from domain.kernel.event import Event
from domain.kernel.stream import States


class Goods:
    """What a store has of the SKUs that a decision is about, and what is written of it."""

    def __init__(self, states: States, store_id: str) -> None:
        self._states = states
        self._store_id = store_id
        self._items: dict[str, StockItem] = {}
        self.events: list[tuple[str, Event]] = []

    @staticmethod
    def streams(store_id: str, skus: Iterable[str]) -> Iterable[str]:
        """The items' streams, and that of the policy by which what comes in is valued."""
        yield STOCK_POLICY.stream(MAIN)
        for sku in skus:
            yield STOCK_ITEM.stream(item_id(store_id, sku))

    @property
    def fifo(self) -> bool:
        """Whether what comes in is valued first in, first out."""
        return self._states.of(STOCK_POLICY, MAIN).cost_method is CostMethod.FIFO

    def item(self, sku: str) -> StockItem:
        """The item as it is by now."""
        if sku not in self._items:
            self._items[sku] = self._states.of(STOCK_ITEM, item_id(self._store_id, sku))
        return self._items[sku]

    def write(self, sku: str, events: Iterable[Event]) -> None:
        """Writes what happened to an item."""
        stream = STOCK_ITEM.stream(item_id(self._store_id, sku))
        for event in events:
            self._items[sku] = evolve(self.item(sku), event)
            self.events.append((stream, event))

    def take(self, moved: StockMoved, lot: str | None, today: date | None) -> StockMoved:
        """Writes that goods leave the shelf, of the named lot or by FEFO, and tells how.

        `moved` is without cost and lots. Without a `today` what has expired goes first: it isn't for sale.
        """
        cost, shares = taken_from(self.item(moved.sku), moved.quantity, today, lot)
        moved = of_lots(msgspec.structs.replace(moved, cost_minor=cost), shares)
        self.write(moved.sku, (moved,))
        return moved


def require_in_lot(
    item: StockItem, store_id: str, sku: str, lot: str | None, quantity: int, *, today: date | None = None
) -> None:
    """StockShort unless the named lot has that much on the shelf; nothing is asked where none is named.

    With `today` an expired lot has nothing.
    """
    if lot is None:
        return
    found = None if item.parts is None else item.parts.lots.get(lot)
    if found is not None and today is not None and is_expired(found, today):
        found = None
    there = 0 if found is None else found.quantity
    if quantity > there:
        raise StockShort(
            f"Only {max(there, 0)} of lot {lot!r} of {sku!r} are on hand. Take less, or another lot.",
            store_id=store_id,
            sku=sku,
            lot=lot,
            on_hand=there,
            asked=quantity,
        )
