"""The "fresh retail" file, plain or gzip, one series of days after the other. Quantities become thousandths.

FreshRetailNet-50K by Dingdong-Inc (CC BY 4.0), with the 24 hours of a day in one line. The publisher scaled
the quantities by a factor that is not told: they are no pieces, and compare with one another only.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

import msgspec

from domain.replenishment.observed import MAX_DAYS, ObservedDay
from domain.replenishment.shelf_time import HOURS
from infra.errors import OperatorError

COLUMNS = (
    *("city_id", "store_id", "management_group_id"),
    *("first_category_id", "second_category_id", "third_category_id"),
    *("product_id", "dt", "sale_amount", "hours_sale", "stockout_hours_6_22", "hours_stockout"),
    *("discount", "holiday_flag", "activity_flag"),
    *("precpt", "avg_temperature", "avg_humidity", "avg_wind_level"),
)
FIRST_LINE = 2
_GZIP_MAGIC = b"\x1f\x8b"
_Row = tuple[int, list[str]]


class FileFormatError(OperatorError):
    """It is not the published file; line 1 is the header."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"Line {line}: {what}. Give the fresh retail file as it was published.")


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a store, day after day."""

    store_id: str
    product_id: str
    days: tuple[ObservedDay, ...]


def read_series(path: Path) -> Iterator[Series]:
    """The file's series as they stand in it. FileFormatError, naming the line, if it isn't as published."""
    seen: set[tuple[str, str]] = set()
    for key, rows in groupby(_rows(path), key=lambda row: (row[1][1], row[1][6])):
        some = list(rows)
        if key in seen:
            raise FileFormatError(some[0][0], f"store {key[0]}, product {key[1]} was there before")
        seen.add(key)
        yield Series(store_id=key[0], product_id=key[1], days=_days(some))


def _rows(path: Path) -> Iterator[_Row]:
    line = 1
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP_MAGIC
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="")
            if packed
            else path.open(encoding="utf-8", newline="") as text
        ):
            rows = csv.reader(text, strict=True)
            if tuple(next(rows, ())) != COLUMNS:
                raise FileFormatError(1, f"the header is not {','.join(COLUMNS)}")
            for line, row in enumerate(rows, start=FIRST_LINE):
                if len(row) != len(COLUMNS):
                    raise FileFormatError(line, f"there are not {len(COLUMNS)} fields")
                yield line, row
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise FileFormatError(line, str(error)) from error


def _days(rows: Sequence[_Row]) -> tuple[ObservedDay, ...]:
    days: list[ObservedDay] = []
    for line, row in rows:
        day = _day(line, row)
        if days and day.day <= days[-1].day:
            raise FileFormatError(line, f"{day.day} does not come after {days[-1].day}")
        days.append(day)
    if len(days) > MAX_DAYS:
        raise FileFormatError(rows[MAX_DAYS][0], f"a series has no more than {MAX_DAYS} days")
    return tuple(days)


def _day(line: int, row: Sequence[str]) -> ObservedDay:
    hours = row[9].split(";")
    if len(hours) != HOURS or len(row[11]) != HOURS or row[11].strip("01"):
        raise FileFormatError(line, f"a day has {HOURS} hours of sales and as many of stock")
    try:
        return ObservedDay(
            day=date.fromisoformat(row[7]),
            sold_milli=_milli(row[8]),
            out=int(row[11][::-1], 2),
            by_hour_milli=tuple(map(_milli, hours)),
        )
    except ValueError as error:
        raise FileFormatError(line, str(error)) from None


def _milli(text: str) -> int:
    """Thousandths, halves up: the file's own digits end there but for noise of its arithmetic."""
    value = float(text)
    if not 0 <= value < 1e9:
        raise ValueError(f"{text!r} is no quantity")
    return int(value * 1_000 + 0.5)
