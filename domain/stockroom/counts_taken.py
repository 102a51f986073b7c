"""What employees count, and what is counted again. What the book says plays no part in it."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.counts.count import (
    COUNT,
    Count,
    CountApproved,
    CountedLine,
    CountItem,
    CountStarted,
    Found,
    LinesCounted,
    RecountAsked,
    RecountBy,
)
from domain.counts.refusals import CountedTooEarly, NotInCount, RecountByAnother
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import Money
from domain.kernel.stream import States
from domain.stockroom.counts import MAX_LINES, CountProgress, check_number, require_open
from domain.stores.store import STORE, Store, require_location


class LineToCount(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of a SKU: in all, or of a lot ("": of none), or at a location, as the count has it.

    Without `counted_at` it was counted just now.
    """

    sku: str
    quantity: int
    lot: str | None = None
    location: str | None = None
    counted_at: datetime | None = None


class CountLines(Command, frozen=True, kw_only=True):
    """Notes what somebody found. The answer is the same whatever the book says."""

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str
    counted_by: str
    lines: tuple[LineToCount, ...]

    def streams(self) -> Iterable[str]:
        yield COUNT.stream(self.count_id)
        yield STORE.stream(self.store_id)
        for line in self.lines:
            if line.lot:
                yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        count, started = require_open(states, self.store_id, self.count_id)
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"Count 1 to {MAX_LINES} lines at a time.", lines=len(self.lines))
        store = states.require(STORE, self.store_id)
        lines = tuple(self._line(states, at, count, started, store, line) for line in self.lines)
        _check_parts(count, lines)
        counted = LinesCounted(count_id=self.count_id, counted_by=self.counted_by, lines=lines)
        result = CountProgress(count_id=self.count_id, status=count.status.value, left=len(count.items))
        return Decision(events=((COUNT.stream(self.count_id), counted),), result=result)

    def _line(
        self,
        states: States,
        at: Moment,
        count: Count,
        started: CountStarted,
        store: Store,
        line: LineToCount,
    ) -> CountedLine:
        item = _require_item(count, line.sku)
        if line.quantity < 0:
            raise InvalidCommand("quantity is zero or more.", sku=line.sku)
        self._check_counter(started, item, line.sku)
        location = started.location if line.location is None else line.location
        if started.location is not None and location != started.location:
            raise InvalidCommand(f"Only {started.location!r} is being counted.", sku=line.sku)
        require_location(store, location)
        self._check_lot(states, line)
        now = min(at.occurred_at, at.recorded_at)
        counted_at = now if line.counted_at is None else min(line.counted_at, at.recorded_at)
        if counted_at < item.opened_at:
            raise CountedTooEarly(
                f"{line.sku!r} was counted before it was in the count. Count it again.",
                sku=line.sku,
                opened_at=item.opened_at.isoformat(),
            )
        return CountedLine(
            sku=line.sku, lot=line.lot, location=location, quantity=line.quantity, counted_at=counted_at
        )

    def _check_counter(self, started: CountStarted, item: CountItem, sku: str) -> None:
        if item.recounts and started.recount_by is RecountBy.ANOTHER and self.counted_by in item.before:
            raise RecountByAnother(
                f"{sku!r} is to be counted again by somebody else. Have a colleague count it.", sku=sku
            )

    def _check_lot(self, states: States, line: LineToCount) -> None:
        if not line.lot:
            return
        parts = states.of(STOCK_ITEM, item_id(self.store_id, line.sku)).parts
        if parts is None or line.lot not in parts.lots:
            raise NotFound(
                f"There is no lot {line.lot!r} of {line.sku!r}. Check the lot.", kind="lot", id=line.lot
            )


def _require_item(count: Count, sku: str) -> CountItem:
    item = count.items.get(sku)
    if item is None:
        raise NotInCount(f"{sku!r} is not in the count. Add it, or start another.", skus=[sku])
    return item


def _check_parts(count: Count, lines: tuple[CountedLine, ...]) -> None:
    """InvalidCommand where what is counted of an item would overlap, or is told twice."""
    parts: dict[str, list[CountedLine | Found]] = {line.sku: [] for line in lines}
    if len({(line.sku, line.lot, line.location) for line in lines}) < len(lines):
        raise InvalidCommand("What is counted stands in one line: add up what you found.")
    for line in lines:
        parts[line.sku].append(line)
    for sku, counted in parts.items():
        counted += count.items[sku].found
        if len({(each.lot is None, each.location is None) for each in counted}) > 1:
            raise InvalidCommand(
                f"Count all of {sku!r}, or each of its lots or locations. Ask for a recount to change that.",
                sku=sku,
            )


class AskRecount(Command, frozen=True, kw_only=True):
    """Has items counted again: what was found of them is set aside."""

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str
    skus: tuple[str, ...]

    def streams(self) -> Iterable[str]:
        return (COUNT.stream(self.count_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        count, _ = require_open(states, self.store_id, self.count_id)
        check_number(self.skus)
        if strangers := [sku for sku in self.skus if sku not in count.items]:
            raise NotInCount("These are not in the count, or not any more.", skus=strangers)
        asked = RecountAsked(count_id=self.count_id, skus=self.skus)
        result = CountProgress(count_id=self.count_id, status=count.status.value, left=len(count.items))
        return Decision(events=((COUNT.stream(self.count_id), asked),), result=result)


class ApproveCount(Command, frozen=True, kw_only=True):
    """Stands up for the differences of a count, so that somebody else may post them."""

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str
    approved_by: str
    up_to: Money

    def streams(self) -> Iterable[str]:
        return (COUNT.stream(self.count_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        count, started = require_open(states, self.store_id, self.count_id)
        if self.up_to.currency != started.currency:
            raise CurrencyMismatch(
                f"The store keeps its books in {started.currency}.", currency=self.up_to.currency
            )
        if self.up_to.amount < 0:
            raise InvalidCommand("up_to is zero or more.")
        approved = CountApproved(
            count_id=self.count_id, approved_by=self.approved_by, up_to_minor=self.up_to.amount
        )
        result = CountProgress(count_id=self.count_id, status=count.status.value, left=len(count.items))
        return Decision(events=((COUNT.stream(self.count_id), approved),), result=result)
