"""Posting a count: its differences become movements, some hundred items at a time."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.counts.count import COUNT, Count, CountItem, CountPosted, CountStarted, CountStatus, PostedLine
from domain.counts.refusals import CountUnapproved, NotCounted, NotInCount, RecountNeeded
from domain.inventory.counted import CountedPart
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.stockroom.counts import check_number, closing, require_open
from domain.stockroom.counts_compared import Difference, differences

MAX_POSTED = 200
"""A posting compares and writes some events an item: sales wait for no more than some ten milliseconds."""


class CountBooked(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a posting: what was posted this time, and how many items are still in the count."""

    count_id: str
    status: str
    currency: str
    lines: tuple[PostedLine, ...]
    uncounted: tuple[str, ...]
    left: int


class PostCount(Command, frozen=True, kw_only=True):
    """Books what was counted, two hundred items at a time; or of the named items, which all are counted.

    With `leave_uncounted` items that nobody counted leave the count when all others have, as the book has
    them. When no item is left, the count is over.
    """

    RESULT: ClassVar = CountBooked

    count_id: str
    store_id: str
    posted_by: str
    skus: tuple[str, ...] = ()
    leave_uncounted: bool = False

    def streams(self) -> Iterable[str]:
        return (COUNT.stream(self.count_id),)

    def linked(self, states: States) -> Iterable[str]:
        for sku in self._batch(states.of(COUNT, self.count_id)):
            yield STOCK_ITEM.stream(item_id(self.store_id, sku))

    def decide(self, states: States, at: Moment) -> Decision:
        count, started = require_open(states, self.store_id, self.count_id)
        if self.skus:
            self._check_named(count)
        batch = self._batch(count)
        if not batch and count.items:
            raise NotCounted(
                "Nobody has counted the items that are left. Count them, or say leave_uncounted.",
                left=len(count.items),
            )
        lines: list[PostedLine] = []
        moves: list[tuple[str, Event]] = []
        again: list[str] = []
        for sku in batch:
            item = states.of(STOCK_ITEM, item_id(self.store_id, sku))
            found, events = differences(started, sku, count.items[sku], item)
            if any(each.recount_needed for each in found):
                again.append(sku)
            lines += (_posted(each) for each in found)
            stream = STOCK_ITEM.stream(item_id(self.store_id, sku))
            moves += ((stream, event) for event in events)
            moves.append(closing(self.store_id, sku, self.count_id, _parts(count.items[sku])))
        if again:
            raise RecountNeeded(
                "These are too far from the book. Have them counted again, then post.", skus=again
            )
        self._require_approved(count, started, lines)
        return self._decision(count, started, batch, lines, moves)

    def _batch(self, count: Count) -> Sequence[str]:
        if self.skus:
            return [sku for sku in self.skus if sku in count.items]
        counted = [sku for sku, item in count.items.items() if item.found]
        if self.leave_uncounted and len(counted) < MAX_POSTED:
            counted += [sku for sku, item in count.items.items() if not item.found]
        return counted[:MAX_POSTED]

    def _check_named(self, count: Count) -> None:
        check_number(self.skus, MAX_POSTED)
        if gone := [sku for sku in self.skus if sku not in count.items]:
            raise NotInCount("These are not in the count, or not any more.", skus=gone)
        if uncounted := [sku for sku in self.skus if not count.items[sku].found]:
            raise NotCounted("Nobody has counted these. Count them first.", skus=uncounted)

    def _require_approved(self, count: Count, started: CountStarted, lines: Sequence[PostedLine]) -> None:
        """CountUnapproved where what was posted, with these, is too much for one person."""
        limit = started.approve_above_minor
        needed = count.posted_minor + sum(abs(line.cost_minor) for line in lines)
        if limit is None or needed <= limit:
            return
        if count.approved_by is None or count.approved_minor < needed:
            raise CountUnapproved(
                "The differences come to more than may be posted alone. Have a second person approve them.",
                needed=needed,
                approved=count.approved_minor,
                currency=started.currency,
            )
        if count.approved_by == self.posted_by:
            raise CountUnapproved(
                "It takes a second person: nobody posts what they approved themselves.",
                needed=needed,
                approved=count.approved_minor,
                currency=started.currency,
            )

    def _decision(
        self,
        count: Count,
        started: CountStarted,
        batch: Sequence[str],
        lines: Sequence[PostedLine],
        moves: Sequence[tuple[str, Event]],
    ) -> Decision:
        left = len(count.items) - len(batch)
        uncounted = tuple(sku for sku in batch if not count.items[sku].found)
        posted = CountPosted(
            count_id=self.count_id,
            store_id=self.store_id,
            posted_by=self.posted_by,
            lines=tuple(lines),
            uncounted=uncounted,
            last=not left,
        )
        result = CountBooked(
            count_id=self.count_id,
            status=(CountStatus.OPEN if left else CountStatus.POSTED).value,
            currency=started.currency,
            lines=posted.lines,
            uncounted=uncounted,
            left=left,
        )
        return Decision(events=((COUNT.stream(self.count_id), posted), *moves), result=result)


def _posted(difference: Difference) -> PostedLine:
    found = difference.found
    return PostedLine(
        sku=difference.sku,
        lot=found.lot,
        location=found.location,
        counted=found.quantity,
        book=difference.book,
        difference=difference.difference,
        cost_minor=difference.cost_minor,
        counted_at=found.counted_at,
    )


def _parts(item: CountItem) -> tuple[CountedPart, ...]:
    return tuple(
        CountedPart(lot=each.lot, location=each.location, counted_at=each.counted_at) for each in item.found
    )
