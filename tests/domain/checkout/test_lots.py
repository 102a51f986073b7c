"""Selling and taking back goods of lots."""

from datetime import date, timedelta

import msgspec

from domain.catalog.product import NegativeStock
from domain.checkout.exchange import Exchange
from domain.checkout.lines_back import ReturnLine
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.inventory.lots import KEPT_EMPTY
from domain.inventory.stock_item import STOCK_ITEM, Place, StockItem, StockMoved, StockShort
from domain.kernel.errors import InvalidCommand
from domain.kernel.lot_share import LotShare
from domain.kernel.money import Money
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleException
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_store, by_piece, check_out, received, take_back
from tests.support.orders import place

DAY = date(2026, 3, 2)


def delivery(lot: str | None, quantity: int, unit_cost: int, keeps: int | None = None) -> MoveStock:
    line = MoveLine(
        sku="apple",
        quantity=quantity,
        unit_cost=Money(amount=unit_cost, currency="CNY"),
        lot=lot,
        sell_by=None if keeps is None else DAY + timedelta(days=keeps),
    )
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,))


def two_lots(negative_stock: NegativeStock = NegativeStock.ALLOW) -> Given:
    """Ten that keep nine days at 3.00, and four that keep one day at 1.00."""
    shop = given(a_store(), by_piece("apple", 0, negative_stock=negative_stock))
    return shop.after(delivery("late", 10, 300, 9)).after(delivery("early", 4, 100, 1))


def quantities(item: StockItem) -> dict[str, int]:
    assert item.parts is not None
    return {name: lot.quantity for name, lot in item.parts.lots.items()}


def test_a_sale_says_which_lots_it_assumes_and_what_each_costs() -> None:
    """14 are worth 34.00: five of them 12.14, split over one and four by quantity."""
    outcome = two_lots().when(check_out(("apple", 5)))
    lots = (
        LotShare(lot="early", quantity=4, cost_minor=971),
        LotShare(lot="late", quantity=1, cost_minor=243),
    )
    assert outcome.only(SaleCompleted).lines[0].lots == lots
    assert outcome.only(StockMoved).shares == lots
    assert outcome.only(StockMoved).cost_minor == 1214


def test_a_movement_of_one_lot_names_it() -> None:
    moved = two_lots().when(check_out(("apple", 2))).only(StockMoved)
    assert (moved.lot, moved.shares) == ("early", ())


def test_two_lines_of_a_product_take_one_lot_after_the_other() -> None:
    outcome = two_lots().when(check_out(("apple", 4), ("apple", 1)))
    assert [moved.lot for moved in outcome.all(StockMoved)] == ["early", "late"]


def test_a_sale_of_what_has_no_lots_says_nothing_of_them() -> None:
    outcome = given(a_store(), by_piece("apple", 0), received("apple")).when(check_out(("apple", 2)))
    moved = outcome.only(StockMoved)
    assert (moved.lot, moved.shares, outcome.only(SaleCompleted).lines[0].lots) == (None, (), ())


def test_what_has_expired_is_not_sold() -> None:
    two_lots(NegativeStock.BLOCK).when(check_out(("apple", 11)), at(NOON + timedelta(days=2))).refused(
        StockShort, on_hand=14, available=10, asked=11
    )


def test_what_has_expired_is_not_promised_to_an_order() -> None:
    two_lots().when(place(("apple", 11)), at(NOON + timedelta(days=2))).refused(StockShort, available=10)


def test_a_till_may_sell_what_no_lot_covers() -> None:
    shop = two_lots().after(check_out(("apple", 17)))
    item = shop.state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, quantities(item)) == (-3, {"late": 0, "early": 0})


def test_a_lot_that_comes_late_covers_what_was_sold_before() -> None:
    """Three were sold that the book did not know: of ten that come, seven are there."""
    shop = two_lots().after(check_out(("apple", 17))).after(delivery("new", 10, 300, 5))
    item = shop.state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, quantities(item)["new"], item.value_minor) == (7, 7, 2100)


