"""Periods of whole months, named by their first ("2026-10"): a month, a quarter or a year."""

from datetime import date, timedelta

MONTHS = (1, 3, 12)


def first_day(period: str) -> date:
    """The day on which a period begins."""
    return date(int(period[:4]), int(period[5:]), 1)


def last_day(period: str, months: int) -> date:
    """The last day of a period of so many months."""
    return first_day(shifted(period, months)) - timedelta(days=1)


def shifted(period: str, months: int) -> str:
    """The month so many months later, or (below zero) earlier."""
    return _named(_number(first_day(period)) + months)


def period_of(day: date, months: int, known: str) -> str:
    """The period of a day, where a `known` one tells when periods of so many months begin."""
    begin = _number(first_day(known))
    return _named(begin + (_number(day) - begin) // months * months)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _named(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"
