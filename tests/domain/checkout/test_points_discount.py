"""Points as a discount: they lower price and tax, break no threshold, and come back with the goods."""

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.checkout.membership import PointsNeedCustomer
from domain.checkout.points_discount import PointsExceedBasket
from domain.checkout.pricing import Basket
from domain.checkout.quote import Quote, Quoted
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.points import Lot
from domain.loyalty.earning import EarnRule
from domain.loyalty.points import LOYALTY, PointsEarned, PointsShort
from domain.loyalty.programme import Pays, Programme, SetProgramme
from domain.promotions.offer import OnReturn, Phase, SpendAndSave, Step
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import POINTS, DiscountSource, SaleCompleted, Tender
from tests.support.commands import publish
from tests.support.decisions import Shop
from tests.support.facts import a_customer, a_store, by_piece, cash, check_out, take_back
from tests.support.laws import a_law

PROGRAMME = Programme(
    currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=5, pays=Pays.DISCOUNT
)
SAVE = publish(
    "save",
    SpendAndSave(steps=(Step(from_minor=10_000, off_minor=2_000),)),
    Phase.ORDER,
    on_return=OnReturn.REPRICE,
)


def a_shop(
    programme: Programme | None = PROGRAMME, *, holding: int = 1_000, tax_included: bool = True
) -> Shop:
    """A big and a small thing at 60.00 and 50.00, and a customer who holds points."""
    shop = Shop(
        a_store(prices_include_tax=tax_included),
        by_piece("big", 6_000, tax_rate_bp=900),
        by_piece("small", 5_000, tax_rate_bp=1_300),
        a_customer("c1"),
    )
    if programme is not None:
        done(shop.do(SetProgramme(programme=programme)))
    lot = Lot(number=1, points=holding)
    shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
    return shop


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refusal), outcome


def buying(
    bigs: int, smalls: int, points: int, *, sale_id: str = "x1", customer_id: str | None = "c1"
) -> CheckOut:
    lines = [(sku, count) for sku, count in (("big", bigs), ("small", smalls)) if count]
    sale = check_out(*lines, tenders=(cash(1_000_000),), sale_id=sale_id, customer_id=customer_id)
    return msgspec.structs.replace(sale, points=points)


def balance(shop: Shop) -> int:
    return shop.state(LOYALTY, "c1").balance


def test_points_lower_price_and_tax() -> None:
    shop = a_shop()
    done(shop.do(buying(1, 0, 110)))
    (line,) = shop.events(SaleCompleted)[0].lines
    # 60.00 less 5.50 at 9 % included.
    assert (line.net_minor, line.tax_minor) == (5_450, 450)


def test_the_sale_says_what_points_took_off_which_line() -> None:
    shop = a_shop()
    done(shop.do(buying(1, 1, 220)))
    (row,) = shop.events(SaleCompleted)[0].discounts
    assert (row.source, row.rule_version, row.amount_minor) == (DiscountSource.POINTS, 1, 1_100)
    assert [share.amount_minor for share in row.shares] == [600, 500]


def test_points_break_no_threshold() -> None:
    """20.00 off from 100.00: the points come off behind it."""
    shop = a_shop()
    done(shop.do(SAVE))
    done(shop.do(buying(1, 1, 400)))
    assert shop.events(SaleCompleted)[0].total_minor == 11_000 - 2_000 - 2_000


def test_what_points_took_off_earns_nothing() -> None:
    shop = a_shop()
    done(shop.do(buying(1, 0, 200)))
    assert shop.events(PointsEarned)[-1].lot.points == 50


def test_half_of_a_line_brings_half_of_its_points_back() -> None:
    shop = a_shop()
    done(shop.do(buying(2, 0, 200)))
    done(shop.do(take_back((1, 1))))
    # 200 were spent and 110 earned; 100 come back, and 55 are no longer earned.
    assert balance(shop) == 1_000 - 200 + 110 + 100 - 55


def test_a_return_that_breaks_a_threshold_prices_what_is_kept_without_the_points() -> None:
    """60 and 50 with 20 off from 100 and 11.00 in points, paid 79: the 50 comes back, the 60 is kept."""
    shop = a_shop()
    done(shop.do(SAVE))
    done(shop.do(buying(1, 1, 220)))
    shares = {share.line: share.amount_minor for share in shop.events(SaleCompleted)[0].discounts[-1].shares}
    done(shop.do(take_back((2, 1))))
    assert shop.events(ReturnRecorded)[0].total_minor == 7_900 - (6_000 - shares[1])


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (buying(1, 0, 1_001), PointsShort),
        (buying(1, 0, -1), InvalidCommand),
        (buying(1, 0, 5, customer_id=None), PointsNeedCustomer),
    ],
)
def test_points_come_off_that_are_there(command: CheckOut, refusal: type[Refusal]) -> None:
    assert type(a_shop().do(command)) is refusal


