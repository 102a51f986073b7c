"""Counts while the shop sells: the book of the instant, recounts, approvals, and what is told late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.counts.count import (
    COUNT,
    CountKind,
    CountPosted,
    CountStarted,
    CountStatus,
    PostedLine,
    RecountBy,
    Tolerance,
)
from domain.counts.refusals import (
    CountedTooEarly,
    CountEnded,
    CountUnapproved,
    NotCounted,
    NotInCount,
    RecountByAnother,
    RecountNeeded,
)
from domain.inventory.cost import CostMethod
from domain.inventory.counted import held_in, whereabouts
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import at_location
from domain.inventory.policy import SetStockPolicy
from domain.inventory.stock_item import STOCK_ITEM, StockItem
from domain.kernel.command import Command, Decision
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.kernel.money import Money
from domain.stockroom.booking import MoveKind, MoveLine
from domain.stockroom.counts import AddToCount, CancelCount, CountProgress, StartCount
from domain.stockroom.counts_posted import MAX_POSTED, CountBooked, PostCount
from domain.stockroom.counts_taken import ApproveCount, AskRecount, CountLines, LineToCount
from domain.stockroom.moves import MoveStock
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stores.store import StoreChanged
from tests.support.decisions import Fact, Outcome, Shop, at
from tests.support.facts import a_store, by_gram, by_piece, check_out, received, take_back
from tests.support.purchasing import yuan

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN, ELEVEN, NOON = (NINE + timedelta(hours=hours) for hours in (1, 2, 3))
HALF_PAST_NINE, HALF_PAST_TEN = NINE + timedelta(minutes=30), TEN + timedelta(minutes=30)
ANN, BEN, CHO = "person:ann", "person:ben", "person:cho"
BACK = "back room"
WIDE = Tolerance(pieces=1_000, weight_g=1_000_000)
SOON, LATER = date(2026, 3, 9), date(2026, 3, 19)


class Store:
    """A store with 100 apples at 3.00, and what is done in it, each at its time."""

    def __init__(self, *facts: Fact) -> None:
        self.shop = Shop(a_store(), by_piece("apple", 0), by_piece("pear"), by_gram("cherry"))
        self.shop.record([("store-s1", StoreChanged(store_id="s1", locations=(BACK,)))])
        self.shop.record(facts or [received("apple", 100, 30_000)])
        self.sales = 0

    def do(self, command: Command, occurred_at: datetime, recorded_at: datetime | None = None) -> Decision:
        outcome = self.shop.do(command, at(occurred_at, recorded_at))
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def tried(self, command: Command, occurred_at: datetime = ELEVEN) -> Outcome:
        return Outcome(self.shop.do(command, at(occurred_at)))

    def start(
        self,
        *skus: str,
        count_id: str = "c1",
        opened_at: datetime = NINE,
        tolerance: Tolerance = WIDE,
        recount_by: RecountBy = RecountBy.ANOTHER,
        approve_above: Money | None = None,
        location: str | None = None,
    ) -> None:
        start = StartCount(
            count_id=count_id,
            store_id="s1",
            kind=CountKind.SPOT,
            location=location,
            tolerance=tolerance,
            recount_by=recount_by,
            approve_above=approve_above,
        )
        self.do(start, opened_at)
        self.do(AddToCount(count_id=count_id, store_id="s1", skus=skus or ("apple",)), opened_at)

    def sell(self, quantity: int, sold_at: datetime, told_at: datetime | None = None) -> Decision:
        self.sales += 1
        return self.do(check_out(("apple", quantity), sale_id=f"x{self.sales}"), sold_at, told_at)

    def find(self, *lines: LineToCount, by: str = ANN, at_: datetime = TEN, count_id: str = "c1") -> Decision:
        return self.do(CountLines(count_id=count_id, store_id="s1", counted_by=by, lines=lines), at_)

    def apples(
        self, quantity: int, counted_at: datetime = TEN, lot: str | None = None, location: str | None = None
    ) -> LineToCount:
        return LineToCount(sku="apple", quantity=quantity, counted_at=counted_at, lot=lot, location=location)

    def post(self, *, at_: datetime = ELEVEN, count_id: str = "c1", by: str = BEN) -> CountBooked:
        answer = self.do(PostCount(count_id=count_id, store_id="s1", posted_by=by), at_).result
        assert isinstance(answer, CountBooked)
        return answer

    @property
    def item(self) -> StockItem:
        return self.shop.state(STOCK_ITEM, "s1/apple")

    def lot(self, name: str) -> int:
        assert self.item.parts is not None
        return self.item.parts.lots[name].quantity

    def corrections(self) -> list[StockMoved]:
        return [moved for moved in self.shop.events(StockMoved) if moved.reason == "late"]


def post(*skus: str, by: str = BEN, leave_uncounted: bool = False, store_id: str = "s1") -> PostCount:
    return PostCount(
        count_id="c1", store_id=store_id, posted_by=by, skus=skus, leave_uncounted=leave_uncounted
    )


def again(*skus: str) -> AskRecount:
    return AskRecount(count_id="c1", store_id="s1", skus=skus)


def lot_of(name: str, quantity: int, sell_by: date, location: str | None = None) -> MoveStock:
    line = MoveLine(
        sku="apple", quantity=quantity, unit_cost=yuan(300), lot=name, sell_by=sell_by, location=location
    )
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,))


def with_lots() -> Store:
    """Ten of L1, which is to be sold first, and ten of L2."""
    store = Store(received("pear", 1, 1))
    store.do(lot_of("L1", 10, SOON), NINE)
    store.do(lot_of("L2", 10, LATER), NINE)
    return store


def counted_before_and_posted() -> Store:
    """The worked number: two are missing, and 48 are on hand."""
    store = Store()
    store.start()
    store.sell(40, HALF_PAST_NINE)
    store.find(store.apples(58))
    store.sell(10, HALF_PAST_TEN)
    store.post()
    return store


def test_what_was_counted_is_set_against_the_book_of_that_instant() -> None:
    """Book 100 at 09:00, 40 sold, 58 counted at 10:00, 10 sold, posted 11:00: −2, and 48 on hand."""
    store = counted_before_and_posted()
    assert store.shop.events(CountPosted)[-1].lines == (
        PostedLine(sku="apple", counted=58, book=60, difference=-2, cost_minor=-600, counted_at=TEN),
    )
    assert store.item.on_hand == 48
    assert store.item.value_minor == 48 * 300


def test_a_sale_before_the_count_that_is_told_before_the_posting_is_in_the_book() -> None:
    store = Store()
    store.start()
    store.find(store.apples(58))
    store.sell(40, HALF_PAST_NINE, HALF_PAST_TEN)
    assert store.post().lines[0].difference == -2
    assert store.item.on_hand == 58


def test_a_sale_before_the_count_that_is_told_after_the_posting_corrects_the_difference() -> None:
    store = counted_before_and_posted()
    late = store.sell(5, HALF_PAST_NINE, NOON)
    correction = late.events[-1][1]
    assert correction == StockMoved(
        store_id="s1",
        sku="apple",
        from_=Place.COUNT_DIFFERENCE,
        to=Place.SHELF,
        quantity=5,
        cost_minor=1_500,
        reason="late",
        reference="count-c1",
        moved_at=TEN,
    )
    assert (store.item.on_hand, store.item.value_minor) == (48, 48 * 300)


def test_a_sale_at_the_very_instant_was_before_the_count() -> None:
    store = counted_before_and_posted()
    store.sell(5, TEN, NOON)
    assert [moved.quantity for moved in store.corrections()] == [5]


def test_a_late_sale_of_after_the_count_corrects_nothing() -> None:
    store = counted_before_and_posted()
    store.sell(5, TEN + timedelta(seconds=1), NOON)
    assert store.corrections() == []
    assert store.item.on_hand == 43


def test_a_sale_of_before_the_opening_that_is_told_in_the_count_is_in_the_book() -> None:
    store = Store()
    store.start()
    store.sell(40, NINE - timedelta(hours=5), HALF_PAST_TEN)
    store.find(store.apples(60), at_=HALF_PAST_TEN)
    assert store.post().lines[0].difference == 0


def test_what_a_till_with_a_fast_clock_sold_before_the_count_stays_before_it() -> None:
    """Told at half past nine, it can't have been sold at eleven."""
    store = Store()
    store.start()
    store.sell(40, ELEVEN, HALF_PAST_NINE)
    store.find(store.apples(60))
    assert store.post().lines[0].difference == 0


