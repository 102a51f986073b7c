"""What a movement is for an item as it is: which lots it takes, what it costs, what it covers below zero."""

from datetime import date

import msgspec

from domain.inventory.cost import CostAdjusted, CostCause
from domain.inventory.layers import Layer, issued_at, owed_of
from domain.inventory.lots import Lots, assumed
from domain.inventory.movement import Place, StockMoved, shares_of
from domain.inventory.parts import Parts, cost_shares, in_lots, is_fifo, known, lots_at, opening
from domain.inventory.stock_item import StockItem, StockShort, cost_of, lot_cost
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.money import cumulative_share, half_up


def taken_from(
    item: StockItem, quantity: int, today: date | None, lot: str | None = None, location: str | None = None
) -> tuple[int, tuple[LotShare, ...]]:
    """What `quantity` costs that leaves the shelf, and which lots it is of: the named one, then by FEFO.

    No shares are of an item without lots. `today` is the store's business day; None takes what has expired
    first, for what is not sold. What leaves a `location` is of the lots that are there.
    """
    parts = item.parts
    if parts is None or not parts.lots:
        return cost_of(item, quantity), ()
    lots = parts.lots if location is None else _at(parts, location)
    return costed(item, assumed(lots, quantity, today, lot))


def costed(item: StockItem, chosen: list[tuple[str, int]]) -> tuple[int, tuple[LotShare, ...]]:
    """What it costs that so much of these lots leaves the shelf, in all and lot by lot."""
    parts, quantity = item.parts, sum(part for _, part in chosen)
    if parts is not None and parts.fifo:
        shares = tuple(
            LotShare(lot=name, quantity=part, cost_minor=lot_cost(item, name, part)) for name, part in chosen
        )
        return sum(share.cost_minor for share in shares), shares
    cost = cost_of(item, quantity)
    if len(chosen) == 1:
        return cost, (LotShare(lot=chosen[0][0], quantity=quantity, cost_minor=cost),)
    return cost, cost_shares(chosen, cost)


def _at(parts: Parts, location: str) -> Lots:
    there = lots_at(parts, location, None)
    return {name: msgspec.structs.replace(parts.lots[name], quantity=there[name]) for name in there if name}


def held_cost(item: StockItem, lot: str | None, quantity: int) -> int:
    """The value that leaves quarantine with `quantity` of a lot, or StockShort."""
    parts = item.parts
    # A lot that nobody was told of is a slip, and not what belongs to no lot.
    is_told = parts is not None and (lot is None or bool(known(parts, lot)))
    held = parts.held.get(lot or "") if parts is not None and is_told else None
    if held is None or held.quantity < quantity:
        there = 0 if held is None else held.quantity
        raise StockShort(
            f"Only {there} of that are in quarantine. Take less, or name another lot.",
            lot=lot or "",
            on_hand=there,
            asked=quantity,
        )
    return half_up(held.value_minor * quantity, held.quantity)


def of_lots(moved: StockMoved, shares: tuple[LotShare, ...]) -> StockMoved:
    """The movement with what is of which lot, as short as it can be said."""
    if len(shares) == 1:
        return msgspec.structs.replace(moved, lot=shares[0].lot or None, shares=())
    return msgspec.structs.replace(moved, lot=None, shares=shares) if shares else moved


def onto_shelf(item: StockItem, moved: StockMoved) -> tuple[Event, ...]:
    """The movement onto the shelf, and what its cost changes of what was sold before it was there.

    What is below zero is covered first, also by a lot: those units have left already. (Domain rule "Cost".)
    What customers bring back isn't meant: it comes back to its lot, at what it was issued at. What leaves
    quarantine keeps its lot, too: by that it is known there. And what is found of a lot was seen to be there.
    """
    parts = item.parts
    seen = moved.from_ in (Place.QUARANTINE, Place.COUNT_DIFFERENCE)
    if parts is not None and parts.lots and not seen and (short := in_lots(parts) - item.on_hand) > 0:
        moved = _covering(parts, moved, short)
    quantity, cost = moved.quantity, moved.cost_minor
    owed = _owed(item, moved)
    if is_fifo(parts, moved):
        loose = [share for share in shares_of(moved) if parts is None or not known(parts, share.lot)]
        quantity, cost = sum(share.quantity for share in loose), sum(share.cost_minor for share in loose)
    # What is left of a value where nothing is owed any more ends with any receipt, be it all in lots.
    if owed is None or (owed.quantity and not quantity):
        return (moved,)
    covered = min(-owed.quantity, quantity)
    variance = (cumulative_share(cost, covered, quantity) if covered else 0) - issued_at(owed, covered)
    if not variance:
        return (moved,)
    adjusted = CostAdjusted(
        store_id=moved.store_id,
        sku=moved.sku,
        stock_minor=-variance,
        variance_minor=variance,
        cause=CostCause.BELOW_ZERO,
        reference=moved.reference,
        quantity=covered or None,
    )
    return (moved, adjusted)


def _owed(item: StockItem, moved: StockMoved) -> Layer | None:
    """What is below zero, as a layer; of quantity 0 where an empty shelf still has a value."""
    parts = item.parts
    if is_fifo(parts, moved):
        there = parts or Parts()
        return owed_of(there.layers if there.fifo else opening(there, item.on_hand, item.value_minor))
    if item.on_hand < 0 or (item.on_hand == 0 and item.value_minor):
        return Layer(quantity=item.on_hand, value_minor=item.value_minor)
    return None


def _covering(parts: Parts, moved: StockMoved, owed: int) -> StockMoved:
    """The movement, of which so much belongs to no lot any more."""
    loose_quantity = loose_cost = 0
    kept: list[LotShare] = []
    for share in shares_of(moved):
        covered = share.quantity if not known(parts, share.lot) else min(owed, share.quantity)
        cost = cumulative_share(share.cost_minor, covered, share.quantity)
        owed = max(0, owed - covered)
        loose_quantity, loose_cost = loose_quantity + covered, loose_cost + cost
        if covered < share.quantity:
            kept.append(
                LotShare(lot=share.lot, quantity=share.quantity - covered, cost_minor=share.cost_minor - cost)
            )
    if loose_quantity:
        kept.insert(0, LotShare(quantity=loose_quantity, cost_minor=loose_cost))
    return of_lots(moved, tuple(kept))


def lots_back(lots: tuple[LotShare, ...], before: int, after: int, each: int = 1) -> tuple[LotShare, ...]:
    """Which lots the units from `before` to `after` of what was sold are of, at what they were issued at.

    In the order of the sale, by R within each lot: any order of partial returns ends at the same sums. `each`
    is how much of the stock's unit a unit is.
    """
    back: list[LotShare] = []
    start = 0
    for share in lots:
        first = max(before * each, start) - start
        last = min(after * each, start + share.quantity) - start
        if first < last:
            cost = cumulative_share(share.cost_minor, last, share.quantity)
            cost -= cumulative_share(share.cost_minor, first, share.quantity)
            back.append(LotShare(lot=share.lot, quantity=last - first, cost_minor=cost))
        start += share.quantity
    return tuple(back)
