"""Receiving goods: a lot's facts before its first movement, and what the receipt covers below zero."""

from collections.abc import Sequence
from datetime import date

import msgspec

from domain.inventory.flows import onto_shelf
from domain.inventory.lots import LotReceived
from domain.inventory.movement import Place, StockMoved
from domain.inventory.stock_item import StockItem, evolve
from domain.kernel.errors import Refusal
from domain.kernel.event import Event


class LotDiffers(Refusal):
    """A lot was received before with another sell-by: then it is another lot."""

    code = "lot_differs"


class LotFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery says of a lot."""

    lot: str
    received_on: date
    sell_by: date | None = None
    supplier_id: str | None = None
    unit_cost_minor: int | None = None


def receive(item: StockItem, moved: StockMoved, facts: LotFacts | None = None) -> Sequence[Event]:
    """The events of goods that come in, from a supplier or in transit, to the shelf or into quarantine.

    `moved` names no lot yet: `facts` do, where there is one. May be LotDiffers.
    """
    events: list[Event] = []
    if facts is not None:
        if (new := _new_lot(item, moved, facts)) is not None:
            events.append(new)
            item = evolve(item, new)
        moved = msgspec.structs.replace(moved, lot=facts.lot)
    events.extend(onto_shelf(item, moved) if moved.to is Place.SHELF else (moved,))
    return events


def _new_lot(item: StockItem, moved: StockMoved, facts: LotFacts) -> LotReceived | None:
    known = None if item.parts is None else item.parts.lots.get(facts.lot)
    if known is None:
        return LotReceived(
            store_id=moved.store_id,
            sku=moved.sku,
            lot=facts.lot,
            supplier_id=facts.supplier_id,
            received_on=facts.received_on,
            sell_by=facts.sell_by,
            unit_cost_minor=facts.unit_cost_minor,
            reference=moved.reference,
        )
    if facts.sell_by is not None and facts.sell_by != known.sell_by:
        raise LotDiffers(
            f"Lot {facts.lot!r} is known with another sell-by. Give what keeps differently a lot of its own.",
            sku=moved.sku,
            lot=facts.lot,
            sell_by=None if known.sell_by is None else known.sell_by.isoformat(),
        )
    return None
