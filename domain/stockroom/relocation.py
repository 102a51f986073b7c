"""Carrying goods from one location of a store to another: the cold room, the back room, the sales floor."""

from collections.abc import Iterable

import msgspec

from domain.catalog.product import PRODUCT
from domain.inventory.locations import StockRelocated
from domain.inventory.parts import Parts, at_location, in_lots, known, lots_at
from domain.inventory.stock_item import STOCK_ITEM, StockItem, StockShort, evolve, item_id
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.stores.store import STORE, require_location

MAX_LINES = 1_000


class RelocateLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU, of a lot or of what has none, goes from where to where. "" is the sales floor."""

    sku: str
    quantity: int
    lot: str | None = None
    from_location: str = ""
    to_location: str = ""


class Relocate(Command, frozen=True, kw_only=True):
    """Carries goods within a store: all lines or none. Sums and values stay."""

    store_id: str
    lines: tuple[RelocateLine, ...]

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A stock document has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        items = {line.sku: states.of(STOCK_ITEM, item_id(self.store_id, line.sku)) for line in self.lines}
        events: list[tuple[str, Event]] = []
        for line in self.lines:
            states.require(PRODUCT, line.sku)
            # What stands where the store has no location any more can be fetched from there.
            if not lots_at(items[line.sku].parts, line.from_location, None):
                require_location(store, line.from_location)
            require_location(store, line.to_location)
            self._check(line, items[line.sku])
            event = StockRelocated(
                store_id=self.store_id,
                sku=line.sku,
                lot=line.lot or "",
                quantity=line.quantity,
                from_location=line.from_location,
                to_location=line.to_location,
            )
            items[line.sku] = evolve(items[line.sku], event)
            events.append((STOCK_ITEM.stream(item_id(self.store_id, line.sku)), event))
        return Decision(events=tuple(events), result=Done(id=self.store_id))

    def _check(self, line: RelocateLine, item: StockItem) -> None:
        if line.quantity <= 0:
            raise InvalidCommand("quantity must be a positive whole number.", sku=line.sku)
        if line.from_location == line.to_location:
            raise InvalidCommand("Goods go from one location to another.", sku=line.sku)
        parts = item.parts or Parts()
        lot = known(parts, line.lot)
        if line.lot and not lot:
            raise NotFound(
                f"There is no lot {line.lot!r} of {line.sku!r}. Check the lot.", kind="lot", id=line.lot
            )
        there = parts.lots[lot].quantity if lot else item.on_hand - in_lots(parts)
        there = at_location(item.parts, line.lot or "", line.from_location, there)
        if line.quantity > there:
            raise StockShort(
                f"Only {max(there, 0)} of {line.sku!r} are there. Take less, or book what came first.",
                store_id=self.store_id,
                sku=line.sku,
                on_hand=there,
                asked=line.quantity,
            )
