"""Lots: goods of one item that came together and keep for equally long.

First expired, first out: a cashier rarely scans a lot, so the book assumes the one whose sell-by is nearest,
which a count may correct. (Domain rule "FEFO".)
"""

from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event

KEPT_EMPTY = 30
"""So many lots of which nothing is left are remembered, for what comes back of them or is billed later."""


class LotReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A lot's facts, told once, before its goods move for the first time.

    `lot` is the shop's own word for it, unique within the item: the supplier's lot number, or the delivery's.
    `received_on` is the store's business day. Nothing is sold after `sell_by`; None keeps. `unit_cost_minor`
    is per piece or per kilogram.
    """

    TYPE: ClassVar = "stock.lot_received.v1"
    store_id: str
    sku: str
    lot: str
    supplier_id: str | None = None
    received_on: date
    sell_by: date | None = None
    unit_cost_minor: int | None = None
    reference: str | None = None


class LotExpired(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A lot of which something was left passed its sell-by: nothing of it is sold any more.

    No goods move: what is still there, `quantity` on the shelf and `held` in quarantine, waits to be disposed
    of. `value_minor` is that of both. `day` is the store's business day on which it was
    found. (Decision 0060.)
    """

    TYPE: ClassVar = "stock.lot_expired.v1"
    store_id: str
    sku: str
    lot: str
    sell_by: date
    day: date
    quantity: int
    held: int = 0
    value_minor: int


class Lot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of a lot is on the shelf, and how much ever came; `told_expired` once that is written down."""

    received_on: date
    sell_by: date | None = None
    quantity: int = 0
    received: int = 0
    told_expired: bool = False


Lots = Mapping[str, Lot]


def with_lot(lots: Lots, event: LotReceived, held: Container[str]) -> dict[str, Lot]:
    """The lots with a new one; what is known of a lot already stays.

    The oldest of which nothing is left, nor `held` in quarantine, are forgotten.
    """
    known = dict(lots)
    known.setdefault(event.lot, Lot(received_on=event.received_on, sell_by=event.sell_by))
    empty = [
        name for name, lot in known.items() if not lot.quantity and name not in held and name != event.lot
    ]
    for name in empty[: max(0, len(empty) - KEPT_EMPTY)]:
        del known[name]
    return known


def is_expired(lot: Lot, today: date) -> bool:
    """Whether it may not be sold any more: its sell-by is over."""
    return lot.sell_by is not None and lot.sell_by < today


def with_expired(lots: Lots, lot: str) -> dict[str, Lot]:
    """The lots once it is written down that one of them expired."""
    known = dict(lots)
    if lot in known:
        known[lot] = msgspec.structs.replace(known[lot], told_expired=True)
    return known


def first_expired(lots: Lots, today: date | None) -> Sequence[str]:
    """What may be sold `today`, in the order in which it should be: by sell-by, then by receipt.

    None is for what is not sold: the expired then come first.
    """
    sellable = [
        (lot.sell_by or date.max, lot.received_on, name)
        for name, lot in lots.items()
        if lot.quantity > 0 and (today is None or lot.sell_by is None or lot.sell_by >= today)
    ]
    if len(sellable) > 1:
        # The sort is stable, and lots stand in the order of their receipt.
        sellable.sort(key=lambda found: found[:2])
    return [name for _, _, name in sellable]


def assumed(lots: Lots, quantity: int, today: date | None, lot: str | None = None) -> list[tuple[str, int]]:
    """Which lots a quantity is taken from: the named one, then by FEFO; what they don't cover is of no lot.

    That may be below zero.
    """
    order = first_expired(lots, today)
    if lot is not None and lot in lots:
        order = (lot, *(name for name in order if name != lot))
    found: list[tuple[str, int]] = []
    for name in order:
        part = min(quantity, lots[name].quantity)
        if part > 0:
            found.append((name, part))
            quantity -= part
        if not quantity:
            return found
    return [*found, ("", quantity)]
