"""Demand goes with the week, and what a few days say about that is believed a little."""

from datetime import date

import pytest

from domain.replenishment.demand import Demand, estimate
from domain.replenishment.weekdays import Week, asked_for, day_by_day

MONDAY = date(2026, 3, 2)
THURSDAY = date(2026, 3, 5)
BUSY_SATURDAY = (10, 10, 10, 10, 10, 20, 14)
"""From Monday on: 12 on average, so that a Saturday is 1.667 of it."""


def index_of(*items: tuple[date, list[float]]) -> tuple[int, ...]:
    week = Week()
    for first, sold in items:
        week.add(first, sold)
    return week.index_milli()


def test_days_that_are_all_alike_have_no_index() -> None:
    assert index_of((MONDAY, [12.0] * 56)) == ()


def test_what_is_not_known_has_no_index() -> None:
    assert index_of() == ()
    assert index_of((MONDAY, [12.0] * 7)) == ()
    assert index_of((MONDAY, [0.0] * 56)) == ()


def test_many_items_show_what_a_weekday_is_worth() -> None:
    index = index_of(*[(MONDAY, list(map(float, BUSY_SATURDAY)) * 8)] * 100)

    assert index == pytest.approx([x * 1_000 / 12 for x in BUSY_SATURDAY], abs=3)


def test_one_item_is_believed_by_how_little_its_days_vary() -> None:
    """56 days of mean 12 and variance 12.8: each weighs 11.25, eight Saturdays 90 beside the 25 before.

    (90 · 1.667 + 25) / (90 + 25) = 1.522.
    """
    assert index_of((MONDAY, list(map(float, BUSY_SATURDAY)) * 8))[5] == 1_522


def test_what_is_sold_now_and_then_says_next_to_nothing() -> None:
    once = [0.0] * 56
    once[5] = 1.0

    assert index_of((MONDAY, once)) == pytest.approx([1_000] * 7, abs=40)


def test_an_item_counts_by_weekday_from_whichever_day_it_begins() -> None:
    days = list(map(float, BUSY_SATURDAY)) * 9

    assert index_of((THURSDAY, days[3 : 3 + 56])) == index_of((MONDAY, days[:56]))


def test_grams_and_pieces_weigh_alike() -> None:
    pieces = list(map(float, BUSY_SATURDAY)) * 8

    assert index_of((MONDAY, pieces)) == index_of((MONDAY, [1_000 * x for x in pieces]))


def test_a_day_that_was_out_of_stock_for_a_while_says_nothing_about_its_weekday() -> None:
    sold = list(map(float, BUSY_SATURDAY)) * 8
    sold[5] = 1.0
    week, known = Week(), Week()
    week.add(MONDAY, sold, [0.5 if day == 5 else 1.0 for day in range(56)])
    sold[5] = 20.0
    known.add(MONDAY, sold)

    assert week.index_milli()[5] == pytest.approx(known.index_milli()[5], abs=15)
    assert week.index_milli()[5] > 1_450


def test_a_mean_is_that_of_an_average_day_whichever_days_were_in_stock() -> None:
    """Only the weekends were: 20 and 14 of days that are worth 1.667 and 1.167 are 12 a day."""
    index_milli = (833, 833, 833, 833, 833, 1_667, 1_167)
    index = day_by_day(index_milli, MONDAY, 56)
    exposure = [float(day % 7 > 4) for day in range(56)]
    sold = [BUSY_SATURDAY[day % 7] * seen for day, seen in enumerate(exposure)]

    found = estimate(sold, exposure, index, index_milli)

    assert found is not None
    assert (found.mean_milli, found.weekdays_milli) == (pytest.approx(12_000, abs=5), index_milli)
    assert found.deviation_milli < 20


@pytest.mark.parametrize(
    ("day", "hour", "hours", "asked"),
    [
        (MONDAY, 0, 24, 10.0),
        (MONDAY, 0, 7 * 24, 84.0),
        (MONDAY, 24, 24, 10.0),
        (date(2026, 3, 6), 12, 24, 5.0 + 10.0),
        (date(2026, 3, 7), 0, 48, 20.0 + 14.0),
        (MONDAY, 5 * 24, 2 * 7 * 24 + 12, 168.0 + 10.0),
        (MONDAY, 7, 0, 0.0),
    ],
)
def test_what_will_be_asked_for_goes_by_the_days(day: date, hour: int, hours: int, asked: float) -> None:
    index = tuple(round(x * 1_000 / 12) for x in BUSY_SATURDAY)
    demand = Demand(mean_milli=12_000, deviation_milli=0, days=56, censored_days=0, weekdays_milli=index)

    assert asked_for(demand, day, hour, hours) == pytest.approx(asked, abs=0.05)
