"""Laws of counts while the shop sells, whatever is told late and whatever is posted in whatever order.

What the book says of an instant at which all of an item was counted is what was counted, once it is posted.
The ledger's own laws hold at every step: goods and money are conserved, under the moving average and FIFO.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain.counts.count import COUNT, CountKind, CountPosted, CountStatus, PostedLine, RecountBy, Tolerance
from domain.inventory.cost import CostMethod
from domain.inventory.counted import Counts
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import Parts
from domain.kernel.command import Command
from domain.stockroom.counts import AddToCount, CancelCount, StartCount
from domain.stockroom.counts_posted import PostCount
from domain.stockroom.counts_taken import AskRecount, CountLines, LineToCount
from tests.domain.stockroom.test_ledger_machine import BACK, LAWS, LOTS, PICK, QUANTITY, SKU, SKUS, Ledger

NEAR = Tolerance(pieces=10**9, weight_g=10**9)


class CountedLedger(Ledger):
    """The ledger's game, in which every step takes a minute and what it tells may be of earlier.

    The first store counts, and the other one does not.
    """

    def __init__(self) -> None:
        self.late_min = 0
        self.moved: list[tuple[StockMoved, datetime]] = []
        self.open: list[str] = []
        super().__init__()
        self.start()

    def do(self, command: Command, occurred_at: datetime | None = None) -> bool:
        self.now += timedelta(minutes=1)
        then = occurred_at or self.now - timedelta(minutes=self.late_min)
        before = len(self.shop.facts)
        done = super().do(command, then)
        for _, event in self.shop.facts[before:]:
            if isinstance(event, StockMoved) and event.store_id == "s1":
                self.moved.append((event, event.moved_at or then))
        return done

    def now_do(self, command: Command) -> bool:
        late, self.late_min = self.late_min, 0
        done = self.do(command)
        self.late_min = late
        return done

    @rule()
    def start(self) -> None:
        if len(self.open) < 3:
            count_id = self.next("c")
            start = StartCount(
                count_id=count_id,
                store_id="s1",
                kind=CountKind.SPOT,
                tolerance=NEAR,
                recount_by=RecountBy.ANYONE,
            )
            assert self.now_do(start)
            assert self.now_do(AddToCount(count_id=count_id, store_id="s1", skus=SKUS))
            self.open.append(count_id)

    @rule(sku=SKU, pick=PICK, quantity=QUANTITY, how=st.sampled_from(("all", "all", "lot", "place")))
    def find(self, sku: str, pick: int, quantity: int, how: str) -> None:
        if not self.open:
            return
        lots = list((self.item("s1", sku).parts or Parts()).lots)
        line = LineToCount(
            sku=sku,
            quantity=quantity,
            lot=["", *lots][pick % (len(lots) + 1)] if how == "lot" else None,
            location=("", BACK)[pick % 2] if how == "place" else None,
            counted_at=self.now - timedelta(minutes=pick % 2),
        )
        count_id = self.open[pick % len(self.open)]
        self.now_do(AskRecount(count_id=count_id, store_id="s1", skus=(sku,)))
        self.now_do(CountLines(count_id=count_id, store_id="s1", counted_by="person:ann", lines=(line,)))

    @rule(pick=PICK)
    def post(self, pick: int) -> None:
        if not self.open:
            return
        count_id = self.open[pick % len(self.open)]
        named: tuple[str, ...] = ()
        if pick % 3 == 0:
            items = self.shop.state(COUNT, count_id).items
            named = tuple(sku for sku, item in items.items() if item.found)[:1]
        post = PostCount(
            count_id=count_id, store_id="s1", posted_by="person:ben", skus=named, leave_uncounted=True
        )
        assert self.now_do(post)
        if self.shop.state(COUNT, count_id).status is CountStatus.POSTED:
            self.open.remove(count_id)

    @rule(sku=SKU, quantity=QUANTITY, other=QUANTITY, waits=st.booleans())
    def count_one(self, sku: str, quantity: int, other: int, waits: bool) -> None:
        """All of an item, while it sells; posted at once or with what else is open."""
        self.start()
        count_id = self.open[-1]
        self.now_do(AskRecount(count_id=count_id, store_id="s1", skus=(sku,)))
        counted_at = self.now
        self.sell("s1", sku, other, "rice")
        line = LineToCount(sku=sku, quantity=quantity, counted_at=counted_at)
        assert self.now_do(
            CountLines(count_id=count_id, store_id="s1", counted_by="person:ann", lines=(line,))
        )
        if not waits:
            self.post(1)
            self.something_is_told_late(sku, other, 5 + quantity, None, quantity)

    @rule(sku=SKU, quantity=QUANTITY, late=st.integers(1, 60), lot=LOTS, pick=PICK)
    def something_is_told_late(self, sku: str, quantity: int, late: int, lot: str | None, pick: int) -> None:
        self.late_min = late
        match pick % 4:
            case 0:
                self.receive("s1", sku, quantity, 100 + pick, lot, 5, back=pick % 8 == 0)
            case 1:
                self.carry("s1", sku, quantity, pick, back=pick % 8 == 1)
            case _:
                self.sell("s1", sku, quantity, "rice")
        self.late_min = 0

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        if self.open and pick % 4 == 0:
            count_id = self.open.pop(pick % len(self.open))
            assert self.now_do(CancelCount(count_id=count_id, store_id="s1"))

    @invariant()
    def the_book_of_the_instant_is_what_was_counted(self) -> None:
        for line in self.counted_in_all():
            book = sum(
                moved.quantity * ((moved.to is Place.SHELF) - (moved.from_ is Place.SHELF))
                for moved, moved_at in self.moved
                if moved.sku == line.sku and moved_at <= line.counted_at
            )
            assert book == line.counted

    def counted_in_all(self) -> list[PostedLine]:
        """What was posted of whole items and is still remembered."""
        remembered = {
            (sku, each.count) for sku in SKUS for each in (self.item("s1", sku).counts or Counts()).counted
        }
        return [
            line
            for posted in self.shop.events(CountPosted)
            for line in posted.lines
            if line.lot is None and line.location is None and (line.sku, posted.count_id) in remembered
        ]

    @invariant()
    def only_an_item_in_a_count_keeps_what_moves(self) -> None:
        for sku in SKUS:
            counts = self.item("s1", sku).counts
            assert counts is None or bool(counts.open) or not counts.shifts


class CountedFifoLedger(CountedLedger):
    """The same, valued first in, first out from the beginning."""

    method: ClassVar = CostMethod.FIFO


TestCountedLedger = CountedLedger.TestCase
TestCountedLedger.settings = LAWS
TestCountedFifoLedger = CountedFifoLedger.TestCase
TestCountedFifoLedger.settings = LAWS
