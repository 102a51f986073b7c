"""Lots of money: drawn in their order, put together by number."""

from collections.abc import Iterable

import msgspec

from domain.kernel.stored_value import ValueLot


def total(lots: Iterable[ValueLot]) -> int:
    """What the lots are worth together."""
    return sum(lot.amount_minor for lot in lots)


def draw(lots: Iterable[ValueLot], amount_minor: int) -> tuple[ValueLot, ...]:
    """Up to the amount from the lots in their order."""
    drawn: list[ValueLot] = []
    for lot in lots:
        if taken := min(amount_minor, lot.amount_minor):
            drawn.append(msgspec.structs.replace(lot, amount_minor=taken))
            amount_minor -= taken
    return tuple(drawn)


def skip(lots: Iterable[ValueLot], amount_minor: int) -> Iterable[ValueLot]:
    """What is left of the lots behind an amount."""
    for lot in lots:
        skipped = min(amount_minor, lot.amount_minor)
        amount_minor -= skipped
        yield msgspec.structs.replace(lot, amount_minor=lot.amount_minor - skipped)


def together(lots: Iterable[ValueLot], more: Iterable[ValueLot]) -> tuple[ValueLot, ...]:
    """The lots, those of one number together, in the order in which they are spent."""
    by_number: dict[int, ValueLot] = {}
    for lot in (*lots, *more):
        known = by_number.get(lot.number)
        amount = lot.amount_minor + (known.amount_minor if known else 0)
        by_number[lot.number] = msgspec.structs.replace(lot, amount_minor=amount)
    return tuple(sorted((lot for lot in by_number.values() if lot.amount_minor), key=_turn))


def _turn(lot: ValueLot) -> tuple[bool, float, int]:
    """When a lot is spent: what expires first, and what never does last."""
    return (lot.expires_at is None, lot.expires_at.timestamp() if lot.expires_at else 0.0, lot.number)


def without(lots: Iterable[ValueLot], taken: Iterable[ValueLot]) -> tuple[ValueLot, ...]:
    """The lots less what was taken from them."""
    return together(lots, (msgspec.structs.replace(lot, amount_minor=-lot.amount_minor) for lot in taken))