def test_a_return_that_is_told_late_was_counted_already() -> None:
    store = Store()
    store.sell(40, NINE)
    store.start()
    store.find(store.apples(61))
    store.post()
    store.do(take_back((1, 1)), HALF_PAST_NINE, NOON)
    assert [(moved.from_, moved.quantity) for moved in store.corrections()] == [(Place.SHELF, 1)]
    assert (store.item.on_hand, store.item.value_minor) == (61, 61 * 300)


def test_a_delivery_that_is_told_late_was_counted_already() -> None:
    store = Store()
    store.start()
    store.find(store.apples(110))
    store.post()
    store.do(lot_of("L1", 10, SOON), HALF_PAST_NINE, NOON)
    assert store.item.on_hand == 110
    assert store.lot("L1") == 10


def test_each_late_sale_corrects_the_first_count_that_saw_it() -> None:
    store = counted_before_and_posted()
    store.start(count_id="c2", opened_at=ELEVEN)
    store.find(store.apples(48, NOON), count_id="c2", at_=NOON)
    store.post(at_=NOON, count_id="c2")
    store.sell(1, HALF_PAST_NINE, NOON)
    store.sell(2, HALF_PAST_TEN, NOON)
    assert [(moved.reference, moved.quantity) for moved in store.corrections()] == [
        ("count-c1", 1),
        ("count-c2", 2),
    ]
    assert store.item.on_hand == 48


