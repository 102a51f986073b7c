"""How much of a day's trade the shelf saw."""

from datetime import UTC, date, datetime

import pytest

from domain.replenishment.shelf_time import EVEN, Trade, exposures

SHOP_HOURS = Trade([0] * 8 + [1] * 10 + [0] * 6)
DAYS = [date(2026, 3, day) for day in (1, 2, 3, 4)]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_hours_in_which_nothing_is_sold_cost_no_exposure() -> None:
    assert SHOP_HOURS.between(0, 8 * 60) == 0
    assert SHOP_HOURS.between(8 * 60, 18 * 60) == pytest.approx(1)


def test_a_part_of_an_hour_is_a_part_of_its_trade() -> None:
    assert SHOP_HOURS.between(8 * 60, 8 * 60 + 30) == pytest.approx(0.05)


def test_where_nothing_is_known_all_hours_are_alike() -> None:
    assert Trade([0] * 24).shares == Trade(EVEN).shares
    assert Trade().between(0, 360) == pytest.approx(0.25)


def test_the_day_of_an_outage_is_exposed_for_the_rest() -> None:
    found = exposures(DAYS, [(at(2, 13), at(2, 18))], SHOP_HOURS)
    assert found == {DAYS[1]: 0.5}


def test_an_outage_of_days_takes_the_days_between_whole() -> None:
    found = exposures(DAYS, [(at(1, 17), at(4, 9))], SHOP_HOURS)
    assert found == {DAYS[0]: 0.9, DAYS[1]: 0.0, DAYS[2]: 0.0, DAYS[3]: 0.9}


def test_outages_of_one_day_add_up() -> None:
    found = exposures(DAYS, [(at(2, 8), at(2, 9)), (at(2, 10), at(2, 11))], SHOP_HOURS)
    assert found == {DAYS[1]: 0.8}


def test_an_outage_at_night_is_nobodys_loss() -> None:
    assert exposures(DAYS, [(at(1, 20), at(2, 7))], SHOP_HOURS) == {}


def test_what_is_before_and_after_the_days_is_not_looked_at() -> None:
    assert exposures(DAYS, [(at(1, 0), at(1, 0)), (at(5, 9), at(6, 9))], SHOP_HOURS) == {}
    assert exposures([], [(at(1, 9), at(1, 10))], SHOP_HOURS) == {}
