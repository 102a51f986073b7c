"""What is told late of before a count: it was counted already, so it brings a correction with it.

The count's difference was told from a book that did not know of it. The correction is linked to the count,
and on hand stays what was counted less what was sold since. (Domain rule "Stocktake while open"; decision
0059.)
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from domain.inventory.counted import Counted, changed, first_counted, held_in, lots_of, whereabouts
from domain.inventory.flows import costed, of_lots
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import assumed
from domain.inventory.movement import LATE, Place, StockMoved, shares_of
from domain.inventory.parts import known
from domain.inventory.stock_item import StockItem, cost_of, evolve, present_cost
from domain.kernel.amending import Amendment
from domain.kernel.command import Moment
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.money import cumulative_share

Movement = StockMoved | StockRelocated


class _Late(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """So much came to (below zero: left) a place before it was counted. `cost_minor` None is not known."""

    counted: Counted
    lot: str
    location: str
    quantity: int
    cost_minor: int | None
    store_id: str
    sku: str


def _amend(item: StockItem, events: Sequence[Event], at: Moment) -> tuple[Sequence[Event], Sequence[Event]]:
    """The events of a decision, its movements with when they happened, and the corrections that follow."""
    if not _asks(item, events, at):
        return events, ()
    said: list[Event] = []
    late: list[_Late] = []
    for given in events:
        event = _dated(item, given, at) if isinstance(given, Movement) else given
        after = evolve(item, event)
        if isinstance(event, Movement) and event.moved_at is not None:
            late += _late_of(item, after, event, event.moved_at)
        said.append(event)
        item = after
    corrections: list[Event] = []
    for each in late:
        correction = _correction(item, each)
        corrections.append(correction)
        item = evolve(item, correction)
    return said, corrections


CORRECTIONS = Amendment(is_due=lambda item: item.counts is not None, amend=_amend)
"""An item that was never counted has nothing to correct, and pays for nothing."""


def _asks(item: StockItem, events: Sequence[Event], at: Moment) -> bool:
    """Whether a count asks for when it happened. Hardly ever: what is sold now was not counted yet."""
    counts = item.counts
    if counts is None or counts.open:
        return counts is not None
    last = counts.counted[-1].counted_at
    return min(at.occurred_at, at.recorded_at) <= last or any(
        isinstance(event, Movement) and event.moved_at is not None for event in events
    )


def _dated(item: StockItem, event: Movement, at: Moment) -> Movement:
    """The movement with when it happened, where a count asks for it.

    A till's clock that is ahead would date what was sold before a count into it: what is told can't have
    happened later.
    """
    counts = item.counts
    if counts is None or event.moved_at is not None:
        return event
    moved_at = min(at.occurred_at, at.recorded_at)
    if counts.open or any(moved_at <= each.counted_at for each in counts.counted):
        return msgspec.structs.replace(event, moved_at=moved_at)
    return event


def _late_of(before: StockItem, after: StockItem, event: Movement, moved_at: datetime) -> Iterable[_Late]:
    """What of a movement was counted already, place by place."""
    if before.counts is None:
        return
    places = changed(whereabouts(before.on_hand, before.parts), whereabouts(after.on_hand, after.parts))
    costs = _costs(before, event)
    seen = {place: first_counted(before.counts.counted, place, moved_at) for place in places}
    gone: dict[str, int] = {}
    for (lot, location), quantity in places.items():
        counted, first = seen[lot, location], gone.get(lot, 0)
        gone[lot] = first + abs(quantity)
        # Who counted all locations saw what was carried from one to another wherever it was.
        if counted is None or (counted.location is None and isinstance(event, StockRelocated)):
            continue
        yield _Late(
            counted=counted,
            lot=lot,
            location=location,
            quantity=quantity,
            cost_minor=_part_of(costs.get(lot), first, gone[lot]),
            store_id=event.store_id,
            sku=event.sku,
        )


def _costs(item: StockItem, event: Movement) -> Mapping[str, LotShare]:
    """What the movement says of each lot as the item keeps it."""
    if isinstance(event, StockRelocated):
        return {}
    costs: dict[str, LotShare] = {}
    for share in shares_of(event):
        lot = share.lot if item.parts is None else known(item.parts, share.lot)
        lot = lot if item.parts is not None else ""
        before = costs.get(lot) or LotShare(quantity=0, cost_minor=0)
        costs[lot] = LotShare(
            quantity=before.quantity + share.quantity, cost_minor=before.cost_minor + share.cost_minor
        )
    return costs


def _part_of(share: LotShare | None, first: int, last: int) -> int | None:
    """What the units from `first` to `last` cost: those of all places come to the whole, to the last cent."""
    if share is None:
        return None
    before = cumulative_share(share.cost_minor, first, share.quantity)
    return cumulative_share(share.cost_minor, last, share.quantity) - before


def _correction(item: StockItem, late: _Late) -> StockMoved:
    """Back to the shelf at what it left at; or off it, of what the count had found too much of first.

    It belongs to the difference of the count, and so to its instant.
    """
    quantity = abs(late.quantity)
    back = late.quantity < 0
    moved = StockMoved(
        store_id=late.store_id,
        sku=late.sku,
        from_=Place.COUNT_DIFFERENCE if back else Place.SHELF,
        to=Place.SHELF if back else Place.COUNT_DIFFERENCE,
        quantity=quantity,
        cost_minor=0,
        lot=late.lot or None,
        reason=LATE,
        reference=f"count-{late.counted.count}",
        location=late.location or None,
        moved_at=late.counted.counted_at,
    )
    if back:
        cost = present_cost(item, quantity) if late.cost_minor is None else late.cost_minor
        return msgspec.structs.replace(moved, cost_minor=cost)
    cost, shares = _taken(item, late, quantity)
    return of_lots(msgspec.structs.replace(moved, cost_minor=cost), shares)


def _taken(item: StockItem, late: _Late, quantity: int) -> tuple[int, tuple[LotShare, ...]]:
    parts = item.parts
    if parts is None or not parts.lots:
        return cost_of(item, quantity), ()
    if late.counted.lot == "":
        return costed(item, [("", quantity)])
    places = whereabouts(item.on_hand, parts)
    loose = 0
    if late.counted.lot is None:
        # What a count finds too much of is of no lot.
        loose = max(0, min(quantity, held_in(places, "", late.counted.location)))
    lots = lots_of(places, parts.lots, late.counted.location)
    chosen = assumed(lots, quantity - loose, None, late.lot) if quantity > loose else []
    return costed(item, _merged([("", loose), *chosen]))


def _merged(chosen: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    whole: dict[str, int] = {}
    for lot, quantity in chosen:
        whole[lot] = whole.get(lot, 0) + quantity
    return [(lot, quantity) for lot, quantity in whole.items() if quantity]