def test_the_earlier_of_two_counts_may_be_posted_after_the_later() -> None:
    store = Store()
    store.start()
    store.start(count_id="c2")
    store.find(store.apples(90, HALF_PAST_NINE))
    store.find(store.apples(85, TEN), count_id="c2")
    store.post(count_id="c2")
    assert store.post().lines[0].book == 100
    assert store.item.on_hand == 85


def test_an_item_that_is_not_counted_any_more_forgets_what_moved() -> None:
    store = counted_before_and_posted()
    counts = store.item.counts
    assert counts is not None
    assert (counts.open, counts.shifts) == ((), ())
    assert [(each.count, each.counted_at) for each in counts.counted] == [("c1", TEN)]


def test_an_item_that_was_never_counted_says_nothing_of_when() -> None:
    store = Store()
    store.sell(1, NINE)
    assert store.shop.events(StockMoved)[-1].moved_at is None
    assert store.item.counts is None


def test_what_is_found_too_much_is_worth_what_is_there() -> None:
    store = Store()
    store.start()
    store.find(store.apples(103))
    assert store.post().lines[0].cost_minor == 900
    assert store.item.value_minor == 30_900


def test_what_is_counted_of_a_lot_is_what_there_is_of_it() -> None:
    store = with_lots()
    store.start()
    store.find(store.apples(7, lot="L1"), store.apples(12, lot="L2"))
    store.post()
    assert (store.lot("L1"), store.lot("L2"), store.item.on_hand) == (7, 12, 19)


def test_what_a_lot_lacks_as_it_was_sold_since_was_of_the_next_one() -> None:
    """Of ten in the book four were sold since; two had been there: the other two were of L2."""
    store = with_lots()
    store.start()
    store.find(store.apples(2, lot="L1"))
    store.sell(4, HALF_PAST_TEN)
    store.post()
    assert (store.lot("L1"), store.lot("L2"), store.item.on_hand) == (0, 8, 8)


def test_what_is_missing_of_goods_with_lots_is_missing_by_sell_by() -> None:
    store = with_lots()
    store.start()
    store.find(store.apples(8))
    store.post()
    assert (store.lot("L1"), store.lot("L2"), store.item.on_hand) == (0, 8, 8)


def test_what_is_too_much_of_goods_with_lots_is_of_no_lot() -> None:
    store = with_lots()
    store.start()
    store.find(store.apples(23))
    store.post()
    assert (store.lot("L1"), store.lot("L2"), store.item.on_hand) == (10, 10, 23)


@pytest.mark.parametrize("method", CostMethod)
def test_a_late_sale_of_a_lot_that_was_counted_is_back_in_that_lot(method: CostMethod) -> None:
    store = Store(received("pear", 1, 1))
    store.do(SetStockPolicy(cost_method=method), NINE)
    store.do(lot_of("L1", 10, SOON), NINE)
    store.do(lot_of("L2", 10, LATER), NINE)
    store.start()
    store.find(store.apples(9, lot="L1"))
    store.post()
    store.sell(12, HALF_PAST_NINE, NOON)
    assert (store.lot("L1"), store.lot("L2")) == (9, 7)
    assert store.item.value_minor == 16 * 300


