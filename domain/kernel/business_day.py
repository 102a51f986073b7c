"""The business day: the store's local date, less the hour at which its day starts."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_SECONDS_PER_MINUTE = 60


@lru_cache(maxsize=128)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def business_day(occurred_at: datetime, time_zone: str, day_starts_at_min: int) -> date:
    """The day a sale belongs to. 01:30 belongs to the day before where the day starts at 04:00."""
    local = occurred_at.astimezone(_zone(time_zone))
    return (local.replace(tzinfo=None) - timedelta(minutes=day_starts_at_min)).date()


def utc_offset_min(occurred_at: datetime, time_zone: str) -> int:
    """Minutes that local time is ahead of UTC at that instant."""
    offset = occurred_at.astimezone(_zone(time_zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // _SECONDS_PER_MINUTE


def is_time_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone, and not one that means another place on another machine."""
    return name in _names()


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime"}
