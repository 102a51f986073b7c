"""Turnover: a month worked out by hand, and what must agree with the ledger and the sales."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.catalog.product import ProductChanged
from domain.inventory.cost import CostAdjusted, CostCause
from domain.inventory.turnover import DAY_US, Turned
from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import STOCK_LEDGER, StockEntry, StockLedger
from projections.turnover.fold import TURNOVER_SALES, Turnover, TurnoverSale
from projections.turnover.queries import Span, categories_of, turned_of
from tests.support.commands import receive, waste
from tests.support.decisions import Fact
from tests.support.diary import Diary
from tests.support.facts import a_store, by_piece, cash, check_out, take_back
from tests.support.journals import connected, facts, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import fold_in_memory, forget, project, rows_of

READ = (StockLedger(), Turnover(), ReportKeys())


def day(number: int, month: int = 4, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def april(position: int = 1_000, ends_at: datetime | None = None) -> Span:
    return Span(begins_at=day(1), ends_at=ends_at or day(1, 5), position=position)


@pytest.fixture(scope="module")
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "test_turnover")


def turned(tenant: Tenant, diary: Diary, span: Span) -> dict[str, Turned]:
    async def read() -> dict[str, Turned]:
        await diary.write(tenant, READ)
        async with connected(tenant) as connection:
            return await turned_of(connection, "s1", span, sku=None)

    return run(read())


def opened(*more: Fact, tax_rate_bp: int = 0, inclusive: bool = True) -> Diary:
    """A store, and apples at 20.00; ten of them came in March at 10.00."""
    diary = Diary()
    store = a_store("s1", time_zone="UTC", prices_include_tax=inclusive)
    diary.note(day(1, 3), store, by_piece("apple", 2_000, tax_rate_bp=tax_rate_bp), *more)
    diary.do(day(2, 3), receive(("apple", 10), unit_cost_minor=1_000))
    return diary


def test_an_april_by_hand(tenant: Tenant) -> None:
    """10 at 10.00 until the 11th, 4 until the 21st, 14 until the end: 100, 40 and 140 for ten days each.

    Average 2,800.00 × 10 days / 30 days = 93.33. Six were sold for 120.00 at a cost of 60.00.
    60 / 93.33 = 0.643 times; 93.33 / 2.00 a day = 46.667 days; 60 / 93.33 = 0.643 for each unit of money.
    """
    diary = opened()
    diary.do(day(11), check_out(("apple", 6), tenders=(cash(12_000),)))
    diary.do(day(21), receive(("apple", 10), unit_cost_minor=1_000))
    apple = turned(tenant, diary, april())["apple"]
    assert apple == Turned(
        length_us=30 * DAY_US,
        stock_us=28_000 * 10 * DAY_US,
        opening_minor=10_000,
        closing_minor=14_000,
        cost_minor=6_000,
        net_minor=12_000,
    )
    assert (apple.average_minor, apple.turnover_milli, apple.days_milli) == (9_333, 643, 46_667)
    assert apple.gmroi_milli == 643


@pytest.mark.parametrize(("inclusive", "net_minor"), [(True, 10_000), (False, 12_000)])
def test_sales_are_without_tax(tenant: Tenant, inclusive: bool, net_minor: int) -> None:
    """Six at 20.00 with 20 % in the price are 120.00, 100.00 without; on top of it they are 120.00."""
    diary = opened(tax_rate_bp=2_000, inclusive=inclusive)
    diary.do(day(11), check_out(("apple", 6), tenders=(cash(14_400),)))
    assert turned(tenant, diary, april())["apple"].net_minor == net_minor


@pytest.mark.parametrize("inclusive", [True, False])
def test_what_comes_back_takes_its_sale_and_its_cost_with_it(tenant: Tenant, inclusive: bool) -> None:
    diary = opened(tax_rate_bp=2_000, inclusive=inclusive)
    diary.do(day(11), check_out(("apple", 6), tenders=(cash(14_400),)), take_back((1, 6)))
    apple = turned(tenant, diary, april())["apple"]
    assert (apple.net_minor, apple.cost_minor, apple.closing_minor) == (0, 0, 10_000)


def test_what_is_wasted_is_not_sold(tenant: Tenant) -> None:
    diary = opened()
    diary.do(day(11), waste("apple", 4))
    apple = turned(tenant, diary, april())["apple"]
    assert (apple.cost_minor, apple.margin_minor, apple.closing_minor) == (0, 0, 6_000)


def test_freight_that_comes_late_is_a_variance_of_its_own_month(tenant: Tenant) -> None:
    """10.00 on ten of which six are sold: 4.00 to the stock, 6.00 off the margin of May."""
    diary = opened()
    diary.do(day(11), check_out(("apple", 6), tenders=(cash(12_000),)))
    late = CostAdjusted(
        store_id="s1", sku="apple", stock_minor=400, variance_minor=600, cause=CostCause.FREIGHT
    )
    before = turned(tenant, diary, april())
    diary.note(day(5, 5), ("stock-s1/apple", late))
    assert turned(tenant, diary, april()) == before
    may = turned(tenant, diary, Span(begins_at=day(1, 5), ends_at=day(1, 6), position=1_000))["apple"]
    assert (may.variance_minor, may.margin_minor, may.closing_minor) == (600, -600, 4_400)


def test_as_of_a_position_nothing_later_counts(tenant: Tenant) -> None:
    diary = opened()
    position = len(diary.entries)
    then = turned(tenant, diary, april(position, day(11)))
    diary.do(day(10), check_out(("apple", 6), tenders=(cash(12_000),)))
    assert turned(tenant, diary, april(position, day(11))) == then


def test_a_category_is_what_it_was_at_the_end_of_the_time(tenant: Tenant) -> None:
    diary = opened()
    diary.note(day(3, 5), ("product-apple", ProductChanged(sku="apple", category="seasonal")))

    async def read(ends_at: datetime) -> str:
        await diary.write(tenant, READ)
        async with connected(tenant) as connection:
            return (await categories_of(connection, april(ends_at=ends_at)))["apple"]

    assert (run(read(day(1, 5))), run(read(day(1, 6)))) == ("fruit", "seasonal")


def test_the_cost_of_goods_sold_is_the_ledgers_and_the_sales(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    """Over all that the story tells: by SKU and store, and whatever the months are that it is cut into."""
    forget(shop)
    run(project(shop))
    by_sales, by_ledger, net = Counter[Any](), Counter[Any](), Counter[Any]()
    for sale in facts(journal, SaleCompleted):
        for line in sale.lines:
            by_sales[sale.store_id, line.sku] += line.cost_minor
            paid = line.net_minor - (line.tax_minor if sale.tax_policy.inclusive else 0)
            net[sale.store_id, line.sku] += paid if line.stocked else 0
    for back in facts(journal, ReturnRecorded):
        for line in back.lines:
            by_sales[back.store_id, line.sku] -= line.cost_minor
            net[back.store_id, line.sku] -= line.refund_minor - line.tax_minor if line.stocked else 0
    rows: list[StockEntry] = rows_of(shop, STOCK_LEDGER)
    for row in rows:
        sign = (row.to_place == "customer") - (row.from_place == "customer")
        by_ledger[row.store_id, row.sku] += sign * row.cost_minor

    async def read() -> tuple[Counter[Any], Counter[Any]]:
        cost, paid = Counter[Any](), Counter[Any]()
        first, last = journal[0].recorded_at, journal[-1].recorded_at
        middle = first + (last - first) / 2
        async with connected(shop) as connection:
            for store_id in ("s1", "s2"):
                for begins_at, ends_at in ((day(1, 1), middle), (middle, datetime(2100, 1, 1, tzinfo=UTC))):
                    span = Span(begins_at=begins_at, ends_at=ends_at, position=len(journal))
                    for sku, one in (await turned_of(connection, store_id, span, sku=None)).items():
                        cost[store_id, sku] += one.cost_minor
                        paid[store_id, sku] += one.net_minor
        return cost, paid

    cost, paid = run(read())
    assert +cost == +by_ledger == +by_sales
    assert +paid == +net
    assert len(+cost) > 3


def test_a_sale_of_two_lines_of_a_sku_is_one_row() -> None:
    diary = opened()
    diary.do(day(11), check_out(("apple", 1), ("apple", 2), tenders=(cash(6_000),)))
    rows = fold_in_memory(Turnover(), diary.entries)[TURNOVER_SALES]
    (row,) = rows.values()
    assert isinstance(row, TurnoverSale)
    assert (row.quantity, row.net_minor) == (3, 6_000)
