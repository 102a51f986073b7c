"""Lots of points: drawn in their order, put together by number and expiry."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.points import Lot


def draw(lots: Iterable[Lot], points: int) -> tuple[Lot, ...]:
    """Up to `points` from the lots in their order."""
    drawn: list[Lot] = []
    for lot in lots:
        taken = min(points, lot.points)
        if taken:
            drawn.append(msgspec.structs.replace(lot, points=taken))
            points -= taken
    return tuple(drawn)


def together(lots: Iterable[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """The lots, those of one number and expiry together, in the order in which they are spent."""
    points: dict[tuple[int, datetime | None], int] = {}
    for lot in (*lots, *more):
        points[lot.number, lot.expires_at] = points.get((lot.number, lot.expires_at), 0) + lot.points
    together = [
        Lot(number=number, points=count, expires_at=expires_at)
        for (number, expires_at), count in points.items()
        if count
    ]
    return tuple(sorted(together, key=_turn))


def _turn(lot: Lot) -> tuple[bool, float, int]:
    """When a lot is spent: what lapses first, and what never lapses last."""
    return (lot.expires_at is None, lot.expires_at.timestamp() if lot.expires_at else 0.0, lot.number)


def without(lots: Iterable[Lot], taken: Iterable[Lot]) -> tuple[Lot, ...]:
    """The lots less what was taken from them."""
    return together(lots, (msgspec.structs.replace(lot, points=-lot.points) for lot in taken))
