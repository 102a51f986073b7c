"""A business calendar: when service is open, by the wall clock of a place.

An instant is open when the wall clock there reads inside the hours of its day. So an hour that the clock
skips in spring is never open, and one that it shows twice in autumn is open twice.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from domain.kernel.business_day import offset
from domain.kernel.errors import InvalidCommand

MINUTES_A_DAY = 24 * 60
HORIZON = timedelta(days=3 * 366)
"""How far ahead a clock looks for the instant at which its time is up."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


class Hours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Open from a minute of the day up to, and not in, another; a day's last is 1440."""

    from_min: int
    until_min: int


class SpecialDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day with hours of its own: a holiday has none, a Sunday before a feast may have some."""

    day: date
    hours: tuple[Hours, ...] = ()


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Hours by day of the week, Monday first, and the days that differ. A shift over midnight is two."""

    time_zone: str
    weekly: tuple[tuple[Hours, ...], ...]
    special: tuple[SpecialDay, ...] = ()


class Span(NamedTuple):
    """A time from an instant up to, and not with, another. UTC."""

    since: datetime
    until: datetime


def require_calendar(calendar: Calendar) -> None:
    """InvalidCommand unless it has seven days, each with hours in order that don't overlap."""
    if len(calendar.weekly) != 7:
        raise InvalidCommand("weekly has seven days, Monday first.", days=len(calendar.weekly))
    days = [special.day for special in calendar.special]
    if len(set(days)) < len(days):
        raise InvalidCommand("A special day stands in a calendar once.")
    for hours in (*calendar.weekly, *(special.hours for special in calendar.special)):
        ends = [minute for one in hours for minute in (one.from_min, one.until_min)]
        if ends != sorted(ends) or any(one.from_min >= one.until_min for one in hours):
            raise InvalidCommand("Hours of a day stand in order, end after they begin and don't overlap.")
        if ends and not 0 <= ends[0] <= ends[-1] <= MINUTES_A_DAY:
            raise InvalidCommand(f"Hours are minutes of the day, 0 to {MINUTES_A_DAY}.")


def open_spans(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Span]:
    """When it is open between two instants, in order."""
    special = {one.day: one.hours for one in calendar.special}
    for steady in _steady(calendar.time_zone, since.astimezone(UTC), until.astimezone(UTC)):
        ahead = offset(steady.since, calendar.time_zone)
        # Wall-clock times, labelled UTC.
        first, last = steady.since + ahead, steady.until + ahead
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight < last:
            day = midnight.date()
            for hours in special.get(day, calendar.weekly[day.weekday()]):
                opens = max(first, midnight + timedelta(minutes=hours.from_min))
                closes = min(last, midnight + timedelta(minutes=hours.until_min))
                if opens < closes:
                    yield Span(opens - ahead, closes - ahead)
            midnight += _DAY


def _steady(time_zone: str, since: datetime, until: datetime) -> Iterator[Span]:
    """The time between, cut where the wall clock is put forward or back; at most once in 24 hours."""
    while since < until:
        end = min(since + _DAY, until)
        if offset(end - _TICK, time_zone) == offset(since, time_zone):
            yield Span(since, end)
        else:
            change = _change(time_zone, since, end)
            yield Span(since, change)
            yield Span(change, end)
        since = end


def _change(time_zone: str, since: datetime, until: datetime) -> datetime:
    """The second from which on the clock between two instants goes as it does at the later one."""
    old = offset(since, time_zone)
    before, after = since.replace(microsecond=0), (until - _TICK).replace(microsecond=0)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if offset(middle, time_zone) == old:
            before = middle
        else:
            after = middle
    return after


def without(spans: Iterable[Span], pauses: Iterable[Span]) -> Iterator[Span]:
    """What is left of `spans` outside `pauses`; both in order, pauses not overlapping."""
    breaks = tuple(pauses)
    for since, until in spans:
        for pause in breaks:
            if pause.until <= since or pause.since >= until:
                continue
            if since < pause.since:
                yield Span(since, pause.since)
            since = max(since, pause.until)
        if since < until:
            yield Span(since, until)


def elapsed(calendar: Calendar, spans: Iterable[Span]) -> timedelta:
    """How much of `spans` is open time."""
    opens = (one.until - one.since for span in spans for one in open_spans(calendar, span.since, span.until))
    return sum(opens, timedelta())


def reached(calendar: Calendar, spans: Iterable[Span], goal: timedelta) -> datetime | None:
    """The instant at which the open time of `spans` comes to `goal`; None where it never does."""
    left = goal
    for span in spans:
        for one in open_spans(calendar, span.since, span.until):
            if one.until - one.since >= left:
                return one.since + left
            left -= one.until - one.since
    return None
