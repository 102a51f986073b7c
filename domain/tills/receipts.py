"""Receipts in a shift: which one, and what the drawer got."""

from collections.abc import Iterable
from datetime import datetime

from domain.kernel.errors import Refusal
from domain.tills.shift import DRAWER, MethodSum, by_method
from domain.tills.till import Till


class ShiftNotOpen(Refusal):
    """The store sells in shifts, and at that moment none was open at this till."""

    code = "shift_not_open"


def require_shift(state: Till, at: datetime, *, required: bool) -> int:
    """The shift that was open then; 0 for none, which is a refusal where one is `required`."""
    shift = state.shift_at(at)
    if required and not shift:
        raise ShiftNotOpen("No shift was open at this till then. Open one first.")
    return shift


def paid_by_method(parts: Iterable[tuple[str, int]], change_minor: int = 0) -> tuple[MethodSum, ...]:
    """(method, amount) of each payment added up by method, less the change, which is cash."""
    paid = [MethodSum(method=method, amount_minor=amount) for method, amount in parts]
    if change_minor:
        paid.append(MethodSum(method=DRAWER, amount_minor=-change_minor))
    return by_method(paid)
