"""The business day, over midnight and over daylight saving."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.kernel.business_day import business_day, business_day_ends_at, is_time_zone, utc_offset_min

AT_FOUR = 4 * 60


def utc(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def test_the_day_is_the_stores_not_utcs() -> None:
    assert business_day(utc(3, 1, 16), "Asia/Shanghai", 0) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (utc(3, 1, 17, 30), date(2026, 3, 1)),  # 01:30 in Shanghai
        (utc(3, 1, 19, 59, 59), date(2026, 3, 1)),  # 03:59:59
        (utc(3, 1, 20), date(2026, 3, 2)),  # 04:00
    ],
)
def test_the_hours_before_the_day_starts_belong_to_the_day_before(at: datetime, day: date) -> None:
    assert business_day(at, "Asia/Shanghai", AT_FOUR) == day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (utc(3, 29, 1, 30), date(2026, 3, 28)),  # 03:30 in Berlin, ninety minutes after 01:00
        (utc(3, 29, 1, 59, 59), date(2026, 3, 28)),
        (utc(3, 29, 2), date(2026, 3, 29)),  # 04:00 on the clock, three hours after midnight
    ],
)
def test_the_day_starts_by_the_clock_on_the_wall_where_an_hour_is_missing(at: datetime, day: date) -> None:
    assert business_day(at, "Europe/Berlin", AT_FOUR) == day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (utc(10, 25, 2, 59, 59), date(2026, 10, 24)),  # 03:59:59 in Berlin, five hours after midnight
        (utc(10, 25, 3), date(2026, 10, 25)),
    ],
)
def test_the_day_starts_by_the_clock_on_the_wall_where_an_hour_comes_twice(at: datetime, day: date) -> None:
    assert business_day(at, "Europe/Berlin", AT_FOUR) == day


def test_both_of_two_equal_hours_belong_to_the_same_day() -> None:
    first, second = utc(10, 25, 0, 30), utc(10, 25, 1, 30)  # 02:30 twice
    assert business_day(first, "Europe/Berlin", AT_FOUR) == business_day(second, "Europe/Berlin", AT_FOUR)


@pytest.mark.parametrize(
    ("at", "time_zone", "minutes"),
    [
        (utc(3, 29, 0, 59), "Europe/Berlin", 60),
        (utc(3, 29, 1), "Europe/Berlin", 120),
        (utc(10, 25, 1), "Europe/Berlin", 60),
        (utc(1, 1, 0), "America/New_York", -300),
        (utc(1, 1, 0), "America/St_Johns", -210),
        (utc(1, 1, 0), "Asia/Kathmandu", 345),
    ],
)
def test_the_offset_is_that_of_the_instant(at: datetime, time_zone: str, minutes: int) -> None:
    assert utc_offset_min(at, time_zone) == minutes


def test_an_iana_name_is_a_time_zone() -> None:
    assert is_time_zone("Asia/Shanghai")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "../etc/passwd",
        "/etc/passwd",
        "America",
        "a\0b",
        "x" * 300,
        "localtime",
        "posixrules",
    ],
)
def test_anything_else_is_no_time_zone(name: str) -> None:
    assert not is_time_zone(name)


@pytest.mark.parametrize(
    ("day", "time_zone", "starts_at_min", "ends_at"),
    [
        (date(2026, 3, 2), "Asia/Shanghai", 0, utc(3, 2, 16)),
        (date(2026, 3, 3), "America/New_York", 240, utc(3, 4, 9)),
        # At two it becomes three: half past two is never, and half past one is still the day before.
        (date(2026, 3, 28), "Europe/Berlin", 150, utc(3, 29, 0, 30)),
        # At three o'clock it becomes two: the first half past two counts.
        (date(2026, 10, 24), "Europe/Berlin", 150, utc(10, 25, 0, 30)),
    ],
)
def test_a_business_day_ends_where_the_next_one_begins(
    day: date, time_zone: str, starts_at_min: int, ends_at: datetime
) -> None:
    end = business_day_ends_at(day, time_zone, starts_at_min)

    assert end == ends_at
    assert business_day(end - timedelta(microseconds=1), time_zone, starts_at_min) == day