def test_points_take_no_more_off_than_there_is_to_pay() -> None:
    assert isinstance(a_shop(holding=9_000).do(buying(1, 0, 1_201)), PointsExceedBasket)


def test_points_may_pay_all() -> None:
    shop = a_shop(holding=1_200)
    sale = msgspec.structs.replace(buying(1, 0, 1_200), tenders=())
    done(shop.do(sale))
    done(shop.do(take_back((1, 1))))
    assert balance(shop) == 1_200


def test_no_half_cent_comes_off() -> None:
    thirds = msgspec.structs.replace(PROGRAMME, redeem_points=3, redeem_minor=5)
    assert isinstance(a_shop(thirds).do(buying(1, 0, 4)), InvalidCommand)


def test_points_come_off_in_their_own_currency_only() -> None:
    euros = msgspec.structs.replace(PROGRAMME, currency="EUR")
    assert isinstance(a_shop(euros).do(buying(1, 0, 5)), CurrencyMismatch)


@pytest.mark.parametrize("programme", [None, msgspec.structs.replace(PROGRAMME, pays=Pays.TENDER)])
def test_without_such_a_programme_nothing_comes_off(programme: Programme | None) -> None:
    assert isinstance(a_shop(programme).do(buying(1, 0, 5)), InvalidCommand)


def test_where_points_are_a_discount_they_are_no_tender() -> None:
    tenders = (Tender(method=POINTS, amount_minor=1_000), cash(5_000))
    sale = msgspec.structs.replace(buying(1, 0, 0), tenders=tenders)
    assert isinstance(a_shop().do(sale), InvalidCommand)


@settings(parent=a_law, max_examples=60)
@drawn(
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(1, 1_000),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_in_whatever_order_it_comes_back_all_points_and_all_money_do(
    bigs: int, smalls: int, points: int, saving: bool, tax_included: bool, weighted: bool, data: st.DataObject
) -> None:
    rules = (EarnRule(name="small", multiplier_bp=17_777, skus=("small",)),) if weighted else ()
    shop = a_shop(msgspec.structs.replace(PROGRAMME, rules=rules), tax_included=tax_included)
    if saving:
        done(shop.do(SAVE))
    done(shop.do(buying(bigs, smalls, points)))
    left = [count for count in (bigs, smalls) if count]
    paid = shop.events(SaleCompleted)[0].total_minor
    while any(left):
        line = data.draw(st.sampled_from([n for n, count in enumerate(left, start=1) if count]))
        back = data.draw(st.integers(1, left[line - 1]))
        left[line - 1] -= back
        done(shop.do(take_back((line, back), return_id=f"r{sum(left)}")))
        assert sum(each.total_minor for each in shop.events(ReturnRecorded)) <= paid
    assert sum(each.total_minor for each in shop.events(ReturnRecorded)) == paid
    assert balance(shop) == 1_000


def quote(shop: Shop, bigs: int, points: int, *, customer_id: str | None = "c1") -> Quoted:
    names = [field.name for field in msgspec.structs.fields(Basket)]
    sale = buying(bigs, 0, points, customer_id=customer_id)
    basket = Basket(**{name: getattr(sale, name) for name in names})
    outcome = shop.do(Quote(basket=basket, points=points))
    assert not isinstance(outcome, Refusal), outcome
    assert isinstance(outcome.result, Quoted)
    return outcome.result


def test_a_quote_is_what_the_sale_then_costs() -> None:
    shop = a_shop()
    quoted = quote(shop, 1, 100)
    done(shop.do(buying(1, 0, 100)))
    (sale,) = shop.events(SaleCompleted)
    (line,) = quoted.lines
    assert (quoted.total_minor, quoted.tax_minor) == (sale.total_minor, sale.lines[0].tax_minor)
    assert (line.points_minor, line.net_minor) == (500, 5_500)


@pytest.mark.parametrize(
    ("points", "customer_id", "code"),
    [
        (1_001, "c1", "points_short"),
        (100, None, "points_need_customer"),
        (2_000, "c1", "points_exceed_basket"),
    ],
)
def test_a_quote_says_why_points_can_not_come_off(points: int, customer_id: str | None, code: str) -> None:
    quoted = quote(a_shop(), 1, points, customer_id=customer_id)
    assert quoted.unusable_points is not None
    assert (quoted.unusable_points.code, quoted.total_minor) == (code, 6_000)


def test_a_quote_under_a_programme_that_pays_with_points_says_so() -> None:
    quoted = quote(a_shop(msgspec.structs.replace(PROGRAMME, pays=Pays.TENDER)), 1, 100)
    assert quoted.unusable_points is not None
    assert quoted.unusable_points.code == "invalid_command"
