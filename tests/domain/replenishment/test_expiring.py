"""What expires before an order arrives is not there when it does: but only what nobody will have bought."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replenishment.demand import Demand
from domain.replenishment.expiring import (
    SellBy,
    arrival_day,
    before_arrival,
    of_one_day,
    until_the_end_of,
)

TODAY = date(2026, 3, 2)
YESTERDAY, TOMORROW, IN_TWO_DAYS, IN_THREE_DAYS = (TODAY + timedelta(days=day) for day in (-1, 1, 2, 3))
TWELVE_A_DAY = Demand(mean_milli=12_000, deviation_milli=4_000, days=56, censored_days=0)

Lots = list[tuple[date | None, int]]


def twelve_a_day(last: date) -> float:
    return 12.0 * ((last - TODAY).days + 1)


def nobody(_: date) -> float:
    return 0.0


def expiring(
    lots: Lots,
    *,
    asked: Callable[[date], float] = twelve_a_day,
    on_hand: int | None = None,
    reserved: int = 0,
    arrival: date = IN_TWO_DAYS,
) -> list[tuple[date, int, int]]:
    there = sum(quantity for _, quantity in lots) if on_hand is None else on_hand
    found = before_arrival(lots, on_hand=there, reserved=reserved, day=TODAY, arrival=arrival, asked=asked)
    return [(lot.day, lot.quantity, lot.expiring) for lot in found]


def test_what_will_be_sold_in_time_does_not_expire() -> None:
    assert expiring([(TODAY, 12), (TOMORROW, 12)]) == [(TODAY, 12, 0), (TOMORROW, 12, 0)]


def test_what_nobody_will_have_bought_expires() -> None:
    """20 until tonight and 12 a day: 8 are left. Then 12 more are asked for, and 5 of 17 are left."""
    assert expiring([(TODAY, 20), (TOMORROW, 17)]) == [(TODAY, 20, 8), (TOMORROW, 17, 5)]


def test_who_takes_the_older_lot_leaves_the_younger() -> None:
    """30 until tomorrow: 24 are asked for till then, of which 20 are of the lot that ends tonight."""
    assert expiring([(TODAY, 10), (TOMORROW, 30)]) == [(TODAY, 10, 0), (TOMORROW, 30, 16)]


def test_what_is_good_when_the_order_comes_is_there() -> None:
    assert expiring([(IN_TWO_DAYS, 99), (IN_THREE_DAYS, 99), (None, 99)]) == []


def test_what_has_expired_is_sold_to_nobody() -> None:
    """However long ago: that is one figure, the day before's."""
    lots: Lots = [(YESTERDAY, 3), (date(2026, 1, 1), 4), (TODAY, 12)]

    assert expiring(lots, reserved=5) == [(YESTERDAY, 7, 7), (TODAY, 12, 0)]


def test_where_nobody_buys_all_of_it_expires() -> None:
    assert expiring([(TODAY, 3), (TOMORROW, 4)], asked=nobody) == [(TODAY, 3, 3), (TOMORROW, 4, 4)]


def test_what_is_reserved_leaves_in_time() -> None:
    assert expiring([(TODAY, 10)], asked=nobody, reserved=4) == [(TODAY, 10, 6)]


def test_what_was_sold_below_zero_was_of_what_expires_first() -> None:
    """The lots say ten and the shelf holds six: four were sold that the book had of no lot."""
    assert expiring([(TODAY, 10)], asked=nobody, on_hand=6) == [(TODAY, 10, 6)]
    assert expiring([(YESTERDAY, 3), (TODAY, 10)], asked=nobody, on_hand=6) == [
        (YESTERDAY, 3, 0),
        (TODAY, 10, 6),
    ]


def test_parts_of_a_unit_add_up_over_the_lots() -> None:
    """0.6 are left of each: one, one more, and none of the third makes 1.8, so 2."""

    def asked(last: date) -> float:
        return 0.4 * ((last - TODAY).days + 1)

    lots: Lots = [(TODAY, 1), (TOMORROW, 1), (IN_TWO_DAYS, 1)]

    assert [left for _, _, left in expiring(lots, asked=asked, arrival=IN_THREE_DAYS)] == [1, 0, 1]


def test_what_is_left_of_today_is_all_that_today_will_still_ask_for() -> None:
    asked = until_the_end_of(TWELVE_A_DAY, TODAY, left=0.25)

    assert [asked(day) for day in (YESTERDAY, TODAY, TOMORROW)] == [0.0, 3.0, 15.0]


def test_a_demand_that_nobody_knows_sells_nothing() -> None:
    assert until_the_end_of(None, TODAY, left=1.0)(IN_THREE_DAYS) == 0.0


@pytest.mark.parametrize(
    ("hour", "lead_time_h", "day"),
    [(0, 23, TODAY), (10, 13, TODAY), (10, 14, TOMORROW), (0, 48, IN_TWO_DAYS)],
)
def test_an_order_arrives_on_the_business_day_of_its_hour(hour: int, lead_time_h: int, day: date) -> None:
    assert arrival_day(TODAY, hour, lead_time_h) == day


def test_goods_of_one_day_are_gone_on_the_next() -> None:
    """Five of them are promised, and counted as such."""
    assert of_one_day(on_hand=20, reserved=5, day=TODAY, arrival=TOMORROW) == (
        SellBy(day=TODAY, quantity=20, expiring=15),
    )
    assert of_one_day(on_hand=20, reserved=0, day=TODAY, arrival=TODAY) == ()
    assert of_one_day(on_hand=-2, reserved=0, day=TODAY, arrival=TOMORROW) == ()


@given(
    lots=st.lists(st.tuples(st.none() | st.dates(YESTERDAY, IN_THREE_DAYS), st.integers(1, 50)), max_size=8),
    a_day=st.floats(0, 40),
    reserved=st.integers(0, 30),
    short=st.integers(0, 60),
)
def test_no_more_expires_than_is_there(lots: Lots, a_day: float, reserved: int, short: int) -> None:
    on_hand = sum(quantity for _, quantity in lots) - short

    def asked(last: date) -> float:
        return a_day * ((last - TODAY).days + 1)

    found = expiring(lots, asked=asked, on_hand=on_hand, reserved=reserved, arrival=IN_THREE_DAYS)

    assert 0 <= sum(left for _, _, left in found) <= max(0, on_hand)
    assert all(0 <= left <= quantity for _, quantity, left in found)
