"""The "Online Retail" file, plain or gzip, read and validated as a whole before anything is done with it.

Nothing here knows what a line becomes; plan.py decides that. The lines are kept as columns
of integers (16 bytes a line), because half a million of them as Python objects take half a gigabyte.
Every distinct text is parsed once (541,909 lines hold 722 quantities and 1,630 prices); only where that
fails are the lines looked at one by one, to name the line and the column.
"""

import csv
import gzip
import hashlib
import io
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar, cast
from zoneinfo import ZoneInfo

import msgspec

from workers.imports.online_retail import fields as fields
from workers.imports.online_retail.fields import COLUMNS, FileFormatError, culprit
from workers.imports.online_retail.sums import FileSums, Tally, sum_up

LONDON = ZoneInfo("Europe/London")
FIRST_LINE = 2
"""The header is line 1."""

# Rows that stay in the processor's cache while they are turned into columns: 8192 takes half as long again.
_CHUNK_LINES = 512
_GZIP_MAGIC = b"\x1f\x8b"

_T = TypeVar("_T")
_Head = tuple[str, str, str]
"""InvoiceNo, CustomerID, Country: what all lines of an invoice have in common."""


class FileInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """One InvoiceNo: one customer and one country (checked), and the time of its first line.

    `spans` are the half-open ranges of its lines in the columns of the file, nearly always one.
    """

    number: str
    occurred_at: datetime
    customer_id: str | None
    country: str
    spans: tuple[tuple[int, int], ...]

    @property
    def cancels(self) -> bool:
        """Whether it takes earlier sales back."""
        return self.number.startswith("C")

    def lines(self) -> list[int]:
        """Its lines as indexes into the columns, in file order."""
        return [index for start, stop in self.spans for index in range(start, stop)]


class OnlineRetailFile(msgspec.Struct, frozen=True, kw_only=True):
    """A valid file as columns; index i of a column is line i + FIRST_LINE of the file.

    `code` and `description` are indexes into `stock_codes` and `descriptions` (blanks tidied); these and
    `invoices` are in order of first appearance. Prices are thousandths of a pound.
    """

    code: "array[int]"
    description: "array[int]"
    quantity: "array[int]"
    price_thousandths: "array[int]"
    stock_codes: tuple[str, ...]
    descriptions: tuple[str, ...]
    invoices: tuple[FileInvoice, ...]
    sums: FileSums

    def digest(self) -> bytes:
        """Tells the file from any other, however it is packed."""
        digest = hashlib.sha256()
        for column in (self.code, self.description, self.quantity, self.price_thousandths):
            digest.update(column)
        digest.update(msgspec.json.encode((self.stock_codes, self.descriptions, self.invoices)))
        return digest.digest()


def read_online_retail(path: Path) -> OnlineRetailFile:
    """The whole file, every line of it valid; otherwise FileFormatError, naming a line that is not."""
    reading = _Reading()
    for first_line, lines in _chunks(path):
        try:
            rows = list(csv.reader([line.decode() for line in lines], strict=True))
            if len(rows) != len(lines):
                raise ValueError("a quoted field runs over the end of its line")
            if first_line == 1 and tuple(rows.pop(0)) != COLUMNS:
                raise ValueError("another header")
            if rows:
                reading.take(rows)
        except (ValueError, csv.Error) as error:
            raise culprit(lines, first_line) from error
    return reading.finish()


