"""The tables of "Complete Journey", read and checked as a whole before anything is done with them.

Money is cents. Some amounts are written as floats (233.9500000001); whatever is further than a millionth from
a cent is an error. Identifiers are text.
"""

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from infra.errors import OperatorError

CENT = Decimal("0.01")
NOISE = Decimal("0.000001")

COLUMNS: Mapping[str, Sequence[str]] = {
    "campaign_descriptions": ("campaign_id", "campaign_type", "start_date", "end_date"),
    "campaigns": ("campaign_id", "household_id"),
    "coupons": ("coupon_upc", "product_id", "campaign_id"),
    "coupon_redemptions": ("household_id", "coupon_upc", "campaign_id", "redemption_date"),
    "transactions_sample": (
        "household_id",
        "store_id",
        "basket_id",
        "product_id",
        "quantity",
        "sales_value",
        "retail_disc",
        "coupon_disc",
        "coupon_match_disc",
        "week",
        "transaction_timestamp",
    ),
}


class TableFormatError(OperatorError):
    """A table is not as published."""

    def __init__(self, table: str, line: int, why: str) -> None:
        super().__init__(f"{table}.csv.gz, line {line}: {why}")


class CampaignRow(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, valid on all of both days."""

    campaign_id: str
    kind: str
    first_day: date
    last_day: date


class Redemption(msgspec.Struct, frozen=True, kw_only=True):
    """A household's coupon, used on a day; `number` is its place in the table, from 1."""

    number: int
    household_id: str
    coupon_upc: str
    campaign_id: str
    day: date


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A transaction line in cents: what the retailer received, and the three discounts."""

    number: int
    household_id: str
    basket_id: str
    product_id: str
    sales_cents: int
    retail_disc_cents: int
    coupon_disc_cents: int
    match_disc_cents: int
    day: date

    @property
    def excess_cents(self) -> int:
        """By how much the coupon is worth more than its line."""
        return max(0, self.coupon_disc_cents - self.sales_cents)

    @property
    def due_cents(self) -> int:
        """What the customer paid: never below zero."""
        return max(0, self.sales_cents - self.coupon_disc_cents)


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """All that is imported or held against it. `digest` tells these files from any others."""

    campaigns: tuple[CampaignRow, ...]
    households: Mapping[str, tuple[str, ...]]
    products: Mapping[tuple[str, str], frozenset[str]]
    redemptions: tuple[Redemption, ...]
    lines: tuple[Line, ...]
    digest: bytes


def read_tables(folder: Path) -> Tables:
    """The folder's tables; TableFormatError, naming the line, where one is not as published."""
    households: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for _, (campaign_id, household_id) in _rows(folder, "campaigns"):
        households[campaign_id][household_id] = None
    products: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for _, (upc, product_id, campaign_id) in _rows(folder, "coupons"):
        products[campaign_id, upc].add(product_id)
    redemptions = tuple(
        Redemption(
            number=line - 1,
            household_id=household_id,
            coupon_upc=upc,
            campaign_id=campaign_id,
            day=_day("coupon_redemptions", line, day),
        )
        for line, (household_id, upc, campaign_id, day) in _rows(folder, "coupon_redemptions")
    )
    digest = hashlib.sha256()
    for table in COLUMNS:
        digest.update((folder / f"{table}.csv.gz").read_bytes())
    return Tables(
        campaigns=tuple(
            CampaignRow(
                campaign_id=campaign_id,
                kind=kind,
                first_day=_day("campaign_descriptions", line, first),
                last_day=_day("campaign_descriptions", line, last),
            )
            for line, (campaign_id, kind, first, last) in _rows(folder, "campaign_descriptions")
        ),
        households={campaign_id: tuple(ids) for campaign_id, ids in households.items()},
        products={key: frozenset(ids) for key, ids in products.items()},
        redemptions=redemptions,
        lines=tuple(_line(line, row) for line, row in _rows(folder, "transactions_sample")),
        digest=digest.digest(),
    )


def _rows(folder: Path, table: str) -> Iterator[tuple[int, list[str]]]:
    path = folder / f"{table}.csv.gz"
    if not path.is_file():
        raise OperatorError(f"There is no {path}: give the folder of the Complete Journey tables.")
    line = 1
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != COLUMNS[table]:
                raise TableFormatError(table, 1, f"the header is not {','.join(COLUMNS[table])}")
            for line, row in enumerate(rows, start=2):
                if len(row) != len(COLUMNS[table]) or not all(row):
                    raise TableFormatError(table, line, f"there are not {len(COLUMNS[table])} fields")
                yield line, row
    except (OSError, EOFError, ValueError, csv.Error) as error:
        raise TableFormatError(table, line, str(error)) from error


def _line(line: int, row: Sequence[str]) -> Line:
    household_id, _, basket_id, product_id, _, sales, retail, coupon, match, _, at = row
    try:
        day = datetime.fromisoformat(at).date()
    except ValueError:
        raise TableFormatError("transactions_sample", line, f"{at!r} is no time") from None
    return Line(
        number=line - 1,
        household_id=household_id,
        basket_id=basket_id,
        product_id=product_id,
        sales_cents=_cents(line, sales),
        retail_disc_cents=_cents(line, retail),
        coupon_disc_cents=_cents(line, coupon),
        match_disc_cents=_cents(line, match),
        day=day,
    )


def _cents(line: int, text: str) -> int:
    try:
        value = Decimal(text)
        rounded = value.quantize(CENT)
        if value < 0 or abs(value - rounded) > NOISE:
            raise InvalidOperation
    except InvalidOperation:
        raise TableFormatError("transactions_sample", line, f"{text!r} is no amount in cents") from None
    return int(rounded / CENT)


def _day(table: str, line: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TableFormatError(table, line, f"{text!r} is no day") from None
