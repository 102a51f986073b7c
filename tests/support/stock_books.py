"""The books of a shop's stock, kept beside its states: what the ledger says, and what the read models say.

Each fact is posted once, as the projector would, so that a machine may look after every step.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.inventory.cost import CostAdjusted, CostCause
from domain.inventory.movement import Place, StockMoved, shares_of
from domain.kernel.event import AnyRecorded, Recorded
from projections.kernel.table import Key, Table
from projections.stock_ledger.fold import STOCK_LEDGER, StockEntry, StockLedger
from projections.stock_levels.fold import STOCK_LEVELS, StockLevel, StockLevels
from projections.transfer_board.fold import TRANSFERS, TransferBoard, TransferRow
from tests.support.decisions import Fact

Item = tuple[str, str]
"""A store and a SKU."""
LOST = (Place.WASTE.value, Place.COUNT_DIFFERENCE.value, Place.DONATED.value)
PROJECTIONS = (StockLedger(), StockLevels(), TransferBoard())


class Sums(NamedTuple):
    """What a store holds of a SKU, and what that is worth in all."""

    on_hand: int
    held: int
    value_minor: int


class StockBooks:
    """Sums by store, SKU and place, and the read models' rows."""

    def __init__(self) -> None:
        self.position = 0
        self.quantity: Counter[tuple[str, str, Place]] = Counter()
        self.value: Counter[tuple[str, str, Place]] = Counter()
        self.expense: Counter[Item] = Counter()
        """What costs turned out to be, less what a bill pays of it."""
        self.tables: dict[Table[Any, Any], dict[Key, Any]] = {
            table: {} for projection in PROJECTIONS for table in projection.tables
        }
        self._entries: dict[Item, dict[Key, StockEntry]] = {}

    def post(self, facts: Iterable[Fact], occurred_at: datetime, recorded_at: datetime) -> None:
        """Writes facts down, in their order."""
        for stream, event in facts:
            self.position += 1
            entry = Recorded(
                occurred_at=occurred_at,
                recorded_at=recorded_at,
                actor="law",
                channel="till",
                command_id="c",
                correlation_id="c",
                data=event,
                position=self.position,
                stream=stream,
            )
            self._sum(entry)
            for projection in PROJECTIONS:
                if type(event) in projection.events:
                    for table, key, delta in projection.changes(entry):
                        row = self.tables[table].setdefault(key, table.row(*key))
                        table.fold(row, delta)
                        if table is STOCK_LEDGER:
                            self._entries.setdefault((row.store_id, row.sku), {})[key] = row

    def _sum(self, entry: AnyRecorded) -> None:
        event = entry.data
        if isinstance(event, StockMoved):
            shares = shares_of(event)
            assert sum(share.quantity for share in shares) == event.quantity
            assert sum(share.cost_minor for share in shares) == event.cost_minor
            for place, sign in ((event.from_, -1), (event.to, 1)):
                self.quantity[event.store_id, event.sku, place] += sign * event.quantity
                self.value[event.store_id, event.sku, place] += sign * event.cost_minor
        elif isinstance(event, CostAdjusted):
            item = event.store_id, event.sku
            self.value[*item, Place.SHELF] += event.stock_minor
            self.value[*item, Place.QUARANTINE] += event.held_minor
            self.expense[item] += event.variance_minor
            if event.cause is not CostCause.BELOW_ZERO:
                self.expense[item] -= event.stock_minor + event.held_minor + event.variance_minor

    def over_all_places(self, item: Item) -> tuple[int, int]:
        """Units and money over all places and what costs turned out to be: nothing comes from nowhere."""
        return (
            sum(self.quantity[*item, place] for place in Place),
            sum(self.value[*item, place] for place in Place) + self.expense[item],
        )

    def entries(self, item: Item) -> Iterable[StockEntry]:
        """The rows of stock_ledger of a store's SKU."""
        return self._entries.get(item, {}).values()

    def level(self, item: Item) -> StockLevel:
        """The row of stock_levels."""
        return self.tables[STOCK_LEVELS].get(item) or StockLevel(*item)

    def transfers(self) -> Iterable[TransferRow]:
        """The rows of transfer_board."""
        return self.tables[TRANSFERS].values()

    def sums(self, item: Item, position: int) -> Sums:
        """As stock_ledger has it up to a position."""
        rows = [row for row in self.entries(item) if row.position <= position]
        return Sums(
            sum(row.on_hand for row in rows),
            sum(row.held for row in rows),
            sum(row.value_minor for row in rows),
        )

    def by_lot(self, item: Item) -> Counter[str]:
        """What is on hand of which lot, as stock_ledger has it."""
        found = Counter[str]()
        for row in self.entries(item):
            found[row.lot or ""] += row.on_hand
        return found

    def losses(self, store_id: str, day: date, time_zone: str) -> dict[tuple[str, str], int]:
        """What was lost of a store's goods by place and cause, as recorded on a day."""
        found = Counter[tuple[str, str]]()
        for row in self.tables[STOCK_LEDGER].values():
            there, back = row.to_place in LOST, row.from_place in LOST
            assert row.recorded_at is not None
            today = row.recorded_at.astimezone(ZoneInfo(time_zone)).date()
            if row.store_id == store_id and there != back and today == day:
                place = row.to_place if there else row.from_place
                found[place, row.cause or ""] += row.cost_minor if there else -row.cost_minor
        return {key: cost for key, cost in found.items() if cost}
