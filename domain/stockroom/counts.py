"""Starting a count, adding items to it and calling it off: an item is told that it is being counted.

Some hundred items at a time, so that the shop's sales never wait for a count of the whole store.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT
from domain.counts.count import (
    COUNT,
    Count,
    CountCancelled,
    CountItemsAdded,
    CountKind,
    CountStarted,
    CountStatus,
    RecountBy,
    Tolerance,
)
from domain.counts.refusals import CountEnded
from domain.inventory.counted import CountClosed, CountedPart, CountOpened
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from domain.kernel.stream import States
from domain.stores.store import STORE, require_location

MAX_LINES = 500
MAX_ITEMS = 20_000


class CountProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to who changes a count: where it stands, and how many items are still in it."""

    count_id: str
    status: str
    left: int


def require_count(states: States, store_id: str, count_id: str) -> tuple[Count, CountStarted]:
    """A store's count, over or not; or NotFound."""
    count = states.require(COUNT, count_id)
    assert count.started is not None
    if count.started.store_id != store_id:
        raise NotFound("The store has no such count. Check the ids.", kind="count", id=count_id)
    return count, count.started


def require_open(states: States, store_id: str, count_id: str) -> tuple[Count, CountStarted]:
    """A store's count that goes on; or CountEnded."""
    count, started = require_count(states, store_id, count_id)
    if count.status is not CountStatus.OPEN or count.cancelling:
        status = "cancelled" if count.cancelling else count.status.value
        raise CountEnded(f"The count is {status}. Start another.", count_id=count_id, status=status)
    return count, started


def check_number(skus: Sequence[str], most: int = MAX_LINES) -> None:
    """InvalidCommand unless there are some, not too many, each once."""
    if not 0 < len(skus) <= most or len(set(skus)) < len(skus):
        raise InvalidCommand(f"Name 1 to {most} items, each once.", items=len(skus))


def closing(store_id: str, sku: str, count_id: str, parts: tuple[CountedPart, ...]) -> tuple[str, Event]:
    """The item's own event of the end of its count."""
    closed = CountClosed(store_id=store_id, sku=sku, count=count_id, counted=parts)
    return STOCK_ITEM.stream(item_id(store_id, sku)), closed


class StartCount(Command, frozen=True, kw_only=True):
    """Starts a count. Its items are added afterwards."""

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str
    kind: CountKind
    blind: bool = True
    location: str | None = None
    tolerance: Tolerance = Tolerance()
    recount_by: RecountBy = RecountBy.ANOTHER
    approve_above: Money | None = None

    def streams(self) -> Iterable[str]:
        yield COUNT.stream(self.count_id)
        yield STORE.stream(self.store_id)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = COUNT.stream(self.count_id)
        states.require_absent(stream)
        store = states.require(STORE, self.store_id)
        require_location(store, self.location)
        if self.approve_above is not None and self.approve_above.currency != store.currency:
            raise CurrencyMismatch(
                f"The store keeps its books in {store.currency}.", currency=self.approve_above.currency
            )
        started = CountStarted(
            count_id=self.count_id,
            store_id=self.store_id,
            kind=self.kind,
            currency=store.currency,
            blind=self.blind,
            location=self.location,
            tolerance=self.tolerance,
            recount_by=self.recount_by,
            approve_above_minor=None if self.approve_above is None else self.approve_above.amount,
        )
        result = CountProgress(count_id=self.count_id, status=CountStatus.OPEN.value, left=0)
        return Decision(events=((stream, started),), result=result)


class AddToCount(Command, frozen=True, kw_only=True):
    """Adds items to a count. Those that are in it already stay as they are."""

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str
    skus: tuple[str, ...]

    def streams(self) -> Iterable[str]:
        yield COUNT.stream(self.count_id)
        for sku in self.skus:
            yield PRODUCT.stream(sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, sku))

    def decide(self, states: States, at: Moment) -> Decision:
        count, _ = require_open(states, self.store_id, self.count_id)
        check_number(self.skus)
        new = tuple(sku for sku in self.skus if sku not in count.items)
        if len(count.items) + len(new) > MAX_ITEMS:
            raise InvalidCommand(f"A count has up to {MAX_ITEMS} items. Start another for the others.")
        weighed: list[str] = []
        events: list[tuple[str, Event]] = []
        for sku in new:
            product = states.require(PRODUCT, sku)
            if not product.stocked:
                raise InvalidCommand(f"{sku!r} is a service and holds no stock.", sku=sku)
            if product.unit == Unit.GRAM:
                weighed.append(sku)
            opened = CountOpened(store_id=self.store_id, sku=sku, count=self.count_id)
            events.append((STOCK_ITEM.stream(item_id(self.store_id, sku)), opened))
        if new:
            added = CountItemsAdded(
                count_id=self.count_id, skus=new, opened_at=at.recorded_at, weighed=tuple(weighed)
            )
            events.insert(0, (COUNT.stream(self.count_id), added))
        result = CountProgress(
            count_id=self.count_id, status=count.status.value, left=len(count.items) + len(new)
        )
        return Decision(events=tuple(events), result=result)


class CancelCount(Command, frozen=True, kw_only=True):
    """Calls a count off, some hundred items at a time: nothing is counted from the first time on.

    What was posted before stays posted. When no item is left, it is over.
    """

    RESULT: ClassVar = CountProgress

    count_id: str
    store_id: str

    def streams(self) -> Iterable[str]:
        return (COUNT.stream(self.count_id),)

    def linked(self, states: States) -> Iterable[str]:
        for sku in self._batch(states.of(COUNT, self.count_id)):
            yield STOCK_ITEM.stream(item_id(self.store_id, sku))

    def decide(self, states: States, at: Moment) -> Decision:
        count, _ = require_count(states, self.store_id, self.count_id)
        if count.status is not CountStatus.OPEN:
            status = count.status.value
            raise CountEnded(f"The count is {status}.", count_id=self.count_id, status=status)
        skus = self._batch(count)
        left = len(count.items) - len(skus)
        status = CountStatus.OPEN if left else CountStatus.CANCELLED
        cancelled = CountCancelled(count_id=self.count_id, skus=skus, last=not left)
        events = [
            (COUNT.stream(self.count_id), cancelled),
            *(closing(self.store_id, sku, self.count_id, ()) for sku in skus),
        ]
        result = CountProgress(count_id=self.count_id, status=status.value, left=left)
        return Decision(events=tuple(events), result=result)

    def _batch(self, count: Count) -> tuple[str, ...]:
        return tuple(count.items)[:MAX_LINES]
