"""register_journal: one row for each entry of a till's stream, and one for each shift. Minor units.

Sums by method are net of change and refunds. What comes after its shift was closed leaves the Z report as it
was, and is added up by itself.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.tills.shift import (
    DRAWER,
    CashMove,
    CashMoved,
    DrawerCounted,
    MethodSum,
    OverShortFound,
    ShiftClosed,
    ShiftOpened,
)
from domain.tills.till import PeriodClosed, ReceiptIssued
from domain.tills.void import BasketVoided
from projections.kernel.table import Change, Table


class RegisterEntry(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """An entry. `number` is that of the receipt, shift or closing; `shift` is 0 where it belongs to none."""

    store_id: str
    register_id: str
    entry: int
    kind: str = ""
    happened_at: datetime | None = None
    actor: str = ""
    number: int = 0
    shift: int = 0
    amount_minor: int = 0
    by_method: dict[str, int] = {}
    document: str | None = None
    reason: str | None = None


class RegisterShift(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """A shift: its sums so far, or as its Z report has them; `late_…` is what came after that.

    `loaded_minor` was put on gift cards: it is part of the takings, and no sale.
    """

    store_id: str
    register_id: str
    shift: int
    currency: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    float_minor: int = 0
    receipts: int = 0
    sales_minor: int = 0
    refunds_minor: int = 0
    rounding_minor: int = 0
    takings: dict[str, int] = {}
    paid_in_minor: int = 0
    paid_out_minor: int = 0
    dropped_minor: int = 0
    counted: dict[str, int] = {}
    over_short: dict[str, int] = {}
    late_receipts: int = 0
    late_minor: int = 0
    late_takings: dict[str, int] = {}
    loaded_minor: int = 0
    voids: int = 0
    voided_minor: int = 0
    late_voids: int = 0


def _sums(parts: Iterable[MethodSum]) -> dict[str, int]:
    return {part.method: part.amount_minor for part in parts}


def _add(sums: dict[str, int], parts: Iterable[MethodSum]) -> dict[str, int]:
    """The sums with more, by name: the same however they were come by."""
    more = dict(sums)
    for part in parts:
        more[part.method] = more.get(part.method, 0) + part.amount_minor
    return dict(sorted(more.items()))


def _into_drawer(event: CashMoved) -> int:
    return event.amount_minor if event.kind is CashMove.PAY_IN else -event.amount_minor


def _fold_entry(row: RegisterEntry, entry: AnyRecorded) -> None:
    event = entry.data
    row.happened_at, row.actor = entry.occurred_at, entry.actor
    match event:
        case ReceiptIssued():
            row.kind, row.number, row.shift = "receipt", event.number, event.shift
            row.amount_minor, row.by_method = event.total_minor, _sums(event.paid)
            row.document = event.document
        case ShiftOpened():
            row.kind, row.number, row.shift = "shift_opened", event.shift, event.shift
            row.amount_minor, row.by_method = event.float_minor, {DRAWER: event.float_minor}
        case CashMoved():
            row.kind, row.shift, row.reason = event.kind.value, event.shift, event.reason
            row.amount_minor = _into_drawer(event)
            row.by_method = {DRAWER: row.amount_minor}
        case DrawerCounted():
            row.kind, row.shift, row.by_method = "counted", event.shift, _sums(event.counted)
            row.amount_minor = sum(row.by_method.values())
        case OverShortFound():
            row.kind, row.shift = "over_short", event.shift
            row.by_method = {each.method: each.over_minor for each in event.differences}
            row.amount_minor = sum(row.by_method.values())
        case BasketVoided():
            row.kind, row.shift, row.amount_minor = "void", event.shift, event.amount_minor
            row.document, row.reason = event.void_id, event.reason
        case ShiftClosed():
            row.kind, row.number, row.shift = "shift_closed", event.shift, event.shift
            row.amount_minor, row.by_method = event.totals.total_minor, _sums(event.takings)
        case _:
            row.kind, row.number = f"{event.period.value}_closed", event.number
            row.amount_minor = event.totals.total_minor


def _fold_shift(row: RegisterShift, event: object) -> None:
    match event:
        case ReceiptIssued() if row.closed_at is None:
            row.receipts += 1
            row.sales_minor += max(event.total_minor, 0)
            row.refunds_minor += max(-event.total_minor, 0)
            taken = sum(part.amount_minor for part in event.paid)
            row.loaded_minor += event.loaded_minor
            row.rounding_minor += taken - event.total_minor - event.loaded_minor
            row.takings = _add(row.takings, event.paid)
        case ReceiptIssued():
            row.late_receipts += 1
            row.late_minor += event.total_minor
            row.late_takings = _add(row.late_takings, event.paid)
        case CashMoved() if row.closed_at is not None:
            moved = MethodSum(method=DRAWER, amount_minor=_into_drawer(event))
            row.late_takings = _add(row.late_takings, (moved,))
        case CashMoved(kind=CashMove.PAY_IN):
            row.paid_in_minor += event.amount_minor
        case CashMoved(kind=CashMove.PAY_OUT):
            row.paid_out_minor += event.amount_minor
        case CashMoved():
            row.dropped_minor += event.amount_minor
        case BasketVoided() if row.closed_at is None:
            row.voids += 1
            row.voided_minor += event.amount_minor
        case BasketVoided():
            row.late_voids += 1
        case ShiftOpened():
            row.currency, row.opened_at, row.float_minor = event.currency, event.opened_at, event.float_minor
        case OverShortFound():
            row.over_short = {each.method: each.over_minor for each in event.differences}
        case ShiftClosed():
            row.closed_at, row.counted = event.closed_at, _sums(event.counted)
        case _:
            pass


REGISTER_JOURNAL = Table("register_journal", RegisterEntry, keys=3, fold=_fold_entry)
REGISTER_SHIFTS = Table("register_shifts", RegisterShift, keys=3, fold=_fold_shift)


class RegisterJournal:
    """Keyed by register and its entry's number; fed by everything that happens at a till."""

    name = "register_journal"
    version = 2
    tables = (REGISTER_JOURNAL, REGISTER_SHIFTS)
    events = (
        ReceiptIssued,
        ShiftOpened,
        CashMoved,
        DrawerCounted,
        OverShortFound,
        ShiftClosed,
        BasketVoided,
        PeriodClosed,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The entry's row, and that of the shift in which it happened."""
        event = entry.data
        register = (event.store_id, event.register_id)
        yield REGISTER_JOURNAL.change((*register, entry.version), entry)
        if not isinstance(event, PeriodClosed | DrawerCounted) and event.shift:
            yield REGISTER_SHIFTS.change((*register, event.shift), event)
