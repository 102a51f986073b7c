"""Business calendars: open by the wall clock of the place, on days when it jumps too."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.kernel.errors import InvalidCommand
from domain.service.calendar import (
    Calendar,
    Hours,
    Span,
    SpecialDay,
    elapsed,
    open_spans,
    reached,
    require_calendar,
    without,
)

HOUR = timedelta(hours=1)
WORKDAY = (Hours(from_min=9 * 60, until_min=12 * 60), Hours(from_min=14 * 60, until_min=18 * 60))
ALWAYS = (Hours(from_min=0, until_min=24 * 60),)
OFFICE = Calendar(time_zone="Asia/Shanghai", weekly=(WORKDAY,) * 5 + ((),) * 2)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 there; the 2nd is a Monday."""
    return utc(2026, 11, day, hour, minute) - 8 * HOUR


def time_open(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    return elapsed(calendar, [Span(since, until)])


def test_the_pause_of_a_split_shift_does_not_count() -> None:
    assert time_open(OFFICE, shanghai(2, 11), shanghai(2, 15)) == 2 * HOUR


def test_the_weekend_does_not_count() -> None:
    assert time_open(OFFICE, shanghai(6, 17), shanghai(9, 10)) == 2 * HOUR


def test_a_holiday_has_no_hours_and_a_feast_may_have_its_own() -> None:
    feast = SpecialDay(day=date(2026, 11, 7), hours=(Hours(from_min=600, until_min=660),))
    calendar = Calendar(
        time_zone=OFFICE.time_zone,
        weekly=OFFICE.weekly,
        special=(SpecialDay(day=date(2026, 11, 6)), feast),
    )

    assert time_open(calendar, shanghai(5, 18), shanghai(9, 9)) == HOUR


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 29), 23, id="the clock skips an hour"),
        pytest.param(date(2026, 10, 25), 25, id="the clock shows an hour twice"),
        pytest.param(date(2026, 7, 1), 24, id="any other day"),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(day: date, hours: int) -> None:
    berlin = Calendar(
        time_zone="Europe/Berlin",
        weekly=((),) * 7,
        special=(SpecialDay(day=day, hours=ALWAYS),),
    )
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    assert time_open(berlin, noon - 48 * HOUR, noon + 48 * HOUR) == hours * HOUR


def test_hours_that_the_clock_shows_twice_are_open_twice() -> None:
    night = Calendar(time_zone="Europe/Berlin", weekly=((Hours(from_min=60, until_min=150),),) * 7)

    assert list(open_spans(night, utc(2026, 10, 24, 22), utc(2026, 10, 25, 22))) == [
        Span(utc(2026, 10, 24, 23), utc(2026, 10, 25, 0, 30)),
        Span(utc(2026, 10, 25, 1), utc(2026, 10, 25, 1, 30)),
    ]


def test_hours_that_the_clock_skips_are_never_open() -> None:
    night = Calendar(time_zone="Europe/Berlin", weekly=((Hours(from_min=120, until_min=180),),) * 7)

    assert list(open_spans(night, utc(2026, 3, 29), utc(2026, 3, 29, 12))) == []


def test_a_goal_is_reached_when_that_much_open_time_has_passed() -> None:
    friday = [Span(shanghai(6, 17), shanghai(20, 0))]

    assert reached(OFFICE, friday, 2 * HOUR) == shanghai(9, 10)
    assert reached(OFFICE, friday, HOUR) == shanghai(6, 18)
    assert reached(OFFICE, friday, 1_000 * HOUR) is None


def test_pauses_are_cut_out_wherever_they_lie() -> None:
    def at(hour: int) -> datetime:
        return utc(2026, 11, 2, hour)

    work = [Span(at(2), at(6)), Span(at(8), at(12))]
    pauses = [Span(at(1), at(3)), Span(at(5), at(9)), Span(at(10), at(11)), Span(at(12), at(13))]

    assert list(without(work, pauses)) == [
        Span(at(3), at(5)),
        Span(at(9), at(10)),
        Span(at(11), at(12)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(((),) * 6, id="six days"),
        pytest.param(((Hours(from_min=60, until_min=60),), *((),) * 6), id="no time at all"),
        pytest.param(((Hours(from_min=-1, until_min=60),), *((),) * 6), id="before the day"),
        pytest.param(((Hours(from_min=60, until_min=1_441),), *((),) * 6), id="after the day"),
        pytest.param((WORKDAY[::-1], *((),) * 6), id="not in order"),
        pytest.param(((*WORKDAY, Hours(from_min=1_070, until_min=1_100)), *((),) * 6), id="overlapping"),
    ],
)
def test_hours_that_make_no_day_are_refused(wrong: tuple[tuple[Hours, ...], ...]) -> None:
    with pytest.raises(InvalidCommand):
        require_calendar(Calendar(time_zone="UTC", weekly=wrong))


def test_a_special_day_stands_once() -> None:
    twice = (SpecialDay(day=date(2026, 11, 6)),) * 2

    with pytest.raises(InvalidCommand):
        require_calendar(Calendar(time_zone="UTC", weekly=((),) * 7, special=twice))
