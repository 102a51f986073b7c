"""Rhythm, parts of the day and price levels, by formulas in whole numbers."""

from datetime import date, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customers.habits import Bought, Rhythm, day_part, level_of, permille, price_level, rhythm

MONDAY = date(2026, 3, 2)


def on(*days: int) -> list[date]:
    return [MONDAY + timedelta(days=day) for day in days]


def rounded(exact: Fraction) -> int:
    """Half away from zero, of what is not below it."""
    return int(exact + Fraction(1, 2))


def test_somebody_who_comes_every_week_is_expected_in_a_week() -> None:
    assert rhythm(on(0, 7, 14)) == Rhythm(3, 7, MONDAY + timedelta(days=21))


def test_two_purchases_on_a_day_are_one_and_the_order_does_not_matter() -> None:
    assert rhythm(on(10, 0, 10, 3)) == rhythm(on(0, 3, 10)) == Rhythm(3, 5, MONDAY + timedelta(days=15))


def test_one_long_absence_moves_no_median() -> None:
    assert rhythm(on(0, 7, 14, 200)).median_days == 7


@pytest.mark.parametrize("days", [(), (4,), (4, 4)])
def test_without_a_second_day_nothing_is_expected(days: tuple[int, ...]) -> None:
    found = rhythm(on(*days))
    assert (found.median_days, found.expected_on) == (None, None)


@given(st.lists(st.integers(0, 2000)))
def test_the_interval_is_the_median_of_all_intervals(days: list[int]) -> None:
    ordered = sorted(set(days))
    gaps = [Fraction(ordered[n + 1] - ordered[n]) for n in range(len(ordered) - 1)]
    expected = rounded(median(gaps)) if gaps else None
    assert rhythm(on(*days)).median_days == expected


def test_every_hour_has_its_part_of_the_day() -> None:
    parts = [day_part(hour) for hour in range(24)]
    assert {part: parts.count(part) for part in parts} == {
        "night": 6,
        "morning": 5,
        "midday": 3,
        "afternoon": 4,
        "evening": 6,
    }


def test_a_share_is_rounded_half_away_from_zero_and_nothing_of_nothing() -> None:
    assert [permille(1, 2000), permille(2, 3), permille(0, 0)] == [1, 667, 0]


def test_who_pays_a_tenth_more_than_all_for_the_same_buys_at_1100() -> None:
    own = {"CNY/piece/fruit": Bought(2, 1100)}
    everyones = {"CNY/piece/fruit": Bought(20, 10_000)}
    assert price_level(own, everyones) == 1100


def test_without_anything_to_compare_there_is_no_level() -> None:
    fruit = "CNY/piece/fruit"
    assert price_level({}, {}) is None
    assert price_level({fruit: Bought(0, 0)}, {fruit: Bought(9, 900)}) is None
    assert price_level({fruit: Bought(1, 0)}, {fruit: Bought(9, 0)}) is None


def test_levels_have_words() -> None:
    assert [level_of(level) for level in (899, 900, 1100, 1101)] == ["low", "middle", "middle", "high"]


_BOUGHT = st.builds(Bought, st.integers(-2, 50), st.integers(0, 5000))
_CATEGORIES = st.dictionaries(st.sampled_from("abcde"), _BOUGHT)


@given(_CATEGORIES, _CATEGORIES)
def test_a_price_level_is_what_fractions_say(own: dict[str, Bought], everyones: dict[str, Bought]) -> None:
    both = [
        (own[key], everyones[key])
        for key in own
        if key in everyones and own[key].quantity > 0 and everyones[key].quantity > 0
    ]
    paid = sum(bought.paid_minor for bought, _ in both)
    expected = sum(
        (Fraction(bought.quantity * all_.paid_minor, all_.quantity) for bought, all_ in both), Fraction()
    )
    assert price_level(own, everyones) == (rounded(1000 * paid / expected) if expected else None)
