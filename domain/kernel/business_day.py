"""The business day: the store's local date, less the hour at which its day starts."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


# A busy shop asks for the same second again and again.
@lru_cache(maxsize=4_096)
def _offset(second: datetime, time_zone: str) -> timedelta:
    offset = second.astimezone(_zone(time_zone)).utcoffset()
    assert offset is not None
    return offset


def business_day(occurred_at: datetime, time_zone: str, day_starts_at_min: int) -> date:
    """The day a sale belongs to. 01:30 belongs to the day before where the day starts at 04:00."""
    return (local_time(occurred_at, time_zone) - timedelta(minutes=day_starts_at_min)).date()


def offset(instant: datetime, time_zone: str) -> timedelta:
    """How far local time is ahead of UTC at that instant."""
    return _offset(instant.replace(microsecond=0), time_zone)


def utc_offset_min(occurred_at: datetime, time_zone: str) -> int:
    """Minutes that local time is ahead of UTC at that instant."""
    return offset(occurred_at, time_zone) // timedelta(minutes=1)


def local_time(occurred_at: datetime, time_zone: str) -> datetime:
    """The wall clock there at that instant, to read hour and weekday from; labelled UTC all the same."""
    return occurred_at.astimezone(UTC) + offset(occurred_at, time_zone)


def is_time_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone, and not one that means another place on another machine."""
    return name in _names()


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime"}


def midnight(day: date, time_zone: str) -> datetime:
    """The instant at which a date begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone(time_zone)).astimezone(UTC)
