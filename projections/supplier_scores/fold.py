"""supplier_scores: what was measured of each supplier, of all it delivers ('') and of each SKU.

Sums, from which means and deviations follow. They are counted by line, so that grams and pieces weigh alike;
shares are in basis points. Money is in the supplier's currency.
"""

from collections.abc import Iterable, Iterator

import msgspec

from domain.kernel.event import AnyRecorded
from domain.kernel.money import half_up
from domain.purchasing.order import PurchaseClosed, PurchaseReceived
from domain.purchasing.supplier import SupplierAdded, SupplierChanged
from domain.purchasing.supplier_return import GoodsCredited, GoodsReturned
from domain.purchasing.terms import TermsSet
from projections.kernel.table import Change, Table

WHOLE_BP = 10_000
MOST_CHANGE_BP = 10**8
"""A price that rose ten-thousandfold was no price before; sums of more would not fit into 64 bits."""
ALL = ""
"""Stands for all SKUs."""


class SupplierRow(msgspec.Struct, frozen=False, kw_only=False):
    """A supplier; `active` is 0 or 1."""

    supplier_id: str
    name: str = ""
    currency: str = ""
    active: int = 1


class SupplierScore(msgspec.Struct, frozen=False, kw_only=False):
    """Deliveries by line: which part was accepted at once. Of `arrivals` something became ours: days from
    sending to receipt, and how many of those that were `promised` came by that day.

    Closed lines: which part of what was ordered came. Terms: how often a price changed, and by how much in
    sum. Returns: lines that went back, what was claimed and credited.
    """

    supplier_id: str
    sku: str
    deliveries: int = 0
    lead_days: int = 0
    lead_days_squared: int = 0
    accepted_bp: int = 0
    closed: int = 0
    filled_bp: int = 0
    price_changes: int = 0
    price_change_bp: int = 0
    returned: int = 0
    claimed_minor: int = 0
    credited_minor: int = 0
    arrivals: int = 0
    promised: int = 0
    on_time: int = 0


def _fold_supplier(row: SupplierRow, event: SupplierAdded | SupplierChanged) -> None:
    if isinstance(event, SupplierAdded):
        row.name, row.currency = event.name, event.currency
        return
    row.name = row.name if event.name is None else event.name
    row.active = row.active if event.active is None else int(event.active)


def _add(row: SupplierScore, figures: dict[str, int]) -> None:
    for name, figure in figures.items():
        setattr(row, name, getattr(row, name) + figure)


SUPPLIERS = Table("suppliers", SupplierRow, keys=1, fold=_fold_supplier)
SCORES = Table("supplier_scores", SupplierScore, keys=2, fold=_add)


def _received(event: PurchaseReceived) -> Iterator[tuple[str, dict[str, int]]]:
    came: dict[str, tuple[int, int, int]] = {}
    for line in event.lines:
        accepted, taken, whole = came.get(line.sku, (0, 0, 0))
        whole += line.taken + line.rejected
        came[line.sku] = accepted + line.accepted, taken + line.taken, whole
    for sku, (accepted, taken, whole) in came.items():
        figures = {"deliveries": 1, "accepted_bp": half_up(accepted * WHOLE_BP, whole) if whole else 0}
        # What went back with the driver has not arrived: it would make the supplier faster than they are.
        yield sku, (figures | _arrived(event) if taken else figures)


def _arrived(event: PurchaseReceived) -> dict[str, int]:
    late = event.days_late
    return {
        "arrivals": 1,
        "lead_days": event.lead_days,
        "lead_days_squared": event.lead_days**2,
        "promised": int(late is not None),
        "on_time": int(late is not None and late <= 0),
    }


def _closed(event: PurchaseClosed) -> Iterator[tuple[str, dict[str, int]]]:
    for line in event.lines:
        if line.ordered:
            filled = half_up(min(line.received, line.ordered) * WHOLE_BP, line.ordered)
            yield line.sku, {"closed": 1, "filled_bp": filled}


def _repriced(event: TermsSet) -> Iterator[tuple[str, dict[str, int]]]:
    before, after = event.before_minor, event.terms.unit_cost_minor
    if before is not None and before != after:
        change = half_up((after - before) * WHOLE_BP, before) if before else WHOLE_BP
        yield event.sku, {"price_changes": 1, "price_change_bp": min(change, MOST_CHANGE_BP)}


def _returned(event: GoodsReturned) -> Iterator[tuple[str, dict[str, int]]]:
    for line in event.lines:
        yield line.sku, {"returned": 1, "claimed_minor": line.claimed_minor}


class SupplierScores:
    """Keyed by supplier and SKU; fed by deliveries, what became of orders, terms and returns."""

    name = "supplier_scores"
    version = 2
    tables = (SUPPLIERS, SCORES)
    events = (
        SupplierAdded,
        SupplierChanged,
        TermsSet,
        PurchaseReceived,
        PurchaseClosed,
        GoodsReturned,
        GoodsCredited,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The supplier's row, or the scores of each SKU and of all together."""
        event = entry.data
        match event:
            case SupplierAdded() | SupplierChanged():
                yield SUPPLIERS.change((event.supplier_id,), event)
                return
            case TermsSet():
                measured = _repriced(event)
            case PurchaseReceived():
                measured = _received(event)
            case PurchaseClosed():
                measured = _closed(event)
            case GoodsReturned():
                measured = _returned(event)
            case _:
                yield SCORES.change((event.supplier_id, ALL), {"credited_minor": event.amount_minor})
                return
        for sku, figures in measured:
            yield SCORES.change((event.supplier_id, sku), figures)
            yield SCORES.change((event.supplier_id, ALL), figures)
