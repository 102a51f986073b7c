"""Money: rounding, proration, cumulative shares."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import allocate, cumulative_share, half_up
from tests.support.laws import a_law

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(sum)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 2, 3),
        (-5, 2, -3),
        (7, 3, 2),
        (8, 3, 3),
        (-8, 3, -3),
        (1, 2, 1),
        (-1, 2, -1),
        (0, 7, 0),
        (49, 100, 0),
    ],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


def test_rounding_by_zero_is_our_own_bug() -> None:
    with pytest.raises(AssertionError):
        half_up(1, 0)


def test_ten_over_three_lines_is_split_by_largest_remainder() -> None:
    assert allocate(1000, [1990, 550, 320]) == [696, 192, 112]


def test_a_free_unit_is_spread_over_its_group() -> None:
    assert allocate(600, [1000, 800, 600]) == [250, 200, 150]


def test_equal_remainders_go_to_the_earlier_line() -> None:
    assert allocate(2, [1, 1, 1]) == [1, 1, 0]


def test_nothing_is_split_into_nothings_even_over_free_lines() -> None:
    assert allocate(0, [0, 0]) == [0, 0]


@a_law
@given(WEIGHTS, st.data())
def test_shares_add_up_and_none_is_negative_or_above_its_weight(
    weights: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    shares = allocate(total, weights)
    assert sum(shares) == total
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@a_law
@given(WEIGHTS, st.data())
def test_a_share_is_less_than_one_unit_off_its_exact_proportion(
    weights: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    whole = sum(weights)
    for share, weight in zip(allocate(total, weights), weights, strict=True):
        assert abs(share * whole - total * weight) < whole


def test_ten_for_three_units_comes_back_in_333_334_333() -> None:
    shares = [cumulative_share(1000, units, 3) for units in range(4)]
    assert [after - before for before, after in pairwise(shares)] == [333, 334, 333]


@a_law
@given(st.integers(0, 10**9), st.integers(1, 10**6), st.data())
def test_the_cumulative_share_never_falls_and_ends_at_the_whole(
    whole: int, of: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, of - 1))
    assert cumulative_share(whole, 0, of) == 0
    assert 0 <= cumulative_share(whole, part, of) <= cumulative_share(whole, part + 1, of) <= whole
    assert cumulative_share(whole, of, of) == whole
