"""The parts of an item's stock: lots, quarantine, locations and, under FIFO, layers. Most items have none."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

import msgspec

from domain.inventory.layers import Layer, Layers, added, below_zero, returned, taken
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import Lot, is_expired
from domain.inventory.movement import LATE, Place, StockMoved, shares_of
from domain.kernel.lot_share import LotShare
from domain.kernel.money import cumulative_share

K = TypeVar("K")


class Held(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a lot is in quarantine, and its value."""

    quantity: int
    value_minor: int


class Parts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`held` is by lot, "" for no lot; `elsewhere` is what isn't on the sales floor, by location and lot."""

    lots: dict[str, Lot] = {}
    held: dict[str, Held] = {}
    elsewhere: dict[str, dict[str, int]] = {}
    fifo: bool = False
    layers: Layers = ()


def has_any(parts: Parts) -> bool:
    """Whether there is anything to keep: what is empty costs every sale a look."""
    return bool(parts.lots or parts.held or parts.elsewhere or parts.fifo)


def known(parts: Parts, lot: str | None) -> str:
    """The lot as the item keeps it: one that it was never told of is no lot."""
    return lot if lot is not None and lot in parts.lots else ""


def in_lots(parts: Parts) -> int:
    """How much of what is on hand belongs to a lot."""
    return sum(lot.quantity for lot in parts.lots.values())


def is_withdrawn(parts: Parts | None, lot: str) -> bool:
    """Whether all that is left of a lot in the store is in quarantine: none of it is for sale."""
    return parts is not None and lot in parts.lots and lot in parts.held and not parts.lots[lot].quantity


def lot_values(parts: Parts, on_hand: int, value_minor: int) -> dict[str, int]:
    """What each lot on the shelf is worth, "" for no lot. The sum is the item's value.

    Under FIFO that is what its own layers cost; otherwise each unit is worth the average.
    """
    quantities = {name: lot.quantity for name, lot in parts.lots.items() if lot.quantity}
    quantities[""] = on_hand - sum(quantities.values())
    if parts.fifo:
        values = dict.fromkeys(quantities, 0)
        for layer in parts.layers:
            values[layer.lot] = values.get(layer.lot, 0) + layer.value_minor
        return values
    return split(value_minor, quantities, on_hand)


def split(amount_minor: int, quantities: Mapping[K, int], whole: int) -> dict[K, int]:
    """An amount by quantities that add up to `whole`, to the last unit; all on the last one where it is 0."""
    shares: dict[K, int] = {}
    before = given = 0
    sign = -1 if whole < 0 else 1
    for key, quantity in quantities.items():
        before += quantity
        upto = cumulative_share(amount_minor, sign * before, abs(whole)) if whole else 0
        shares[key], given = upto - given, upto
    if not whole and quantities:
        shares[next(reversed(shares))] = amount_minor
    return shares


def is_receipt(event: StockMoved) -> bool:
    """Whether the goods were not in the store before, nor with a customer of it."""
    return event.from_ in (Place.SUPPLIER, Place.TRANSIT) and event.to in (Place.SHELF, Place.QUARANTINE)


def is_fifo(parts: Parts | None, event: StockMoved) -> bool:
    """Whether the item is valued first in, first out once that has happened: each receipt says so anew."""
    return event.fifo if is_receipt(event) else parts is not None and parts.fifo


def after_move(parts: Parts, event: StockMoved, on_hand: int, value_minor: int) -> Parts:
    """The parts after a movement of an item that held so much before it."""
    shares = shares_of(event)
    into, out_of = event.to is Place.SHELF, event.from_ is Place.SHELF
    received = is_receipt(event)
    fifo, layers = is_fifo(parts, event), parts.layers
    if fifo is not parts.fifo:
        layers = opening(parts, on_hand, value_minor) if fifo else ()
    if fifo and (into or out_of):
        layers = _layers(parts, layers, event)
    lots = dict(parts.lots)
    for share in shares:
        if (lot := lots.get(share.lot)) is not None:
            lots[share.lot] = Lot(
                received_on=lot.received_on,
                sell_by=lot.sell_by,
                quantity=lot.quantity + (into - out_of) * share.quantity,
                received=lot.received + received * share.quantity,
                told_expired=lot.told_expired,
            )
    after = Parts(
        lots=lots,
        held=_held(parts, event) if Place.QUARANTINE in (event.from_, event.to) else parts.held,
        elsewhere=parts.elsewhere,
        fifo=fifo,
        layers=layers,
    )
    if parts.elsewhere or event.location:
        loose = on_hand + (into - out_of) * event.quantity - in_lots(after)
        return _located(after, event, loose)
    return after