def _chunks(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Lines of the unpacked content with the number of the first. An empty file is one empty line."""
    with path.open("rb") as raw:
        stream = raw
        if raw.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
            # GzipFile by itself makes a Python call per line.
            stream = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), 1 << 17)
        line = 1
        while True:
            lines: list[bytes] = []
            try:
                lines.extend(islice(stream, _CHUNK_LINES))
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                broken = f"the gzip data cannot be unpacked from here on: {error}"
                raise FileFormatError(line + len(lines), None, broken) from error
            if not lines and line > 1:
                return
            yield line, lines or [b""]
            line += len(lines) or 1


class _Memo(dict[str, _T], Generic[_T]):
    """What a text means, parsed when it is first met."""

    def __init__(self, parse: Callable[[str], _T]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> _T:
        value = self[text] = self._parse(text)
        return value


class _Numbering(dict[str, int]):
    """Texts numbered from 0 in the order in which they are first met."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Reading:
    """The columns as they grow. Useless after an error."""

    def __init__(self) -> None:
        self._codes = _Numbering()
        self._descriptions = _Numbering()
        self._code_of = _Memo(lambda text: self._codes[fields.stock_code(text)])
        self._description_of = _Memo(lambda text: self._descriptions[fields.description(text)])
        self._quantity_of = _Memo(fields.quantity)
        self._price_of = _Memo(fields.price_thousandths)
        self._time_of = _Memo(fields.local_time)
        self._code = array("I")
        self._description = array("I")
        self._quantity = array("i")
        self._price = array("i")
        self._heads: dict[str, _Head] = {}
        self._times: dict[str, datetime] = {}
        self._months: dict[str, str] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._tally: Tally = Counter()

    def take(self, rows: Sequence[Sequence[str]]) -> None:
        """Adds lines. ValueError where one of them is wrong, without a word about which."""
        numbers, codes, descriptions, quantities, times, prices, customers, countries = zip(
            *rows, strict=True
        )
        self._take_heads(list(zip(numbers, customers, countries, strict=True)), times)
        self._code.extend(map(self._code_of.__getitem__, codes))
        self._description.extend(map(self._description_of.__getitem__, descriptions))
        self._quantity.extend(map(self._quantity_of.__getitem__, quantities))
        self._price.extend(map(self._price_of.__getitem__, prices))
        # An invoice keeps the time of its first line; those of the others must be times all the same.
        for time in set(times):
            self._time_of[time]
        # An invoice is one document of one month, whatever the minute of its last line.
        months = [self._months[number] for number in numbers]
        letters = [number[0] for number in numbers]
        self._tally.update(zip(months, letters, quantities, prices, strict=True))

    def _take_heads(self, heads: Sequence[_Head], times: Sequence[str]) -> None:
        """Notes which invoices the next lines belong to."""
        offset = len(self._code)
        start, current = 0, heads[0]
        for index, head in enumerate(heads):
            if head != current:
                self._take_span(current, offset + start, offset + index, times[start])
                start, current = index, head
        self._take_span(current, offset + start, offset + len(heads), times[start])

    def _take_span(self, head: _Head, start: int, stop: int, time: str) -> None:
        number, customer, country = head
        known = self._heads.get(number)
        if known is None:
            fields.invoice_number(number)
            fields.customer_id(customer)
            fields.country(country)
            self._heads[number] = head
            self._times[number] = self._time_of[time]
            self._months[number] = time[:7]
            self._spans[number] = []
        elif known != head:
            column = "Country" if known[1] == customer else "CustomerID"
            was, now = (known[2], country) if column == "Country" else (known[1], customer)
            raise FileFormatError(
                start + FIRST_LINE, column, f"invoice {number} has {now!r} here and had {was!r} before"
            )
        spans = self._spans[number]
        if spans and spans[-1][1] == start:
            # The invoice went on in the next chunk.
            start = spans.pop()[0]
        spans.append((start, stop))

    def finish(self) -> OnlineRetailFile:
        """What was read, with the file's own sums."""
        return OnlineRetailFile(
            code=self._code,
            description=self._description,
            quantity=self._quantity,
            price_thousandths=self._price,
            stock_codes=tuple(self._codes),
            descriptions=tuple(self._descriptions),
            invoices=tuple(
                FileInvoice(
                    number=number,
                    # The hour that autumn repeats is taken as its first, summer time.
                    occurred_at=self._times[number].replace(tzinfo=LONDON).astimezone(UTC),
                    customer_id=fields.customer_id(customer),
                    country=country,
                    spans=tuple(self._spans[number]),
                )
                for number, customer, country in self._heads.values()
            ),
            sums=sum_up(self._tally, Counter(f"{time:%Y-%m}" for time in self._times.values())),
        )
