"""Quiet hours: when nobody is written to, by the wall clock of a place. What falls into them waits."""

from datetime import datetime, timedelta

import msgspec

from domain.kernel.business_day import local_time
from domain.kernel.errors import InvalidCommand

MINUTES_A_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)


class QuietHours(msgspec.Struct, frozen=True, kw_only=True):
    """From a minute of the day up to, and not with, another; over midnight where that is the lesser.

    The same twice: there are none.
    """

    from_min: int = 21 * 60
    until_min: int = 9 * 60


def require_quiet(quiet: QuietHours) -> None:
    """InvalidCommand unless both are minutes of a day."""
    if not (0 <= quiet.from_min < MINUTES_A_DAY and 0 <= quiet.until_min < MINUTES_A_DAY):
        raise InvalidCommand(f"Quiet hours are minutes of the day, 0 to {MINUTES_A_DAY - 1}.")


def is_quiet(quiet: QuietHours, at: datetime, time_zone: str) -> bool:
    """Whether the wall clock there reads inside the quiet hours."""
    local = local_time(at, time_zone)
    minute = local.hour * 60 + local.minute
    if quiet.from_min <= quiet.until_min:
        return quiet.from_min <= minute < quiet.until_min
    return minute >= quiet.from_min or minute < quiet.until_min


def not_before(quiet: QuietHours, at: datetime, time_zone: str) -> datetime:
    """The first instant from `at` on that is not quiet.

    It goes by the wall clock minute by minute near the end, so that an hour that is skipped or shown twice
    moves it as it moves the morning.
    """
    if not is_quiet(quiet, at, time_zone):
        return at
    local = local_time(at, time_zone)
    left_min = (quiet.until_min - local.hour * 60 - local.minute) % MINUTES_A_DAY
    until = at.replace(second=0, microsecond=0) + left_min * _MINUTE
    while not is_quiet(quiet, until - _MINUTE, time_zone):
        until -= _MINUTE
    while is_quiet(quiet, until, time_zone):
        until += _MINUTE
    return until
