"""A till's shift: what is in the drawer when it opens, what goes in and out, and what is counted at its end.

Shifts stand in the till's own stream, between the receipts: each receipt reads and writes that stream anyway,
so a sale costs no event and no stream more. (Decision 0037.)
"""

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.event import Event
from domain.tills.totals import TaxTotal, Totals

DRAWER = "cash"
"""The method that lies in the drawer; all others are only counted up."""
SHIFTS_KEPT = 100
"""So many closed shifts a till remembers: what comes later than that belongs to none. Some two months."""


class MethodSum(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was paid by a method, net of change; below zero where more was paid back."""

    method: str
    amount_minor: int


class CashMove(enum.StrEnum):
    """What goes in and out of the drawer beside sales."""

    PAY_IN = "pay_in"
    PAY_OUT = "pay_out"
    DROP = "drop"


class Pieces(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many notes or coins of a value were counted."""

    value_minor: int
    pieces: int


class ShiftOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Shift `shift` of this till began with so much money in the drawer. Its numbers have no gaps."""

    TYPE: ClassVar = "till.shift_opened.v1"
    store_id: str
    register_id: str
    shift: int
    currency: str
    opened_at: datetime
    float_minor: int


class CashMoved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Money went into or out of the drawer, and not for a sale. `reason` is a cause, never about a person."""

    TYPE: ClassVar = "till.cash_moved.v1"
    store_id: str
    register_id: str
    shift: int
    kind: CashMove
    amount_minor: int
    reason: str
    allowance: Allowance | None = None


class DrawerCounted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody counted who was not told what should be there, by method; the cash perhaps by pieces."""

    TYPE: ClassVar = "till.drawer_counted.v1"
    store_id: str
    register_id: str
    shift: int
    counted: tuple[MethodSum, ...]
    pieces: tuple[Pieces, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """By how much what was counted is over (or, below zero, short of) what should be there."""

    method: str
    expected_minor: int
    counted_minor: int

    @property
    def over_minor(self) -> int:
        """Counted less expected."""
        return self.counted_minor - self.expected_minor


class OverShortFound(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was counted is not what should be there. `allowance` stands where whoever closed has a limit."""

    TYPE: ClassVar = "till.over_short_found.v1"
    store_id: str
    register_id: str
    shift: int
    currency: str
    differences: tuple[Difference, ...]
    allowance: Allowance | None = None


class ShiftClosed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The Z report: what the shift took by method, what should be there, and what was counted.

    `takings` are net of change and of refunds; they make the total of `totals`, `rounding_minor` and
    `loaded_minor`, which was put on gift cards. `voids` before payment came to `voided_minor`, and are no
    part of it.
    """

    TYPE: ClassVar = "till.shift_closed.v1"
    store_id: str
    register_id: str
    shift: int
    currency: str
    opened_at: datetime
    closed_at: datetime
    float_minor: int
    totals: Totals = Totals()
    takings: tuple[MethodSum, ...] = ()
    rounding_minor: int = 0
    loaded_minor: int = 0
    paid_in_minor: int = 0
    paid_out_minor: int = 0
    dropped_minor: int = 0
    expected: tuple[MethodSum, ...]
    counted: tuple[MethodSum, ...]
    voids: int = 0
    voided_minor: int = 0


class PastShift(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a closed shift was: what comes late still finds it."""

    number: int
    opened_at: datetime
    closed_at: datetime


class Shift(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open shift with its running sums. `counted` is None once something happened after the count."""

    number: int
    currency: str
    opened_at: datetime
    float_minor: int
    totals: Totals = Totals()
    takings: tuple[MethodSum, ...] = ()
    rounding_minor: int = 0
    loaded_minor: int = 0
    paid_in_minor: int = 0
    paid_out_minor: int = 0
    dropped_minor: int = 0
    counted: tuple[MethodSum, ...] | None = None
    voids: int = 0
    voided_minor: int = 0

    def with_receipt(
        self,
        total_minor: int,
        taxes: tuple[TaxTotal, ...],
        paid: tuple[MethodSum, ...],
        *,
        loaded_minor: int = 0,
    ) -> "Shift":
        """The shift with one receipt more. What was paid beyond total and card value is cash rounding."""
        taken = sum(part.amount_minor for part in paid)
        return Shift(
            number=self.number,
            currency=self.currency,
            opened_at=self.opened_at,
            float_minor=self.float_minor,
            totals=self.totals.with_receipt(total_minor, taxes, late=False),
            takings=by_method((*self.takings, *paid)),
            rounding_minor=self.rounding_minor + taken - total_minor - loaded_minor,
            loaded_minor=self.loaded_minor + loaded_minor,
            paid_in_minor=self.paid_in_minor,
            paid_out_minor=self.paid_out_minor,
            dropped_minor=self.dropped_minor,
            voids=self.voids,
            voided_minor=self.voided_minor,
        )

    def with_void(self, amount_minor: int) -> "Shift":
        """The shift with one void more. No money moves, so what was counted still holds."""
        return msgspec.structs.replace(
            self, voids=self.voids + 1, voided_minor=self.voided_minor + amount_minor
        )

    def with_cash(self, kind: CashMove, amount_minor: int) -> "Shift":
        """The shift after money went into or out of its drawer."""
        match kind:
            case CashMove.PAY_IN:
                sums = {"paid_in_minor": self.paid_in_minor + amount_minor}
            case CashMove.PAY_OUT:
                sums = {"paid_out_minor": self.paid_out_minor + amount_minor}
            case CashMove.DROP:
                sums = {"dropped_minor": self.dropped_minor + amount_minor}
        return msgspec.structs.replace(self, counted=None, **sums)

    @property
    def expected(self) -> tuple[MethodSum, ...]:
        """What should be there of each method; of cash also what did not come from sales."""
        beside = self.float_minor + self.paid_in_minor - self.paid_out_minor - self.dropped_minor
        return by_method((MethodSum(method=DRAWER, amount_minor=beside), *self.takings))

    def differences(self, counted: Iterable[MethodSum]) -> tuple[Difference, ...]:
        """Where the count is not what should be there. A method that was not counted has none."""
        expected = {part.method: part.amount_minor for part in self.expected}
        found = (
            Difference(
                method=part.method,
                expected_minor=expected.get(part.method, 0),
                counted_minor=part.amount_minor,
            )
            for part in counted
        )
        return tuple(difference for difference in found if difference.over_minor)


def by_method(parts: Iterable[MethodSum]) -> tuple[MethodSum, ...]:
    """The parts added up by method, in the order of their names."""
    sums: dict[str, int] = {}
    for part in parts:
        sums[part.method] = sums.get(part.method, 0) + part.amount_minor
    return tuple(MethodSum(method=method, amount_minor=sums[method]) for method in sorted(sums))


def shift_at(shift: Shift | None, past: tuple[PastShift, ...], at: datetime) -> int:
    """The number of the shift that was open then, 0 for none: the open one, or a closed one that was.

    Where one closed as the next opened, the instant is the next one's.
    """
    if shift is not None and at >= shift.opened_at:
        return shift.number
    for earlier in reversed(past):
        if earlier.opened_at <= at <= earlier.closed_at:
            return earlier.number
    return 0


def z_report(shift: Shift, till: tuple[str, str], closed_at: datetime) -> ShiftClosed:
    """The shift as it is closed with what was counted; `till` is store and register."""
    assert shift.counted is not None
    return ShiftClosed(
        store_id=till[0],
        register_id=till[1],
        shift=shift.number,
        currency=shift.currency,
        opened_at=shift.opened_at,
        closed_at=max(closed_at, shift.opened_at),
        float_minor=shift.float_minor,
        totals=shift.totals,
        takings=shift.takings,
        rounding_minor=shift.rounding_minor,
        loaded_minor=shift.loaded_minor,
        paid_in_minor=shift.paid_in_minor,
        paid_out_minor=shift.paid_out_minor,
        dropped_minor=shift.dropped_minor,
        expected=shift.expected,
        counted=shift.counted,
        voids=shift.voids,
        voided_minor=shift.voided_minor,
    )
