"""A till's receipt roll: numbers without a gap, one a sale or return; shifts and closings add them up."""

import enum
from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind
from domain.tills.shift import (
    SHIFTS_KEPT,
    CashMoved,
    DrawerCounted,
    MethodSum,
    PastShift,
    Shift,
    ShiftClosed,
    ShiftOpened,
    shift_at,
)
from domain.tills.totals import TaxTotal, Totals
from domain.tills.void import BasketVoided, DayVoids

SNAPSHOT_EVERY = 500


class Period(enum.Enum):
    """What is closed. A month's closing covers whole days, a year's whole months."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class ReceiptIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Receipt `number` of this till documents `document` (`sale-…`, `return-…` or `giftcard-…`).

    `total_minor` is what the customer paid, negative for a return, and `taxes` how it divides by rate; older
    receipts do not say. A `late` one happened before the till's last closing and came after it. `shift` is
    the one that was open when it happened, 0 for none; then `paid` is what was paid by method, less change.
    `loaded_minor` of it was put on a gift card: it is owed, and no part of the total.
    """

    TYPE: ClassVar = "till.receipt_issued.v1"
    store_id: str
    register_id: str
    number: int
    document: str
    total_minor: int
    taxes: tuple[TaxTotal, ...] = ()
    late: bool = False
    shift: int = 0
    paid: tuple[MethodSum, ...] = ()
    loaded_minor: int = 0


class PeriodClosed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Closing `number` of this till and kind of period: the receipts since the one before, added up.

    Without receipts `first_receipt` is one above `last_receipt`. The perpetual totals are those of all
    receipts that there ever were: `perpetual_before` is the `perpetual_after` of the closing before.
    `closed_at` is the till's clock.
    """

    TYPE: ClassVar = "till.period_closed.v1"
    store_id: str
    register_id: str
    currency: str
    period: Period
    number: int
    business_day: date
    covers_from: datetime | None = None
    closed_at: datetime
    first_receipt: int
    last_receipt: int
    totals: Totals = Totals()
    perpetual_before: Totals = Totals()
    perpetual_after: Totals = Totals()


class LastClosing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the next closing of a kind goes on; number 0 before the first."""

    number: int = 0
    last_receipt: int = 0
    business_day: date | None = None
    closed_at: datetime | None = None
    perpetual: Totals = Totals()


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the last receipt, the perpetual totals of all, and the last closing of each kind.

    `shift` is the open one, and `past` are the last that were closed, the newest last. `voids` are those of
    the last business day that had any outside of shifts.
    """

    last_number: int = 0
    perpetual: Totals = Totals()
    day: LastClosing = LastClosing()
    month: LastClosing = LastClosing()
    year: LastClosing = LastClosing()
    shift: Shift | None = None
    past: tuple[PastShift, ...] = ()
    voids: DayVoids | None = None

    def shift_at(self, at: datetime) -> int:
        """The number of the shift that was open then, 0 for none."""
        return shift_at(self.shift, self.past, at) if self.shift is not None or self.past else 0

    def last(self, period: Period) -> LastClosing:
        """The last closing of this kind."""
        match period:
            case Period.DAY:
                return self.day
            case Period.MONTH:
                return self.month
            case Period.YEAR:
                return self.year

    def is_late(self, occurred_at: datetime) -> bool:
        """Whether what happened then should have been in a closing that there is already."""
        closed = [last.closed_at for last in (self.day, self.month, self.year) if last.closed_at is not None]
        return bool(closed) and occurred_at < max(closed)


def evolve(state: Till, event: Event) -> Till:
    """The till after `event`."""
    match event:
        case ReceiptIssued():
            shift = state.shift
            if shift is not None and shift.number == event.shift:
                shift = shift.with_receipt(
                    event.total_minor, event.taxes, event.paid, loaded_minor=event.loaded_minor
                )
            return Till(
                last_number=event.number,
                perpetual=state.perpetual.with_receipt(event.total_minor, event.taxes, late=event.late),
                day=state.day,
                month=state.month,
                year=state.year,
                shift=shift,
                past=state.past,
                voids=state.voids,
            )
        case PeriodClosed():
            closing = LastClosing(
                number=event.number,
                last_receipt=event.last_receipt,
                business_day=event.business_day,
                closed_at=event.closed_at,
                perpetual=event.perpetual_after,
            )
            return msgspec.structs.replace(state, **{event.period.value: closing})
        case ShiftOpened() | CashMoved() | DrawerCounted() | ShiftClosed() | BasketVoided():
            return _in_shift(state, event)
        case _:
            return state


def _in_shift(
    state: Till, event: ShiftOpened | CashMoved | DrawerCounted | ShiftClosed | BasketVoided
) -> Till:
    """The till after something of its shifts. What comes late to a closed one changes nothing here."""
    shift, past = state.shift, state.past
    match event:
        case ShiftOpened():
            shift = Shift(
                number=event.shift,
                currency=event.currency,
                opened_at=event.opened_at,
                float_minor=event.float_minor,
            )
        case ShiftClosed():
            closed = PastShift(number=event.shift, opened_at=event.opened_at, closed_at=event.closed_at)
            shift, past = None, (*past, closed)[-SHIFTS_KEPT:]
        case CashMoved() if shift is not None and shift.number == event.shift:
            shift = shift.with_cash(event.kind, event.amount_minor)
        case DrawerCounted() if shift is not None and shift.number == event.shift:
            shift = msgspec.structs.replace(shift, counted=event.counted)
        case BasketVoided() if shift is not None and shift.number == event.shift:
            shift = shift.with_void(event.amount_minor)
        case BasketVoided(shift=0, business_day=date() as day):
            voids = state.voids or DayVoids(day=day, amount_minor=0)
            return msgspec.structs.replace(state, voids=voids.with_void(event))
        case _:
            pass
    return msgspec.structs.replace(state, shift=shift, past=past)


TILL = StreamKind("till", Till(), evolve, snapshot_every=SNAPSHOT_EVERY)


def till_id(store_id: str, register_id: str) -> str:
    """A till's id: `main/till-1`."""
    return f"{store_id}/{register_id}"


def closing(
    state: Till, period: Period, *, till: tuple[str, str], currency: str, business_day: date, at: datetime
) -> PeriodClosed:
    """The next closing of this kind, of everything since the one before; `till` is store and register.

    A clock that was set back changes neither the order of closings nor that of their days.
    """
    last = state.last(period)
    return PeriodClosed(
        store_id=till[0],
        register_id=till[1],
        currency=currency,
        period=period,
        number=last.number + 1,
        business_day=max(business_day, last.business_day or business_day),
        covers_from=last.closed_at,
        closed_at=max(at, last.closed_at or at),
        first_receipt=last.last_receipt + 1,
        last_receipt=state.last_number,
        totals=state.perpetual.less(last.perpetual),
        perpetual_before=last.perpetual,
        perpetual_after=state.perpetual,
    )


def due(state: Till, period: Period) -> Iterable[Period]:
    """What is closed when this is: the shorter periods first, as far as they hold receipts, then it."""
    for shorter in Period:
        if shorter is period:
            yield period
            return
        if state.last(shorter).last_receipt < state.last_number:
            yield shorter
