"""Quiet hours: what falls into them waits for their end, by the wall clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.care.quiet import QuietHours, is_quiet, not_before
from domain.kernel.business_day import local_time

NIGHT = QuietHours(from_min=21 * 60, until_min=9 * 60)
SHANGHAI, BERLIN = "Asia/Shanghai", "Europe/Berlin"


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # pyright: ignore[reportArgumentType]


def test_what_is_due_at_night_waits_for_the_morning() -> None:
    assert not_before(NIGHT, utc(2026, 3, 1, 16, 10), SHANGHAI) == utc(2026, 3, 2, 1)


def test_what_is_due_by_day_does_not_wait() -> None:
    noon = utc(2026, 3, 1, 4)
    assert not_before(NIGHT, noon, SHANGHAI) == noon


def test_where_clocks_are_turned_the_morning_begins_by_the_new_clock() -> None:
    assert not_before(NIGHT, utc(2026, 3, 28, 22), BERLIN) == utc(2026, 3, 29, 7)
    assert not_before(NIGHT, utc(2026, 10, 24, 22), BERLIN) == utc(2026, 10, 25, 8)


def test_the_same_minute_twice_is_never_quiet() -> None:
    assert not is_quiet(QuietHours(from_min=0, until_min=0), utc(2026, 3, 1), SHANGHAI)


@given(
    st.integers(0, 2 * 365 * 24 * 3600),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from([SHANGHAI, BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_it_waits_until_hours_are_not_quiet_and_not_longer(
    second: int, from_min: int, until_min: int, zone: str
) -> None:
    quiet = QuietHours(from_min=from_min, until_min=until_min)
    at = utc(2025, 1, 1) + timedelta(seconds=second)

    until = not_before(quiet, at, zone)

    assert at <= until < at + timedelta(hours=26)
    assert not is_quiet(quiet, until, zone)
    assert until == at or is_quiet(quiet, until - timedelta(seconds=1), zone)
    assert until == at or local_time(until, zone).second == 0
