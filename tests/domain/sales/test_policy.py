"""The return policy: which terms a product has, and what they forbid."""

from datetime import date, timedelta

import pytest

from domain.kernel.errors import InvalidCommand, VersionConflict
from domain.sales.policy import (
    MAX_DAYS,
    AppliedTerms,
    Policies,
    Policy,
    PolicyApplied,
    ReturnOutsidePolicy,
    ReturnPolicySet,
    SetReturnPolicy,
    Terms,
    Wanted,
    apply,
)
from tests.support.decisions import given

SOLD_ON = date(2026, 3, 2)
POLICY = Policy(
    default=Terms(days=30, without_receipt_days=7),
    categories={"fruit": Terms(days=2, without_receipt_days=0)},
    skus={"gift-card": Terms(final_sale=True), "melon": Terms()},
)


def applied(
    sku: str,
    category: str,
    *,
    after_days: int,
    without_receipt: bool = False,
    exception: str | None = None,
    policy: Policy | None = POLICY,
) -> PolicyApplied | None:
    return apply(
        Policies(version=3, present=policy),
        [Wanted(line=1, sku=sku, category=category)],
        sold_on=SOLD_ON,
        today=SOLD_ON + timedelta(days=after_days),
        without_receipt=without_receipt,
        exception=exception,
    )


@pytest.mark.parametrize(
    ("sku", "category", "by", "days"),
    [
        ("apple", "fruit", "category", 2),
        ("juice", "drinks", "default", 30),
        ("melon", "fruit", "sku", None),
    ],
)
def test_the_terms_of_a_product_stand_before_those_of_its_category(
    sku: str, category: str, by: str, days: int | None
) -> None:
    assert applied(sku, category, after_days=1) == PolicyApplied(
        version=3, days_since=1, lines=(AppliedTerms(line=1, by=by, days=days),)
    )


@pytest.mark.parametrize(
    ("sku", "after_days", "without_receipt"),
    [
        ("apple", 3, False),
        ("apple", 1, True),
        ("juice", 31, False),
        ("juice", 8, True),
        ("gift-card", 0, False),
    ],
)
def test_what_comes_too_late_is_refused(sku: str, after_days: int, *, without_receipt: bool) -> None:
    category = "drinks" if sku == "juice" else "fruit"
    with pytest.raises(ReturnOutsidePolicy):
        applied(sku, category, after_days=after_days, without_receipt=without_receipt)


@pytest.mark.parametrize(
    ("sku", "after_days", "without_receipt"),
    [
        ("apple", 2, False),
        ("apple", 0, True),
        ("juice", 30, False),
        ("juice", 7, True),
        ("melon", 999, False),
    ],
)
def test_the_last_day_counts(sku: str, after_days: int, *, without_receipt: bool) -> None:
    category = "drinks" if sku == "juice" else "fruit"
    found = applied(sku, category, after_days=after_days, without_receipt=without_receipt)
    assert found is not None
    assert found.lines[0].met


def test_an_exception_says_why_and_that_the_terms_were_not_met() -> None:
    found = applied("apple", "fruit", after_days=3, exception="goodwill")
    assert found is not None
    assert (found.exception, found.lines[0].met) == ("goodwill", False)


def test_an_exception_that_nobody_needs_is_none() -> None:
    found = applied("apple", "fruit", after_days=2, exception="goodwill")
    assert found is not None
    assert found.exception is None


def test_without_a_policy_everything_comes_back() -> None:
    assert applied("apple", "fruit", after_days=999, policy=None) is None


def test_a_clock_that_was_set_back_makes_no_return_before_the_sale() -> None:
    found = applied("apple", "fruit", after_days=-1, without_receipt=True)
    assert found is not None
    assert found.days_since == 0


def test_a_policy_is_set() -> None:
    outcome = given().when(SetReturnPolicy(policy=POLICY, expected=0))
    outcome.then(("returnpolicy-main", ReturnPolicySet(policy=POLICY)))
    assert outcome.answer.version == 1


def test_the_same_policy_again_writes_nothing() -> None:
    outcome = given().after(SetReturnPolicy(policy=POLICY)).when(SetReturnPolicy(policy=POLICY))
    outcome.then()
    assert outcome.answer.version == 1


def test_a_policy_that_changed_meanwhile_is_not_overwritten() -> None:
    given().after(SetReturnPolicy(policy=POLICY)).when(SetReturnPolicy(policy=Policy(), expected=0)).refused(
        VersionConflict, expected=0, actual=1
    )


@pytest.mark.parametrize("days", [-1, MAX_DAYS + 1])
def test_days_that_no_calendar_has_are_refused(days: int) -> None:
    policy = Policy(categories={"fruit": Terms(without_receipt_days=days)})
    given().when(SetReturnPolicy(policy=policy)).refused(InvalidCommand, days=days)


def test_a_reason_that_is_listed_twice_is_refused() -> None:
    given().when(SetReturnPolicy(policy=Policy(reasons=("soft", "soft")))).refused(InvalidCommand)


def test_more_terms_than_anybody_reads_are_refused() -> None:
    policy = Policy(skus={f"p{number}": Terms() for number in range(1001)})
    given().when(SetReturnPolicy(policy=policy)).refused(InvalidCommand, limit=1000)
