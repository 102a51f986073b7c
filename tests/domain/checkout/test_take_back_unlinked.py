"""Taking back goods without their sale."""

from datetime import date

import msgspec
import pytest

from domain.access.approval import ApprovalRequired, Authority
from domain.access.limits import Limits
from domain.checkout.return_document import MAX_LINES
from domain.checkout.take_back_unlinked import RefundAbovePrice, TakeBackUnlinked, UnlinkedLine
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import AmountTooLarge
from domain.kernel.quantity import Unit
from domain.sales.returns import RETURN, ReturnedLine, ReturnRecorded
from domain.sales.sale import Refund
from domain.tills.till import ReceiptIssued
from domain.tills.totals import TaxTotal
from tests.support.decisions import Shop, given
from tests.support.facts import a_customer, a_store, by_piece, received

SHOP = (a_store(), by_piece("apple", 1000), received("apple", 3, 1000))


def take_back(
    *lines: tuple[str, int, int], customer_id: str | None = None, store_id: str = "s1"
) -> TakeBackUnlinked:
    """Lines of (sku, quantity, refund)."""
    return TakeBackUnlinked(
        return_id="r1",
        store_id=store_id,
        register_id="till-1",
        customer_id=customer_id,
        lines=tuple(
            UnlinkedLine(sku=sku, quantity=quantity, refund_minor=refund) for sku, quantity, refund in lines
        ),
        method="cash",
        because="no earlier sale",
    )


def test_an_unlinked_return_stands_in_a_stream_of_its_own_and_says_why() -> None:
    given(*SHOP, a_customer()).when(take_back(("apple", 2, 1500), customer_id="c1")).then(
        (
            "return-r1",
            ReturnRecorded(
                return_id="r1",
                store_id="s1",
                register_id="till-1",
                receipt_number=1,
                currency="CNY",
                business_day=date(2026, 3, 2),
                utc_offset_min=480,
                customer_id="c1",
                lines=(
                    ReturnedLine(
                        line=0,
                        sku="apple",
                        category="fruit",
                        unit=Unit.PIECE,
                        quantity=2,
                        net_minor=1500,
                        refund_minor=1500,
                        cost_minor=667,
                    ),
                ),
                refunds=(Refund(tender=0, method="cash", amount_minor=1500),),
                total_minor=1500,
                unlinked_because="no earlier sale",
            ),
        ),
        (
            "stock-s1/apple",
            StockMoved(
                store_id="s1",
                sku="apple",
                from_=Place.CUSTOMER,
                to=Place.SHELF,
                quantity=2,
                cost_minor=667,
                reference="return-r1",
            ),
        ),
        (
            "till-s1/till-1",
            ReceiptIssued(
                store_id="s1",
                register_id="till-1",
                number=1,
                document="return-r1",
                total_minor=-1500,
                taxes=(TaxTotal(rate_bp=0, gross_minor=-1500, tax_minor=0),),
            ),
        ),
    )


def test_a_return_without_a_sale_names_none() -> None:
    shop = Shop(*SHOP)
    shop.do(take_back(("apple", 1, 0)))
    assert shop.state(RETURN, "r1").sale_id is None


def test_goods_may_come_back_for_nothing() -> None:
    assert given(*SHOP).when(take_back(("apple", 1, 0))).answer.refunds == ()


def test_a_service_returns_no_stock_and_no_cost() -> None:
    outcome = given(a_store(), by_piece("wrap", 300, stocked=False)).when(take_back(("wrap", 1, 300)))
    assert outcome.all(StockMoved) == []
    assert outcome.answer.lines[0].cost_minor == 0


def test_a_return_is_made_once() -> None:
    command = take_back(("apple", 1, 100))
    given(*SHOP).after(command).when(command).refused(AlreadyExists, kind="return", id="r1")


def test_a_customer_who_does_not_exist_returns_nothing() -> None:
    given(*SHOP).when(take_back(("apple", 1, 100), customer_id="c1")).refused(
        NotFound, kind="customer", id="c1"
    )


