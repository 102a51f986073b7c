"""Stock documents: receipts, waste and adjustments."""

from datetime import date

import pytest

from domain.catalog.product import NegativeStock
from domain.inventory.lots import LotReceived
from domain.inventory.stock_item import Place, StockMoved, StockShort
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge, Money
from domain.stockroom.moves import MAX_LINES, MovedLine, MoveKind, MoveLine, MoveStock, StockDocumentBooked
from tests.support.decisions import given
from tests.support.facts import a_store, by_gram, by_piece, received

SHOP = (a_store(), by_piece("apple"), by_gram("cherry"))


def document(kind: MoveKind, *lines: MoveLine, reference: str | None = None) -> MoveStock:
    return MoveStock(store_id="s1", kind=kind, lines=lines, reference=reference)


def receipt(*lines: MoveLine) -> MoveStock:
    return document(MoveKind.RECEIPT, *lines)


def waste(quantity: int, reason: str | None = "spoiled") -> MoveStock:
    return document(MoveKind.WASTE, MoveLine(sku="apple", quantity=quantity, reason=reason))


def adjustment(quantity: int) -> MoveStock:
    return document(MoveKind.ADJUSTMENT, MoveLine(sku="apple", quantity=quantity))


def yuan(amount: int) -> Money:
    return Money(amount=amount, currency="CNY")


def apples(from_: Place, to: Place, quantity: int, cost_minor: int, reason: str | None = None) -> StockMoved:
    return StockMoved(
        store_id="s1",
        sku="apple",
        from_=from_,
        to=to,
        quantity=quantity,
        cost_minor=cost_minor,
        reason=reason,
    )


def test_a_receipt_moves_goods_from_the_supplier_to_the_shelf_at_what_they_cost() -> None:
    line = MoveLine(sku="apple", quantity=10, unit_cost=yuan(340), lot="L7", reason="first delivery")
    given(*SHOP).when(document(MoveKind.RECEIPT, line, reference="order-9")).then(
        (
            "stock-s1/apple",
            LotReceived(
                store_id="s1",
                sku="apple",
                lot="L7",
                received_on=date(2026, 3, 2),
                unit_cost_minor=340,
                reference="order-9",
            ),
        ),
        (
            "stock-s1/apple",
            StockMoved(
                store_id="s1",
                sku="apple",
                from_=Place.SUPPLIER,
                to=Place.SHELF,
                quantity=10,
                cost_minor=3400,
                lot="L7",
                reason="first delivery",
                reference="order-9",
            ),
        ),
    )


def test_the_cost_of_grams_is_per_kilogram() -> None:
    line = MoveLine(sku="cherry", quantity=1250, unit_cost=yuan(2001))
    assert given(*SHOP).when(receipt(line)).only(StockMoved).cost_minor == 2501


def test_the_first_receipt_without_a_cost_is_free() -> None:
    assert given(*SHOP).when(receipt(MoveLine(sku="apple", quantity=1))).only(StockMoved).cost_minor == 0


def test_a_receipt_without_a_cost_takes_the_books_present_one() -> None:
    shop = given(*SHOP, received("apple", 10, 3400))
    assert shop.when(receipt(MoveLine(sku="apple", quantity=5))).only(StockMoved).cost_minor == 1700


def test_the_answer_tells_each_line_in_order_with_the_book_after_it() -> None:
    outcome = given(*SHOP, received("apple", 5, 500)).when(
        receipt(
            MoveLine(sku="apple", quantity=5, unit_cost=yuan(300)),
            MoveLine(sku="cherry", quantity=100),
            MoveLine(sku="apple", quantity=1, unit_cost=yuan(0)),
        )
    )
    assert outcome.answer == StockDocumentBooked(
        store_id="s1",
        currency="CNY",
        lines=(
            MovedLine(sku="apple", quantity=5, cost_minor=1500, on_hand=10),
            MovedLine(sku="cherry", quantity=100, cost_minor=0, on_hand=100),
            MovedLine(sku="apple", quantity=1, cost_minor=0, on_hand=11),
        ),
    )


def test_waste_leaves_the_shelf_at_its_part_of_the_value_and_says_why() -> None:
    given(*SHOP, received("apple", 3, 1000)).when(waste(2)).then_events(
        apples(Place.SHELF, Place.WASTE, 2, 667, "spoiled")
    )


def test_lines_of_one_sku_see_the_ones_before_them() -> None:
    line = MoveLine(sku="apple", quantity=1, reason="spoiled")
    outcome = given(*SHOP, received("apple", 3, 1000)).when(document(MoveKind.WASTE, line, line, line))
    assert [moved.cost_minor for moved in outcome.all(StockMoved)] == [333, 334, 333]


def test_a_surplus_comes_from_the_count_difference_at_the_books_cost() -> None:
    given(*SHOP, received("apple", 10, 3400)).when(adjustment(2)).then_events(
        apples(Place.COUNT_DIFFERENCE, Place.SHELF, 2, 680)
    )


def test_what_is_found_is_worth_the_moving_average_however_much_it_is() -> None:
    """1 at 1.00 and 1 at 9.00 are 5.00 each, and so are ten that were found."""
    shop = given(*SHOP, received("apple", 1, 100), received("apple", 1, 900))
    assert shop.when(adjustment(10)).only(StockMoved).cost_minor == 5000


