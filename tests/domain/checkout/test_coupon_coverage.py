"""Coupons for certain products: what they take off, what must reach the minimum, and baskets without any."""

from typing import Any

import msgspec
import pytest

from domain.checkout.pricing import Basket
from domain.checkout.quote import Quote
from domain.checkout.redemption import CouponCoversNothing, CouponTakesNothingOff
from domain.kernel.errors import InvalidCommand
from domain.promotions.campaign import CampaignOpened, CouponBelowMinimum, DiscountKind, OpenCampaign
from domain.promotions.coupon import CouponRedeemed
from domain.promotions.offer import PercentOff, Phase, Target
from domain.sales.sale import SaleCompleted
from tests.support.commands import publish
from tests.support.decisions import Fact, Given, given
from tests.support.facts import SPRING, SUMMER, a_campaign, a_coupon, a_store, by_piece, cash, check_out

APPLES = Target(skus=("apple",))


def a_thing(sku: str, category: str, price_minor: int = 1000) -> Fact:
    stream, added = by_piece(sku, price_minor)
    return stream, msgspec.structs.replace(added, category=category)


def a_shop(covers: Target | None = APPLES, **terms: Any) -> Given:
    """Apples and pears are fruit, soap is not."""
    return given(
        a_store(),
        a_thing("apple", "fruit"),
        a_thing("pear", "fruit", 500),
        a_thing("soap", "household"),
        a_campaign(covers=covers, **terms),
        a_coupon(),
    )


PAID = (cash(100_000),)


def taken_off(covers: Target, **terms: Any) -> list[tuple[int, int]]:
    """By line of an apple, a pear and a soap."""
    basket = check_out(("apple", 1), ("pear", 1), ("soap", 1), coupons=("k1",), tenders=PAID)
    sale = a_shop(covers, **terms).when(basket).only(SaleCompleted)
    return [(share.line, share.amount_minor) for share in sale.discounts[0].shares]


TENTH = {"kind": DiscountKind.PERCENT, "value": 1000}


@pytest.mark.parametrize(
    ("covers", "expected"),
    [
        (APPLES, [(1, 100)]),
        (Target(categories=("fruit",)), [(1, 100), (2, 50)]),
        (Target(categories=("fruit",), without_skus=("apple",)), [(2, 50)]),
        (Target(without_skus=("soap",)), [(1, 100), (2, 50)]),
        (Target(skus=("soap",), categories=("fruit",)), [(1, 100), (2, 50), (3, 100)]),
    ],
)
def test_it_takes_off_the_covered_lines_only(covers: Target, expected: list[tuple[int, int]]) -> None:
    assert taken_off(covers, **TENTH) == expected


def test_an_amount_is_never_above_the_covered_lines() -> None:
    assert taken_off(Target(skus=("pear",)), value=2000) == [(2, 500)]


def test_the_minimum_is_of_the_covered_lines() -> None:
    basket = check_out(("apple", 1), ("soap", 3), coupons=("k1",), tenders=PAID)
    a_shop(minimum_minor=2000).when(basket).refused(CouponBelowMinimum, minimum=2000, basket=1000)


def test_a_basket_without_a_covered_line_is_refused() -> None:
    basket = check_out(("pear", 1), ("soap", 3), coupons=("k1",), tenders=PAID)
    a_shop().when(basket).refused(CouponCoversNothing, coupon_id="k1")


def test_covered_lines_that_cost_nothing_any_more_are_another_matter() -> None:
    free = publish("free", PercentOff(rate_bp=10_000), Phase.LINE, target=APPLES)
    basket = check_out(("apple", 1), ("soap", 1), coupons=("k1",), tenders=PAID)
    a_shop().after(free).when(basket).refused(CouponTakesNothingOff, coupon_id="k1")


def test_a_quote_says_so() -> None:
    basket = check_out(("soap", 1), coupons=("k1",))
    names = [field.name for field in msgspec.structs.fields(Basket)]
    quote = Quote(basket=Basket(**{name: getattr(basket, name) for name in names}))
    (unusable,) = a_shop().when(quote).answer.unusable
    assert unusable.code == "coupon_covers_nothing"


def test_without_coverage_all_is_covered() -> None:
    basket = check_out(("soap", 1), coupons=("k1",))
    assert a_shop(None).when(basket).only(CouponRedeemed).amount_minor == 1000


def opening(covers: Target) -> OpenCampaign:
    return OpenCampaign(
        campaign_id="winter",
        name="Winter",
        kind=DiscountKind.AMOUNT,
        value=100,
        currency="CNY",
        valid_from=SPRING,
        valid_until=SUMMER,
        covers=covers,
    )


def test_a_campaign_keeps_what_it_covers() -> None:
    assert given().when(opening(APPLES)).only(CampaignOpened).covers == APPLES


@pytest.mark.parametrize(
    "covers",
    [Target(), Target(skus=("apple",), without_skus=("apple",)), Target(skus=tuple("s" * 1_001))],
)
def test_coverage_that_can_not_be_meant_is_refused(covers: Target) -> None:
    given().when(opening(covers)).refused(InvalidCommand)
