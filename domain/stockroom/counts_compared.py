"""What was counted against what the book said of that instant. (Domain rule "Stocktake while open".)

Book 100 at 09:00, 40 sold, 58 counted at 10:00, 10 sold, posted at 11:00: the book of 10:00 was 60, two are
missing, and 48 are on hand.
"""

from collections.abc import Iterable, Sequence

import msgspec

from domain.counts.count import COUNT, CountItem, CountStarted, Found, Tolerance
from domain.inventory.counted import held_in, lots_of, since, whereabouts
from domain.inventory.flows import costed, of_lots, onto_shelf, taken_from
from domain.inventory.lots import assumed
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import known
from domain.inventory.stock_item import StockItem, evolve, present_cost
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare

WHY = "count"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of an item, or of a part of it, and what the book said of that instant.

    `cost_minor` is what the difference is worth now, below zero for what is missing.
    """

    sku: str
    found: Found
    book: int
    difference: int
    cost_minor: int
    recount_needed: bool


def differences(
    started: CountStarted, sku: str, counted: CountItem, item: StockItem
) -> tuple[Sequence[Difference], Sequence[Event]]:
    """What was found of an item against the book, and the movements that make the book right."""
    found: list[Difference] = []
    events: list[Event] = []
    now = item
    for each in counted.found:
        book = _book(item, each)
        difference = each.quantity - book
        moves = _moves(started, sku, now, each, difference)
        for event in moves:
            now = evolve(now, event)
        events += moves
        found.append(
            Difference(
                sku=sku,
                found=each,
                book=book,
                difference=difference,
                cost_minor=_cost(moves),
                recount_needed=not counted.recounts
                and not _is_near(started.tolerance, counted, book, difference),
            )
        )
    return found, events


def _book(item: StockItem, found: Found) -> int:
    """What the book says was there when it was counted: what it says now less what moved since."""
    there = held_in(whereabouts(item.on_hand, item.parts), found.lot, found.location)
    return there - since(item.counts, found.lot, found.location, found.counted_at)


def _is_near(tolerance: Tolerance, counted: CountItem, book: int, difference: int) -> bool:
    off = abs(difference)
    if off <= (tolerance.weight_g if counted.weighed else tolerance.pieces):
        return True
    return off * 1000 <= tolerance.permille * abs(book)


def _cost(events: Iterable[Event]) -> int:
    return sum(
        event.cost_minor if event.to is Place.SHELF else -event.cost_minor
        for event in events
        if isinstance(event, StockMoved)
    )


def _moves(
    started: CountStarted, sku: str, item: StockItem, found: Found, difference: int
) -> Sequence[Event]:
    """The difference as a movement at the instant of the count."""
    if not difference:
        return ()
    short = difference < 0
    moved = StockMoved(
        store_id=started.store_id,
        sku=sku,
        from_=Place.SHELF if short else Place.COUNT_DIFFERENCE,
        to=Place.COUNT_DIFFERENCE if short else Place.SHELF,
        quantity=abs(difference),
        cost_minor=0,
        lot=found.lot or None,
        reason=WHY,
        reference=COUNT.stream(started.count_id),
        location=found.location or None,
        moved_at=found.counted_at,
    )
    if short:
        cost, shares = _taken(item, found, -difference)
        return (of_lots(msgspec.structs.replace(moved, cost_minor=cost), shares),)
    moved = msgspec.structs.replace(moved, cost_minor=present_cost(item, difference))
    # Who counts a lot knows that the goods are of it: they cover nothing that was sold of another.
    return (moved,) if moved.lot is not None else onto_shelf(item, moved)


def _taken(item: StockItem, found: Found, quantity: int) -> tuple[int, tuple[LotShare, ...]]:
    """What is missing, of the lot that was counted, else by FEFO of what is at the location.

    What a lot lacks because it was sold since is taken from those that are sold after it.
    """
    parts = item.parts
    if parts is None or not parts.lots:
        return taken_from(item, quantity, None)
    if found.lot == "":
        return costed(item, [("", quantity)])
    lots = lots_of(whereabouts(item.on_hand, parts), parts.lots, found.location)
    return costed(item, assumed(lots, quantity, None, found.lot and known(parts, found.lot)))