def test_what_comes_back_goes_to_its_lots_at_what_it_was_issued_at() -> None:
    shop = two_lots()
    before = shop.state(STOCK_ITEM, "s1/apple")
    after = shop.after(check_out(("apple", 5))).after(take_back((1, 5)))
    assert after.state(STOCK_ITEM, "s1/apple") == before


def test_parts_of_a_line_come_back_in_the_order_of_its_lots() -> None:
    shop = two_lots().after(check_out(("apple", 6))).after(take_back((1, 3), return_id="r1"))
    moved = shop.when(take_back((1, 2), return_id="r2")).only(StockMoved)
    assert [(share.lot, share.quantity) for share in moved.shares] == [("early", 1), ("late", 1)]


def test_what_comes_back_spoiled_goes_to_waste_and_names_its_lot() -> None:
    shop = two_lots().after(check_out(("apple", 2)))
    line = ReturnLine(line=1, quantity=2, wasted=1, condition="spoiled")
    moves = shop.when(msgspec.structs.replace(take_back(), lines=(line,))).all(StockMoved)
    assert [(moved.to, moved.lot) for moved in moves] == [(Place.SHELF, "early"), (Place.WASTE, "early")]


def test_what_comes_back_of_a_lot_that_the_item_has_forgotten_is_of_none() -> None:
    """A movement that named it would stand on boards of lots for ever: there nothing is forgotten."""
    shop = two_lots().after(check_out(("apple", 14), sale_id="all"))
    for number in range(KEPT_EMPTY):
        sold = check_out(("apple", 1), sale_id=f"s{number}")
        shop = shop.after(delivery(f"l{number}", 1, 100, 20), sold)
    shop = shop.after(delivery("last", 1, 100, 20))
    back = shop.when(take_back((1, 14), sale_id="all")).only(StockMoved)
    assert [(share.lot, share.quantity) for share in back.shares] == [("", 4), ("", 10)]


def test_a_sale_that_is_corrected_leaves_its_lots_as_they_were() -> None:
    shop = two_lots()
    before = shop.state(STOCK_ITEM, "s1/apple")
    undo = msgspec.structs.replace(take_back(), lines=(), correction=True)
    assert shop.after(check_out(("apple", 6)), undo).state(STOCK_ITEM, "s1/apple") == before


def test_what_an_exchange_brings_back_may_be_what_it_takes() -> None:
    """All four of the early lot were sold; one comes back, and one is taken again."""
    shop = two_lots().after(check_out(("apple", 4)))
    swap = Exchange(back=take_back((1, 1)), sale=check_out(("apple", 1), sale_id="x2"))
    back, taken = shop.when(swap).all(StockMoved)
    assert [(moved.to, moved.lot) for moved in (back, taken)] == [
        (Place.SHELF, "early"),
        (Place.CUSTOMER, "early"),
    ]


def held(lot: str, quantity: int) -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, lot=lot, reason="recalled")
    return MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(line,))


def test_what_comes_back_of_a_recalled_lot_is_not_for_sale_again() -> None:
    """Five were sold, of which four are of the early lot; what is left of the other is recalled."""
    shop = two_lots().after(check_out(("apple", 5))).after(held("late", 9))
    moves = shop.when(take_back((1, 5))).all(StockMoved)
    assert [(moved.to, moved.lot, moved.quantity, moved.cost_minor) for moved in moves] == [
        (Place.SHELF, "early", 4, 971),
        (Place.QUARANTINE, "late", 1, 243),
    ]


def test_what_comes_back_of_a_lot_that_is_held_in_part_is_for_sale_again() -> None:
    shop = two_lots().after(check_out(("apple", 2))).after(held("early", 1))
    moved = shop.when(take_back((1, 2))).only(StockMoved)
    assert (moved.to, moved.lot) == (Place.SHELF, "early")


def test_what_comes_back_of_a_lot_that_is_sold_out_or_has_expired_is_of_that_lot() -> None:
    shop = two_lots().after(check_out(("apple", 4)))
    back = take_back((1, 1))
    for days in (0, 3):
        moved = shop.when(back, at(NOON + timedelta(days=days))).only(StockMoved)
        assert (moved.to, moved.lot) == (Place.SHELF, "early")


