"""Demand is estimated from what was sold and from how much of each day the shelf saw."""

import pytest

from domain.replenishment.demand import estimate, naive_mean


def test_days_in_stock_say_what_is_asked_for() -> None:
    demand = estimate([10, 14, 10, 14] * 14, [1.0] * 56)
    assert demand is not None
    assert demand.mean_milli == pytest.approx(12_000, abs=200)
    assert demand.deviation_milli == pytest.approx(2_000, abs=100)


def test_a_day_without_stock_is_no_day_without_demand() -> None:
    demand = estimate([12, 0, 12, 0, 12, 12], [1.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    assert demand is not None
    assert demand.mean_milli == 12_000
    assert naive_mean([12, 0, 12, 0, 12, 12]) == 8


def test_half_a_day_in_stock_sees_half_of_the_demand() -> None:
    demand = estimate([12, 6, 12, 6], [1.0, 0.5, 1.0, 0.5])
    assert demand is not None
    assert demand.mean_milli == 12_000
    assert demand.deviation_milli == 0


def test_the_rush_of_a_short_while_in_stock_stands_for_little() -> None:
    calm = estimate([12] * 10, [1.0] * 10)
    rush = estimate([12] * 9 + [8], [1.0] * 9 + [0.1])
    assert calm is not None
    assert rush is not None
    assert rush.mean_milli - calm.mean_milli < 100


def test_a_fortnight_ago_counts_half() -> None:
    demand = estimate([0] * 14 + [10] * 14, [1.0] * 28)
    assert demand is not None
    assert demand.mean_milli == pytest.approx(6_667, abs=10)


def test_the_days_that_saw_only_a_part_are_counted() -> None:
    demand = estimate([12, 0, 6], [1.0, 0.0, 0.5])
    assert demand is not None
    assert (demand.days, demand.censored_days) == (3, 2)


def test_what_was_never_in_stock_has_no_known_demand() -> None:
    assert estimate([0, 0, 0], [0.0, 0.0, 0.0]) is None
    assert estimate([], []) is None


def test_one_day_alone_is_taken_to_vary_like_buyers_who_come_one_by_one() -> None:
    demand = estimate([9], [1.0])
    assert demand is not None
    assert (demand.mean_milli, demand.deviation_milli) == (9_000, 3_000)


def test_more_that_came_back_than_was_sold_is_no_demand_below_zero() -> None:
    demand = estimate([-3, 1], [1.0, 1.0])
    assert demand is not None
    assert demand.mean_milli == 0