def test_what_is_found_on_an_empty_shelf_is_worth_the_latest_receipt() -> None:
    shop = given(*SHOP, received("apple", 2, 600)).after(adjustment(-2))
    assert shop.when(adjustment(3)).only(StockMoved).cost_minor == 900


def test_a_shortage_goes_to_the_count_difference_at_the_books_cost() -> None:
    given(*SHOP, received("apple", 10, 3400)).when(adjustment(-2)).then_events(
        apples(Place.SHELF, Place.COUNT_DIFFERENCE, 2, 680)
    )


def test_a_count_may_show_that_more_was_sold_than_the_book_knows() -> None:
    product = by_piece("apple", negative_stock=NegativeStock.BLOCK)
    outcome = given(a_store(), product, received("apple", 1, 100)).when(adjustment(-2))
    assert outcome.answer.lines[0].on_hand == -1


def test_a_store_that_does_not_exist_has_no_stock() -> None:
    given(by_piece("apple")).when(adjustment(1)).refused(NotFound, kind="store", id="s1")


def test_a_product_that_does_not_exist_has_no_stock() -> None:
    given(a_store()).when(adjustment(1)).refused(NotFound, kind="product", id="apple")


def test_a_document_without_lines_is_refused() -> None:
    given(*SHOP).when(receipt()).refused(InvalidCommand, lines=0)


def test_a_document_with_too_many_lines_is_refused() -> None:
    lines = [MoveLine(sku="apple", quantity=1)] * (MAX_LINES + 1)
    given(*SHOP).when(receipt(*lines)).refused(InvalidCommand, lines=MAX_LINES + 1)


def test_a_document_may_have_as_many_lines_as_allowed() -> None:
    lines = [MoveLine(sku="apple", quantity=1)] * MAX_LINES
    assert len(given(*SHOP).when(receipt(*lines)).all(StockMoved)) == MAX_LINES


def test_a_service_holds_no_stock() -> None:
    given(a_store(), by_piece("apple", stocked=False)).when(adjustment(1)).refused(
        InvalidCommand, sku="apple"
    )


@pytest.mark.parametrize("kind", list(MoveKind))
def test_nothing_is_not_moved(kind: MoveKind) -> None:
    given(*SHOP).when(document(kind, MoveLine(sku="apple", quantity=0, reason="x"))).refused(
        InvalidCommand, sku="apple", quantity=0
    )


@pytest.mark.parametrize("kind", [MoveKind.RECEIPT, MoveKind.WASTE])
def test_only_an_adjustment_is_below_zero(kind: MoveKind) -> None:
    given(*SHOP).when(document(kind, MoveLine(sku="apple", quantity=-1, reason="x"))).refused(
        InvalidCommand, sku="apple", quantity=-1
    )


@pytest.mark.parametrize("kind", [MoveKind.WASTE, MoveKind.ADJUSTMENT])
def test_only_a_receipt_has_a_cost(kind: MoveKind) -> None:
    line = MoveLine(sku="apple", quantity=1, unit_cost=yuan(1), reason="x")
    given(*SHOP, received("apple")).when(document(kind, line)).refused(InvalidCommand, sku="apple")


def test_a_cost_in_another_currency_is_refused() -> None:
    line = MoveLine(sku="apple", quantity=1, unit_cost=Money(amount=1, currency="EUR"))
    given(*SHOP).when(receipt(line)).refused(CurrencyMismatch, sku="apple", currency="EUR")


def test_a_cost_below_zero_is_refused() -> None:
    line = MoveLine(sku="apple", quantity=1, unit_cost=yuan(-1))
    given(*SHOP).when(receipt(line)).refused(InvalidCommand, sku="apple")


@pytest.mark.parametrize("reason", [None, ""])
def test_waste_needs_a_reason(reason: str | None) -> None:
    given(*SHOP, received("apple")).when(waste(1, reason)).refused(InvalidCommand, sku="apple")


def test_no_more_is_wasted_than_is_there() -> None:
    given(*SHOP, received("apple", 3)).when(waste(4)).refused(
        StockShort, store_id="s1", sku="apple", on_hand=3, asked=4
    )


def test_lines_of_one_sku_do_not_waste_more_than_is_there_together() -> None:
    line = MoveLine(sku="apple", quantity=2, reason="spoiled")
    given(*SHOP, received("apple", 3)).when(document(MoveKind.WASTE, line, line)).refused(
        StockShort, on_hand=1, asked=2
    )


def test_one_refused_line_refuses_the_document() -> None:
    given(*SHOP).when(
        receipt(MoveLine(sku="apple", quantity=1), MoveLine(sku="cherry", quantity=-1))
    ).refused(InvalidCommand, sku="cherry")


def test_a_delivery_that_no_shop_buys_is_a_slip_of_the_keyboard() -> None:
    line = MoveLine(sku="apple", quantity=MAX_AMOUNT_MINOR, unit_cost=yuan(2))
    given(*SHOP).when(receipt(line)).refused(AmountTooLarge, limit=MAX_AMOUNT_MINOR)