def opening(parts: Parts, on_hand: int, value_minor: int) -> Layers:
    """What is there when FIFO begins: a layer a lot, at what it is worth then."""
    values = lot_values(parts, on_hand, value_minor)
    quantities = {name: lot.quantity for name, lot in parts.lots.items()}
    quantities[""] = on_hand - sum(quantities.values())
    found = [
        Layer(lot=name, quantity=quantities[name], value_minor=value)
        for name, value in values.items()
        if quantities[name] or value
    ]
    # What is below zero stands last, as ever: "" is the last of the values.
    return tuple(found)


def _layers(parts: Parts, layers: Layers, event: StockMoved) -> Layers:
    for share in shares_of(event):
        lot = known(parts, share.lot)
        if event.to is Place.SHELF:
            new = Layer(
                lot=lot, quantity=share.quantity, value_minor=share.cost_minor, reference=event.reference
            )
            layers = (returned if _is_back(event) else added)(layers, new)
        else:
            layers, cost, missing = taken(layers, lot, share.quantity)
            if missing:
                layers = below_zero(layers, missing, share.cost_minor - cost)
    return layers


def _is_back(event: StockMoved) -> bool:
    """Whether goods come back at what they left at: from a customer, or by the correction of a count.

    A delivery may be late, too, and was never here before.
    """
    if event.from_ is Place.COUNT_DIFFERENCE:
        return event.reason == LATE and event.moved_at is not None
    return event.from_ is Place.CUSTOMER


def _held(parts: Parts, event: StockMoved) -> dict[str, Held]:
    held = dict(parts.held)
    sign = 1 if event.to is Place.QUARANTINE else -1
    for share in shares_of(event):
        lot = known(parts, share.lot)
        before = held.pop(lot, None) or Held(quantity=0, value_minor=0)
        after = Held(
            quantity=before.quantity + sign * share.quantity,
            value_minor=before.value_minor + sign * share.cost_minor,
        )
        if after.quantity or after.value_minor:
            held[lot] = after
    return held


def _located(parts: Parts, event: StockMoved, loose: int) -> Parts:
    """Where the goods are: what a movement says, and never more than there is."""
    elsewhere = {location: dict(lots) for location, lots in parts.elsewhere.items()}
    sign = (event.to is Place.SHELF) - (event.from_ is Place.SHELF)
    for share in shares_of(event):
        lot = known(parts, share.lot)
        if event.location and sign:
            there = elsewhere.setdefault(event.location, {})
            there[lot] = there.get(lot, 0) + sign * share.quantity
        _clip(elsewhere, lot, loose if not lot else parts.lots[lot].quantity)
    return msgspec.structs.replace(parts, elsewhere=_without_nothing(elsewhere))


def _clip(elsewhere: dict[str, dict[str, int]], lot: str, quantity: int) -> None:
    # Nobody tells that goods were fetched from the back room when they are sold.
    left = max(0, quantity)
    for lots in elsewhere.values():
        if lot in lots:
            lots[lot] = min(lots[lot], left)
            left -= lots[lot]


def _without_nothing(elsewhere: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    found = {
        location: {lot: quantity for lot, quantity in lots.items() if quantity > 0}
        for location, lots in elsewhere.items()
    }
    return {location: lots for location, lots in found.items() if lots}


def after_relocation(parts: Parts, event: StockRelocated) -> Parts:
    """The parts once goods stand somewhere else in the store."""
    elsewhere = {location: dict(lots) for location, lots in parts.elsewhere.items()}
    lot = known(parts, event.lot)
    for location, quantity in ((event.from_location, -event.quantity), (event.to_location, event.quantity)):
        if location:
            there = elsewhere.setdefault(location, {})
            there[lot] = there.get(lot, 0) + quantity
    return msgspec.structs.replace(parts, elsewhere=_without_nothing(elsewhere))


def at_location(parts: Parts | None, lot: str, location: str, quantity: int) -> int:
    """How much of the `quantity` of a lot is at a location; the sales floor has what no other has."""
    if parts is None:
        return 0 if location else quantity
    if location:
        return parts.elsewhere.get(location, {}).get(lot, 0)
    return quantity - sum(lots.get(lot, 0) for lots in parts.elsewhere.values())


def lots_at(parts: Parts | None, location: str, today: date | None) -> Mapping[str, int]:
    """How much of which lot is at a location other than the sales floor; `today` leaves out the expired."""
    if parts is None:
        return {}
    there = parts.elsewhere.get(location, {})
    if today is None:
        return there
    return {name: there[name] for name in there if not (name and is_expired(parts.lots[name], today))}


def cost_shares(chosen: list[tuple[str, int]], cost_minor: int) -> tuple[LotShare, ...]:
    """A cost split over what was chosen, by quantity."""
    whole = sum(quantity for _, quantity in chosen)
    costs = split(cost_minor, dict(enumerate(quantity for _, quantity in chosen)), whole)
    return tuple(
        LotShare(lot=lot, quantity=quantity, cost_minor=costs[index])
        for index, (lot, quantity) in enumerate(chosen)
    )