def test_a_late_sale_from_two_locations_is_back_at_what_it_left_at() -> None:
    """Two at 0.05 in all: half a cent of each is not rounded twice."""
    store = Store(received("apple", 2, 5))
    carried = RelocateLine(sku="apple", quantity=1, to_location=BACK)
    store.do(Relocate(store_id="s1", lines=(carried,)), NINE)
    store.start()
    store.find(store.apples(2))
    store.post()
    store.sell(2, HALF_PAST_NINE, NOON)
    assert [moved.location for moved in store.corrections()] == [None, BACK]
    assert (store.item.on_hand, store.item.value_minor) == (2, 5)


def test_a_late_delivery_was_counted_where_it_came_to() -> None:
    """Twelve of no lot were found in the back room, and stay there."""
    store = with_lots()
    store.start()
    store.find(store.apples(7, location=""), store.apples(12, location=BACK))
    store.post()
    store.do(lot_of("L2", 3, LATER), HALF_PAST_NINE, NOON)
    places = whereabouts(store.item.on_hand, store.item.parts)
    assert [held_in(places, None, location) for location in ("", BACK)] == [7, 12]


def test_a_late_delivery_in_a_count_is_no_correction_of_it() -> None:
    """Two at 3.00 were sold before ten came at 3.40: eight are left, in one layer."""
    store = Store(received("pear", 1, 1))
    store.do(SetStockPolicy(cost_method=CostMethod.FIFO), NINE)
    store.do(delivery(1, 300), NINE)
    store.sell(3, NINE)
    store.start()
    store.do(delivery(10, 340, reason="late"), TEN)
    assert store.item.parts is not None
    assert [(layer.quantity, layer.value_minor) for layer in store.item.parts.layers] == [(8, 2_720)]
    assert store.item.value_minor == 2_720


def delivery(quantity: int, cost_minor: int, reason: str | None = None) -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, unit_cost=yuan(cost_minor), reason=reason)
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,))


def test_nobody_books_by_hand_what_corrects_a_count() -> None:
    store = Store()
    line = MoveLine(sku="apple", quantity=1, reason="late")
    store.tried(MoveStock(store_id="s1", kind=MoveKind.ADJUSTMENT, lines=(line,))).refused(InvalidCommand)


def test_all_lots_of_a_count_are_remembered() -> None:
    names = [f"L{number:02}" for number in range(12)]
    store = Store(received("pear", 1, 1))
    for name in names:
        store.do(lot_of(name, 10, SOON), NINE)
    store.start()
    store.find(*(store.apples(9, lot=name) for name in names))
    store.post()
    store.sell(15, HALF_PAST_NINE, NOON)
    assert {store.lot(name) for name in names} == {9}


def at_back(store: Store) -> int:
    return at_location(store.item.parts, "", BACK, store.item.on_hand)


def with_twenty_in_the_back() -> Store:
    store = Store()
    carry = RelocateLine(sku="apple", quantity=20, to_location=BACK)
    store.do(Relocate(store_id="s1", lines=(carry,)), NINE)
    return store


def test_a_location_is_counted_alone() -> None:
    store = with_twenty_in_the_back()
    store.start(location=BACK)
    store.find(LineToCount(sku="apple", quantity=18))
    store.sell(10, HALF_PAST_TEN)
    store.post()
    assert (at_back(store), store.item.on_hand) == (18, 88)


def test_what_was_carried_out_after_the_location_was_counted_is_not_missing() -> None:
    store = with_twenty_in_the_back()
    store.start(location=BACK)
    store.find(LineToCount(sku="apple", quantity=20))
    carry = RelocateLine(sku="apple", quantity=5, from_location=BACK)
    store.do(Relocate(store_id="s1", lines=(carry,)), HALF_PAST_TEN)
    assert store.post().lines[0].difference == 0
    assert at_back(store) == 15


def test_what_was_carried_out_before_the_location_was_counted_and_told_late_is_not_missing() -> None:
    store = with_twenty_in_the_back()
    store.start(location=BACK)
    store.find(LineToCount(sku="apple", quantity=15))
    store.post()
    assert store.item.on_hand == 95
    carry = RelocateLine(sku="apple", quantity=5, from_location=BACK)
    store.do(Relocate(store_id="s1", lines=(carry,)), HALF_PAST_NINE, NOON)
    assert (at_back(store), store.item.on_hand) == (15, 100)


def test_what_is_too_far_from_the_book_is_counted_again_by_somebody_else() -> None:
    store = Store()
    store.start(tolerance=Tolerance(permille=10))
    store.find(store.apples(98))
    store.tried(post()).refused(RecountNeeded, skus=["apple"])
    store.do(again("apple"), TEN)
    store.tried(post()).refused(NotCounted)
    first = CountLines(count_id="c1", store_id="s1", counted_by=ANN, lines=(store.apples(98),))
    store.tried(first).refused(RecountByAnother, sku="apple")
    store.find(store.apples(97), by=CHO)
    assert store.post().lines[0].difference == -3


