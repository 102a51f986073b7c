"""Disposing of expired lots: all at once or in part, and never of what can still be sold."""

from datetime import timedelta

from domain.checkout.watch_lots import WatchItem
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved, StockShort
from domain.kernel.errors import InvalidCommand
from domain.kernel.money import Money
from domain.stockroom.disposal import Disposed, DisposedLine, DisposedLot, DisposeExpired, LotNotExpired
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_store, by_piece

TODAY = NOON.date()
ALL = (DisposedLot(sku="apple", lot="A"), DisposedLot(sku="apple", lot="B"))


def shop() -> Given:
    """Five apples at 1.00 of A that expired, two of them in quarantine, and five of B that did not."""
    lines = tuple(
        MoveLine(
            sku="apple",
            quantity=5,
            lot=lot,
            sell_by=TODAY + timedelta(days=days),
            unit_cost=Money(amount=100, currency="CNY"),
        )
        for lot, days in (("A", -1), ("B", 1))
    )
    held = MoveLine(sku="apple", quantity=2, lot="A", reason="recalled")
    return given(a_store(), by_piece("apple", 0)).after(
        MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=lines),
        MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(held,)),
        WatchItem(store_id="s1", sku="apple"),
    )


def dispose(*lots: DisposedLot, by_board: bool = False) -> DisposeExpired:
    return DisposeExpired(store_id="s1", reason="expired", lots=lots, by_board=by_board, reference="bin-1")


def some(quantity: int) -> DisposeExpired:
    return dispose(DisposedLot(sku="apple", lot="A", quantity=quantity))


def test_all_that_expired_goes_to_waste_from_the_shelf_and_from_quarantine() -> None:
    done = shop().when(dispose(*ALL, by_board=True))

    moved = [(each.from_, each.to, each.quantity, each.cost_minor, each.lot) for each in done.all(StockMoved)]
    assert moved == [(Place.SHELF, Place.WASTE, 3, 300, "A"), (Place.QUARANTINE, Place.WASTE, 2, 200, "A")]
    assert {(each.reason, each.reference) for each in done.all(StockMoved)} == {("expired", "bin-1")}


def test_the_answer_says_of_each_lot_how_much_what_it_was_worth_and_what_is_left() -> None:
    line = DisposedLine(sku="apple", lot="A", quantity=2, cost_minor=200, from_quarantine=False, left=3)
    assert shop().when(some(2)).answer == Disposed(store_id="s1", currency="CNY", lines=(line,))


def test_a_part_leaves_the_rest_until_it_is_disposed_of() -> None:
    rest = shop().after(some(4)).when(dispose(*ALL, by_board=True))
    assert [(each.from_, each.quantity) for each in rest.all(StockMoved)] == [(Place.QUARANTINE, 1)]


def test_again_nothing_is_left_to_dispose_of() -> None:
    shop().after(dispose(*ALL, by_board=True)).when(dispose(*ALL, by_board=True)).then_events()


def test_what_can_still_be_sold_is_no_disposal() -> None:
    shop().when(dispose(DisposedLot(sku="apple", lot="B"))).refused(LotNotExpired, lot="B")
    shop().when(dispose(DisposedLot(sku="apple", lot="Z"))).refused(LotNotExpired, lot="Z", sell_by=None)


def test_a_clock_that_is_ahead_disposes_of_nothing_fresh() -> None:
    ahead = at(NOON + timedelta(days=9), NOON)
    shop().when(dispose(DisposedLot(sku="apple", lot="B")), ahead).refused(LotNotExpired, lot="B")


def test_no_more_is_disposed_of_than_is_there() -> None:
    shop().when(some(6)).refused(StockShort, lot="A", on_hand=5, asked=6)
    shop().after(some(5)).when(dispose(ALL[0])).refused(StockShort, lot="A", on_hand=0)


def test_a_lot_is_named_once() -> None:
    shop().when(dispose(ALL[0], ALL[0])).refused(InvalidCommand)


def test_what_is_disposed_of_takes_its_value_along() -> None:
    item = shop().after(dispose(*ALL, by_board=True)).state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, item.value_minor) == (5, 500)
