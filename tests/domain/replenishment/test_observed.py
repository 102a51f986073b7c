"""Demand that somebody else observed."""

from datetime import date

import pytest

from domain.kernel.errors import InvalidCommand
from domain.replenishment.observed import DemandObserved, ObservedDay, ObserveDemand
from tests.support.decisions import given

BY_HOUR = (0,) * 9 + (500,) + (0,) * 14
STREAM = "demand-elsewhere/15/4"
FIRST, SECOND, THIRD = (
    ObservedDay(day=date(2024, 3, number), sold_milli=500, out=0b11, by_hour_milli=BY_HOUR)
    for number in (1, 2, 3)
)


def observe(*days: ObservedDay) -> ObserveDemand:
    return ObserveDemand(source="elsewhere", store_id="15", sku="4", days=days)


def observed(*days: ObservedDay) -> tuple[str, DemandObserved]:
    return STREAM, DemandObserved(source="elsewhere", store_id="15", sku="4", days=days)


def test_days_are_recorded_in_thousandths() -> None:
    given().when(observe(FIRST, SECOND)).then(observed(FIRST, SECOND))


def test_the_same_days_again_change_nothing() -> None:
    given().after(observe(FIRST, SECOND)).when(observe(FIRST, SECOND)).then()


def test_of_days_that_are_known_in_part_only_the_new_ones_are_recorded() -> None:
    given().after(observe(FIRST, SECOND)).when(observe(SECOND, THIRD)).then(observed(THIRD))


@pytest.mark.parametrize(
    "days",
    [
        (),
        (SECOND, FIRST),
        (FIRST, FIRST),
        (ObservedDay(day=FIRST.day, sold_milli=-1),),
        (ObservedDay(day=FIRST.day, sold_milli=0, out=1 << 24),),
        (ObservedDay(day=FIRST.day, sold_milli=1, by_hour_milli=(1,) * 25),),
        (ObservedDay(day=FIRST.day, sold_milli=1, by_hour_milli=(1, -1, *BY_HOUR[2:])),),
    ],
)
def test_what_can_be_no_observation_is_refused(days: tuple[ObservedDay, ...]) -> None:
    given().when(observe(*days)).refused(InvalidCommand)