def test_where_one_counts_alone_they_count_again() -> None:
    store = Store()
    store.start(tolerance=Tolerance(), recount_by=RecountBy.ANYONE)
    store.find(store.apples(98))
    store.do(again("apple"), TEN)
    store.find(store.apples(98))
    assert store.post().lines[0].difference == -2


@pytest.mark.parametrize(
    ("tolerance", "counted", "is_near"),
    [
        (Tolerance(), 100, True),
        (Tolerance(), 99, False),
        (Tolerance(pieces=1), 99, True),
        (Tolerance(pieces=1), 102, False),
        (Tolerance(permille=20), 98, True),
        (Tolerance(permille=19), 98, False),
        (Tolerance(weight_g=50), 98, False),
    ],
)
def test_near_enough_is_within_any_of_the_tolerances(
    tolerance: Tolerance, counted: int, is_near: bool
) -> None:
    store = Store()
    store.start(tolerance=tolerance)
    store.find(store.apples(counted))
    assert isinstance(store.shop.do(post(), at(ELEVEN)), Decision) is is_near


def test_differences_above_a_value_are_posted_by_two() -> None:
    store = Store()
    store.start(approve_above=yuan(500))
    store.find(store.apples(98))
    store.tried(post()).refused(CountUnapproved, needed=600, approved=0)
    approve = ApproveCount(count_id="c1", store_id="s1", approved_by=BEN, up_to=yuan(600))
    store.do(approve, ELEVEN)
    store.tried(post(by=BEN)).refused(CountUnapproved)
    assert store.post(by=CHO).status == "posted"


def test_an_approval_of_less_is_not_enough() -> None:
    store = Store()
    store.start(approve_above=yuan(500))
    store.find(store.apples(98))
    store.do(ApproveCount(count_id="c1", store_id="s1", approved_by=CHO, up_to=yuan(599)), ELEVEN)
    store.tried(post()).refused(CountUnapproved, needed=600, approved=599)


def test_what_is_posted_in_parts_is_approved_together() -> None:
    """Surplus and shrink add up: who posts item by item is stopped at the same sum."""
    store = Store(received("apple", 100, 30_000), received("pear", 10, 3_000))
    store.start("apple", "pear", approve_above=yuan(500))
    store.find(store.apples(99), LineToCount(sku="pear", quantity=11, counted_at=TEN))
    store.do(post("apple"), ELEVEN)
    store.tried(post("pear")).refused(CountUnapproved, needed=600)


def test_items_that_nobody_counted_stay_as_the_book_has_them() -> None:
    store = Store()
    store.start("apple", "pear")
    store.find(store.apples(99))
    assert store.post().left == 1
    store.tried(post()).refused(NotCounted, left=1)
    left = store.tried(post(leave_uncounted=True)).only(CountPosted)
    assert (left.lines, left.uncounted, left.last) == ((), ("pear",), True)
    assert store.shop.state(STOCK_ITEM, "s1/pear").counts is None


def test_a_big_count_is_posted_some_hundred_items_at_a_time() -> None:
    skus = [f"sku-{number}" for number in range(MAX_POSTED + 1)]
    store = Store(*(received(sku, 2, 200) for sku in skus))
    store.shop.record([by_piece(sku) for sku in skus])
    store.start(*skus)
    store.find(*(LineToCount(sku=sku, quantity=1) for sku in skus))
    assert [(store.post().left, store.shop.events(CountPosted)[-1].last) for _ in range(2)] == [
        (1, False),
        (0, True),
    ]
    assert len(store.shop.events(StockMoved)) == 2 * len(skus)


def test_a_count_that_is_over_is_not_posted_again() -> None:
    store = counted_before_and_posted()
    store.tried(post()).refused(CountEnded, status="posted")
    store.tried(CancelCount(count_id="c1", store_id="s1")).refused(CountEnded)
    store.tried(again("apple")).refused(CountEnded)


def test_a_count_that_is_called_off_changes_nothing() -> None:
    store = Store()
    store.start()
    store.find(store.apples(58))
    store.do(CancelCount(count_id="c1", store_id="s1"), ELEVEN)
    assert store.item.counts is None
    assert store.shop.state(COUNT, "c1").status is CountStatus.CANCELLED
    store.tried(post()).refused(CountEnded, status="cancelled")


