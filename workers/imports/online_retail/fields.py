"""One line of an "Online Retail" file: its columns, what each field may hold, and how to say what is wrong.

The format: CSV of UTF-8 text with a header line (UCI Machine Learning Repository 352,
DOI 10.24432/C5BW33). One text line is one record: no field of the format holds a line break.
"""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import zip_longest

from infra.errors import OperatorError

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)

# What domain/kernel/ids.py allows: invoice numbers and customers become parts of ids.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# No hyphen: the plan writes the blank of 'BANK CHARGES' as one, and two codes must not meet in one SKU.
_STOCK_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ ]{0,63}")
_QUANTITY = re.compile(r"-?[0-9]{1,9}")
_PRICE = re.compile(r"(-?)([0-9]{1,6})(?:\.([0-9]{1,3}))?")


class FileFormatError(OperatorError):
    """The file is not the format. `column` is None where no single field of the line is to blame."""

    def __init__(self, line: int, column: str | None, message: str) -> None:
        place = f"line {line}" if column is None else f"line {line}, column {column}"
        super().__init__(f"{place}: {message}")
        self.line = line
        self.column = column
        self.message = message


# The fields. Each function returns what the text means, or raises ValueError saying what should stand there.


def invoice_number(text: str) -> str:
    """InvoiceNo as it stands."""
    if _ID.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a number: letters, digits, '.', '_' and '-', at most 64")
    return text


def customer_id(text: str) -> str | None:
    """CustomerID as it stands, None where it is empty."""
    return invoice_number(text) if text else None


def stock_code(text: str) -> str:
    """StockCode as it stands: upper and lower case differ."""
    if _STOCK_CODE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a stock code: letters, digits, '.', '_' and blanks, at most 64")
    return text


def description(text: str) -> str:
    """Description without blanks at the ends and with single ones inside; may be empty."""
    tidy = " ".join(text.split())
    if not tidy.isprintable():
        raise ValueError(f"{text!r} holds control characters")
    return tidy


def country(text: str) -> str:
    """Country as it stands."""
    if not text or not text.isprintable():
        raise ValueError(f"{text!r} is not the name of a country")
    return text


def quantity(text: str) -> int:
    """Quantity in units, positive or negative."""
    if _QUANTITY.fullmatch(text) is None or int(text) == 0:
        raise ValueError(f"{text!r} is not a quantity: a whole number, not 0, of at most nine digits")
    return int(text)


def price_thousandths(text: str) -> int:
    """UnitPrice in thousandths of a pound, exactly."""
    match = _PRICE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a price: pounds below a million with at most three decimals")
    sign, pounds, decimals = match.groups("")
    return int(f"{sign}{pounds}{decimals:0<3}")


def local_time(text: str) -> datetime:
    """InvoiceDate as the clock on the wall showed it: no zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    # fromisoformat reads other spellings too; only this one comes out as it went in.
    if time is None or f"{time:%Y-%m-%d %H:%M:%S}" != text:
        raise ValueError(f"{text!r} is not a time as YYYY-MM-DD HH:MM:SS")
    return time


_FIELDS: tuple[Callable[[str], object], ...] = (
    invoice_number,
    stock_code,
    description,
    quantity,
    local_time,
    price_thousandths,
    customer_id,
    country,
)


def culprit(lines: Sequence[bytes], first_line: int) -> FileFormatError:
    """The error for the first of the lines that does not stand alone. One of them must not."""
    for number, line in enumerate(lines, first_line):
        error = _header_error(line) if number == 1 else _line_error(number, line)
        if error is not None:
            return error
    raise AssertionError("lines failed together, and none of them alone")


def _fields_of(line: bytes) -> list[str]:
    """The fields as far as they can be made out, at least one."""
    text = line.decode(errors="replace").rstrip("\r\n").replace("\r", " ")
    try:
        return next(iter(csv.reader([text]))) or [""]
    except csv.Error:
        return [text]


def _header_error(line: bytes) -> FileFormatError | None:
    for column, found in zip_longest(COLUMNS, _fields_of(line)):
        if found != column:
            wanted = "nothing more" if column is None else f"'{column}'"
            return FileFormatError(1, column, f"the header should say {wanted} here, not {found or ''!r}")
    return None


def _line_error(number: int, line: bytes) -> FileFormatError | None:
    row = _fields_of(line)
    last = COLUMNS[min(len(row), len(COLUMNS)) - 1]
    try:
        line.decode()
    except UnicodeDecodeError:
        marked = (column for column, field in zip(COLUMNS, row, strict=False) if "\ufffd" in field)
        return FileFormatError(number, next(marked, None), "this is not UTF-8")
    try:
        list(csv.reader([line.decode()], strict=True))
    except csv.Error as error:
        return FileFormatError(number, last, f"this is not CSV: {error}")
    if len(row) != len(COLUMNS):
        column = COLUMNS[len(row)] if len(row) < len(COLUMNS) else last
        return FileFormatError(number, column, f"{len(row)} columns instead of {len(COLUMNS)}")
    for column, parse, field in zip(COLUMNS, _FIELDS, row, strict=True):
        try:
            parse(field)
        except ValueError as error:
            return FileFormatError(number, column, str(error))
    return None
