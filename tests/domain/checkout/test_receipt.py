"""Receipts: what was handed over stands on them, to the smallest coin and by what paid."""

from domain.checkout.receipt import Receipt, return_receipt, sale_receipt
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import DiscountSource, SaleCompleted, Tender
from domain.stores.store import STORE
from tests.domain.checkout.test_points_discount import a_shop, buying
from tests.domain.checkout.test_stored_tenders import from_card, load, make
from tests.support.decisions import NOON, Shop
from tests.support.facts import STORE_ID, a_store, by_piece, card, cash, check_out, take_back


def of_sale(shop: Shop) -> Receipt:
    (sale,) = shop.events(SaleCompleted)
    return sale_receipt(sale, NOON, shop.state(STORE, STORE_ID), copy=False)


def of_return(shop: Shop) -> Receipt:
    (sale,), (returned,) = shop.events(SaleCompleted), shop.events(ReturnRecorded)
    return return_receipt(returned, sale, NOON, shop.state(STORE, STORE_ID), copy=False)


def paid(receipt: Receipt) -> int:
    return sum(tender.amount_minor for tender in receipt.tenders) - receipt.change_minor


def sold(*tenders: Tender) -> Shop:
    """A total of 10.02 where the smallest coin is 0.05."""
    shop = Shop(a_store(cash_unit_minor=5), by_piece("fen", 1))
    shop.do(make("g1"))
    shop.do(load(500))
    shop.do(check_out(("fen", 1002), tenders=tenders))
    return shop


def test_a_sale_says_what_rounding_added_or_took_off() -> None:
    receipt = of_sale(sold(cash(1100)))
    assert (receipt.total_minor, receipt.rounding_minor, receipt.change_minor) == (1002, -2, 100)
    assert paid(receipt) == receipt.total_minor + receipt.rounding_minor


def test_a_refund_is_what_was_handed_over_and_says_its_rounding() -> None:
    shop = sold(cash(1000))
    shop.do(take_back((1, 1002)))
    receipt = of_return(shop)
    assert (receipt.total_minor, receipt.rounding_minor, paid(receipt)) == (1002, -2, 1000)


def test_a_gift_card_is_a_tender_of_its_own_and_its_code_is_not_told() -> None:
    receipt = of_sale(sold(from_card(500), card(502)))
    assert [(tender.method, tender.amount_minor) for tender in receipt.tenders] == [
        ("gift_card", 500),
        ("card", 502),
    ]
    assert receipt.rounding_minor == 0


def test_points_that_took_something_off_are_known_by_their_source() -> None:
    shop = a_shop()
    shop.do(buying(1, 0, 100))
    (discount,) = of_sale(shop).lines[0].discounts
    assert (discount.source, discount.amount_minor) == (DiscountSource.POINTS, 500)
