"""From a basket to priced lines: discounts split over them, and tax."""

import pytest

from domain.sales.pricing import Rule, split, tax_minor
from domain.sales.sale import Discount, DiscountSource, LineShare


def rule(amount_minor: int, base_minor: int = 2860) -> Rule:
    return Rule(
        source=DiscountSource.COUPON,
        rule_id="autumn",
        rule_version=3,
        coupon_id="k1",
        base_minor=base_minor,
        amount_minor=amount_minor,
    )


def test_ten_off_is_split_over_three_lines_and_names_its_rule() -> None:
    assert split(rule(1000), [1990, 550, 320]) == Discount(
        source=DiscountSource.COUPON,
        rule_id="autumn",
        rule_version=3,
        coupon_id="k1",
        base_minor=2860,
        amount_minor=1000,
        shares=(
            LineShare(line=1, amount_minor=696),
            LineShare(line=2, amount_minor=192),
            LineShare(line=3, amount_minor=112),
        ),
    )


def test_a_line_that_gets_nothing_has_no_share() -> None:
    assert split(rule(100), [0, 500, 0]).shares == (LineShare(line=2, amount_minor=100),)


def test_a_discount_of_nothing_has_no_shares() -> None:
    assert split(rule(0), [0, 0]).shares == ()


@pytest.mark.parametrize(
    ("gross", "rate_bp", "tax"),
    [(2890, 2200, 521), (125, 1000, 11), (109, 900, 9), (0, 2200, 0), (1, 2200, 0)],
)
def test_an_inclusive_price_holds_its_tax_as_the_residue(gross: int, rate_bp: int, tax: int) -> None:
    assert tax_minor(gross, rate_bp, inclusive=True) == tax


@pytest.mark.parametrize(
    ("net", "rate_bp", "tax"), [(2369, 2200, 521), (114, 1000, 11), (50, 900, 5), (0, 2200, 0), (5, 1000, 1)]
)
def test_tax_on_top_is_rounded_half_up(net: int, rate_bp: int, tax: int) -> None:
    assert tax_minor(net, rate_bp, inclusive=False) == tax


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_rate_of_nothing_is_no_tax(inclusive: bool) -> None:
    assert tax_minor(2890, 0, inclusive=inclusive) == 0