def test_who_counts_is_told_nothing_of_the_book() -> None:
    store = Store()
    store.start()
    answers = [store.find(store.apples(quantity)).result for quantity in (0, 100, 10**9)]
    assert answers == 3 * [CountProgress(count_id="c1", status="open", left=1)]


def test_a_line_that_is_told_again_stands_in_place_of_the_first() -> None:
    store = Store()
    store.start()
    store.find(store.apples(5))
    store.find(store.apples(99))
    assert store.post().lines[0].counted == 99


def test_adding_what_is_in_the_count_writes_nothing() -> None:
    store = Store()
    store.start()
    store.tried(AddToCount(count_id="c1", store_id="s1", skus=("apple",))).then()


def test_what_the_book_said_before_the_item_was_in_the_count_is_not_known() -> None:
    store = Store()
    store.start()
    early = CountLines(
        count_id="c1", store_id="s1", counted_by=ANN, lines=(store.apples(1, NINE - timedelta(seconds=1)),)
    )
    store.tried(early).refused(CountedTooEarly, sku="apple")


def count(*lines: LineToCount) -> CountLines:
    return CountLines(count_id="c1", store_id="s1", counted_by=ANN, lines=lines)


def line(
    sku: str = "apple", quantity: int = 1, lot: str | None = None, where: str | None = None
) -> LineToCount:
    return LineToCount(sku=sku, quantity=quantity, lot=lot, location=where)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (count(), InvalidCommand),
        (count(line(quantity=-1)), InvalidCommand),
        (count(line(), line()), InvalidCommand),
        (count(line(lot="L1"), line()), InvalidCommand),
        (count(line(where=BACK), line()), InvalidCommand),
        (count(line("pear")), NotInCount),
        (count(line(lot="L9")), NotFound),
        (count(line(where="attic")), NotFound),
        (post("pear"), NotInCount),
        (post("apple"), NotCounted),
        (post("apple", "apple"), InvalidCommand),
        (post(store_id="s2"), NotFound),
        (again("pear"), NotInCount),
        (again(), InvalidCommand),
        (AddToCount(count_id="c1", store_id="s1", skus=("nothing",)), NotFound),
        (AddToCount(count_id="c1", store_id="s1", skus=("bag",)), InvalidCommand),
        (AddToCount(count_id="c9", store_id="s1", skus=("apple",)), NotFound),
        (StartCount(count_id="c1", store_id="s1", kind=CountKind.FULL), AlreadyExists),
        (StartCount(count_id="c2", store_id="s9", kind=CountKind.FULL), NotFound),
        (StartCount(count_id="c2", store_id="s1", kind=CountKind.FULL, location="attic"), NotFound),
        (
            StartCount(
                count_id="c2",
                store_id="s1",
                kind=CountKind.FULL,
                approve_above=Money(amount=1, currency="EUR"),
            ),
            CurrencyMismatch,
        ),
        (
            ApproveCount(
                count_id="c1", store_id="s1", approved_by=BEN, up_to=Money(amount=1, currency="EUR")
            ),
            CurrencyMismatch,
        ),
        (ApproveCount(count_id="c1", store_id="s1", approved_by=BEN, up_to=yuan(-1)), InvalidCommand),
    ],
)
def test_what_can_mean_nothing_is_refused(command: Command, refusal: type[Refusal]) -> None:
    store = with_lots()
    store.shop.record([by_piece("bag", stocked=False)])
    store.start()
    store.tried(command).refused(refusal)


def test_only_the_location_that_is_counted_is_counted() -> None:
    store = Store()
    store.start(location=BACK)
    store.tried(count(line(where=""))).refused(InvalidCommand)


def test_what_is_counted_by_weight_has_a_tolerance_in_grams() -> None:
    store = Store(received("cherry", 2_000, 8_000))
    store.start("cherry", tolerance=Tolerance(weight_g=50))
    store.find(LineToCount(sku="cherry", quantity=1_950))
    assert store.post().lines[0].difference == -50


def test_a_count_says_how_it_is_to_be_counted() -> None:
    store = Store()
    store.start(approve_above=yuan(500), location=BACK)
    assert store.shop.events(CountStarted) == [
        CountStarted(
            count_id="c1",
            store_id="s1",
            kind=CountKind.SPOT,
            currency="CNY",
            location=BACK,
            tolerance=WIDE,
            approve_above_minor=500,
        )
    ]
