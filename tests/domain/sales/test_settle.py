"""Exceptions of sales that were made offline are settled: once, with a reason, and nothing else changes."""

from domain.checkout.line_prices import BasketLine
from domain.checkout.record_sale import RecordSale
from domain.kernel.errors import NotFound
from domain.sales.exceptions import ExceptionSettled
from domain.sales.sale import SALE
from domain.sales.settle import ExceptionAlreadySettled, SettleException
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, cash, take_back

SHOP = (a_store(), by_piece("apple", 1000))
OFFLINE = RecordSale(
    sale_id="x1",
    store_id="s1",
    register_id="till-1",
    lines=(BasketLine(sku="apple", quantity=1), BasketLine(sku="apple", quantity=1)),
    unit_prices_minor=(900, 1000),
    charged_minor=(900, 800),
    tenders=(cash(1700),),
)
"""Its exceptions are `price_differs` and `total_differs`."""


def settle(number: int = 1, *, store_id: str = "s1", sale_id: str = "x1") -> SettleException:
    return SettleException(store_id=store_id, sale_id=sale_id, number=number, reason="old price label")


def sold() -> Given:
    return given(*SHOP).after(OFFLINE)


def test_a_settlement_says_which_exception_and_why() -> None:
    done = sold().when(settle(2))
    done.then_events(
        ExceptionSettled(
            sale_id="x1", store_id="s1", number=2, code="total_differs", reason="old price label"
        )
    )
    assert done.answer.still_open == 1


def test_an_exception_is_settled_once_and_the_others_stay_open() -> None:
    settled = sold().after(settle(1))
    settled.when(settle(1)).refused(ExceptionAlreadySettled, number=1)
    assert settled.when(settle(2)).answer.still_open == 0


def test_what_the_sale_or_the_store_does_not_have_is_not_settled() -> None:
    sold().when(settle(0)).refused(NotFound)
    sold().when(settle(3)).refused(NotFound)
    sold().when(settle(sale_id="typo")).refused(NotFound)
    sold().when(settle(store_id="s2")).refused(NotFound)


def test_what_is_settled_stays_so_after_a_return() -> None:
    shop = Shop(*SHOP)
    for command in (OFFLINE, settle(1), take_back((1, 1))):
        shop.record(shop.decide(command, at(NOON)).events)
    assert shop.state(SALE, "x1").settled == (1,)
