"""alerts: a row an alert; alert_items: what is open of an item.

alert_thresholds: a row an item, product ('' for the store), store ('' for the SKU) and one for all (both '');
alert_digests: a row a store, up to where everything was told.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from domain.alerts.alert import AlertAcknowledged, AlertCleared, AlertRaised
from domain.alerts.digest import AlertsTold
from domain.alerts.policy import AlertThresholdsSet
from domain.alerts.rules import key_of
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class AlertRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """An alert as it was raised, at `position`, and what became of it."""

    store_id: str
    sku: str
    number: int
    kind: str = ""
    lot: str | None = None
    figure: int = 0
    threshold: int = 0
    quantity: int = 0
    day: date | None = None
    sell_by: date | None = None
    position: int = 0
    raised_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None
    cleared_at: datetime | None = None
    cleared_figure: int | None = None


class AlertItem(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """The numbers of the open alerts, by kind and lot."""

    store_id: str
    sku: str
    open: dict[str, int] = {}


class ThresholdsRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """Thresholds as JSON, or none."""

    store_id: str
    sku: str
    thresholds: str | None = None


class DigestRow(msgspec.Struct, frozen=False, kw_only=False, gc=False):
    """When the store was told of its alerts last, and up to which position."""

    store_id: str
    up_to: int = 0
    told_at: datetime | None = None


def _fold_alert(row: AlertRow, entry: AnyRecorded) -> None:
    match event := entry.data:
        case AlertRaised():
            row.kind, row.lot = event.kind.value, event.lot or None
            row.figure, row.threshold, row.quantity = event.figure, event.threshold, event.quantity
            row.day, row.sell_by = event.day, event.sell_by
            row.position, row.raised_at = entry.position, entry.recorded_at
        case AlertAcknowledged():
            row.acknowledged_at, row.acknowledged_by = entry.recorded_at, entry.actor
            row.note = event.note
        case AlertCleared():
            row.cleared_at, row.cleared_figure = entry.recorded_at, event.figure
        case _:
            pass


def _fold_item(row: AlertItem, event: AlertRaised | AlertCleared) -> None:
    key = key_of(event.kind, event.lot)
    if isinstance(event, AlertRaised):
        row.open[key] = event.number
    else:
        row.open.pop(key, None)


def _fold_thresholds(row: ThresholdsRow, event: AlertThresholdsSet) -> None:
    said = event.thresholds
    row.thresholds = None if said is None else msgspec.json.encode(said).decode()


def _fold_digest(row: DigestRow, entry: AnyRecorded) -> None:
    row.up_to, row.told_at = entry.data.up_to, entry.recorded_at


ALERT_ROWS = Table("alerts", AlertRow, keys=3, fold=_fold_alert)
ALERT_ITEMS = Table("alert_items", AlertItem, keys=2, fold=_fold_item)
ALERT_THRESHOLDS = Table("alert_thresholds", ThresholdsRow, keys=2, fold=_fold_thresholds)
ALERT_DIGESTS = Table("alert_digests", DigestRow, keys=1, fold=_fold_digest)


class StockAlerts:
    """Fed by alerts, their thresholds and digests."""

    name = "stock_alerts"
    version = 1
    tables = (ALERT_ROWS, ALERT_ITEMS, ALERT_THRESHOLDS, ALERT_DIGESTS)
    events = (
        AlertThresholdsSet,
        AlertRaised,
        AlertAcknowledged,
        AlertCleared,
        AlertsTold,
    )

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The alert's row and its item's, or what was set."""
        event = entry.data
        match event:
            case AlertThresholdsSet():
                yield ALERT_THRESHOLDS.change((event.store_id or "", event.sku or ""), event)
            case AlertsTold():
                yield ALERT_DIGESTS.change((event.store_id,), entry)
            case _:
                yield ALERT_ROWS.change((event.store_id, event.sku, event.number), entry)
                if not isinstance(event, AlertAcknowledged):
                    yield ALERT_ITEMS.change((event.store_id, event.sku), event)
