"""Customers in a table of another system: a mapping, as data, says which column is what; each row is cleaned.

What is wrong with a row is said by the column, never by what stands there: reports of an import are kept.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from domain.kernel.ids import ID_PATTERN
from infra.people.normal_forms import is_region, normal_email, normal_phone

Field = Literal["customer_id", "name", "phone", "email", "birthday", "language"]
DateFormat = Literal["YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"]

MAX_NAME = 200
MAX_COLUMNS = 1_000
EARLIEST_YEAR = 1880
_PARSED: Mapping[str, str] = {"YYYY": "%Y", "MM": "%m", "DD": "%d"}
_LANGUAGES: Mapping[str, str] = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN"}
_NOTHING: list[str] = []
_ID = re.compile(ID_PATTERN)
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,30}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each column holds, by its header. Several columns of names are one name, in the file's order.

    `region` is the country of numbers without a country code, by default the shop's.
    """

    columns: Annotated[dict[str, Field], Meta(min_length=1, max_length=50)]
    date_format: DateFormat = "YYYY-MM-DD"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    region: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None


class TableUnfit(Exception):
    """The table and the mapping don't fit each other; nothing of it was read."""


class Row(NamedTuple):
    """A row, counted from 1 below the header: what it says, cleaned, or why it can't be."""

    number: int
    customer_id: str | None
    details: dict[str, str]
    language: str | None
    problem: str | None


class Sheet(NamedTuple):
    """A table's rows, and the columns that the mapping does not name, which are left out."""

    rows: list[Row]
    unknown_columns: list[str]


def read_rows(text: str, mapping: ColumnMapping, region: str, most: int | None = None) -> Sheet:
    """The rows of a table with a header.

    TableUnfit where header and mapping don't fit, it is no table, or has more rows than `most`.
    """
    if not is_region(numbers_of := mapping.region or region):
        raise TableUnfit(f"{numbers_of} is no country of telephone numbers. Name one as CN or DE.")
    reader = csv.reader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=mapping.delimiter, strict=True
    )
    columns: dict[str, Field] = {_clean(column): field for column, field in mapping.columns.items()}
    try:
        header = [_clean(cell) for cell in next(reader, _NOTHING)]
        fields = _fields(header, columns)
        # One more than may be: how many there are altogether is not worth reading.
        cells = list(islice(reader, None if most is None else most + 1))
    except csv.Error as error:
        raise TableUnfit(f"The table can't be read at line {reader.line_num}: {error}.") from None
    if most is not None and len(cells) > most:
        raise TableUnfit(f"Send up to {most} rows at a time.")
    rows = [
        _row(number, row, header, fields, mapping.date_format, numbers_of)
        for number, row in enumerate(cells, start=1)
    ]
    return Sheet(rows, [column for column in header if column and column not in columns])


def _fields(header: Sequence[str], columns: Mapping[str, Field]) -> dict[int, Field]:
    """Which field each place of a row holds."""
    if len(header) > MAX_COLUMNS:
        raise TableUnfit(f"A table has up to {MAX_COLUMNS} columns.")
    if doubled := sorted({column for column in header if column and header.count(column) > 1}):
        raise TableUnfit(f"The table has these columns twice: {', '.join(doubled)}.")
    if missing := sorted(set(columns).difference(header)):
        raise TableUnfit(f"The table lacks these columns of the mapping: {', '.join(missing)}.")
    fields: dict[int, Field] = {
        place: columns[column] for place, column in enumerate(header) if column in columns
    }
    given = list(fields.values())
    if doubled := sorted({field for field in given if field != "name" and given.count(field) > 1}):
        raise TableUnfit(f"Only a name may be in several columns, not: {', '.join(doubled)}.")
    return fields


def _row(
    number: int,
    cells: Sequence[str],
    header: Sequence[str],
    fields: Mapping[int, Field],
    date_format: str,
    region: str,
) -> Row:
    said: dict[str, str] = {}
    for place, field in fields.items():
        if place < len(cells) and (text := _clean(cells[place])):
            said[field] = f"{said[field]} {text}" if field in said else text
    problem = "The row has more cells than the header." if len(cells) > len(header) else None
    if list(map(_clean, cells)) == header:
        # Of files that were put together.
        problem = "It is the header again."
    cleaned: dict[str, str] = {}
    for field, text in said.items():
        form = _normal(field, text, date_format, region)
        if form is None:
            problem = problem or f"{field} can't be read: {_EXPECTED[field].format(date_format)}"
        else:
            cleaned[field] = form
    customer_id, language = cleaned.pop("customer_id", None), cleaned.pop("language", None)
    return Row(number, customer_id, cleaned, language, problem)


_EXPECTED: Mapping[str, str] = {
    "customer_id": "it is letters, digits and . _ - up to 64.",
    "name": f"it has up to {MAX_NAME} characters and no line breaks.",
    "phone": "it is no telephone number.",
    "email": "it is no mail address.",
    "birthday": "it is no day of the calendar, written as {}.",
    "language": "it is en or zh-CN.",
}


def _clean(cell: str) -> str:
    """Composed alike, with single blanks and none at the ends."""
    return re.sub(r"[^\S\x00-\x1f]+|[\t\r\n]+", " ", unicodedata.normalize("NFC", cell)).strip()


def _normal(field: str, text: str, date_format: str, region: str) -> str | None:
    """The field in the form that is kept; None where it has none."""
    match field:
        case "customer_id":
            return text if _ID.fullmatch(text) else None
        case "name":
            return text if len(text) <= MAX_NAME and not _CONTROL.search(text) else None
        case "phone":
            digits = unicodedata.normalize("NFKC", text)
            return normal_phone(digits, region) if _PHONE.fullmatch(digits) else None
        case "email":
            return normal_email(text) if _EMAIL.fullmatch(text) else None
        case "birthday":
            return _birthday(unicodedata.normalize("NFKC", text), date_format)
        case _:
            return _LANGUAGES.get(text.lower())


def _birthday(text: str, date_format: str) -> str | None:
    if len(text) != len(date_format):
        return None
    pattern = date_format
    for letters, directive in _PARSED.items():
        pattern = pattern.replace(letters, directive)
    try:
        day: date = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return day.isoformat() if day.year >= EARLIEST_YEAR else None


def batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """The rows in their order, some at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