def test_a_product_that_does_not_exist_does_not_come_back() -> None:
    given(*SHOP).when(take_back(("pear", 1, 100))).refused(NotFound, kind="product", id="pear")


def test_a_store_that_does_not_exist_takes_nothing_back() -> None:
    given(*SHOP).when(take_back(("apple", 1, 100), store_id="s2")).refused(NotFound, kind="store", id="s2")


def test_a_return_of_nothing_is_refused() -> None:
    given(*SHOP).when(take_back()).refused(InvalidCommand, lines=0)


def test_a_return_with_too_many_lines_is_refused() -> None:
    lines = [("apple", 1, 1)] * (MAX_LINES + 1)
    given(*SHOP).when(take_back(*lines)).refused(InvalidCommand, lines=MAX_LINES + 1)


@pytest.mark.parametrize(("quantity", "refund"), [(0, 100), (-1, 100), (1, -1)])
def test_a_quantity_of_nothing_or_a_refund_below_zero_is_refused(quantity: int, refund: int) -> None:
    given(*SHOP).when(take_back(("apple", quantity, refund))).refused(InvalidCommand, sku="apple")


def test_a_return_may_have_as_many_lines_as_allowed() -> None:
    lines = [("apple", 1, 1)] * MAX_LINES
    assert given(*SHOP).when(take_back(*lines)).only(ReturnRecorded).total_minor == MAX_LINES


def test_the_tax_in_the_refund_is_given_back_at_the_products_rate() -> None:
    shop = given(a_store(), by_piece("soap", 1090, tax_rate_bp=900))
    line = shop.when(take_back(("soap", 1, 1090))).only(ReturnRecorded).lines[0]
    assert (line.net_minor, line.tax_rate_bp, line.tax_minor) == (1090, 900, 90)


def test_where_tax_comes_on_top_the_refund_still_holds_it() -> None:
    shop = given(a_store(prices_include_tax=False), by_piece("soap", 1000, tax_rate_bp=900))
    line = shop.when(take_back(("soap", 1, 1090))).only(ReturnRecorded).lines[0]
    assert (line.net_minor, line.refund_minor, line.tax_minor) == (1000, 1090, 90)


def test_a_product_priced_in_another_currency_is_refused() -> None:
    shop = given(a_store(), by_piece("sake", 1000, currency="JPY"))
    shop.when(take_back(("sake", 1, 100))).refused(CurrencyMismatch)


def test_a_refund_that_no_shop_pays_is_refused() -> None:
    given(*SHOP).when(take_back(("apple", 1, 10**13))).refused(AmountTooLarge)


@pytest.mark.parametrize(("inclusive", "most"), [(True, 2000), (False, 2180)])
def test_within_the_price_no_more_is_paid_back_than_the_goods_cost_today(
    *, inclusive: bool, most: int
) -> None:
    shop = given(a_store(prices_include_tax=inclusive), by_piece("apple", 1000, tax_rate_bp=900))
    command = msgspec.structs.replace(take_back(("apple", 2, most)), within_price=True)
    assert shop.when(command).answer.total_minor == most
    dearer = msgspec.structs.replace(take_back(("apple", 2, most + 1)), within_price=True)
    shop.when(dearer).refused(RefundAbovePrice, sku="apple", most=most, asked=most + 1)


def test_without_a_sale_it_is_an_exception_for_whoever_has_a_limit() -> None:
    cashier = Authority(person="person:u1", limits=Limits(refund_minor={"CNY": 5000}))
    command = msgspec.structs.replace(take_back(("apple", 1, 1000)), authority=cashier)
    given(*SHOP).when(command).refused(
        ApprovalRequired, operation="exception", limit=0, needed=1000, target="r1"
    )


def test_another_currency_than_the_stores_is_not_paid() -> None:
    command = msgspec.structs.replace(take_back(("apple", 1, 1000)), currency="EUR")
    given(*SHOP).when(command).refused(CurrencyMismatch, currency="EUR")
