"""Laws of sales and returns: sums that hold for every basket, payment and order of returns."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.checkout.redemption import CouponTakesNothingOff
from domain.kernel.errors import Refusal
from domain.promotions.campaign import DiscountKind
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import CASH, SALE, SaleCompleted, SaleLine, Tender
from domain.sales.tendering import TendersDoNotAddUp, paid_by_tender
from domain.tills.till import TILL, ReceiptIssued
from tests.support.decisions import Shop
from tests.support.facts import (
    a_campaign,
    a_coupon,
    a_store,
    by_gram,
    by_piece,
    card,
    cash,
    check_out,
    take_back,
)
from tests.support.laws import a_law

COUPONS = (
    a_campaign("off", value=777, priority=1),
    a_campaign("third", kind=DiscountKind.PERCENT, value=3333, priority=2),
    a_coupon("k-off", "off"),
    a_coupon("k-third", "third"),
)


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A basket and how it is paid; drawn at random."""

    inclusive: bool
    products: list[tuple[int, int, int, bool]]  # price, quantity, tax rate, by the gram
    coupons: tuple[str, ...]
    weights: list[int]  # of the tenders
    methods: list[str]
    extra_cash: int


PURCHASES = st.builds(
    Purchase,
    inclusive=st.booleans(),
    products=st.lists(
        st.tuples(st.integers(0, 5000), st.integers(1, 9), st.sampled_from((0, 900, 2200)), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    coupons=st.sampled_from(((), ("k-off",), ("k-third",), ("k-off", "k-third"))),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    methods=st.lists(st.sampled_from((CASH, "card", "voucher")), min_size=4, max_size=4),
    extra_cash=st.integers(0, 500),
)


def due_minor(shop: Shop, basket: CheckOut) -> int:
    """What the till says is due, from its refusal to take nothing for it."""
    asked = shop.do(msgspec.structs.replace(basket, tenders=(cash(0),)))
    assert isinstance(asked, TendersDoNotAddUp)
    due = asked.facts["due"]
    assert isinstance(due, int)
    return due


def pay(due: int, purchase: Purchase) -> tuple[Tender, ...]:
    """The sum in several tenders, the last one in cash with change wherever there is cash at all."""
    tenders: list[Tender] = []
    left = due
    for weight, method in zip(purchase.weights, purchase.methods, strict=False):
        part = min(left, max(1, due * weight // 20))
        if part > 0:
            tenders.append(Tender(method=method, amount_minor=part))
            left -= part
    if left:
        tenders.append(cash(left + purchase.extra_cash))
    return tuple(tenders)


def bought(purchase: Purchase) -> tuple[Shop, SaleCompleted]:
    """The shop after the purchase; every purchase that pays what is due is accepted."""
    shop = Shop(a_store(prices_include_tax=purchase.inclusive), *COUPONS)
    basket: list[tuple[str, int]] = []
    for number, (price, quantity, rate, gram) in enumerate(purchase.products):
        product = by_gram if gram else by_piece
        shop.record([product(f"p{number}", price, tax_rate_bp=rate)])
        basket.append((f"p{number}", quantity * 137 if gram else quantity))
    command = check_out(*basket, coupons=purchase.coupons, tenders=(cash(0),))
    while isinstance(refused := shop.do(command), CouponTakesNothingOff):
        useless = refused.facts["coupon_id"]
        kept = tuple(coupon for coupon in command.coupon_ids if coupon != useless)
        command = msgspec.structs.replace(command, coupon_ids=kept)
    command = msgspec.structs.replace(command, tenders=pay(due_minor(shop, command), purchase))
    outcome = shop.do(command)
    assert not isinstance(outcome, Refusal), outcome
    return shop, shop.events(SaleCompleted)[0]


def paid_for(line: SaleLine, *, inclusive: bool) -> int:
    return line.net_minor if inclusive else line.net_minor + line.tax_minor


@a_law
@given(PURCHASES)
def test_tenders_less_change_are_the_total(purchase: Purchase) -> None:
    _, sale = bought(purchase)
    assert sum(tender.amount_minor for tender in sale.tenders) - sale.change_minor == sale.total_minor
    assert sum(paid_by_tender(sale)) == sale.total_minor
    assert all(paid >= 0 for paid in paid_by_tender(sale))


@a_law
@given(PURCHASES)
def test_lines_are_worth_what_they_were_paid_for_and_what_the_discounts_took(purchase: Purchase) -> None:
    _, sale = bought(purchase)
    shares: Counter[int] = Counter()
    for discount in sale.discounts:
        assert sum(share.amount_minor for share in discount.shares) == discount.amount_minor
        for share in discount.shares:
            shares[share.line] += share.amount_minor
    for line in sale.lines:
        assert line.net_minor + shares[line.line] == line.amount_minor
        assert 0 <= line.net_minor <= line.amount_minor


@a_law
@given(PURCHASES)
def test_the_total_is_what_the_lines_were_paid_for(purchase: Purchase) -> None:
    _, sale = bought(purchase)
    assert sale.total_minor == sum(paid_for(line, inclusive=purchase.inclusive) for line in sale.lines)


def return_all(shop: Shop, sale: SaleCompleted, data: st.DataObject) -> Iterator[ReturnRecorded]:
    """Some partial returns of some lines, then everything that is left."""
    left = {line.line: line.quantity for line in sale.lines}
    for number in range(data.draw(st.integers(0, 5))):
        lines = data.draw(st.lists(st.sampled_from(sorted(left)), min_size=1, unique=True))
        back = {line: data.draw(st.integers(1, left[line])) for line in lines if left[line]}
        if back:
            yield return_some(shop, back, f"r{number}")
            left = {line: quantity - back.get(line, 0) for line, quantity in left.items()}
    if rest := {line: quantity for line, quantity in left.items() if quantity}:
        yield return_some(shop, rest, "rest")


def return_some(shop: Shop, quantities: dict[int, int], return_id: str) -> ReturnRecorded:
    outcome = shop.do(take_back(*quantities.items(), return_id=return_id))
    assert not isinstance(outcome, Refusal), outcome
    return shop.events(ReturnRecorded)[-1]


@a_law
@given(PURCHASES, st.data())
def test_each_line_gets_back_what_was_paid_for_it_and_never_more(
    purchase: Purchase, data: st.DataObject
) -> None:
    shop, sale = bought(purchase)
    paid = {line.line: paid_for(line, inclusive=purchase.inclusive) for line in sale.lines}
    refunded: Counter[int] = Counter()
    for returned in return_all(shop, sale, data):
        for line in returned.lines:
            assert line.refund_minor >= 0
            refunded[line.line] += line.refund_minor
            assert refunded[line.line] <= paid[line.line]
    assert {line: refunded[line] for line in paid} == paid


@a_law
@given(PURCHASES, st.data())
def test_each_tender_gets_back_what_it_paid_and_never_more(purchase: Purchase, data: st.DataObject) -> None:
    shop, sale = bought(purchase)
    paid = paid_by_tender(sale)
    refunded = [0] * len(paid)
    for returned in return_all(shop, sale, data):
        assert sum(refund.amount_minor for refund in returned.refunds) == returned.total_minor
        for refund in returned.refunds:
            assert refund.amount_minor > 0
            assert refund.method == sale.tenders[refund.tender - 1].method
            refunded[refund.tender - 1] += refund.amount_minor
            assert refunded[refund.tender - 1] <= paid[refund.tender - 1]
    assert refunded == paid


@a_law
@given(PURCHASES, st.data())
def test_a_sale_returned_in_full_leaves_no_money_tax_or_goods(
    purchase: Purchase, data: st.DataObject
) -> None:
    shop, sale = bought(purchase)
    returned = [line for part in return_all(shop, sale, data) for line in part.lines]
    assert shop.state(TILL, "s1/till-1").perpetual.total_minor == 0
    assert sum(line.tax_minor for line in returned) == sum(line.tax_minor for line in sale.lines)
    assert sum(line.net_minor for line in returned) == sum(line.net_minor for line in sale.lines)
    assert shop.state(SALE, "x1").returned == {line.line: line.quantity for line in sale.lines}


DEALS = st.lists(
    st.tuples(
        st.sampled_from(("sell", "sell short", "return")), st.sampled_from(("t1", "t2")), st.integers(0, 9)
    ),
    max_size=25,
)


@a_law
@given(DEALS)
def test_the_receipts_of_a_till_have_no_gap_and_its_total_is_their_sum(
    deals: list[tuple[str, str, int]],
) -> None:
    shop = Shop(a_store(), by_piece("apple", 1000))
    for number, (what, till, pick) in enumerate(deals):
        if what == "return":
            shop.do(take_back((1, 1), sale_id=f"x{pick}", register_id=till, return_id=f"r{number}"))
        else:
            paid = card(2000 if what == "sell" else 1999)
            shop.do(check_out(("apple", 2), tenders=(paid,), sale_id=f"x{number}", register_id=till))
    for till in ("t1", "t2"):
        receipts = [receipt for receipt in shop.events(ReceiptIssued) if receipt.register_id == till]
        assert [receipt.number for receipt in receipts] == list(range(1, len(receipts) + 1))
        assert shop.state(TILL, f"s1/{till}").perpetual.total_minor == sum(
            receipt.total_minor for receipt in receipts
        )
    documents = [receipt.document for receipt in shop.events(ReceiptIssued)]
    assert len(set(documents)) == len(documents)
