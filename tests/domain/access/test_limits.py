"""Limits: how far somebody may go alone."""

import pytest
from msgspec import UNSET

from domain.access.limits import UNLIMITED, GivenLimits, Limits, Operation, discount_bp, exceeds, widest

NONE = Limits()
CASHIER = Limits(refund_minor={"*": 20_000}, discount_bp=1000)
OWNER = UNLIMITED


def test_by_default_nobody_may_go_anywhere() -> None:
    assert {NONE.up_to(operation, "CNY") for operation in Operation} == {0}


def test_who_is_without_limit_is_so_in_everything() -> None:
    assert {UNLIMITED.up_to(operation, "CNY") for operation in Operation} == {None}


def test_a_currency_that_is_not_named_goes_by_the_star() -> None:
    limits = Limits(refund_minor={"CNY": 5, "*": 7})
    assert [limits.up_to(Operation.REFUND, currency) for currency in ("CNY", "EUR")] == [5, 7]


def test_several_roles_allow_the_most_of_each() -> None:
    together = widest([Limits(refund_minor={"CNY": 50}), Limits(refund_minor={"*": 9}, discount_bp=500)])
    assert (together.refund_minor, together.discount_bp) == ({"CNY": 50, "*": 9}, 500)


def test_without_limit_is_more_than_any() -> None:
    assert widest([CASHIER, OWNER, NONE]) == OWNER


def test_no_role_allows_nothing() -> None:
    assert not exceeds(widest([]), NONE)


def test_given_limits_stand_in_place_of_others() -> None:
    assert GivenLimits(refund_minor=None).over(CASHIER) == Limits(refund_minor=None, discount_bp=1000)
    assert GivenLimits(refund_minor=UNSET, discount_bp=0).over(CASHIER).refund_minor == {"*": 20_000}


@pytest.mark.parametrize(
    ("one", "other", "more"),
    [
        (OWNER, CASHIER, True),
        (CASHIER, OWNER, False),
        (CASHIER, CASHIER, False),
        (Limits(discount_bp=1), NONE, True),
        (Limits(over_short_minor={"CNY": 1}), NONE, True),
        (Limits(void_minor={"CNY": 1}), NONE, True),
        (Limits(shift_voids_minor={"CNY": 1}), NONE, True),
        (Limits(refund_minor={"CNY": 1}), NONE, True),
        (Limits(pay_out_minor={"CNY": 1}), NONE, True),
        (Limits(drop_minor={"CNY": 1}), NONE, True),
        (Limits(card_load_minor=None), NONE, True),
        (Limits(credit_minor={"*": 1}), NONE, True),
        (Limits(refund_minor={"CNY": 30_000}), CASHIER, True),
        (Limits(refund_minor={"CNY": 20_000}), CASHIER, False),
    ],
)
def test_limits_exceed_others_in_any_one_thing(one: Limits, other: Limits, *, more: bool) -> None:
    assert exceeds(one, other) is more


@pytest.mark.parametrize(
    ("listed", "price", "bp"),
    [(1000, 1000, 0), (1000, 1200, 0), (1000, 900, 1000), (1000, 0, 10_000), (0, 0, 0), (3, 2, 3334)],
)
def test_a_discount_is_rounded_up_so_that_no_part_is_free(listed: int, price: int, bp: int) -> None:
    assert discount_bp(listed, price) == bp