def test_where_a_product_warns_it_is_sold_and_somebody_should_look() -> None:
    shop = given(a_store(), by_piece("apple", 0, negative_stock=NegativeStock.WARN), received("apple", 2))
    sale = shop.when(check_out(("apple", 3))).only(SaleCompleted)
    assert sale.exceptions == (
        SaleException(code="stock_short", line=1, expected=2, found=3, reference="apple"),
    )


def test_what_has_expired_is_not_there_where_a_product_warns() -> None:
    """Ten keep nine days, and four kept until yesterday."""
    shop = two_lots(NegativeStock.WARN)
    later = shop.when(check_out(("apple", 11)), at(NOON + timedelta(days=2))).only(SaleCompleted)
    (short,) = later.exceptions
    assert (short.code, short.expected, short.found) == ("stock_short", 10, 11)


def test_where_a_product_warns_and_there_is_enough_nothing_is_said() -> None:
    shop = given(a_store(), by_piece("apple", 0, negative_stock=NegativeStock.WARN), received("apple", 3))
    assert shop.when(check_out(("apple", 3))).only(SaleCompleted).exceptions == ()


def test_an_order_can_not_have_what_is_not_there_though_a_product_only_warns() -> None:
    shop = given(a_store(), by_piece("apple", 0, negative_stock=NegativeStock.WARN), received("apple", 2))
    shop.when(place(("apple", 3))).refused(StockShort, available=2)


def without_receipt(lot: str | None = None) -> TakeBackUnlinked:
    """Two apples come back, whose sale nobody finds."""
    return TakeBackUnlinked(
        return_id="r1",
        store_id="s1",
        register_id="till-1",
        lines=(UnlinkedLine(sku="apple", quantity=2, refund_minor=0, lot=lot),),
        method="cash",
        because="no earlier sale",
    )


def test_goods_without_their_sale_come_back_to_the_lot_that_is_named() -> None:
    """14 are worth 34.00, so two come back at 4.86."""
    outcome = two_lots().when(without_receipt("early"))

    assert outcome.only(ReturnRecorded).lines[0].lots == (LotShare(lot="early", quantity=2, cost_minor=486),)
    moved = outcome.only(StockMoved)
    assert (moved.to, moved.lot, moved.cost_minor) == (Place.SHELF, "early", 486)


def test_what_came_back_to_its_lot_expires_with_it() -> None:
    shop = two_lots(NegativeStock.BLOCK).after(without_receipt("early"))

    assert quantities(shop.state(STOCK_ITEM, "s1/apple")) == {"late": 10, "early": 6}
    later = at(NOON + timedelta(days=2))
    shop.when(check_out(("apple", 11)), later).refused(StockShort, on_hand=16, available=10)


def test_without_a_lot_it_belongs_to_none_is_sold_last_and_keeps() -> None:
    shop = two_lots(NegativeStock.BLOCK).after(without_receipt())

    moved = shop.when(check_out(("apple", 15))).only(StockMoved)
    assert [(share.lot, share.quantity) for share in moved.shares] == [("early", 4), ("late", 10), ("", 1)]
    for days, there in ((2, 12), (30, 2)):
        refusal = shop.when(check_out(("apple", 16)), at(NOON + timedelta(days=days)))
        refusal.refused(StockShort, available=there)


def test_without_a_lot_it_covers_first_what_was_sold_below_the_lots() -> None:
    item = two_lots().after(check_out(("apple", 16)), without_receipt()).state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, quantities(item)) == (0, {"late": 0, "early": 0})


def test_a_lot_that_the_item_has_not_is_a_slip() -> None:
    two_lots().when(without_receipt("erly")).refused(InvalidCommand, sku="apple", lot="erly")
    plain = given(a_store(), by_piece("apple", 0), received("apple"))
    plain.when(without_receipt("early")).refused(InvalidCommand, lot="early")
